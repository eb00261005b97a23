package rndc

import (
	"context"
	"net"
	"net/netip"
)

// Client is one connection to a server, made when needed and again when the
// server closed it, as named does after 30 idle seconds. It is safe for
// concurrent use: calls take turns, since named serves one connection well and
// many badly.
type Client struct {
	addr netip.AddrPort
	key  Key
	opts Options

	life context.Context // ends with Close
	end  context.CancelFunc
	turn chan struct{} // holds one token; who has it owns conn
	conn *Conn
}

// NewClient makes a client; it connects at the first call.
func NewClient(addr netip.AddrPort, key Key, opts Options) *Client {
	c := &Client{addr: addr, key: key, opts: opts, turn: make(chan struct{}, 1)}
	c.life, c.end = context.WithCancel(context.Background())
	c.turn <- struct{}{}
	return c
}

// Call runs a command. A connection that turns out to have ended is made anew
// once and the command sent again; it may then have been carried out before,
// so commands must bear that.
func (c *Client) Call(ctx context.Context, command string) (Answer, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	case <-c.life.Done():
		return Answer{}, net.ErrClosed
	}
	defer func() { c.turn <- struct{}{} }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.life, func() { cancel(net.ErrClosed) })()
	if c.life.Err() != nil {
		return Answer{}, net.ErrClosed
	}
	if c.conn != nil {
		a, err := c.call(ctx, command)
		if err == nil || !hungUp(err) {
			return a, err
		}
	}
	conn, err := Dial(ctx, c.addr, c.key, c.opts)
	if err != nil {
		return Answer{}, err
	}
	c.conn = conn
	return c.call(ctx, command)
}

// call uses the connection, and drops it after an error: an answer that comes
// late must not be taken for the next command's.
func (c *Client) call(ctx context.Context, command string) (Answer, error) {
	a, err := c.conn.Call(ctx, command)
	if err != nil {
		c.conn.Close()
		c.conn = nil
	}
	return a, err
}

// Close breaks a call off that is under way and ends the connection; calls
// after it fail.
func (c *Client) Close() error {
	c.end()
	<-c.turn
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
	c.turn <- struct{}{}
	return nil
}
