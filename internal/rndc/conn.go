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
	"syscall"
	"time"
)

// Answer is what the server said to a command.
type Answer struct {
	Result int    // isc_result; 0 is success. Numbers differ between versions
	Err    string // name of the result, "" on success
	Text   string
	Time   time.Time // the server's clock
}

// The failures of a first exchange, besides those of connecting.
var (
	// ErrRejected: the server closed the connection instead of answering. The
	// protocol hides why; Why may find out.
	ErrRejected = errors.New("the server closed the connection without an answer: the secret or the algorithm of the rndc key is not the server's, " +
		"or the two clocks differ by more than 300 seconds, or our address is not in the allow list of its controls statement, or it is no named at all; named's log says which")
	// ErrSilent: the server took the message and did not answer in time.
	ErrSilent = errors.New("the server accepts the connection and does not answer: it hangs, or it is no named at all")
)

// Options of a connection; the zero value is good.
type Options struct {
	Source  netip.Addr    // local address; zero: the system chooses
	Connect time.Duration // for connecting and the first exchange; 10 s by default
	Answer  time.Duration // for each answer; 60 s by default, as rndc's: named with many zones may pause so long
	Now     func() time.Time
}

// Conn is one connection to a server. Not safe for concurrent use; Client is.
// After an error it is of no use any more.
type Conn struct {
	conn   net.Conn
	key    Key
	opts   Options
	serial uint32
	nonce  string    // "" until the first answer, which brings it
	clock  time.Time // the server's, at the first answer
}

// Dial connects and makes the first exchange, which the protocol wants before any command.
func Dial(ctx context.Context, addr netip.AddrPort, key Key, opts Options) (*Conn, error) {
	if opts.Connect == 0 {
		opts.Connect = 10 * time.Second
	}
	if opts.Answer == 0 {
		opts.Answer = time.Minute
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	conn, err := connect(ctx, addr, opts)
	if err != nil {
		return nil, err
	}
	// The serial starts at random: named takes the same serial and second for
	// a replay, on whichever connection.
	var start [4]byte
	rand.Read(start[:])
	c := &Conn{conn: conn, key: key, opts: opts, serial: binary.BigEndian.Uint32(start[:])}
	first, err := c.call(ctx, "null", opts.Connect)
	switch {
	case err == nil:
		c.clock = first.Time
		return c, nil
	case ctx.Err() != nil: // what the caller broke off says nothing about the server
	case hungUp(err):
		err = ErrRejected
	case isTimeout(err):
		err = fmt.Errorf("%w (waited %s)", ErrSilent, opts.Connect)
	}
	conn.Close()
	return nil, err
}

func connect(ctx context.Context, addr netip.AddrPort, opts Options) (net.Conn, error) {
	dialer := net.Dialer{Timeout: opts.Connect}
	if opts.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(opts.Source, 0))
	}
	return dialer.DialContext(ctx, "tcp", addr.String())
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Call sends one command and waits for its answer. A refused command is an
// Answer, not an error.
func (c *Conn) Call(ctx context.Context, command string) (Answer, error) {
	return c.call(ctx, command, c.opts.Answer)
}

func (c *Conn) call(ctx context.Context, command string, patience time.Duration) (Answer, error) {
	c.serial++
	serial := strconv.FormatUint(uint64(c.serial), 10)
	frame, err := AppendFrame(nil, c.request(serial, command), c.key)
	if err != nil {
		return Answer{}, err
	}
	if len(frame)-4 > MaxRequest {
		return Answer{}, fmt.Errorf("the command is longer than the %d octets that rndc takes", MaxRequest)
	}
	deadline := time.Now().Add(patience)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	_ = c.conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	body, err := c.exchange(frame)
	if !stop() && err != nil {
		return Answer{}, context.Cause(ctx)
	}
	if err != nil {
		return Answer{}, err
	}
	reply, _, err := ParseFrame(body, c.key)
	if err != nil {
		return Answer{}, err
	}
	return c.answer(reply, serial)
}

// validity is for how long a message may be carried out. The clocks may differ
// by so much; rndc's own 60 seconds would allow less if ours is behind.
const validity = maxSkew

func (c *Conn) request(serial, command string) Message {
	now := c.opts.Now()
	m := Message{
		Ctrl: []Field{
			{Name: "_ser", Value: serial},
			{Name: "_tim", Value: strconv.FormatInt(now.Unix(), 10)},
			{Name: "_exp", Value: strconv.FormatInt(now.Add(validity).Unix(), 10)},
		},
		Data: []Field{{Name: "type", Value: command}},
	}
	if c.nonce != "" {
		m.Ctrl = append(m.Ctrl, Field{Name: "_nonce", Value: c.nonce})
	}
	return m
}

// exchange sends in one write, since named wants a length in one segment, and
// never more than one message, since named 9.18 loses those behind it.
func (c *Conn) exchange(frame []byte) ([]byte, error) {
	if _, err := c.conn.Write(frame); err != nil {
		return nil, err
	}
	return readFrame(c.conn, MaxAnswer)
}

// answer reads a reply whose signature holds. Our own message, sent back, is
// signed as well: it is _rpl that makes a reply.
func (c *Conn) answer(m Message, serial string) (a Answer, err error) {
	nonce := Get(m.Ctrl, "_nonce")
	switch {
	case Get(m.Ctrl, "_rpl") != "1":
		return a, fmt.Errorf("%w: it is no answer", ErrAuth)
	case Get(m.Ctrl, "_ser") != serial:
		return a, fmt.Errorf("%w: it answers another message", ErrAuth)
	case nonce == "", c.nonce != "" && nonce != c.nonce:
		return a, fmt.Errorf("%w: it is of another connection", ErrAuth)
	}
	c.nonce = nonce
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

// hungUp reports whether the other side ended the connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
