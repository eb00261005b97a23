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
		s.running.Go(func() {
			defer s.conns.leave(c)
			// At the end who waits for a question is not waited for; who is
			// being answered is.
			stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
			defer stop()
			if encrypted && s.secure(c) != nil {
				return
			}
			defer c.farewell()
			s.guard(func() { s.serveTCP(ctx, c, conn.RemoteAddr().(*net.TCPAddr).AddrPort()) })
		})
	}
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
		if s.answerTCP(ctx, c, wire, from) != nil {
			return
		}
	}
}

// answerTCP answers one message; an error ends the connection.
func (s *Server) answerTCP(ctx context.Context, c *connection, wire []byte, from netip.AddrPort) error {
	w := s.writers.Get().(*writer)
	defer s.writers.Put(w)
	r, rcode := s.read(wire, from, c.via)
	switch {
	case r == nil:
		return errors.New("what came is no request")
	case rcode == dns.RcodeSuccess && r.isTransfer():
		return s.transfer(ctx, c, w, r)
	}
	return writeFrame(c, s.respond(w, r, rcode))
}

// readFrame reads a message and the two octets of length before it. Memory is
// taken as the octets come, not as the length says.
func readFrame(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint16(head))
	_, _ = in.Discard(2) // they are there
	wire, err := io.ReadAll(io.LimitReader(in, size))
	if err == nil && int64(len(wire)) < size {
		err = io.ErrUnexpectedEOF
	}
	return wire, err
}

func writeFrame(conn net.Conn, wire []byte) error {
	conn.SetWriteDeadline(time.Now().Add(tcpWrite))
	// One write, so that length and message leave in one segment (RFC 7766 section 8).
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(make([]byte, 0, len(wire)+2), uint16(len(wire))), wire...))
	return err
}
