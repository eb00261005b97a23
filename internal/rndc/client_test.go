package rndc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// Our client against the real named, with every algorithm: named looks only at
// the secret, so one key of each is enough to be told apart.
func TestOurClientAgainstRealNamed(t *testing.T) {
	t.Parallel()
	named := servertest.New(t, "named")
	keys, names := "", ""
	for _, algorithm := range algorithms {
		keys += fmt.Sprintf("key %q { algorithm %[1]s; secret %q; };\n", algorithm, secret)
		names += algorithm + "; "
	}
	named.Named(keys + fmt.Sprintf("controls { inet 127.0.0.1 port %d allow { 127.0.0.1; } keys { %s}; };\n", named.Control.Port(), names))
	for _, algorithm := range algorithms {
		client := NewClient(named.Control, Key{Algorithm: algorithm, Secret: secret}, Options{})
		for range 3 {
			a, err := client.Call(t.Context(), "status")
			if err != nil || a.Result != 0 || !strings.Contains(a.Text, "server is up and running") || time.Since(a.Time).Abs() > time.Minute {
				t.Errorf("%s: status gives %+v, %v", algorithm, a, err)
			}
			a, err = client.Call(t.Context(), "zonestatus nosuch.example")
			if err != nil || a.Err != "not found" || a.Text != "no matching zone 'nosuch.example' in any view" {
				t.Errorf("%s: zonestatus gives %+v, %v", algorithm, a, err)
			}
		}
		client.Close()
	}

	t.Run("comes back after a restart", func(t *testing.T) {
		client := NewClient(named.Control, goodKey, Options{})
		defer client.Close()
		for range 2 {
			if a, err := client.Call(t.Context(), "status"); err != nil || a.Result != 0 {
				t.Errorf("%+v, %v", a, err)
			}
			named.Kill()
			if _, err := client.Call(t.Context(), "status"); err == nil {
				t.Error("a server that is down answers")
			}
			named.Start()
		}
	})
	t.Run("a clock that is off by 299 seconds will do", func(t *testing.T) {
		for _, off := range []time.Duration{299 * time.Second, -297 * time.Second} {
			conn, err := Dial(t.Context(), named.Control, goodKey, Options{Now: func() time.Time { return time.Now().Add(off) }})
			if err != nil {
				t.Errorf("%s: %v", off, err)
				continue
			}
			conn.Close()
		}
	})
	t.Run("a command of 32 KiB is taken, a longer one not sent", func(t *testing.T) {
		client := NewClient(named.Control, goodKey, Options{})
		defer client.Close()
		if a, err := client.Call(t.Context(), "status "+strings.Repeat(" ", MaxRequest-400)); err != nil || a.Result != 0 {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := client.Call(t.Context(), "status "+strings.Repeat(" ", MaxRequest)); err == nil || !strings.Contains(err.Error(), "longer than") {
			t.Errorf("%v", err)
		}
		if a, err := client.Call(t.Context(), "status"); err != nil || a.Result != 0 {
			t.Errorf("afterwards: %+v, %v", a, err)
		}
	})
}

func TestClientComesBackAfterTheServerHungUp(t *testing.T) {
	t.Parallel()
	addr := serve(t, &Server{Keys: []Key{goodKey}})
	client := NewClient(addr, goodKey, Options{})
	defer client.Close()
	for range 3 {
		if a, err := client.Call(t.Context(), "status"); err != nil || a.Text != "status" {
			t.Fatal(a, err)
		}
		client.conn.conn.(*net.TCPConn).CloseWrite() // the server sees the end and closes
	}
}

// The server carried a command out and was gone before the answer: the command
// is sent again, and the caller learns what became of it.
func TestAnAnswerThatGotLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	var client *Client
	times := 0
	addr := serve(t, &Server{Keys: []Key{goodKey}, Handler: func(_ context.Context, _ net.Addr, _ Key, command string) Answer {
		if times++; times == 2 {
			client.conn.conn.(*net.TCPConn).CloseRead() // the answer meets a closed door
			client.conn.conn.(*net.TCPConn).CloseWrite()
		}
		return Answer{Text: fmt.Sprint(command, times)}
	}})
	client = NewClient(addr, goodKey, Options{})
	defer client.Close()
	for _, want := range []string{"a1", "a3"} {
		if a, err := client.Call(t.Context(), "a"); err != nil || a.Text != want {
			t.Errorf("%+v, %v; want %s", a, err, want)
		}
	}
}

func TestCallsTakeTurnsOnOneConnection(t *testing.T) {
	t.Parallel()
	var now, most, conns atomic.Int32
	peers := sync.Map{}
	addr := serve(t, &Server{Keys: []Key{goodKey}, Handler: func(_ context.Context, from net.Addr, _ Key, command string) Answer {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		if _, known := peers.LoadOrStore(from.String(), true); !known {
			conns.Add(1)
		}
		return Answer{Text: command}
	}})
	client := NewClient(addr, goodKey, Options{})
	defer client.Close()
	var callers sync.WaitGroup
	for i := range 20 {
		callers.Go(func() {
			want := fmt.Sprint("command ", i)
			if a, err := client.Call(t.Context(), want); err != nil || a.Text != want {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	callers.Wait()
	if most.Load() != 1 || conns.Load() != 1 {
		t.Errorf("%d commands at once, on %d connections", most.Load(), conns.Load())
	}
}

// What a caller broke off must not be answered to the next one.
func TestABrokenOffCallLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	entered, release := make(chan bool), make(chan bool)
	addr := serve(t, &Server{Keys: []Key{goodKey}, Handler: func(_ context.Context, _ net.Addr, _ Key, command string) Answer {
		if command == "slow" {
			entered <- true
			<-release
		}
		return Answer{Text: command}
	}})
	client := NewClient(addr, goodKey, Options{})
	defer client.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	tired := errors.New("tired of waiting")
	go func() { <-entered; cancel(tired) }()
	if _, err := client.Call(ctx, "slow"); !errors.Is(err, tired) {
		t.Errorf("%v", err)
	}
	close(release)
	if a, err := client.Call(t.Context(), "next"); err != nil || a.Text != "next" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestCloseBreaksACallOff(t *testing.T) {
	t.Parallel()
	entered, release := make(chan bool), make(chan bool)
	defer close(release)
	addr := serve(t, &Server{Keys: []Key{goodKey}, Handler: func(context.Context, net.Addr, Key, string) Answer {
		entered <- true
		<-release
		return Answer{}
	}})
	client := NewClient(addr, goodKey, Options{})
	go func() { <-entered; client.Close() }()
	if _, err := client.Call(t.Context(), "slow"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the call: %v", err)
	}
	client.Close() // again does no harm
	if _, err := client.Call(t.Context(), "status"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a call after Close: %v", err)
	}
}

// A message is written at once: named closes the connection when a length is
// split over two segments.
func TestAMessageIsOneWrite(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe() // hands over write by write
	defer ours.Close()
	c := &Conn{conn: ours, key: goodKey, opts: Options{Answer: time.Minute, Now: time.Now}}
	go c.Call(t.Context(), "status")
	buf := make([]byte, MaxRequest)
	n, err := theirs.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	if m, _, err := ParseFrame(buf[4:n], goodKey); err != nil || Get(m.Data, "type") != "status" {
		t.Errorf("the first write is no whole message: %v", err)
	}
	theirs.Close()
}

// What is no answer to this very message is not believed, though it be signed.
func TestClientBelievesOnlyItsAnswer(t *testing.T) {
	t.Parallel()
	edit := func(name, value string) func(m *Message) {
		return func(m *Message) {
			for i := range m.Ctrl {
				if m.Ctrl[i].Name == name {
					m.Ctrl[i].Value = value
				}
			}
		}
	}
	for name, c := range map[string]struct {
		key  Key
		edit func(m *Message)
		want error
	}{
		"the answer":                     {goodKey, func(*Message) {}, nil},
		"signed with another key":        {Key{Algorithm: "hmac-sha256", Secret: "AAAA"}, func(*Message) {}, ErrAuth},
		"signed with another algorithm":  {Key{Algorithm: "hmac-sha512", Secret: secret}, func(*Message) {}, ErrAuth},
		"to another message":             {goodKey, edit("_ser", "1"), ErrAuth},
		"of another connection":          {goodKey, edit("_nonce", "1"), ErrAuth},
		"a request and no answer":        {goodKey, edit("_rpl", ""), ErrAuth},
		"a result that is not a number":  {goodKey, func(m *Message) { m.Data[1].Value = "fine" }, ErrFrame},
		"an answer of before BIND 9.11":  {goodKey, func(m *Message) { m.Data = fields("type", "status", "err", "not found") }, nil},
		"a message of another structure": {goodKey, func(m *Message) { m.Ctrl = nil }, ErrAuth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &Server{Keys: []Key{goodKey}}
			greeting := true
			conn := pretend(t, func(request Message, session *session) ([]byte, error) {
				m, key := s.reply(request, Answer{}, session), goodKey
				if !greeting {
					c.edit(&m)
					key = c.key
				}
				greeting = false
				return AppendFrame(nil, m, key)
			})
			a, err := conn.Call(t.Context(), "status")
			if c.want == nil && err != nil || !errors.Is(err, c.want) {
				t.Errorf("%+v, %v; want %v", a, err, c.want)
			}
			if strings.Contains(name, "9.11") && (a.Result == 0 || a.Err != "not found") {
				t.Errorf("%+v", a)
			}
		})
	}
}

// pretend is a server that answers as the test likes, and a connection to it.
func pretend(t *testing.T, reply func(request Message, session *session) ([]byte, error)) *Conn {
	t.Helper()
	conn, err := Dial(t.Context(), listen(t, func(conn net.Conn) {
		session := newSession()
		for {
			body, err := readFrame(conn, MaxRequest)
			if err != nil {
				return
			}
			request, _, err := ParseFrame(body, goodKey)
			if err != nil {
				t.Error(err)
				return
			}
			frame, err := reply(request, session)
			if err != nil {
				t.Error(err)
				return
			}
			conn.Write(frame)
		}
	}), goodKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// listen lets speak say what it likes on each connection, which ends with it.
func listen(t *testing.T, speak func(net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			running.Go(func() {
				defer conn.Close()
				speak(conn)
			})
		}
	})
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// A server that sends our own signed messages back has said nothing.
func TestAMirrorIsNoServer(t *testing.T) {
	t.Parallel()
	addr := listen(t, func(conn net.Conn) {
		for {
			body, err := readFrame(conn, MaxRequest)
			if err != nil {
				return
			}
			conn.Write(append([]byte{0, 0, byte(len(body) >> 8), byte(len(body))}, body...))
		}
	})
	client := NewClient(addr, goodKey, Options{})
	defer client.Close()
	if a, err := client.Call(t.Context(), "delzone example.com"); !errors.Is(err, ErrAuth) {
		t.Errorf("%+v, %v", a, err)
	}
}
