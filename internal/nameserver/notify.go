package nameserver

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
	"github.com/skein-dns/skein/zone"
)

const (
	notifyTries  = 5
	notifyFirst  = time.Second // doubles from try to try
	notifyWindow = 64          // unanswered at once, for each peer
)

// notifier sends NOTIFY messages (RFC 1996). What is to be sent is one dirty
// bit for each target and zone, so that ten changes in a row are one message,
// and a change while one is in flight is another one after it. Every target
// has its own goroutine while there is something to tell it, so that a dead
// one delays nobody else.
type notifier struct {
	server *Server
	dial   func(context.Context, Target) (net.Conn, error)

	mu      sync.Mutex // owns the rest
	ctx     context.Context
	targets map[Target]*outbox
	running sync.WaitGroup
}

// outbox is what one target is to be told. The notifier's lock owns it.
type outbox struct {
	queue []zone.Name // dirty, first come first
	dirty map[zone.Name]bool
	wake  chan struct{}
}

func newNotifier(s *Server) *notifier {
	return &notifier{server: s, dial: dialNotify, targets: map[Target]*outbox{}}
}

func dialNotify(ctx context.Context, to Target) (net.Conn, error) {
	dialer := net.Dialer{}
	if to.Source.IsValid() {
		dialer.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(to.Source, 0))
	}
	return dialer.DialContext(ctx, "udp", to.Addr.String())
}

// Notify tells a peer, soon and signed, that a zone changed. It does not wait.
func (s *Server) Notify(to Target, name zone.Name) { s.notify.add(to, name.Canonical()) }

// telling remembers what is served of a zone; the function it returns notifies
// those who are told of everything, if that is something else then.
func (s *Server) telling(name zone.Name) (tell func()) {
	if len(s.opts.Tell) == 0 {
		return func() {}
	}
	before, had := s.Serial(name)
	return func() {
		if after, has := s.Serial(name); !has || had && before == after {
			return
		}
		for _, to := range s.opts.Tell {
			s.Notify(to, name)
		}
	}
}

func (n *notifier) add(to Target, name zone.Name) {
	n.mu.Lock()
	defer n.mu.Unlock()
	box := n.targets[to]
	if box == nil {
		box = &outbox{dirty: map[zone.Name]bool{}, wake: make(chan struct{}, 1)}
		n.targets[to] = box
		n.start(to, box)
	}
	if box.dirty[name] {
		return
	}
	box.dirty[name] = true
	box.queue = append(box.queue, name)
	select {
	case box.wake <- struct{}{}:
	default:
	}
}

// start is called with mu held.
func (n *notifier) start(to Target, box *outbox) {
	if n.ctx == nil || n.ctx.Err() != nil {
		return // run starts it, or nobody will
	}
	p := &peer{notifier: n, to: to, box: box, window: notifyWindow, flying: map[uint16]*flight{}, log: n.server.log.With("peer", to.Addr)}
	n.running.Go(func() { p.run(n.ctx) })
}

// run sends until ctx ends.
func (n *notifier) run(ctx context.Context) {
	n.mu.Lock()
	n.ctx = ctx
	for to, box := range n.targets {
		n.start(to, box)
	}
	n.mu.Unlock()
	<-ctx.Done()
	n.running.Wait()
}

// take returns the next dirty zone of a target.
func (n *notifier) take(box *outbox) (zone.Name, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(box.queue) == 0 {
		return "", false
	}
	name := box.queue[0]
	box.queue = box.queue[1:]
	delete(box.dirty, name)
	return name, true
}

// finish removes a target that has nothing left to be told.
func (n *notifier) finish(to Target, box *outbox) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(box.queue) > 0 {
		return false
	}
	delete(n.targets, to)
	return true
}

// message makes a NOTIFY with the SOA that is served now, signed; nil if the
// zone is not served.
func (n *notifier) message(to Target, name zone.Name, id uint16) []byte {
	v := n.server.zones.view(name.Key())
	if v == nil || v.failed {
		return nil
	}
	w := writer{limit: maxTCP}
	w.start(id, uint16(dns.OpcodeNotify)<<11|flagAuthoritative, name.AppendWire(nil), dns.TypeSOA, dns.ClassINET)
	w.set(inAnswer, dns.ClassINET, signedSet{RRset: v.soa})
	if key, ok := n.server.access.Load().key(to.Key); ok && to.Key != "" {
		return tsig.Ask(key).Sign(w.buf, time.Now())
	}
	return w.buf
}

// peer is the conversation with one target. Its goroutine owns it.
type peer struct {
	*notifier
	to     Target
	box    *outbox
	log    *slog.Logger
	flying map[uint16]*flight // by message id
	window int                // how many may fly: halved by silence, doubled by answers
	heard  int                // answers so far
}

// flight is one NOTIFY that is not answered yet.
type flight struct {
	zone  zone.Name
	tries int
	heard int // the peer's count when it was sent first
	pause time.Duration
	next  time.Time // when it is sent again
}

// run ends when there is nothing left to tell.
func (p *peer) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan uint16, notifyWindow)
	var conn net.Conn
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if conn == nil {
			if c, err := p.dial(ctx, p.to); err == nil {
				conn = c
				context.AfterFunc(ctx, func() { c.Close() })
				go receive(ctx, c, answers)
			}
		}
		next, any := p.send(conn)
		if !any && p.finish(p.to, p.box) {
			return
		}
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
			return
		case <-p.box.wake:
		case <-timer.C:
		case id := <-answers:
			if _, ok := p.flying[id]; ok {
				delete(p.flying, id)
				p.heard++
				p.window = min(2*p.window, notifyWindow)
			}
		}
	}
}

// send fills the window and repeats what is due. It returns when the next is
// due; any is false if nothing is in flight.
func (p *peer) send(conn net.Conn) (next time.Time, any bool) {
	for len(p.flying) < p.window {
		name, ok := p.take(p.box)
		if !ok {
			break
		}
		maps.DeleteFunc(p.flying, func(_ uint16, f *flight) bool { return f.zone == name }) // that told of an older serial
		p.flying[p.freshID()] = &flight{zone: name, heard: p.heard, pause: notifyFirst}
	}
	now := time.Now()
	next = now.Add(time.Hour)
	for id, f := range p.flying {
		if !f.next.After(now) && !p.sendOne(conn, id, f, now) {
			delete(p.flying, id)
			next = now // there is room for another one
			continue
		}
		if f.next.Before(next) {
			next = f.next
		}
	}
	return next, len(p.flying) > 0
}

// sendOne sends or repeats one NOTIFY; false if it does not fly any more.
func (p *peer) sendOne(conn net.Conn, id uint16, f *flight, now time.Time) bool {
	switch {
	case f.tries > 0 && p.window == notifyWindow:
		p.log.Info("the peer is slow to answer NOTIFY, or silent")
		fallthrough
	case f.tries > 0:
		p.window = max(p.window/2, 1)
	}
	if f.tries == notifyTries {
		p.giveUp(f)
		return false
	}
	wire := p.message(p.to, f.zone, id)
	if wire == nil {
		return false
	}
	if conn != nil {
		conn.Write(wire) // an error is as silence: it is sent again
	}
	f.tries++
	f.next = now.Add(f.pause)
	f.pause *= 2
	return true
}

// giveUp ends a flight. A peer that was silent all the time is told again when
// its other zones had their turn: when it comes back it hears of all of them.
func (p *peer) giveUp(f *flight) {
	if p.heard > f.heard {
		p.log.Info("a NOTIFY is not answered", "zone", f.zone)
		return
	}
	p.add(p.to, f.zone)
}

func (p *peer) freshID() uint16 {
	for {
		id := uint16(rand.Uint32())
		if _, taken := p.flying[id]; !taken {
			return id
		}
	}
}

// receive passes the ids of answers on until the connection is closed.
func receive(ctx context.Context, conn net.Conn, answers chan<- uint16) {
	var buf [4096]byte
	for {
		k, err := conn.Read(buf[:])
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		const response = uint16(flagResponse | dns.OpcodeNotify<<11)
		if err != nil || k < headerSize || binary.BigEndian.Uint16(buf[2:])&0xF800 != response {
			continue // ECONNREFUSED comes here too: silence
		}
		select {
		case answers <- binary.BigEndian.Uint16(buf[:]):
		case <-ctx.Done():
			return
		}
	}
}
