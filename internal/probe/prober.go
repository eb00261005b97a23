package probe

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// ErrBusy is the Err of a NoAnswer when too many questions are in flight.
var ErrBusy = errors.New("too many questions are in flight")

// ErrClosed is the Err of a NoAnswer after Close.
var ErrClosed = errors.New("the prober is closed")

// maxWindow is for one socket. It leaves half of the 65536 ids free, so that
// one is found soon and cannot be guessed.
const maxWindow = 1 << 15

// Options of a Prober; the zero value is good.
type Options struct {
	Window  int             // most questions in flight in all, 16384 if 0; more are answered with ErrBusy
	Waits   []time.Duration // how long each try waits for its answer; 300 ms, 900 ms, 1.8 s if empty
	Sockets int             // a family; 4 if 0
}

// Prober asks. It is safe for concurrent use and opens its sockets when it
// is first asked something.
type Prober struct {
	window, sockets int
	waits           []time.Duration
	conns           xfr.Conns // of audits, which are many in a row

	mu       sync.Mutex // owns everything below
	families [2]family  // IPv4, IPv6
	inFlight int
	// trying holds, for each try, the questions that wait for its answer. All
	// of one try wait equally long, so each list is in order of deadline.
	trying  [][]*question
	alarm   *time.Timer
	alarmAt time.Time // zero when no alarm is set
	closed  bool
}

// family is the sockets of one address family. The kernel gave each a port of
// its own, so that an answer must guess one of them and the id.
type family struct {
	conns []*net.UDPConn
	asked []map[uint16]*question // per socket: id → question in flight
}

type question struct {
	addr     netip.AddrPort
	name     zone.Name
	socket   int
	id       uint16
	try      int
	sent     time.Time
	deadline time.Time
	done     func(Result) // nil once it was called
}

// New returns a Prober. Close it.
func New(o Options) *Prober {
	p := &Prober{window: o.Window, sockets: o.Sockets, waits: o.Waits}
	if p.window <= 0 {
		p.window = 16384
	}
	if p.sockets <= 0 {
		p.sockets = 4
	}
	if len(p.waits) == 0 {
		p.waits = []time.Duration{300 * time.Millisecond, 900 * time.Millisecond, 1800 * time.Millisecond}
	}
	p.trying = make([][]*question, len(p.waits))
	return p
}

// Ask asks addr for the SOA of name and calls done exactly once with what
// came of it, from another goroutine. Neither waits; done must not block.
func (p *Prober) Ask(addr netip.AddrPort, name zone.Name, done func(Result)) {
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	q := &question{addr: addr, name: name, done: done, sent: time.Now()}
	p.mu.Lock()
	err := p.admit(q)
	if err == nil {
		p.send(q)
	}
	p.mu.Unlock()
	if err != nil {
		go done(Result{Zone: name, Err: err})
	}
}

// admit gives q a socket and an id that nobody can guess. p.mu is held.
func (p *Prober) admit(q *question) error {
	switch {
	case p.closed:
		return ErrClosed
	case p.inFlight >= p.window:
		return ErrBusy
	}
	f := p.family(q.addr.Addr())
	if f.conns == nil {
		if err := p.open(f, q.addr.Addr().Is4()); err != nil {
			return err
		}
	}
	q.socket = rand.IntN(len(f.conns))
	if len(f.asked[q.socket]) >= maxWindow {
		return ErrBusy
	}
	for {
		q.id = uint16(rand.Uint32())
		if _, taken := f.asked[q.socket][q.id]; !taken {
			break
		}
	}
	f.asked[q.socket][q.id] = q
	p.inFlight++
	return nil
}

func (p *Prober) family(a netip.Addr) *family {
	if a.Is4() {
		return &p.families[0]
	}
	return &p.families[1]
}

func (p *Prober) open(f *family, v4 bool) error {
	network := "udp6"
	if v4 {
		network = "udp4"
	}
	for range p.sockets {
		conn, err := net.ListenUDP(network, nil)
		if err != nil {
			if len(f.conns) > 0 {
				break // fewer will do
			}
			return err
		}
		_ = conn.SetReadBuffer(1 << 20) // a burst of answers; what is lost is asked again
		f.conns = append(f.conns, conn)
		f.asked = append(f.asked, map[uint16]*question{})
		go p.receive(f, len(f.conns)-1, conn)
	}
	return nil
}

// send sends q and puts it on the list of its try. A failed write is left to
// the next try: it is mostly an ICMP error of somebody else's packet. p.mu is held.
func (p *Prober) send(q *question) {
	var buf [320]byte
	f := p.family(q.addr.Addr())
	_, _ = f.conns[q.socket].WriteToUDPAddrPort(appendQuestion(buf[:0], q.id, q.name), q.addr)
	q.deadline = time.Now().Add(p.waits[q.try])
	p.trying[q.try] = append(p.trying[q.try], q)
	p.setAlarm(q.deadline)
}

// setAlarm makes sure that somebody looks at the lists at when. p.mu is held.
func (p *Prober) setAlarm(when time.Time) {
	switch {
	case !p.alarmAt.IsZero() && !when.Before(p.alarmAt):
		return
	case p.alarm == nil:
		p.alarm = time.AfterFunc(time.Until(when), p.overdue)
	default:
		p.alarm.Reset(time.Until(when))
	}
	p.alarmAt = when
}

// overdue asks again, or gives up, what was not answered in time.
func (p *Prober) overdue() {
	var given []func()
	defer func() { report(given) }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.alarmAt = time.Time{}
	now := time.Now()
	for try := range p.trying {
		list := p.trying[try]
		for len(list) > 0 && (list[0].done == nil || !list[0].deadline.After(now)) {
			q := list[0]
			list[0] = nil
			list = list[1:]
			switch {
			case q.done == nil: // answered meanwhile
			case try+1 == len(p.waits):
				given = append(given, p.settle(q, Result{Zone: q.name, RTT: now.Sub(q.sent)}))
			default:
				q.try++
				p.send(q)
			}
		}
		if len(list) == 0 {
			list = nil
		}
		p.trying[try] = list
	}
	for _, list := range p.trying {
		if len(list) > 0 {
			p.setAlarm(list[0].deadline)
		}
	}
}

// settle ends q and returns what is to be called once p.mu is free. p.mu is held.
func (p *Prober) settle(q *question, r Result) func() {
	delete(p.family(q.addr.Addr()).asked[q.socket], q.id)
	p.inFlight--
	done := q.done
	q.done = nil
	return func() { done(r) }
}

func report(calls []func()) {
	for _, call := range calls {
		call()
	}
}

func (p *Prober) receive(f *family, socket int, conn *net.UDPConn) {
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // passes, or lasts: not worth more than this
			continue
		}
		if n >= 12 {
			p.answered(f, socket, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buf[:n])
		}
	}
}

// answered matches a packet by socket, id, peer and question.
func (p *Prober) answered(f *family, socket int, from netip.AddrPort, packet []byte) {
	p.mu.Lock()
	q := f.asked[socket][uint16(packet[0])<<8|uint16(packet[1])]
	p.mu.Unlock()
	if q == nil || q.addr != from {
		return
	}
	r, ok := readAnswer(packet, q.name)
	if !ok {
		return
	}
	r.RTT = time.Since(q.sent)
	var given []func()
	p.mu.Lock()
	if q.done != nil {
		given = append(given, p.settle(q, r))
	}
	p.mu.Unlock()
	report(given)
}

// Close ends all questions in flight with NoAnswer.
func (p *Prober) Close() error {
	var given []func()
	defer func() { report(given) }()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for i := range p.families {
		for socket, conn := range p.families[i].conns {
			_ = conn.Close()
			for _, q := range p.families[i].asked[socket] {
				given = append(given, p.settle(q, Result{Zone: q.name, Err: ErrClosed}))
			}
		}
	}
	if p.alarm != nil {
		p.alarm.Stop()
	}
	return nil
}
