package xfr

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Conns keeps connections open for a moment after a transfer, for the next one
// from the same server (RFC 5936 section 4.1.1, RFC 9103 section 6.2): of
// thousands of zones, few pay for a connection of their own. Its methods are
// safe for concurrent use; the zero value is ready.
type Conns struct {
	mu   sync.Mutex // owns the rest
	idle map[server][]*conn
}

// server is what must be the same for a connection to do.
type server struct {
	addr   netip.AddrPort
	source netip.Addr
	tls    *TLS
}

const (
	// keepFor is how long a connection waits for the next transfer: shorter than
	// any server does.
	keepFor = 2 * time.Second
	// mostIdle is how many connections to one server wait.
	mostIdle = 64
)

// conn is a connection that is read from through a buffer.
type conn struct {
	net.Conn
	in     *bufio.Reader
	expiry *time.Timer // while it waits
}

func newConn(c net.Conn) *conn { return &conn{Conn: c, in: bufio.NewReader(c)} }

// Read implements io.Reader.
func (c *conn) Read(b []byte) (int, error) { return c.in.Read(b) }

// Fetch is the function Fetch over connections that may have been used before.
// A server that closed one meanwhile is asked again over another.
func (p *Conns) Fetch(ctx context.Context, r Request) (zone.Contents, Kind, error) {
	r.conns = p
	return Fetch(ctx, r)
}

// take returns a connection that waits; nil if none does.
func (p *Conns) take(of server) *conn {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := p.idle[of]
	if len(waiting) == 0 {
		return nil
	}
	c := waiting[len(waiting)-1]
	p.remove(of, c)
	return c
}

// give has a connection wait, or closes it. Octets that nobody asked for are
// no answer to the next question.
func (p *Conns) give(to server, c *conn) {
	if p == nil || c.in.Buffered() > 0 {
		c.Close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle[to]) >= mostIdle {
		c.Close()
		return
	}
	if p.idle == nil {
		p.idle = map[server][]*conn{}
	}
	p.idle[to] = append(p.idle[to], c)
	c.expiry = time.AfterFunc(keepFor, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.remove(to, c) {
			c.Close()
		}
	})
}

// remove takes a connection out; false if it is not there. mu is held.
func (p *Conns) remove(of server, c *conn) bool {
	waiting := p.idle[of]
	for i, other := range waiting {
		if other != c {
			continue
		}
		c.expiry.Stop()
		last := len(waiting) - 1
		waiting[i], waiting[last] = waiting[last], nil
		if p.idle[of] = waiting[:last]; last == 0 {
			delete(p.idle, of)
		}
		return true
	}
	return false
}
