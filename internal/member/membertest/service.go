package membertest

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// Service is a service over HTTP that a test plays. It can go away and come
// back where it was, and be paused: then callers wait.
type Service struct {
	Addr   string // once it is started
	Handle func(w http.ResponseWriter, r *http.Request, body []byte)

	server *http.Server

	mu     sync.Mutex    // owns the rest
	ended  chan struct{} // closed when it goes away
	paused chan struct{} // closed when it goes on; nil: it is not paused
}

// Start starts it; when the test ends, it ends.
func (s *Service) Start(t *testing.T) {
	t.Helper()
	if s.Addr == "" {
		s.Addr = servertest.Free(t).String()
		t.Cleanup(s.Stop)
	}
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.ended = make(chan struct{})
	s.mu.Unlock()
	s.server = &http.Server{Handler: s}
	server := s.server
	go func() { _ = server.Serve(l) }()
}

// Stop has it go away, in the middle of what it is asked.
func (s *Service) Stop() {
	if s.server == nil {
		return
	}
	close(s.ended)
	_ = s.server.Close()
	s.server = nil
}

// Pause has callers wait until Resume.
func (s *Service) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = make(chan struct{})
}

// Resume ends a pause.
func (s *Service) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.paused)
	s.paused = nil
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	paused, ended := s.paused, s.ended
	s.mu.Unlock()
	if paused != nil {
		select {
		case <-paused:
		case <-r.Context().Done():
		case <-ended:
			return
		}
		if r.Context().Err() != nil {
			return
		}
	}
	s.Handle(w, r, body)
}
