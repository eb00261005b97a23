package nameserver

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

const (
	notifyTries   = 5
	notifyFirst   = time.Second // doubles from try to try
	notifyWorkers = 64
)

// notifier sends NOTIFY messages (RFC 1996). What is to be sent is one dirty
// bit for each target and zone, so that ten changes in a row are one message,
// and a change while one is in flight is another one after it.
type notifier struct {
	server *Server
	wake   chan struct{}

	mu      sync.Mutex // owns the rest
	queue   []notice
	waiting map[notice]bool // in queue
	flying  map[notice]bool // value: dirty again meanwhile
}

type notice struct {
	to   Target
	zone zone.Name
}

func newNotifier(s *Server) *notifier {
	return &notifier{server: s, wake: make(chan struct{}, notifyWorkers), waiting: map[notice]bool{}, flying: map[notice]bool{}}
}

// Notify tells a peer, soon and signed, that a zone changed. It does not wait.
func (s *Server) Notify(to Target, name zone.Name) { s.notify.add(notice{to, name.Canonical()}) }

func (n *notifier) add(what notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, flying := n.flying[what]; flying {
		n.flying[what] = true
		return
	}
	if n.waiting[what] {
		return
	}
	n.waiting[what] = true
	n.queue = append(n.queue, what)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notifier) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range notifyWorkers {
		workers.Go(func() {
			for {
				what, ok := n.take()
				if ok {
					n.send(ctx, what)
					n.landed(what)
					continue
				}
				select {
				case <-ctx.Done():
					return
				case <-n.wake:
				}
			}
		})
	}
	workers.Wait()
}

func (n *notifier) take() (notice, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) == 0 {
		return notice{}, false
	}
	what := n.queue[0]
	n.queue = n.queue[1:]
	delete(n.waiting, what)
	n.flying[what] = false
	return what, true
}

func (n *notifier) landed(what notice) {
	n.mu.Lock()
	again := n.flying[what]
	delete(n.flying, what)
	n.mu.Unlock()
	if again {
		n.add(what)
	}
}

// send sends until there is an answer, whatever it says, or tries run out:
// what was not heard then is found by those who look.
func (n *notifier) send(ctx context.Context, what notice) {
	pause := notifyFirst
	for range notifyTries {
		wire, id := n.message(what)
		if wire == nil || exchange(ctx, what.to, wire, id, pause) || ctx.Err() != nil {
			return
		}
		pause *= 2
	}
	n.server.log.Info("a NOTIFY was not answered", "peer", what.to.Addr, "zone", what.zone)
}

// message makes a NOTIFY with the SOA that is served now, signed.
func (n *notifier) message(what notice) ([]byte, uint16) {
	v := n.server.zones.view(what.zone.Key())
	if v == nil || v.failed {
		return nil, 0
	}
	m := new(dns.Msg)
	m.SetNotify(string(what.zone))
	m.Authoritative = true
	if rrs, err := v.soa.ToRRs(); err == nil {
		m.Answer = rrs
	}
	a := n.server.access.Load()
	key, ok := a.keys[dns.CanonicalName(what.to.Key)]
	if what.to.Key == "" || !ok {
		wire, err := m.Pack()
		if err != nil {
			return nil, 0
		}
		return wire, m.Id
	}
	m.SetTsig(key.OwnerName(), key.AlgorithmName(), 300, now())
	wire, _, err := dns.TsigGenerate(m, key.Secret, "", false)
	if err != nil {
		return nil, 0
	}
	return wire, m.Id
}

// exchange reports whether the peer answered in time.
func exchange(ctx context.Context, to Target, wire []byte, id uint16, patience time.Duration) bool {
	dialer := net.Dialer{}
	if to.Source.IsValid() {
		dialer.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(to.Source, 0))
	}
	conn, err := dialer.DialContext(ctx, "udp", to.Addr.String())
	if err != nil {
		return false
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(wire); err != nil {
		return false
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	var buf [4096]byte
	for {
		k, err := conn.Read(buf[:])
		if err != nil {
			// A refused port answers at once; the pause is kept all the same.
			if !gone(err) {
				select {
				case <-time.After(patience):
				case <-ctx.Done():
				}
			}
			return false
		}
		if k >= 12 && uint16(buf[0])<<8|uint16(buf[1]) == id && buf[2]&0x80 != 0 {
			return true
		}
	}
}
