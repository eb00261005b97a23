package rndc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

var algorithms = []string{"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}

// The real rndc against our server, with every algorithm.
func TestRealRNDCAgainstOurServer(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, &Server{Keys: []Key{{Algorithm: "hmac-sha1", Secret: "AAAA"}, {Algorithm: algorithm, Secret: secret}}})
			file := filepath.Join(t.TempDir(), "rndc.key")
			text := fmt.Sprintf("key \"k\" { algorithm %s; secret %q; };\n", algorithm, secret)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := servertest.RNDC(t, addr, file, "addzone", "example.com", "IN", "_default", `{ type slave; file "example.com"; masters { 192.0.2.1; }; };`)
			if want := `addzone example.com IN _default { type slave; file "example.com"; masters { 192.0.2.1; }; };`; err != nil || !strings.Contains(out, want) {
				t.Errorf("%v\n%s\nwant %s", err, out, want)
			}
			if out, err := servertest.RNDC(t, addr, file, "fail"); err == nil || !strings.Contains(out, "not found") {
				t.Errorf("a refusal: %v\n%s", err, out)
			}
		})
	}
}

// echo answers with the command, or fails if so told.
func echo(_ context.Context, _ net.Addr, _ Key, command string) Answer {
	if command == "fail" {
		return Answer{Result: 23, Err: "not found", Text: "no such thing"}
	}
	return Answer{Text: command}
}

func serve(t *testing.T, s *Server) netip.AddrPort {
	t.Helper()
	if s.Handler == nil {
		s.Handler = echo
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, l); err != nil {
			t.Errorf("Serve: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// epoch is the server's time in the tests below.
var epoch = time.Unix(1_700_000_000, 0)

func seconds(d time.Duration) string { return strconv.FormatInt(epoch.Add(d).Unix(), 10) }

// raw speaks frames by hand.
type raw struct {
	t    *testing.T
	conn net.Conn
}

func dialRaw(t *testing.T, addr netip.AddrPort) raw {
	t.Helper()
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return raw{t, conn}
}

// send returns the answer; not ok when the server closed the connection instead.
func (r raw) send(key Key, m Message) (answer Message, ok bool) {
	r.t.Helper()
	frame, err := AppendFrame(nil, m, key)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.write(frame)
}

func (r raw) write(frame []byte) (answer Message, ok bool) {
	r.t.Helper()
	r.conn.Write(frame) // a server that has closed shows below
	r.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	body, err := readFrame(r.conn, MaxAnswer)
	switch {
	case hungUp(err):
		return Message{}, false
	case err != nil:
		r.t.Fatal(err)
	}
	answer, _, err = ParseFrame(body, goodKey)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer, true
}

// Whatever is wrong with a first message, the connection is closed without a
// word, as named does; the log gets the reason.
func TestServerRefusesAFirstMessageSilently(t *testing.T) {
	t.Parallel()
	null := func(ctrl ...string) Message { return Message{Ctrl: fields(ctrl...), Data: fields("type", "null")} }
	for name, c := range map[string]struct {
		key  Key
		m    Message
		why  string // "" : it is answered
		edit func([]byte) []byte
	}{
		"right":                         {key: goodKey, m: null("_ser", "1", "_tim", seconds(0), "_exp", seconds(60))},
		"without an end of validity":    {key: goodKey, m: null("_ser", "1", "_tim", seconds(0))},
		"a clock 299 s ahead":           {key: goodKey, m: null("_ser", "1", "_tim", seconds(299*time.Second))},
		"a clock 299 s behind":          {key: goodKey, m: null("_ser", "1", "_tim", seconds(-299*time.Second))},
		"a clock 301 s ahead":           {key: goodKey, m: null("_ser", "1", "_tim", seconds(301*time.Second)), why: "clock skew"},
		"a clock 301 s behind":          {key: goodKey, m: null("_ser", "1", "_tim", seconds(-301*time.Second)), why: "clock skew"},
		"expired a second ago":          {key: goodKey, m: null("_ser", "1", "_tim", seconds(-time.Minute), "_exp", seconds(-time.Second)), why: "expired"},
		"an end of validity in words":   {key: goodKey, m: null("_ser", "1", "_tim", seconds(0), "_exp", "tomorrow"), why: "expired"},
		"without a time":                {key: goodKey, m: null("_ser", "1"), why: "no time"},
		"another secret":                {key: Key{Algorithm: "hmac-sha256", Secret: "AAAA"}, m: null("_ser", "1", "_tim", seconds(0)), why: "not signed with our key"},
		"another algorithm":             {key: Key{Algorithm: "hmac-sha1", Secret: secret}, m: null("_ser", "1", "_tim", seconds(0)), why: "not signed with our key"},
		"MD5 with the secret of SHA":    {key: Key{Algorithm: "hmac-md5", Secret: secret}, m: null("_ser", "1", "_tim", seconds(0)), why: "not signed with our key"},
		"one bit changed on the way":    {key: goodKey, m: null("_ser", "1", "_tim", seconds(0)), why: "not signed with our key", edit: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }},
		"the signature not in front":    {key: goodKey, m: null("_ser", "1", "_tim", seconds(0)), why: "_auth is not the first entry", edit: func(b []byte) []byte { b[9] = 'x'; return b }},
		"another version of the frame":  {key: goodKey, m: null("_ser", "1", "_tim", seconds(0)), why: "not version 1", edit: func(b []byte) []byte { b[7] = 2; return b }},
		"longer than a greeting":        {key: goodKey, m: null("_ser", "1", "_tim", seconds(0), "pad", strings.Repeat("x", maxGreeting)), why: "a length of"},
		"a length shorter than a frame": {key: goodKey, m: null(), why: "a length of", edit: func([]byte) []byte { return []byte{0, 0, 0, 3, 0, 0, 1} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			why := make(chan error, 1)
			addr := serve(t, &Server{Keys: []Key{goodKey}, Now: func() time.Time { return epoch }, Refused: func(_ net.Addr, err error) { why <- err }})
			frame, err := AppendFrame(nil, c.m, c.key)
			if err != nil {
				t.Fatal(err)
			}
			if c.edit != nil {
				frame = c.edit(frame)
			}
			answer, ok := dialRaw(t, addr).write(frame)
			switch {
			case c.why == "":
				if !ok || Get(answer.Ctrl, "_nonce") == "" || Get(answer.Ctrl, "_rpl") != "1" || Get(answer.Data, "result") != "0" {
					t.Errorf("answered %v: %+v", ok, answer)
				}
			case ok:
				t.Errorf("answered: %+v", answer)
			default:
				if err := <-why; !strings.Contains(err.Error(), c.why) {
					t.Errorf("the log says %q, want %q", err, c.why)
				}
			}
		})
	}
}

// A second message needs the nonce, and no message is taken twice.
func TestServerTiesMessagesToTheirConnection(t *testing.T) {
	t.Parallel()
	s := &Server{Keys: []Key{goodKey}, Now: func() time.Time { return epoch }}
	addr := serve(t, s)
	status := func(serial string, more ...string) Message {
		return Message{Ctrl: fields(append([]string{"_ser", serial, "_tim", seconds(0)}, more...)...), Data: fields("type", "status")}
	}
	greet := func(serial string) (raw, string) {
		r := dialRaw(t, addr)
		first, ok := r.send(goodKey, status(serial))
		if !ok || Get(first.Data, "text") != "" {
			t.Fatalf("the first message was carried out, or refused: %v %+v", ok, first)
		}
		return r, Get(first.Ctrl, "_nonce")
	}
	r, nonce := greet("1")
	if a, ok := r.send(goodKey, status("2", "_nonce", nonce)); !ok || Get(a.Data, "text") != "status" {
		t.Errorf("with the nonce: %v %+v", ok, a)
	}
	if _, ok := r.send(goodKey, status("2", "_nonce", nonce)); ok {
		t.Error("the same message was taken twice")
	}
	if _, ok := dialRaw(t, addr).send(goodKey, status("1")); ok {
		t.Error("the same message was taken on another connection")
	}
	r, _ = greet("3")
	if _, ok := r.send(goodKey, status("4")); ok {
		t.Error("a second message without a nonce was taken")
	}
	r, _ = greet("5")
	if _, ok := r.send(goodKey, status("6", "_nonce", nonce)); ok {
		t.Error("the nonce of another connection was taken")
	}
}

func TestServerLimitsWhoAndWhat(t *testing.T) {
	t.Parallel()
	refused := make(chan error, 1)
	elsewhere := serve(t, &Server{Keys: []Key{goodKey}, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Refused: func(_ net.Addr, why error) { refused <- why }})
	if _, err := Dial(t.Context(), elsewhere, goodKey, Options{}); !errors.Is(err, ErrRejected) {
		t.Errorf("from an address that is not allowed: %v", err)
	}
	if why := <-refused; !strings.Contains(why.Error(), "address") {
		t.Error(why)
	}
	here := serve(t, &Server{Keys: []Key{goodKey}, ReadOnly: true, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("127.0.0.0/8")}})
	client := NewClient(here, goodKey, Options{})
	defer client.Close()
	for command, allowed := range map[string]bool{
		"status": true, "showzone example.com": true, "zonestatus example.com": true, "nta -d": true, "testgen 10": true, "null": true,
		"addzone example.com { type secondary; };": false, "delzone example.com": false, "nta example.com": false, "stop": false,
	} {
		a, err := client.Call(t.Context(), command)
		if err != nil || (a.Result == 0) != allowed || !allowed && (a.Result != 25 || a.Err != "failure") {
			t.Errorf("%s on a read-only channel: %+v, %v", command, a, err)
		}
	}
}

func TestServerHoldsABoundedNumberOfConnections(t *testing.T) {
	t.Parallel()
	addr := serve(t, &Server{Keys: []Key{goodKey}, Conns: 1})
	first, err := Dial(t.Context(), addr, goodKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), addr, goodKey, Options{}); !errors.Is(err, ErrRejected) {
		t.Errorf("a second one: %v", err)
	}
	first.Close()
	servertest.Eventually(t, "the place is free again", func() error {
		conn, err := Dial(t.Context(), addr, goodKey, Options{})
		if err == nil {
			conn.Close()
		}
		return err
	})
}

// An answer that no rndc would take ends the connection instead of being cut.
func TestServerDoesNotSendWhatIsTooLong(t *testing.T) {
	t.Parallel()
	size := MaxAnswer / 2
	addr := serve(t, &Server{Keys: []Key{goodKey}, Handler: func(_ context.Context, _ net.Addr, _ Key, command string) Answer {
		return Answer{Text: strings.Repeat("x", size)}
	}})
	client := NewClient(addr, goodKey, Options{})
	defer client.Close()
	if a, err := client.Call(t.Context(), "status"); err != nil || len(a.Text) != size {
		t.Errorf("%d octets, %v", len(a.Text), err)
	}
	size = MaxAnswer
	if a, err := client.Call(t.Context(), "status"); err == nil {
		t.Errorf("%d octets came", len(a.Text))
	}
}

func TestAnIdleConnectionIsClosedAfter30Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		s := &Server{Keys: []Key{goodKey}, Handler: echo}
		ended := make(chan error)
		go func() { ended <- s.serve(t.Context(), theirs); theirs.Close() }()
		c := &Conn{conn: ours, key: goodKey, opts: Options{Answer: time.Minute, Now: time.Now}}
		for range 3 {
			time.Sleep(29 * time.Second)
			if _, err := c.Call(t.Context(), "null"); err != nil {
				t.Fatalf("after 29 idle seconds: %v", err)
			}
		}
		began := time.Now()
		if err := <-ended; err != nil || time.Since(began) != serverIdle {
			t.Errorf("closed after %s: %v", time.Since(began), err)
		}
	})
}

// One listener for IPv4 and one for IPv6 share what a server remembers.
func TestOneServerServesSeveralListeners(t *testing.T) {
	t.Parallel()
	s := &Server{Keys: []Key{goodKey}}
	one, two := serve(t, s), serve(t, s)
	m := Message{Ctrl: fields("_ser", "1", "_tim", strconv.FormatInt(time.Now().Unix(), 10)), Data: fields("type", "null")}
	if _, ok := dialRaw(t, one).send(goodKey, m); !ok {
		t.Error("the first was refused")
	}
	if _, ok := dialRaw(t, two).send(goodKey, m); ok {
		t.Error("a duplicate was taken on the other listener")
	}
}

// A channel that has seen very many zones added takes the next one, on a
// connection that goes on and on a new one.
func TestManyCommandsDoNotLockTheChannel(t *testing.T) {
	t.Parallel()
	s := &Server{Keys: []Key{goodKey}, Handler: echo}
	for i := range maxGreetings + 10 {
		s.greetings.fresh(strconv.Itoa(i), time.Now(), time.Now())
	}
	client := NewClient(serve(t, s), goodKey, Options{})
	defer client.Close()
	for i := range 10_000 {
		line := fmt.Sprintf("addzone z%d.example { type secondary; };", i)
		if a, err := client.Call(t.Context(), line); err != nil || a.Text != line {
			t.Fatalf("%s: %+v, %v", line, a, err)
		}
	}
}

// The keys of an address count as they are at the moment.
func TestKeysAreThoseOfTheAddressNow(t *testing.T) {
	t.Parallel()
	var keys atomic.Pointer[[]Key]
	keys.Store(&[]Key{md5Key, goodKey})
	addr := serve(t, &Server{KeysFrom: func(from netip.Addr) []Key {
		if from != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("keys of %s are wanted", from)
		}
		return *keys.Load()
	}})
	conn, err := Dial(t.Context(), addr, goodKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	keys.Store(&[]Key{md5Key})
	if a, err := conn.Call(t.Context(), "status"); err == nil {
		t.Errorf("with a key that was withdrawn meanwhile: %+v", a)
	}
	keys.Store(&[]Key{})
	if cause, _ := Why(t.Context(), addr, goodKey, Options{}); cause != CauseAddress {
		t.Errorf("an address without keys hears %q", cause)
	}
}

// Behind the greeting a command may be as long as named takes it, and no longer.
func TestCommandsAreOfBoundedLength(t *testing.T) {
	t.Parallel()
	addr := serve(t, &Server{Keys: []Key{md5Key, goodKey}})
	conn, err := Dial(t.Context(), addr, goodKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	long := strings.Repeat("x", MaxRequest-400)
	if a, err := conn.Call(t.Context(), long); err != nil || a.Text != long {
		t.Errorf("%d octets: %d came back, %v", len(long), len(a.Text), err)
	}
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], MaxRequest+1)
	if _, err := conn.exchange(length[:]); !hungUp(err) {
		t.Errorf("a frame of %d octets: %v", MaxRequest+1, err)
	}
}

// A peer that takes all the places it can get leaves some to others.
func TestOneAddressDoesNotTakeAllPlaces(t *testing.T) {
	t.Parallel()
	p := newPlaces(8)
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	near, far := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:1")
	for _, step := range []struct {
		from netip.Addr
		want bool
	}{{one, true}, {one, true}, {one, false}, {two, true}, {near, true}, {far, true}, {near, false}, {far, false}} {
		if got := p.take(step.from); got != step.want {
			t.Errorf("a place for %s: %v", step.from, got)
		}
	}
	p.give(one)
	if !p.take(one) || p.take(one) {
		t.Error("a place that was given back is not one place")
	}
	for _, from := range []netip.Addr{one, one, two, near, far} {
		p.give(from)
	}
	if p.all != 0 || len(p.of) != 0 {
		t.Errorf("%d places of %v are never given back", p.all, p.of)
	}
}

// A peer that sends its request or reads its answer octet by octet is cut off
// when its time is over, and holds nobody else up.
func TestASlowPeerIsCutOff(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]func(t *testing.T, c net.Conn){
		"it never ends its request": func(t *testing.T, c net.Conn) {
			for _, b := range []byte{0, 0, 1, 0, 0} {
				time.Sleep(10 * time.Second)
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
			}
			t.Error("after 50 seconds it still may write")
		},
		"it never reads its answer": func(t *testing.T, c net.Conn) {
			frame, err := AppendFrame(nil, Message{Ctrl: fields("_ser", "1", "_tim", strconv.FormatInt(time.Now().Unix(), 10)), Data: fields("type", "null")}, goodKey)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(frame); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				ended := make(chan error)
				began := time.Now()
				s := &Server{Keys: []Key{goodKey}, Handler: echo}
				go func() { err := s.serve(t.Context(), theirs); theirs.Close(); ended <- err }()
				slow(t, ours)
				if err := <-ended; err != nil || time.Since(began) > 40*time.Second || time.Since(began) < serverIdle {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		})
	}
}
