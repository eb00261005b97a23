package rndc

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Answer is what the server said to a command.
type Answer struct {
	Result int    // isc_result; 0 is success. Numbers differ between versions
	Err    string // name of the result, "" on success
	Text   string
	Time   time.Time // the server's clock
}

// ErrRejected is wrapped when the server closed the connection instead of
// answering the first message. The protocol hides which cause it is.
var ErrRejected = errors.New("the server closed the connection without an answer: either the secret or the algorithm of the rndc key is not the server's, " +
	"or the two clocks differ by more than 300 seconds, or our address is not in the allow list of its controls statement; its log says which")

// Options of a connection; the zero value is good.
type Options struct {
	Source  netip.Addr    // local address; zero: the system chooses
	Timeout time.Duration // of connecting and of each answer; 10 s by default
	Now     func() time.Time
}

// Conn is one connection to a server. Not safe for concurrent use; Client is.
type Conn struct {
	conn   net.Conn
	key    Key
	opts   Options
	serial uint32
	nonce  string
	clock  time.Time // the server's, at the first answer
}

// Dial connects and makes the first exchange, which the protocol wants before any command.
func Dial(ctx context.Context, addr netip.AddrPort, key Key, opts Options) (*Conn, error) {
	if opts.Timeout == 0 {
		opts.Timeout = 10 * time.Second
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	dialer := net.Dialer{Timeout: opts.Timeout}
	if opts.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(opts.Source, 0))
	}
	conn, err := dialer.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	var start [4]byte
	rand.Read(start[:])
	c := &Conn{conn: conn, key: key, opts: opts, serial: binary.BigEndian.Uint32(start[:])}
	a, err := c.Call(ctx, "null")
	if err != nil {
		conn.Close()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err) {
			err = ErrRejected
		}
		return nil, err
	}
	c.clock = a.Time
	return c, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Call sends one command and waits for its answer.
func (c *Conn) Call(ctx context.Context, command string) (Answer, error) {
	now := c.opts.Now()
	c.serial++
	serial := strconv.FormatUint(uint64(c.serial), 10)
	m := Message{
		Ctrl: []Field{
			{Name: "_ser", Value: serial},
			{Name: "_tim", Value: strconv.FormatInt(now.Unix(), 10)},
			{Name: "_exp", Value: strconv.FormatInt(now.Unix()+60, 10)},
		},
		Data: []Field{{Name: "type", Value: command}},
	}
	if c.nonce != "" {
		m.Ctrl = append(m.Ctrl, Field{Name: "_nonce", Value: c.nonce})
	}
	frame, err := AppendFrame(nil, m, c.key)
	if err != nil {
		return Answer{}, err
	}
	if len(frame)-4 > MaxRequest {
		return Answer{}, fmt.Errorf("the command is longer than the %d octets that rndc takes", MaxRequest)
	}
	deadline := time.Now().Add(c.opts.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	c.conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := c.conn.Write(frame); err != nil {
		return Answer{}, err
	}
	body, err := readFrame(c.conn, MaxAnswer)
	if err != nil {
		return Answer{}, err
	}
	reply, _, err := ParseFrame(body, c.key)
	if err != nil {
		return Answer{}, err
	}
	return c.answer(reply, serial)
}

func (c *Conn) answer(m Message, serial string) (a Answer, err error) {
	switch {
	case Get(m.Ctrl, "_ser") != serial:
		return a, fmt.Errorf("%w: it answers another message", ErrAuth)
	case c.nonce == "":
		c.nonce = Get(m.Ctrl, "_nonce")
	case Get(m.Ctrl, "_nonce") != c.nonce:
		return a, fmt.Errorf("%w: it is of another connection", ErrAuth)
	}
	if seconds, err := strconv.ParseInt(Get(m.Ctrl, "_tim"), 10, 64); err == nil {
		a.Time = time.Unix(seconds, 0)
	}
	if result := Get(m.Data, "result"); result != "" {
		if a.Result, err = strconv.Atoi(result); err != nil {
			return a, fmt.Errorf("%w: result %q", ErrFrame, result)
		}
	}
	a.Err, a.Text = Get(m.Data, "err"), Get(m.Data, "text")
	if a.Err != "" && a.Result == 0 { // before 9.11 there was no result
		a.Result = -1
	}
	return a, nil
}

func readFrame(r io.Reader, most int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 4 || size > uint32(most) {
		return nil, fmt.Errorf("%w: a length of %d", ErrFrame, size)
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	return body, err
}

// Client is a connection that is made when needed and again when the server
// closed it, as named does after 30 idle seconds. Calls take turns.
type Client struct {
	addr netip.AddrPort
	key  Key
	opts Options

	turn chan struct{} // holds one token; who has it owns conn
	conn *Conn
	once sync.Once
	done chan struct{}
}

// NewClient makes a client; it connects at the first call.
func NewClient(addr netip.AddrPort, key Key, opts Options) *Client {
	c := &Client{addr: addr, key: key, opts: opts, turn: make(chan struct{}, 1), done: make(chan struct{})}
	c.turn <- struct{}{}
	return c
}

// Call runs a command. A connection that turns out to have been closed while
// it was idle is made anew once; commands must therefore bear being sent twice.
func (c *Client) Call(ctx context.Context, command string) (Answer, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	case <-c.done:
		return Answer{}, net.ErrClosed
	}
	if c.conn != nil {
		a, err := c.conn.Call(ctx, command)
		if err == nil {
			return a, nil
		}
		c.drop()
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !isReset(err) {
			return a, err
		}
	}
	conn, err := Dial(ctx, c.addr, c.key, c.opts)
	if err != nil {
		return Answer{}, err
	}
	c.conn = conn
	a, err := conn.Call(ctx, command)
	if err != nil {
		c.drop()
	}
	return a, err
}

func (c *Client) drop() {
	c.conn.Close()
	c.conn = nil
}

// Close ends the connection; calls after it fail.
func (c *Client) Close() error {
	c.once.Do(func() {
		close(c.done)
		select {
		case <-c.turn:
			if c.conn != nil {
				c.drop()
			}
			c.turn <- struct{}{}
		default: // a call is under way and ends by its timeout
		}
	})
	return nil
}
