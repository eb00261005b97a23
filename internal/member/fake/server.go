package fake

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// Server is a nameserver in memory that can be driven and scripted. Its
// methods are safe for concurrent use, but for Start and Stop.
type Server struct {
	secret  string
	dns     netip.AddrPort
	control netip.AddrPort
	ending  func() // of what runs since Start

	mu       sync.Mutex // owns the rest
	zones    map[string]*held
	serving  *nameserver.Server
	faults   []Fault
	paused   chan struct{} // closed by Resume; nil while it answers
	commands []string
	back     []string
}

// held is a zone that the server has.
type held struct {
	name     zone.Name
	contents zone.Contents // zero: registered alone
	locked   bool
}

func (h *held) serial() uint32 {
	soa, _ := h.contents.SOA()
	return soa.Serial
}

// New makes a server and starts it. One that is to stop and start again needs
// ports that nobody else takes meanwhile.
func New(dns, control netip.AddrPort) (*Server, error) {
	key := make([]byte, 32)
	rand.Read(key)
	s := &Server{secret: base64.StdEncoding.EncodeToString(key), zones: map[string]*held{}, dns: dns, control: control}
	return s, s.Start()
}

// DNS is where it answers questions, and allows everybody to transfer zones.
func (s *Server) DNS() netip.AddrPort { return s.dns }

// Control is where it takes commands.
func (s *Server) Control() netip.AddrPort { return s.control }

// Secret is what commands are to come with.
func (s *Server) Secret() string { return s.secret }

// Start begins to answer, on the same ports as before, with what it had.
func (s *Server) Start() error {
	everybody := []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
	ns := nameserver.New(nameserver.Options{Listen: []netip.AddrPort{s.dns}})
	ns.SetAccess(nameserver.Access{TransferNets: everybody})
	if err := ns.Listen(); err != nil {
		return fmt.Errorf("the fake member's nameserver: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = ns.Serve(ctx) })
	s.ending = func() { cancel(); running.Wait() }
	l, err := net.Listen("tcp", s.control.String())
	if err != nil {
		s.ending()
		return fmt.Errorf("the fake member's commands: %w", err)
	}
	s.dns, s.control = ns.Addrs()[0], l.Addr().(*net.TCPAddr).AddrPort()
	web := &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	running.Go(func() { _ = web.Serve(l) })
	s.ending = func() { _ = web.Close(); cancel(); running.Wait() }

	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = ns
	for _, h := range s.zones {
		s.serve(h)
	}
	ns.Ready()
	return nil
}

// Stop ends it as a crash would; Start brings it back.
func (s *Server) Stop() {
	s.Resume()
	s.ending()
	s.ending = func() {}
}

// Pause has it take connections and not answer commands, until Resume.
func (s *Server) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused == nil {
		s.paused = make(chan struct{})
	}
}

// Resume ends a pause.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused != nil {
		close(s.paused)
		s.paused = nil
	}
}

// Put is what somebody does on the server itself: the zone is there from now
// on, as it is given.
func (s *Server) Put(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(c, false)
}

// Register has the server know of a zone without contents, if it does not have it.
func (s *Server) Register(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.register(name)
}

// Lock puts a zone that commands may not change.
func (s *Server) Lock(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(c, true)
}

// Drop is what somebody does on the server itself.
func (s *Server) Drop(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(name)
}

// Contents returns what it has of a zone.
func (s *Server) Contents(name zone.Name) (c zone.Contents, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, is := s.zones[name.Key()]
	if !is {
		return c, false
	}
	return h.contents, true
}

// Zones returns the names of all zones, in order.
func (s *Server) Zones() (names []zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.zones {
		names = append(names, h.name)
	}
	slices.SortFunc(names, zone.Name.Compare)
	return names
}

// Commands returns the commands that came, as "save example.com. 7", the
// oldest first, and forgets them.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.commands
	s.commands = nil
	return all
}

// WentBack returns what commands made older than it was.
func (s *Server) WentBack() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.back)
}

// put keeps and serves a zone. s.mu is held, here and below.
func (s *Server) put(c zone.Contents, locked bool) {
	h := &held{name: c.Origin(), contents: c, locked: locked}
	s.zones[h.name.Key()] = h
	s.serve(h)
}

func (s *Server) register(name zone.Name) {
	if s.zones[name.Key()] == nil {
		h := &held{name: name}
		s.zones[name.Key()] = h
		s.serve(h)
	}
}

func (s *Server) drop(name zone.Name) {
	delete(s.zones, name.Key())
	s.serving.Drop(name)
}

// serve has the nameserver answer with what is held.
func (s *Server) serve(h *held) {
	if h.contents.IsZero() {
		s.serving.Fail(h.name)
		return
	}
	s.serving.Put(h.contents)
}
