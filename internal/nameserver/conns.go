package nameserver

import (
	"container/list"
	"context"
	"net"
	"sync"
)

// connections bounds the TCP connections. Where there is no room for a new
// one, the one that has been silent longest makes room (RFC 7766 section
// 6.2.3): a client that asks at once gets its answer in the thickest flood.
// Transfers are never ended so: while nothing else is there, new connections wait.
type connections struct {
	mu     sync.Mutex // owns the rest
	most   int
	all    map[*connection]bool
	silent *list.List    // of *connection, longest silent first
	room   chan struct{} // closed when there may be room; nil: nobody waits for it
}

// connection is one TCP connection. Its goroutine owns Conn, via and noTransfers.
type connection struct {
	net.Conn             // what is read from and written to: the socket, or TLS on it
	socket      net.Conn // closing it ends all
	via         transport
	noTransfers bool          // its encryption is too old for them
	place       *list.Element // in silent; nil while it transfers, and once it is out; of connections' lock
}

// Close ends it at once, whoever waits for it. It does not wait itself, as
// that of TLS would.
func (c *connection) Close() error { return c.socket.Close() }

func newConnections(most int) *connections {
	return &connections{most: most, all: map[*connection]bool{}, silent: list.New()}
}

// admit counts a connection in, if need be after a wait; nil once ctx ends.
func (x *connections) admit(ctx context.Context, conn net.Conn) *connection {
	for {
		c, room := x.tryAdmit(conn)
		if c != nil {
			return c
		}
		select {
		case <-room:
		case <-ctx.Done():
			return nil
		}
	}
}

func (x *connections) tryAdmit(conn net.Conn) (*connection, chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if oldest := x.silent.Front(); len(x.all) >= x.most && oldest != nil {
		victim := oldest.Value.(*connection)
		x.remove(victim)
		victim.Close() // its goroutine ends by the error
	}
	if len(x.all) >= x.most {
		if x.room == nil {
			x.room = make(chan struct{})
		}
		return nil, x.room
	}
	c := &connection{Conn: conn, socket: conn, via: overTCP}
	c.place = x.silent.PushBack(c)
	x.all[c] = true
	return c, nil
}

// heard notes that a connection is not silent.
func (x *connections) heard(c *connection) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.place != nil {
		x.silent.MoveToBack(c.place)
	}
}

// keep has a connection stay, until let go; false if it was ended already.
func (x *connections) keep(c *connection) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.place != nil {
		x.silent.Remove(c.place)
		c.place = nil
	}
	return x.all[c]
}

func (x *connections) letGo(c *connection) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.all[c] && c.place == nil {
		c.place = x.silent.PushBack(c)
		x.wake()
	}
}

// leave closes a connection and makes room.
func (x *connections) leave(c *connection) {
	c.Close()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(c)
}

// end closes all connections.
func (x *connections) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for c := range x.all {
		c.Close()
	}
}

// remove is called with mu held.
func (x *connections) remove(c *connection) {
	if !x.all[c] {
		return
	}
	if c.place != nil {
		x.silent.Remove(c.place)
		c.place = nil
	}
	delete(x.all, c)
	x.wake()
}

func (x *connections) wake() {
	if x.room != nil {
		close(x.room)
		x.room = nil
	}
}
