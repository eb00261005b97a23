package nameserver

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/miekg/dns"
)

func (s *Server) serveUDP(conn *net.UDPConn) {
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if gone(err) {
			return
		}
		if err != nil {
			continue
		}
		s.guard(func() {
			if out := s.handle(buf[:n], from, false); out != nil {
				conn.WriteToUDPAddrPort(out, from)
			}
		})
	}
}

// guard keeps a fault in one answer from ending the server.
func (s *Server) guard(do func()) {
	defer func() {
		if p := recover(); p != nil {
			s.stats.Panics.Add(1)
			s.log.Error("a query could not be answered; please report this", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	do()
}

// handle answers one message that is no transfer; nil: no answer is due.
func (s *Server) handle(wire []byte, from netip.AddrPort, tcp bool) []byte {
	r, out := s.read(wire, from, tcp)
	if r == nil {
		return out
	}
	m := s.answer(r)
	fit(m, r)
	return s.sign(m, r)
}

// read unpacks and verifies a message. Without a request, out is the answer.
func (s *Server) read(wire []byte, from netip.AddrPort, tcp bool) (r *request, out []byte) {
	s.stats.Queries.Add(1)
	if len(wire) < 12 || wire[2]&0x80 != 0 {
		return nil, nil // nothing to answer, or an answer itself
	}
	msg := new(dns.Msg)
	if err := msg.Unpack(wire); err != nil {
		header := make([]byte, 12)
		copy(header, wire[:3])
		header[2] = wire[2]&0x79 | 0x80
		header[3] = dns.RcodeFormatError
		return nil, header
	}
	r = &request{msg: msg, from: from, tcp: tcp, access: s.access.Load()}
	sig := msg.IsTsig()
	if sig == nil {
		return r, nil
	}
	name := dns.CanonicalName(sig.Hdr.Name)
	key, known := r.access.keys[name]
	var problem uint16
	switch {
	case !known || !sameAlgorithm(sig.Algorithm, key.AlgorithmName()):
		problem = dns.RcodeBadKey
	default:
		switch err := dns.TsigVerify(wire, key.Secret, "", false); err {
		case nil:
			r.key = name
			return r, nil
		case dns.ErrTime:
			problem = dns.RcodeBadTime
		default:
			problem = dns.RcodeBadSig
		}
	}
	s.stats.BadTSIG.Add(1)
	s.log.Warn("a message has a bad signature", "peer", from, "key", name, "problem", dns.RcodeToString[int(problem)])
	return nil, badTSIG(msg, sig, problem)
}

func sameAlgorithm(a, b string) bool { return dns.CanonicalName(a) == dns.CanonicalName(b) }

// badTSIG answers a message whose signature does not hold (RFC 8945 section
// 5.3.2): NOTAUTH with an unsigned TSIG record that names the problem.
func badTSIG(msg *dns.Msg, sig *dns.TSIG, problem uint16) []byte {
	m := new(dns.Msg)
	m.SetRcode(msg, dns.RcodeNotAuth)
	m.Extra = []dns.RR{&dns.TSIG{
		Hdr:       dns.RR_Header{Name: sig.Hdr.Name, Rrtype: dns.TypeTSIG, Class: dns.ClassANY},
		Algorithm: sig.Algorithm, TimeSigned: sig.TimeSigned, Fudge: 300, OrigId: msg.Id, Error: problem,
	}}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// sign packs an answer, signed if the request was.
func (s *Server) sign(m *dns.Msg, r *request) []byte {
	if r.key == "" {
		out, err := m.Pack()
		if err != nil {
			s.log.Error("an answer does not pack", "error", err, "question", r.msg.Question)
			return nil
		}
		s.stats.Responses.Add(1)
		return out
	}
	key := r.access.keys[r.key]
	m.SetTsig(key.OwnerName(), key.AlgorithmName(), 300, now())
	out, _, err := dns.TsigGenerate(m, key.Secret, r.msg.IsTsig().MAC, false)
	if err != nil {
		s.log.Error("an answer cannot be signed", "error", err, "key", r.key)
		return nil
	}
	s.stats.Responses.Add(1)
	return out
}

func (s *Server) acceptTCP(ctx context.Context, l *net.TCPListener, running *sync.WaitGroup) {
	for {
		conn, err := l.AcceptTCP()
		if gone(err) {
			return
		}
		if err != nil {
			continue
		}
		select {
		case s.conns <- struct{}{}:
		default:
			conn.Close() // full: better a quick no than a slow one
			continue
		}
		running.Go(func() {
			defer func() { <-s.conns }()
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			s.guard(func() { s.serveTCP(ctx, conn) })
		})
	}
}

// serveTCP answers the messages of one connection, in order (RFC 7766).
func (s *Server) serveTCP(ctx context.Context, conn *net.TCPConn) {
	from := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	for {
		conn.SetReadDeadline(time.Now().Add(tcpIdle))
		wire, err := readFrame(conn)
		if err != nil {
			return
		}
		r, out := s.read(wire, from, true)
		if r != nil {
			if isTransfer(r.msg) {
				if err := s.transfer(ctx, conn, r); err != nil {
					s.log.Info("a transfer was not finished", "peer", from, "zone", r.msg.Question[0].Name, "error", err)
					return
				}
				continue
			}
			m := s.answer(r)
			fit(m, r)
			out = s.sign(m, r)
		}
		if out == nil || writeFrame(conn, out) != nil {
			return
		}
	}
}

func readFrame(conn net.Conn) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	wire := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(conn, wire)
	return wire, err
}

// writeTimeout is how long one message may take to be taken: a slow peer must
// not keep a place for ever.
const writeTimeout = 10 * time.Second

func writeFrame(conn net.Conn, wire []byte) error {
	conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(make([]byte, 0, len(wire)+2), uint16(len(wire))), wire...))
	return err
}
