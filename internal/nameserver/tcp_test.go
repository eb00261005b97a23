package nameserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// inPipe serves one connection without a network, in a bubble's time.
func inPipe(t *testing.T, s *Server) net.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	c := s.conns.admit(t.Context(), ours)
	go func() {
		s.serveTCP(t.Context(), c, client)
		s.conns.leave(c)
	}()
	return theirs
}

func (x *connections) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.all)
}

// A connection ends when nothing comes, or half a message, or when nobody
// takes the answers.
func TestConnectionsEnd(t *testing.T) {
	t.Parallel()
	question := packet(0, 1, 0, 0, 0, wireQuestion("big.corpus.example", 16, 1))
	framed := be16(len(question)) + string(question)
	for name, c := range map[string]struct {
		send string
		read bool
		want time.Duration
	}{
		"nothing comes":                {"", true, tcpIdle},
		"one octet of the length":      {"\x00", true, tcpIdle},
		"half a message":               {framed[:20], true, tcpIdle},
		"a question, then silence":     {framed, true, tcpIdle},
		"answers that are not taken":   {strings.Repeat(framed, 100), false, tcpWrite},
		"an answer":                    {be16(12) + "\x12\x34\x80" + strings.Repeat("\x00", 9), true, 0},
		"an empty message":             {"\x00\x00", true, 0},
		"a message shorter than it is": {be16(11) + strings.Repeat("\x00", 11), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := served(t, "zones", Options{})
			synctest.Test(t, func(t *testing.T) {
				conn := inPipe(t, s)
				start := time.Now()
				go io.WriteString(conn, c.send)
				if c.read {
					go io.Copy(io.Discard, conn)
				}
				for s.conns.count() > 0 {
					time.Sleep(time.Second / 4)
				}
				if took := time.Since(start).Truncate(time.Second); took != c.want {
					t.Errorf("it ended after %s, want %s", took, c.want)
				}
			})
		})
	}
}

// Questions that come together are answered in their order, whoever knows the
// answers: the fast path, the full one, or a transfer.
func TestPipelining(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	kinds := []struct {
		qtype int
		want  string
	}{{16, "NOERROR aa 1/3/0/0"}, {255, "NOERROR aa 1/3/0/0"}, {1, "NOERROR aa 1/0/1/0"}, {252, "NOTAUTH 1/0/0/0"}}
	synctest.Test(t, func(t *testing.T) {
		conn := inPipe(t, s)
		const questions = 500
		go func() {
			var all strings.Builder
			for i := range questions {
				q := packet(0, 1, 0, 0, 0, wireQuestion("big.corpus.example", kinds[i%len(kinds)].qtype, 1))
				q[0], q[1] = byte(i>>8), byte(i)
				all.WriteString(be16(len(q)) + string(q))
			}
			io.WriteString(conn, all.String())
		}()
		in := bufio.NewReader(conn)
		for i := range questions {
			wire, err := readFrame(in)
			if err != nil {
				t.Fatal(err)
			}
			if m := unpack(t, wire); int(m.Id) != i || glance(m) != kinds[i%len(kinds)].want {
				t.Fatalf("answer %d has id %d: %s", i, m.Id, glance(m))
			}
		}
		conn.Close()
	})
	if n := s.stats.Queries.Load(); n != s.stats.Responses.Load() || n != 500 {
		t.Errorf("%d questions were counted, and %d answers", n, s.stats.Responses.Load())
	}
}

// Many who connect and say nothing do not keep out one who asks.
func TestAFloodOfConnections(t *testing.T) {
	t.Parallel()
	const most = 20
	s := New(Options{Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, Conns: most})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Put(version(t, "z.", 1, 1))
	run(t, s)
	var flood []net.Conn
	for range 10 * most {
		conn, err := net.Dial("tcp", s.Addrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		flood = append(flood, conn)
		defer conn.Close()
	}
	m := exchange(t, s, [][]byte{packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))}, 1)[0]
	if got := glance(m); got != "NOERROR aa 1/1/0/0" {
		t.Errorf("%q in the flood", got)
	}
	if n := s.conns.count(); n > most {
		t.Errorf("%d connections", n)
	}
	flood[0].SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := flood[0].Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the one that was silent longest is still there: %v", err)
	}
}

func run(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

// Who transfers is never ended for others; those wait for room.
func TestConnectionsThatTransferStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newConnections(2)
		pipe := func() net.Conn { a, _ := net.Pipe(); return a }
		transfers := []*connection{x.admit(t.Context(), pipe()), x.admit(t.Context(), pipe())}
		for _, c := range transfers {
			if !x.keep(c) {
				t.Fatal("it was ended")
			}
		}
		admitted := make(chan *connection)
		wait := func(ctx context.Context) { go func() { admitted <- x.admit(ctx, pipe()) }() }
		wait(t.Context())
		synctest.Wait()
		select {
		case <-admitted:
			t.Fatal("there was no room")
		default:
		}
		x.letGo(transfers[0]) // silent now: it makes room
		if c := <-admitted; c == nil || x.keep(transfers[0]) {
			t.Error("the one that had finished is still there")
		}
		x.leave(transfers[1])
		if c := x.admit(t.Context(), pipe()); c == nil {
			t.Error("no room after one left")
		}
		ctx, cancel := context.WithCancel(t.Context())
		for c := range x.all {
			x.keep(c)
		}
		wait(ctx)
		cancel()
		if c := <-admitted; c != nil {
			t.Error("admitted after the end")
		}
	})
}

// An answer comes from the address that was asked, whatever the socket.
func TestAnswersComeFromWhereTheQuestionWent(t *testing.T) {
	t.Parallel()
	s := New(Options{Listen: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:0"), netip.MustParseAddrPort("[::]:0")}})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Put(version(t, "z.", 1, 1))
	run(t, s)
	v4, v6 := s.Addrs()[0].Port(), s.Addrs()[1].Port()
	for _, to := range []netip.AddrPort{
		netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), v4), netip.AddrPortFrom(netip.MustParseAddr("127.1.2.3"), v4), netip.AddrPortFrom(netip.MustParseAddr("::1"), v6),
	} {
		conn, err := net.Dial("udp", to.String()) // takes answers from there only
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		servertest.Eventually(t, "an answer from "+to.String(), func() error {
			conn.SetDeadline(time.Now().Add(time.Second))
			if _, err := conn.Write(packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))); err != nil {
				return err
			}
			buf := make([]byte, 512)
			n, err := conn.Read(buf)
			if err == nil && glance(unpack(t, buf[:n])) != "NOERROR aa 1/1/0/0" {
				err = fmt.Errorf("%x", buf[:n])
			}
			return err
		})
	}
	if s.Addrs()[0].Addr().Is6() || s.Addrs()[1].Addr().Is4() {
		t.Errorf("listens on %v", s.Addrs())
	}
}
