package nsdctl

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Options of a client; the zero value is good.
type Options struct {
	Source  netip.Addr    // local address; zero: the system chooses
	Connect time.Duration // for connecting, with TLS; 10 s by default
	Answer  time.Duration // for each piece of an answer; 60 s by default: NSD with many zones may pause so long
}

// Client speaks to one server. It is safe for concurrent use, though NSD serves
// one command after the other.
type Client struct {
	addr  string // HOST:PORT
	tls   *tls.Config
	opts  Options
	life  context.Context // ends with Close
	close context.CancelCauseFunc
}

// NewClient makes a client of the server at HOST:PORT; it connects for each
// command.
func NewClient(addr string, i Identity, o Options) *Client {
	if o.Connect == 0 {
		o.Connect = 10 * time.Second
	}
	if o.Answer == 0 {
		o.Answer = time.Minute
	}
	c := &Client{addr: addr, tls: i.config(), opts: o}
	c.life, c.close = context.WithCancelCause(context.Background())
	return c
}

// Close breaks off what is under way; calls after it fail.
func (c *Client) Close() error {
	c.close(net.ErrClosed)
	return nil
}

// Call sends a command and returns its answer, which must be a short one.
func (c *Client) Call(ctx context.Context, command string) (string, error) {
	var b strings.Builder
	err := c.Exchange(ctx, Request{Command: command}, func(line string) error {
		if b.Len()+len(line) > 64<<10 {
			return fmt.Errorf("%w: it is too long", ErrAnswer)
		}
		b.WriteString(line + "\n")
		return nil
	})
	return b.String(), err
}

// Exchange sends a request and calls each with every line of the answer, while
// it comes. An error of each ends it and is returned. Without an error the
// answer is whole.
func (c *Client) Exchange(ctx context.Context, r Request, each func(line string) error) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.life, func() { cancel(context.Cause(c.life)) })()
	if c.life.Err() != nil {
		return net.ErrClosed
	}
	err = c.exchange(ctx, text, each)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (c *Client) exchange(ctx context.Context, text string, each func(line string) error) error {
	conn, end, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	// The answer is read while the request is written: NSD answers a list line by
	// line, and with nobody to read that it would read no further.
	_ = conn.SetWriteDeadline(time.Now().Add(c.opts.Answer))
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, text)
		sent <- err
	}()
	err = c.answer(ctx, conn, end, each)
	conn.Close()
	if failed := <-sent; err == nil && failed != nil { // what ended before it was asked is no empty answer
		err = ErrHungUp
	}
	return err
}

// connect returns a connection with both ends known to each other; or so it
// seems to us: with TLS 1.3 what the server thinks of our certificate comes later.
func (c *Client) connect(ctx context.Context) (*tls.Conn, *ending, error) {
	limit, cancel := context.WithTimeout(ctx, c.opts.Connect)
	defer cancel()
	raw, err := c.dial(limit)
	if err != nil {
		return nil, nil, err
	}
	end := &ending{Conn: raw}
	conn := tls.Client(end, c.tls)
	if err := conn.HandshakeContext(limit); err != nil {
		raw.Close()
		if err = c.why(limit, err); err == ErrCut || err == io.EOF {
			err = ErrHungUp
		}
		return nil, nil, err
	}
	return conn, end, nil
}

// ending is a connection that knows whether the other side ended it. TLS has an
// end of its own, which comes first; package tls takes the one for the other.
type ending struct {
	net.Conn
	ended bool
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	e.ended = e.ended || err == io.EOF
	return n, err
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{}
	if c.opts.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.opts.Source, 0))
	}
	return dialer.DialContext(ctx, "tcp", c.addr)
}

// answer reads lines to the end, which TLS tells apart from a cut.
func (c *Client) answer(ctx context.Context, conn *tls.Conn, end *ending, each func(line string) error) error {
	lines := bufio.NewReaderSize(patient{ctx, conn, c.opts.Answer}, maxAnswerLine)
	for some := false; ; some = true {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == io.EOF && end.ended && !some && len(line) == 0:
			return ErrHungUp
		case err == io.EOF && end.ended:
			return ErrCut
		case err == io.EOF && len(line) == 0: // an answer may be empty
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("%w: a line of more than %d octets", ErrAnswer, maxAnswerLine)
		case err != nil && err != io.EOF: // a last line may come without its end
			if err = c.why(ctx, err); err == ErrCut && !some && len(line) == 0 {
				return ErrHungUp
			}
			return err
		}
		if err := each(strings.TrimSuffix(string(line), "\n")); err != nil {
			return err
		}
	}
}

// patient waits for each piece anew, as long as ctx lasts.
type patient struct {
	ctx      context.Context
	conn     net.Conn
	patience time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(p.patience))
	if p.ctx.Err() != nil { // the deadline above may have undone that of the end
		return 0, context.Cause(p.ctx)
	}
	return p.conn.Read(b)
}

// why makes an error say what happened.
func (c *Client) why(ctx context.Context, err error) error {
	var header tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.Is(err, ErrImpostor):
		return err
	case errors.As(err, &header):
		return ErrNoTLS
	case errors.As(err, &op) && op.Op == "remote error": // an alert of TLS
		return fmt.Errorf("%w (%v)", ErrRejected, op.Err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded), isTimeout(err):
		return ErrSilent
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrCut
	}
	return err
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// Unprotected reports whether the server carries out commands of anybody who
// asks without TLS. NSD does that at every address if the first of its control
// interfaces is a path.
func (c *Client) Unprotected(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Connect)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := io.WriteString(conn, magic+"status\n"); err != nil {
		return false
	}
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswerLine))
	if err != nil {
		return false
	}
	_, err = Version(string(answer))
	return err == nil
}
