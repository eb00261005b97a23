package nameserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

// Options are what a Server is made of. The zero value listens nowhere.
type Options struct {
	Listen     []netip.AddrPort
	TLS        []netip.AddrPort // DNS and transfers over TLS (RFC 7858, RFC 9103)
	TLSConfig  *tls.Config      // certificates for TLS
	Sockets    []*os.File       // that listen already, of a process before us (see Server.Sockets); Listen takes those that fit
	Log        *slog.Logger
	Notify     NotifySink     // nil answers NOTAUTH
	Updates    UpdateSink     // nil carries updates out in memory, until the Source's next Put
	OnTransfer func(Transfer) // after each finished transfer; must not block
	Tell       []Target       // peers that are told of every new version of every zone
	// Expires returns how long a zone is still good, where we are a secondary
	// for it (RFC 7314). Nil or false: we are its primary, and the SOA says it.
	Expires   func(name zone.Name) (left time.Duration, secondary bool)
	Version   string // version.bind; "" refuses
	Identity  string // id.server and NSID (RFC 5001); "" refuses
	MaxUDP    int    // octets of a UDP answer, whatever a client takes; 1,232 by default
	Transfers int    // running at once, 64 by default; more wait their turn
	Conns     int    // TCP connections at once, 5,000 by default
	// CookieSecrets make and verify DNS cookies: the first makes, all verify,
	// so that servers which share them can change them one by one. None: one
	// of our own, at random. SetCookieSecrets replaces them.
	CookieSecrets []CookieSecret
	// RequireCookies answers UDP questions of clients that know cookies and
	// bring no valid one with BADCOOKIE; for use under attack.
	RequireCookies bool
	// Private are zones of which nothing is told to those who may not transfer
	// them: catalogs, which name all others.
	Private []zone.Name
}

// Server is the nameserver. Its methods are safe for concurrent use; Listen
// and Serve are called once.
type Server struct {
	opts      Options
	log       *slog.Logger
	zones     index
	access    atomic.Pointer[access]
	turns     *turns
	conns     *connections
	notify    *notifier
	desks     chan *desk    // that are free
	guests    chan guest    // to a goroutine that waits for one
	updates   chan struct{} // a place for each update under way
	cookies   atomic.Pointer[[]CookieSecret]
	yielded   chan struct{}   // closed by Yield
	ctx       context.Context // of Serve; for what outlives the reading of a message
	ready     chan struct{}
	isReady   sync.Once
	isYielded sync.Once
	stats     Stats
	rest      rest

	udp       []*udpSocket       // several of each address
	tcp       []*net.TCPListener // one of each address
	wake      int                // readable when those who wait for UDP shall look up
	tls       []*net.TCPListener
	tlsConfig *tls.Config
	running   sync.WaitGroup
}

// Stats counts since the start.
type Stats struct {
	Queries, Responses, Refused, Transfers, TransferFailures, BadTSIG, TLSFailures, Panics atomic.Uint64
}

// New makes a server that serves nothing yet.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.MaxUDP = max(cmp.Or(o.MaxUDP, maxUDP), minUDP)
	o.Identity = o.Identity[:min(len(o.Identity), 255)]
	o.Version = o.Version[:min(len(o.Version), 255)]
	s := &Server{
		opts: o, log: o.Log,
		turns: newTurns(cmp.Or(o.Transfers, 64)), conns: newConnections(cmp.Or(o.Conns, 5000)), ready: make(chan struct{}), yielded: make(chan struct{}),
		desks: make(chan *desk, tcpDesks), guests: make(chan guest), updates: make(chan struct{}, maxUpdates), ctx: context.Background(),
	}
	s.rest.release = s.giveBack
	if s.SetCookieSecrets(o.CookieSecrets); len(o.CookieSecrets) == 0 {
		var own CookieSecret
		rand.Read(own[:])
		s.SetCookieSecrets([]CookieSecret{own})
	}
	if o.TLSConfig != nil {
		s.tlsConfig = tlsRules(o.TLSConfig)
	}
	if err := s.zones.init(); err != nil {
		s.log.Error("there is no memory for zones", "error", err)
	}
	s.SetAccess(Access{})
	s.notify = newNotifier(s)
	return s
}

const (
	// lastWords is how long transfers may go on when the server ends.
	lastWords = 5 * time.Second
	// yieldWords is how long connections may, once another process has taken over.
	yieldWords = 30 * time.Second
)

// Yield has Serve take nothing new from the sockets, since another process
// has them too and answers. Who is connected is served on, until he goes, is
// silent for as long as a connection may be, or half a minute is over.
func (s *Server) Yield() { s.isYielded.Do(func() { close(s.yielded) }) }

func (s *Server) yields() bool {
	select {
	case <-s.yielded:
		return true
	default:
		return false
	}
}

// Serve answers until ctx ends; then it finishes what it is answering. It
// also returns some time after Yield.
func (s *Server) Serve(ctx context.Context) (err error) {
	s.ctx = ctx
	taking, enough := context.WithCancel(ctx)
	defer enough()
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return err
	}
	defer unix.Close(s.wake)
	s.startUDP(taking)
	for _, l := range s.tcp {
		s.running.Go(func() { s.acceptTCP(ctx, taking, l, false) })
	}
	for _, l := range s.tls {
		s.running.Go(func() { s.acceptTCP(ctx, taking, l, true) })
	}
	s.running.Go(func() { s.notify.run(taking) })
	patience := lastWords
	select {
	case <-ctx.Done():
	case <-s.yielded:
		patience = yieldWords
	}
	enough()
	s.stopListening()
	hurry := time.AfterFunc(patience, s.conns.end)
	defer hurry.Stop()
	s.running.Wait()
	s.close()
	return nil
}

// guard keeps a fault in one answer from ending the server.
func (s *Server) guard(do func()) {
	defer func() {
		if p := recover(); p != nil {
			s.stats.Panics.Add(1)
			s.log.Error("a query could not be answered; please report this", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	do()
}

// SetCookieSecrets replaces the secrets of DNS cookies, of which the first
// makes and all verify. None changes nothing.
func (s *Server) SetCookieSecrets(secrets []CookieSecret) {
	if len(secrets) > 0 {
		s.cookies.Store(&secrets)
	}
}

// Stats returns the counters.
func (s *Server) Stats() *Stats { return &s.stats }

// Loaded is closed once the Source has said Ready.
func (s *Server) Loaded() <-chan struct{} { return s.ready }

// Ready implements Updater.
func (s *Server) Ready() {
	s.isReady.Do(func() {
		close(s.ready)
		if s.zones.count() >= manyChanges {
			go s.rest.release() // what reading them left behind
		}
	})
}

// giveBack gives memory that is not needed now to the system.
func (s *Server) giveBack() {
	if err := s.zones.settle(); err != nil {
		s.log.Error("the memory of zones could not be put in order", "error", err)
	}
	debug.FreeOSMemory()
}

// Put implements Updater.
func (s *Server) Put(c zone.Contents) {
	defer s.telling(c.Origin())()
	s.changed(c.Origin(), s.zones.put(c))
}

// Drop implements Updater.
func (s *Server) Drop(name zone.Name) { s.changed(name, s.zones.drop(name)) }

// Fail implements Updater.
func (s *Server) Fail(name zone.Name) { s.changed(name, s.zones.fail(name)) }

// changed tells of what stands in the way of serving a zone's newest version.
func (s *Server) changed(name zone.Name, err error) {
	s.rest.add()
	if err != nil {
		s.log.Error("a zone could not be changed; what was served before stays", "zone", name, "error", err)
	}
}

// Current implements Updater.
func (s *Server) Current(name zone.Name) (zone.Contents, bool) {
	v := s.zones.view(name.Key())
	if v == nil {
		return zone.Contents{}, false
	}
	return v.tree(), !v.failed
}

// Serial returns the serial that is served now.
func (s *Server) Serial(name zone.Name) (uint32, bool) {
	return s.zones.serial(name.Key())
}

// SetAccess implements Updater.
func (s *Server) SetAccess(a Access) {
	x, problems := newAccess(a, s.opts.Private)
	for _, err := range problems {
		s.log.Error("a key is left out", "error", err)
	}
	s.access.Store(x)
}
