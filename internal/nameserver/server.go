package nameserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Options are what a Server is made of. The zero value listens nowhere.
type Options struct {
	Listen     []netip.AddrPort
	Log        *slog.Logger
	Notify     NotifySink     // nil answers NOTAUTH
	OnTransfer func(Transfer) // after each finished transfer; must not block
	Version    string         // version.bind; "" refuses
	Identity   string         // id.server; "" refuses
	Transfers  int            // running at once, 64 by default; more wait their turn
	Conns      int            // TCP connections at once, 5,000 by default
}

// Server is the nameserver. Its methods are safe for concurrent use; Listen
// and Serve are called once.
type Server struct {
	opts    Options
	log     *slog.Logger
	zones   index
	access  atomic.Pointer[access]
	slots   chan struct{} // a place for each running transfer
	conns   chan struct{} // a place for each TCP connection
	notify  *notifier
	ready   chan struct{}
	isReady sync.Once
	stats   Stats

	udp []*net.UDPConn
	tcp []*net.TCPListener
}

// Stats counts since the start.
type Stats struct {
	Queries, Responses, Refused, Transfers, TransferFailures, BadTSIG, Panics atomic.Uint64
}

// New makes a server that serves nothing yet.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Transfers <= 0 {
		o.Transfers = 64
	}
	if o.Conns <= 0 {
		o.Conns = 5000
	}
	s := &Server{
		opts: o, log: o.Log, zones: index{apex: map[string]*slot{}},
		slots: make(chan struct{}, o.Transfers), conns: make(chan struct{}, o.Conns), ready: make(chan struct{}),
	}
	s.access.Store(newAccess(Access{}))
	s.notify = newNotifier(s)
	return s
}

// Listen takes the addresses; a port of 0 takes any that is free for UDP and TCP alike.
func (s *Server) Listen() error {
	for _, addr := range s.opts.Listen {
		if err := s.listen(addr); err != nil {
			s.close()
			return err
		}
	}
	return nil
}

func (s *Server) listen(addr netip.AddrPort) error {
	for try := 0; ; try++ {
		tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
		if err != nil {
			return err
		}
		got := netip.AddrPortFrom(addr.Addr(), uint16(tcp.Addr().(*net.TCPAddr).Port))
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(got))
		if err == nil {
			udp.SetReadBuffer(4 << 20)
			s.udp, s.tcp = append(s.udp, udp), append(s.tcp, tcp)
			return nil
		}
		tcp.Close()
		if addr.Port() != 0 || try == 20 {
			return err
		}
	}
}

// Addrs returns where it listens.
func (s *Server) Addrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(s.udp))
	for i, u := range s.udp {
		a := u.LocalAddr().(*net.UDPAddr).AddrPort()
		addrs[i] = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	}
	return addrs
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	var running sync.WaitGroup
	for _, u := range s.udp {
		for range 4 {
			running.Go(func() { s.serveUDP(u) })
		}
	}
	for _, l := range s.tcp {
		running.Go(func() { s.acceptTCP(ctx, l, &running) })
	}
	running.Go(func() { s.notify.run(ctx) })
	<-ctx.Done()
	s.close()
	running.Wait()
	return nil
}

func (s *Server) close() {
	for _, u := range s.udp {
		u.Close()
	}
	for _, l := range s.tcp {
		l.Close()
	}
}

// Stats returns the counters.
func (s *Server) Stats() *Stats { return &s.stats }

// Loaded is closed once the Source has said Ready.
func (s *Server) Loaded() <-chan struct{} { return s.ready }

// Ready implements Updater.
func (s *Server) Ready() { s.isReady.Do(func() { close(s.ready) }) }

// Put implements Updater.
func (s *Server) Put(c zone.Contents) { s.zones.slot(c.Origin().Key(), true).put(c) }

// Drop implements Updater.
func (s *Server) Drop(name zone.Name) { s.zones.drop(name.Key()) }

// Fail implements Updater.
func (s *Server) Fail(name zone.Name) {
	slot := s.zones.slot(name.Key(), true)
	old := slot.view.Load()
	failed := &view{failed: true}
	if old != nil {
		failed.contents = old.contents
	}
	slot.view.Store(failed)
}

// Current implements Updater.
func (s *Server) Current(name zone.Name) (zone.Contents, bool) {
	v := s.zones.view(name.Key())
	if v == nil {
		return zone.Contents{}, false
	}
	return v.contents, !v.failed
}

// Serial returns the serial that is served now.
func (s *Server) Serial(name zone.Name) (uint32, bool) {
	v := s.zones.view(name.Key())
	if v == nil || v.failed {
		return 0, false
	}
	return v.serial, true
}

// SetAccess implements Updater.
func (s *Server) SetAccess(a Access) { s.access.Store(newAccess(a)) }

// access is Access, prepared for look-ups. It never changes.
type access struct {
	keys     map[string]xfr.Key // by owner name
	secrets  map[string]string  // as the DNS library wants them
	transfer map[string]bool    // by owner name of the key
	nets     []netip.Prefix
}

func newAccess(a Access) *access {
	x := &access{keys: map[string]xfr.Key{}, secrets: map[string]string{}, transfer: map[string]bool{}, nets: a.TransferNets}
	for _, k := range a.Keys {
		key := xfr.Key(k)
		x.keys[key.OwnerName()], x.secrets[key.OwnerName()] = key, key.Secret
	}
	for _, name := range a.TransferKeys {
		x.transfer[dns.CanonicalName(name)] = true
	}
	return x
}

func (a *access) mayTransfer(key string, from netip.Addr) bool {
	if key != "" && a.transfer[key] {
		return true
	}
	for _, p := range a.nets {
		if p.Contains(from.Unmap()) {
			return true
		}
	}
	return false
}

// gone reports whether an error means that a socket was closed or timed out.
func gone(err error) bool {
	var timeout net.Error
	return errors.Is(err, net.ErrClosed) || errors.As(err, &timeout) && timeout.Timeout()
}

const tcpIdle = 10 * time.Second
