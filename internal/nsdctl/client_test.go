package nsdctl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/servertest"
)

// pair is a certificate with its key.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	certificate, key, err := pki.Pair("skein", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

func identity(t *testing.T, certificate, key, server string) Identity {
	t.Helper()
	i, err := ParseIdentity(certificate, key, server)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// start starts an NSD whose first control interface is this one.
func start(t *testing.T, first, pem string) *servertest.Server {
	t.Helper()
	s := servertest.New(t, "nsd")
	f := s.File("skein.pem", pem)
	if first != "" {
		first = fmt.Sprintf("    control-interface: %q\n", strings.ReplaceAll(first, "DIR", s.Dir))
	}
	s.NSD(fmt.Sprintf("remote-control:\n    control-enable: yes\n%s    control-interface: %s\n    control-port: %d\n    server-key-file: %q\n    server-cert-file: %[4]q\n",
		first, s.Control.Addr(), s.Control.Port(), f) + "pattern:\n    name: p\n")
	return s
}

// Each way in which the two ends may not know each other is told apart.
func TestBothEndsAreKnown(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	other, otherKey := pair(t)
	s := start(t, "", key+certificate)
	closing := listening(t, func(c net.Conn) { c.Close() })
	echo := listening(t, func(c net.Conn) { fmt.Fprintln(c, "220 mail.example.net ESMTP, and some more of it") })
	silent := listening(t, func(c net.Conn) {})
	for situation, c := range map[string]struct {
		at   string
		as   Identity
		want error
	}{
		"both are right":          {s.Control.String(), identity(t, certificate, key, certificate), nil},
		"ours is another":         {s.Control.String(), identity(t, other, otherKey, certificate), ErrRejected},
		"the server's is another": {s.Control.String(), identity(t, certificate, key, other), ErrImpostor},
		"it closes":               {closing, identity(t, certificate, key, certificate), ErrHungUp},
		"it says something else":  {echo, identity(t, certificate, key, certificate), ErrNoTLS},
		"it says nothing":         {silent, identity(t, certificate, key, certificate), ErrSilent},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if c.want == ErrSilent {
				patience = 100 * time.Millisecond
			}
			client := NewClient(c.at, c.as, Options{Connect: patience})
			defer client.Close()
			answer, err := client.Call(t.Context(), "status")
			if errors.Is(err, ErrHungUp) && c.want == ErrRejected { // it does not always come to say so
				return
			}
			if !errors.Is(err, c.want) || (err == nil) != strings.HasPrefix(answer, "version: ") {
				t.Errorf("%q, %v", answer, err)
			}
			if c.want != nil {
				return
			}
			if client.Unprotected(t.Context()) {
				t.Error("it takes commands of anybody")
			}
			if answer, err := client.Call(t.Context(), "zonestatus"); answer != "" || err != nil {
				t.Errorf("no zones: %q, %v", answer, err)
			}
		})
	}
}

func listening(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			serve(c)
		}
	}()
	return l.Addr().String()
}

// Where the first of its control interfaces is a path, NSD asks nobody for a
// certificate, at no address. That is found out.
func TestAnNSDThatProtectsNothingIsFoundOut(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	s := start(t, "DIR/ctl", key+certificate)
	client := NewClient(s.Control.String(), identity(t, certificate, key, certificate), Options{})
	defer client.Close()
	if _, err := client.Call(t.Context(), "status"); !errors.Is(err, ErrHungUp) {
		t.Errorf("%v", err)
	}
	if !client.Unprotected(t.Context()) {
		t.Error("it is not found out")
	}
}

// A list of the largest size goes through, though NSD answers each line before
// it reads the next, and both ends could wait for each other.
func TestAFullListGoesThrough(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	s := start(t, "", key+certificate)
	client := NewClient(s.Control.String(), identity(t, certificate, key, certificate), Options{})
	defer client.Close()
	var names, lines []string
	for i := range MaxList {
		name := fmt.Sprintf("%s%d", strings.Repeat(`\001`, 200), i) // labels would be too long: each is refused, at length
		names, lines = append(names, name), append(lines, name+" p")
	}
	told := 0
	results := NewResults(names, func(_ int, r Result) {
		if told++; r.Outcome != Refused || r.Text == "" {
			t.Errorf("%+v", r)
		}
	})
	err := client.Exchange(t.Context(), Request{AddZones, lines}, results.Line)
	if err != nil || results.End() != nil || told != MaxList {
		t.Errorf("%d, %v, %v", told, err, results.End())
	}
	for situation, r := range map[string]Request{
		"one more":     {AddZones, append(lines, "x p")},
		"a long line":  {AddZones, []string{strings.Repeat("x", MaxLine+1)}},
		"a long name":  {"zonestatus " + strings.Repeat("x", MaxCommand), nil},
		"two commands": {"status\nstop", nil},
		"an end":       {AddZones, []string{"\x04"}},
	} {
		if err := client.Exchange(t.Context(), r, func(string) error { return errors.New("it was answered") }); err == nil || err.Error() == "it was answered" {
			t.Errorf("%s: %v", situation, err)
		}
	}
}

// What is under way ends with its context and with the client, however slow
// the server is.
func TestCallsAreBrokenOff(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	s := start(t, "", key+certificate)
	client := NewClient(s.Control.String(), identity(t, certificate, key, certificate), Options{})
	s.Pause()
	defer s.Resume()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no interest any more")
	done := make(chan error)
	go func() { _, err := client.Call(ctx, "status"); done <- err }()
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	go func() { _, err := client.Call(t.Context(), "status"); done <- err }()
	client.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

// An answer that ends between two lines because the connection did is not whole:
// zones that were not told of may be there.
func TestAnAnswerThatIsCutIsNotWhole(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t)
	ours, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	for situation, c := range map[string]struct {
		says  string
		whole bool
		want  error
	}{
		"whole":               {"zone:\ta\n", true, nil},
		"empty":               {"", true, nil},
		"cut between lines":   {"zone:\ta\n", false, ErrCut},
		"cut in a line":       {"zone:\ta\nzone:", false, ErrCut},
		"cut before anything": {"", false, ErrHungUp},
	} {
		at := listening(t, func(raw net.Conn) {
			conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{ours}})
			_, _ = conn.Read(make([]byte, 100))
			_, _ = conn.Write([]byte(c.says))
			if c.whole {
				_ = conn.CloseWrite()
			}
			raw.Close()
		})
		client := NewClient(at, identity(t, certificate, key, certificate), Options{})
		if answer, err := client.Call(t.Context(), "zonestatus"); !errors.Is(err, c.want) || c.whole && answer != c.says {
			t.Errorf("%s: %q, %v", situation, answer, err)
		}
		client.Close()
	}
}
