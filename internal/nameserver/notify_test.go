package nameserver

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// post stands for the network: it keeps what is sent to each target, and
// answers for those that are alive.
type post struct {
	mu    sync.Mutex
	sent  map[Target][]*dns.Msg
	alive map[Target]bool
	noise []byte // comes before every answer
	mute  string // a zone that is not answered about
}

func newPost() *post { return &post{sent: map[Target][]*dns.Msg{}, alive: map[Target]bool{}} }

func (p *post) dial(_ context.Context, to Target) (net.Conn, error) {
	return &postConn{post: p, to: to, answers: make(chan []byte, 1000), closed: make(chan struct{})}, nil
}

func (p *post) setAlive(to Target, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alive[to] = alive
}

// to returns what was sent to a target so far.
func (p *post) to(to Target) []*dns.Msg {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent[to])
}

func (p *post) count(to Target) int { return len(p.to(to)) }

// remembered is how many targets there is something to tell.
func (n *notifier) remembered() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.targets)
}

type postConn struct {
	net.Conn
	post    *post
	to      Target
	answers chan []byte
	closed  chan struct{}
	once    sync.Once
}

func (c *postConn) Write(b []byte) (int, error) {
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil {
		return 0, err
	}
	c.post.mu.Lock()
	defer c.post.mu.Unlock()
	c.post.sent[c.to] = append(c.post.sent[c.to], m)
	if c.post.alive[c.to] && m.Question[0].Name != c.post.mute {
		if c.post.noise != nil {
			c.answers <- c.post.noise
		}
		answer := append([]byte(nil), b[:headerSize]...)
		answer[2] |= 0x80
		c.answers <- answer
	}
	return len(b), nil
}

func (c *postConn) Read(b []byte) (int, error) {
	select {
	case a := <-c.answers:
		return copy(b, a), nil
	case <-c.closed:
		return 0, errors.New("closed")
	}
}

func (c *postConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

var (
	peerA = Target{Addr: netip.MustParseAddrPort("192.0.2.11:53")}
	peerB = Target{Addr: netip.MustParseAddrPort("192.0.2.12:53"), Key: "k", Source: netip.MustParseAddr("192.0.2.53")}
)

// notifying runs a server's notifier against p, in a bubble.
func notifying(t *testing.T, p *post, story func(s *Server), tell ...Target) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Tell: tell})
		s.notify.dial = p.dial
		s.SetAccess(Access{Keys: []Key{testKey}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.notify.run(ctx); close(done) }()
		synctest.Wait()
		story(s)
		cancel()
		<-done
	})
}

func small(t testing.TB, origin zone.Name, serial string) zone.Contents {
	t.Helper()
	return contents(t, origin, "@ 60 SOA . . "+serial+" 1 1 1 1\n@ 60 NS .\n")
}

func TestNotifyIsSentOnceAndSigned(t *testing.T) {
	t.Parallel()
	p := newPost()
	p.setAlive(peerB, true)
	notifying(t, p, func(s *Server) {
		s.Put(small(t, "a.example.", "7"))
		s.Notify(peerB, "A.example.")
		time.Sleep(time.Hour)
		if n := p.count(peerB); n != 1 {
			t.Fatalf("%d messages", n)
		}
		m := p.to(peerB)[0]
		soa, ok := m.Answer[0].(*dns.SOA)
		if m.Opcode != dns.OpcodeNotify || !m.Authoritative || m.Response || m.Question[0].Name != "a.example." || !ok || soa.Serial != 7 || m.IsTsig() == nil {
			t.Errorf("sent %s", m)
		}
	})
}

// Peers that are told of everything hear of each new serial, also of one that
// an update made, and of nothing else.
func TestPeersAreToldOfEverything(t *testing.T) {
	t.Parallel()
	p := newPost()
	p.setAlive(peerA, true)
	p.setAlive(peerB, true)
	notifying(t, p, func(s *Server) {
		s.SetAccess(Access{Keys: []Key{testKey}, UpdateNets: []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}})
		update := new(dns.Msg)
		update.SetUpdate("a.example.")
		rr, err := dns.NewRR("new.a.example. 60 TXT x")
		if err != nil {
			t.Fatal(err)
		}
		update.Insert([]dns.RR{rr})
		wire, err := update.Pack()
		if err != nil {
			t.Fatal(err)
		}
		for step, c := range []struct {
			do   func()
			want int // messages so far
		}{
			{func() { s.Put(small(t, "a.example.", "1")) }, 1},
			{func() { s.Put(small(t, "a.example.", "1")) }, 1},
			{func() { s.Put(small(t, "a.example.", "2")) }, 2},
			{func() { s.handle(new(writer), wire, client, overUDP) }, 3},
			{func() { s.Drop("a.example.") }, 3},
		} {
			c.do()
			time.Sleep(time.Hour)
			if a, b := p.count(peerA), p.count(peerB); a != c.want || b != c.want {
				t.Errorf("after step %d: %d and %d messages, want %d", step, a, b, c.want)
			}
		}
	}, peerA, peerB)
}

// Ten changes before a word is said are one message; one while a message is
// on its way is another one.
func TestNotifyCoalesces(t *testing.T) {
	t.Parallel()
	p := newPost()
	notifying(t, p, func(s *Server) {
		s.Put(small(t, "a.example.", "1"))
		for range 10 {
			s.Notify(peerA, "a.example.")
		}
		synctest.Wait()
		if n := p.count(peerA); n != 1 {
			t.Fatalf("%d messages of ten changes", n)
		}
		s.Put(small(t, "a.example.", "2"))
		p.setAlive(peerA, true)
		s.Notify(peerA, "a.example.")
		time.Sleep(time.Hour)
		if n := p.count(peerA); n != 2 {
			t.Fatalf("%d messages", n)
		}
		if soa := p.to(peerA)[1].Answer[0].(*dns.SOA); soa.Serial != 2 {
			t.Errorf("told of serial %d", soa.Serial)
		}
	})
}

// A peer that is silent is asked ever more rarely; others do not wait for it,
// and when it is back it is told everything.
func TestADeadPeerDelaysNobody(t *testing.T) {
	t.Parallel()
	p := newPost()
	p.setAlive(peerB, true)
	notifying(t, p, func(s *Server) {
		const zones = 500
		var names []zone.Name
		for i := range zones {
			c := small(t, zone.Name("z"+string(rune('a'+i/26%26))+string(rune('a'+i%26))+string(rune('a'+i/676))+".example."), "1")
			names = append(names, c.Origin())
			s.Put(c)
			s.Notify(peerA, c.Origin())
		}
		for _, name := range names {
			s.Notify(peerB, name)
		}
		synctest.Wait()
		if n := p.count(peerB); n != zones {
			t.Errorf("the living peer was told of %d zones at once", n)
		}
		if n := p.count(peerA); n != notifyWindow {
			t.Errorf("the dead peer was sent %d messages at once", n)
		}
		time.Sleep(time.Hour)
		if n, most := p.count(peerA), notifyWindow*notifyTries+notifyTries*120; n > most {
			t.Errorf("%d messages in an hour to a dead peer", n)
		}
		p.setAlive(peerA, true)
		time.Sleep(2 * time.Minute)
		told := map[string]bool{}
		for _, m := range p.to(peerA) {
			told[m.Question[0].Name] = true
		}
		if len(told) != zones {
			t.Errorf("told of %d zones of %d", len(told), zones)
		}
		before := p.count(peerA)
		time.Sleep(time.Hour)
		if n := p.count(peerA); n != before {
			t.Errorf("%d messages more when all was said", n-before)
		}
		if n := s.notify.remembered(); n != 0 {
			t.Errorf("%d targets are remembered", n)
		}
	})
}

// Octets that answer nothing are passed over.
func TestNotifyAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, noise := range map[string][]byte{
		"too short":       {0, 0, 0xA0},
		"a question":      {0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"another opcode":  {0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"an id of nobody": {0, 0, 0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost()
			p.noise = noise
			p.setAlive(peerA, true)
			notifying(t, p, func(s *Server) {
				s.Put(small(t, "a.example.", "1"))
				s.Notify(peerA, "a.example.")
				time.Sleep(time.Hour)
				if n := p.count(peerA); n != 1 {
					t.Errorf("%d messages", n)
				}
			})
		})
	}
}

// A zone that a peer will not answer about is given up, and holds up no other.
func TestNotifyGivesAZoneUp(t *testing.T) {
	t.Parallel()
	p := newPost()
	p.mute = "mute.example."
	p.setAlive(peerA, true)
	notifying(t, p, func(s *Server) {
		s.Put(small(t, "mute.example.", "1"))
		s.Put(small(t, "a.example.", "1"))
		s.Notify(peerA, "mute.example.")
		time.Sleep(10 * time.Second)
		s.Notify(peerA, "a.example.")
		time.Sleep(2 * time.Minute)
		told := map[string]int{}
		for _, m := range p.to(peerA) {
			told[m.Question[0].Name]++
		}
		if told["a.example."] != 1 || told["mute.example."] != notifyTries || s.notify.remembered() != 0 {
			t.Errorf("told %v, %d targets left", told, s.notify.remembered())
		}
	})
}

// A zone that is gone is not told of, and holds up no other.
func TestNotifyOfAZoneThatIsGone(t *testing.T) {
	t.Parallel()
	p := newPost()
	notifying(t, p, func(s *Server) {
		s.Put(small(t, "a.example.", "1"))
		s.Put(small(t, "b.example.", "1"))
		s.Notify(peerA, "a.example.")
		time.Sleep(20 * time.Second) // the window is down to one by now
		s.Notify(peerA, "b.example.")
		s.Drop("a.example.")
		time.Sleep(time.Minute)
		sent := p.to(peerA)
		last := sent[len(sent)-1].Question[0].Name
		if last != "b.example." {
			t.Errorf("told of %s last", last)
		}
	})
}
