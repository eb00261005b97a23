package servertest

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what should happen at once: long,
// because a busy machine is no failure.
const patience = 30 * time.Second

// Eventually tries until try returns nil, and fails the test with its last
// error if that takes too long.
func Eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %s until %s: %v", patience, what, err)
		}
		time.Sleep(pause)
	}
}

// ask sends a question to which any answer, a refusal too, is a sign of life.
func ask(addr netip.AddrPort) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return err
	}
	defer conn.Close()
	// An empty query for the root's SOA; class IN.
	question := []byte{0x53, 0x54, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1}
	if _, err := conn.Write(question); err != nil {
		return err
	}
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	var answer [512]byte
	n, err := conn.Read(answer[:])
	if err == nil && (n < 12 || !bytes.Equal(answer[:2], question[:2])) {
		err = errors.New("it answered something else")
	}
	return err
}

// log keeps what a server writes and wakes who waits for a text in it.
type log struct {
	mu   sync.Mutex // owns the rest
	text []byte
	news chan struct{} // closed and replaced at each write
}

func newLog() *log { return &log{news: make(chan struct{})} }

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	close(l.news)
	l.news = make(chan struct{})
	return len(p), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// tail returns the last lines.
func (l *log) tail(n int) string {
	lines := strings.SplitAfter(l.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

func (l *log) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.text)
}

// holds reports whether text was written after a mark; if not, news is closed
// when more was written.
func (l *log) holds(text string, mark int) (found bool, news chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.text[mark:], []byte(text)), l.news
}

func (s *Server) awaitLog(text string, mark int) {
	s.t.Helper()
	late := time.After(patience)
	for {
		found, news := s.log.holds(text, mark)
		if found {
			return
		}
		select {
		case <-news:
		case <-s.process.done:
			if found, _ := s.log.holds(text, mark); found {
				return
			}
			s.t.Fatalf("%s ended by itself: %v", s.Name, s.process.err)
		case <-late:
			s.t.Fatalf("waited %s until %s logs %q", patience, s.Name, text)
		}
	}
}
