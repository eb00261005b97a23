package membertest

import (
	"net"
	"net/netip"
	"sync"
	"testing"
)

// direction is what a proxy looks at.
type direction string

const (
	commands direction = "commands" // from the driver to the server
	answers  direction = "answers"  // back
)

// proxy stands between drivers and the server and passes what they say, until
// it is to lose something: from then on nothing passes, until it is healed.
type proxy struct {
	addr   netip.AddrPort
	server netip.AddrPort

	mu    sync.Mutex // owns the rest
	what  direction  // "" : pass all
	left  int        // of them pass
	cut   bool
	tries int // how often it was to lose something
}

func newProxy(t *testing.T, server netip.AddrPort) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().(*net.TCPAddr).AddrPort(), server: server}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(conn)
		}
	}()
	return p
}

// cutAfter lets some messages of connections that come pass and loses the next
// one, with all connections there are and come. What one says that is from
// before does not count: its goodbye may be late.
func (p *proxy) cutAfter(what direction, pass int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.left, p.cut = what, pass, false
	p.tries++
}

// heal passes everything again. It tells whether something was lost.
func (p *proxy) heal() (cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut = p.cut
	p.what, p.cut = "", false
	return cut
}

// since is which try a connection belongs to that comes now.
func (p *proxy) since() (try int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

// passes decides about one message of a connection of a try.
func (p *proxy) passes(what direction, try int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.what == what && p.tries == try {
		if p.left == 0 {
			p.cut = true
		}
		p.left--
	}
	return !p.cut
}

func (p *proxy) pass(driver net.Conn) {
	defer driver.Close()
	try := p.since()
	server, err := net.Dial("tcp", p.server.String())
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, driver, commands, try) })
	both.Go(func() { p.copy(driver, server, answers, try) })
	both.Wait()
}

// copy takes what comes in one read for one message: each side waits for the other.
func (p *proxy) copy(to, from net.Conn, what direction, try int) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.passes(what, try) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
