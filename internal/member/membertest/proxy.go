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

	mu   sync.Mutex // owns the rest
	what direction  // "" : pass all
	left int        // of them pass
	cut  bool
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

// cutAfter lets some messages pass and loses the next one, with all
// connections there are and come.
func (p *proxy) cutAfter(what direction, pass int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.left, p.cut = what, pass, false
}

// heal passes everything again. It tells whether something was lost.
func (p *proxy) heal() (cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut = p.cut
	p.what, p.cut = "", false
	return cut
}

// passes decides about one message.
func (p *proxy) passes(what direction, message []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.what == what && !isGoodbye(message) {
		if p.left == 0 {
			p.cut = true
		}
		p.left--
	}
	return !p.cut
}

func (p *proxy) pass(driver net.Conn) {
	defer driver.Close()
	server, err := net.Dial("tcp", p.server.String())
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, driver, commands) })
	both.Go(func() { p.copy(driver, server, answers) })
	both.Wait()
}

// isGoodbye reports whether a message is the alert that ends TLS: in TLS 1.3
// data of two octets, which no command or answer is (RFC 8446 section 5.2). It
// comes when all is said, and may come late, when the next connection speaks.
func isGoodbye(message []byte) bool {
	const alert, data, sealed = 21, 23, 5 + 2 + 1 + 16
	return message[0] == alert || message[0] == data && len(message) == sealed
}

// copy takes what comes in one read for one message: each side waits for the other.
func (p *proxy) copy(to, from net.Conn, what direction) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.passes(what, buf[:n]) {
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
