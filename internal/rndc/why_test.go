package rndc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// named closes without a word; what is behind it comes to light all the same.
func TestWhyARealNamedRefuses(t *testing.T) {
	t.Parallel()
	named := servertest.New(t, "named")
	locked := servertest.Free(t)
	named.Named(fmt.Sprintf(`key good { algorithm hmac-sha256; secret %q; };
controls {
	inet 127.0.0.1 port %d allow { 127.0.0.1; } keys { good; };
	inet 127.0.0.1 port %d allow { 192.0.2.1; } keys { good; };
};
`, secret, named.Control.Port(), locked.Port()))
	off := func(d time.Duration) Options {
		return Options{Now: func() time.Time { return time.Now().Add(d) }}
	}
	for name, c := range map[string]struct {
		key   Key
		opts  Options
		where string
		cause Cause
		ahead time.Duration
	}{
		"another secret":                    {key: Key{Algorithm: "hmac-sha256", Secret: "AAAA"}, cause: CauseKey},
		"another algorithm":                 {key: Key{Algorithm: "hmac-sha512", Secret: secret}, cause: CauseKey},
		"an address that it does not allow": {key: goodKey, where: "locked", cause: CauseAddress},
		"our clock two hours ahead":         {key: goodKey, opts: off(2 * time.Hour), cause: CauseClock, ahead: -2 * time.Hour},
		"our clock 17 minutes behind":       {key: goodKey, opts: off(-17 * time.Minute), cause: CauseClock, ahead: 17 * time.Minute},
		"our clock 55 minutes ahead":        {key: goodKey, opts: off(55 * time.Minute), cause: CauseClock, ahead: -55 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := named.Control
			if c.where == "locked" {
				addr = locked
			}
			if conn, err := Dial(t.Context(), addr, c.key, c.opts); !errors.Is(err, ErrRejected) {
				t.Fatalf("%v, %v", conn, err)
			}
			cause, ahead := Why(t.Context(), addr, c.key, c.opts)
			if cause != c.cause || (ahead-c.ahead).Abs() > 30*time.Second {
				t.Errorf("%q, ahead by %s", cause, ahead)
			}
		})
	}
	t.Run("nothing is wrong", func(t *testing.T) {
		t.Parallel()
		if conn, err := Dial(t.Context(), named.Control, goodKey, Options{}); err != nil {
			t.Error(err)
		} else {
			conn.Close()
		}
	})
}

// Other servers, and machines without one, are told apart from a wrong key.
func TestWhatIsNoNamed(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	for name, c := range map[string]struct {
		speak func(net.Conn)
		want  error
		cause Cause
	}{
		"SSH":                    {func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-OpenSSH_9.2\r\n"); io.Copy(io.Discard, c) }, ErrFrame, ""},
		"HTTP":                   {func(c net.Conn) { io.ReadFull(c, make([]byte, 20)); fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, ErrFrame, ""},
		"closes at sight":        {func(net.Conn) {}, ErrRejected, CauseAddress},
		"takes and says nothing": {func(net.Conn) { <-hold }, ErrSilent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := listen(t, c.speak)
			opts := Options{Connect: 300 * time.Millisecond}
			if _, err := Dial(t.Context(), addr, goodKey, opts); !errors.Is(err, c.want) {
				t.Errorf("%v; want %v", err, c.want)
			}
			if cause, _ := Why(t.Context(), addr, goodKey, opts); c.cause != "" && cause != c.cause {
				t.Errorf("%q; want %q", cause, c.cause)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if cause, _ := Why(ctx, servertest.Free(t), goodKey, Options{}); cause != CauseUnknown {
		t.Errorf("where nothing listens: %q", cause)
	}
}
