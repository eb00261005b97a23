package nameserver

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

const (
	// tcpIdle is how long a connection may wait between questions (RFC 7766
	// section 6.2.3), and how long one message may take to arrive.
	tcpIdle = 10 * time.Second
	// tcpWrite is how long a client may take to take one message.
	tcpWrite = 10 * time.Second
	// tcpLinger is how long a goroutine waits for another connection.
	tcpLinger = 100 * time.Millisecond
)

// acceptTCP takes connections until taking ends and the listener's deadline
// passes, and has them served until ctx ends.
func (s *Server) acceptTCP(ctx, taking context.Context, l *net.TCPListener, encrypted bool) {
	for {
		conn, err := l.AcceptTCP()
		if err != nil && taking.Err() != nil {
			return
		}
		if err != nil { // no file descriptor left, or the client is gone
			pause(taking, 10*time.Millisecond)
			continue
		}
		c := s.conns.admit(ctx, conn)
		if c == nil {
			conn.Close()
			return
		}
		next := guest{c, encrypted, conn.RemoteAddr().(*net.TCPAddr).AddrPort()}
		select {
		case s.guests <- next:
		default:
			s.running.Go(func() { s.attend(ctx, next) })
		}
	}
}

// guest is a connection that nobody serves yet.
type guest struct {
	*connection
	encrypted bool
	from      netip.AddrPort
}

// attend serves a connection, and then others that come soon after: a fresh
// goroutine for each would grow its stack each time.
func (s *Server) attend(ctx context.Context, g guest) {
	for {
		s.serveGuest(ctx, g)
		select {
		case g = <-s.guests:
		case <-time.After(tcpLinger):
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) serveGuest(ctx context.Context, g guest) {
	defer s.conns.leave(g.connection)
	// At the end who waits for a question is not waited for; who is being
	// answered is.
	stop := context.AfterFunc(ctx, func() { g.socket.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	if g.encrypted && s.secure(g.connection) != nil {
		return
	}
	defer g.farewell()
	s.guard(func() { s.serveTCP(ctx, g.connection, g.from) })
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// serveTCP answers the messages of one connection, in order (RFC 7766 section
// 6.2.1.1 allows that). It holds buffers only while there is something to do.
func (s *Server) serveTCP(ctx context.Context, c *connection, from netip.AddrPort) {
	in := bufio.NewReaderSize(c, 4096)
	for {
		c.SetReadDeadline(time.Now().Add(tcpIdle))
		if ctx.Err() != nil { // looked at last, so that the end's own deadline holds
			return
		}
		wire, err := readFrame(in)
		if err != nil {
			return
		}
		s.conns.heard(c)
		if s.answerTCP(ctx, c, in, wire, from) != nil {
			return
		}
	}
}

const (
	// tcpFilled is how many octets of answers are sent at the latest, though
	// there are more questions.
	tcpFilled = 16 << 10
	// tcpDesks is how many desks are kept for later.
	tcpDesks = 64
)

// desk is where the questions of a connection are answered, one after another.
type desk struct {
	*quick
	w    writer
	out  []byte // answers, each with its length
	room [maxTail + 1024]byte
}

// takeDesk returns a free desk.
func (s *Server) takeDesk() *desk {
	select {
	case d := <-s.desks:
		return d
	default:
		return &desk{quick: s.newQuick()}
	}
}

func (s *Server) leaveDesk(d *desk) {
	if cap(d.out) > 4*tcpFilled { // there was a large one
		d.out = nil
	}
	select {
	case s.desks <- d:
	default:
		d.reader.Close()
	}
}

// answerTCP answers a message and those that came together with it, with one
// write; an error ends the connection.
func (s *Server) answerTCP(ctx context.Context, c *connection, in *bufio.Reader, wire []byte, from netip.AddrPort) error {
	d := s.takeDesk()
	defer s.leaveDesk(d)
	d.out, d.now = d.out[:0], uint32(time.Now().Unix())
	for {
		if !d.quickly(wire, from.Addr()) {
			if err := d.fully(ctx, c, wire, from); err != nil {
				return err
			}
		}
		if len(d.out) > tcpFilled || !isBuffered(in) {
			return d.flush(c)
		}
		var err error
		if wire, err = readFrame(in); err != nil {
			return err
		}
	}
}

// quickly puts an answer of the fast path to the others; false if it has none.
func (d *desk) quickly(wire []byte, from netip.Addr) bool {
	d.reader.Enter()
	defer d.reader.Leave()
	out, ok := d.answer(d.room[:0], wire, from, overTCP)
	if ok {
		d.stats.Queries.Add(1) // handle counts its own
		d.stats.Responses.Add(1)
		d.add(out)
	}
	return ok
}

// fully answers in any other way.
func (d *desk) fully(ctx context.Context, c *connection, wire []byte, from netip.AddrPort) error {
	r, rcode := d.Server.read(wire, from, c.via)
	switch {
	case r == nil:
		return errors.Join(d.flush(c), errors.New("what came is no request"))
	case rcode == dns.RcodeSuccess && r.isTransfer():
		if err := d.flush(c); err != nil {
			return err
		}
		return d.transfer(ctx, c, r)
	}
	d.add(d.respond(&d.w, r, rcode))
	return nil
}

// add puts a message to the others.
func (d *desk) add(wire []byte) {
	d.out = append(binary.BigEndian.AppendUint16(d.out, uint16(len(wire))), wire...)
}

// flush sends what there is: lengths and messages leave together (RFC 7766 section 8).
func (d *desk) flush(c *connection) error {
	if len(d.out) == 0 {
		return nil
	}
	c.SetWriteDeadline(time.Now().Add(tcpWrite))
	_, err := c.Write(d.out)
	d.out = d.out[:0]
	return err
}

// readFrame reads a message and the two octets of length before it; it is good
// until the next is read. Memory is taken as the octets come, not as the
// length says.
func readFrame(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint16(head))
	if 2+size <= in.Size() {
		frame, err := in.Peek(2 + size)
		if err != nil {
			return nil, err
		}
		_, _ = in.Discard(len(frame)) // it is there
		return frame[2:], nil
	}
	_, _ = in.Discard(2)
	wire, err := io.ReadAll(io.LimitReader(in, int64(size)))
	if err == nil && len(wire) < size {
		err = io.ErrUnexpectedEOF
	}
	return wire, err
}

// isBuffered reports whether a whole message can be read without waiting.
func isBuffered(in *bufio.Reader) bool {
	n := in.Buffered()
	if n < 2 {
		return false
	}
	head, _ := in.Peek(2)
	return n >= 2+int(binary.BigEndian.Uint16(head))
}
