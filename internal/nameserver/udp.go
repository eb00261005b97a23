package nameserver

import (
	"bytes"
	"context"
	"net"
	"net/netip"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// udpReaders is how many goroutines answer on one socket.
const udpReaders = 4

// udpSocket is a socket that answers from the address that was asked, also if
// it listens on all addresses: a client believes no other.
type udpSocket struct {
	*net.UDPConn
	any bool // listens on all addresses
	v6  bool
}

func listenUDP(addr netip.AddrPort) (*udpSocket, error) {
	conn, err := net.ListenUDP(family("udp", addr.Addr()), net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return newUDPSocket(conn)
}

func newUDPSocket(conn *net.UDPConn) (u *udpSocket, err error) {
	addr := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	u = &udpSocket{UDPConn: conn, any: addr.IsUnspecified(), v6: addr.Is6()}
	conn.SetReadBuffer(4 << 20) // as much as the system lets us
	switch {
	case u.any && u.v6:
		err = ipv6.NewPacketConn(conn).SetControlMessage(ipv6.FlagDst|ipv6.FlagInterface, true)
	case u.any:
		err = ipv4.NewPacketConn(conn).SetControlMessage(ipv4.FlagDst, true)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return u, nil
}

// family names the network of one IP version: 0.0.0.0 is not to take IPv6 as well.
func family(network string, addr netip.Addr) string {
	if addr.Is4() || addr.Is4In6() {
		return network + "4"
	}
	return network + "6"
}

// serveUDP answers until ctx ends and the socket's deadline passes.
func (s *Server) serveUDP(ctx context.Context, u *udpSocket) {
	var (
		w   writer
		buf [maxTCP]byte
		oob [128]byte
	)
	for {
		n, k, _, from, err := u.ReadMsgUDPAddrPort(buf[:], oob[:])
		if err != nil && ctx.Err() != nil {
			return
		}
		if err != nil {
			continue // an ICMP error of an answer before
		}
		source := u.source(oob[:k])
		if n >= headerSize && int(buf[2]>>3)&15 == dns.OpcodeUpdate {
			wire := bytes.Clone(buf[:n])
			s.later(func() { s.answerUDP(u, new(writer), wire, from, source) })
			continue
		}
		s.answerUDP(u, &w, buf[:n], from, source)
	}
}

func (s *Server) answerUDP(u *udpSocket, w *writer, wire []byte, from netip.AddrPort, source []byte) {
	s.guard(func() {
		if out := s.handle(w, wire, from, overUDP); out != nil {
			u.WriteMsgUDPAddrPort(out, source, from)
		}
	})
}

// source returns what makes an answer leave from where the question went.
func (u *udpSocket) source(oob []byte) []byte {
	switch {
	case !u.any:
		return nil
	case u.v6:
		var in ipv6.ControlMessage
		if in.Parse(oob) != nil || in.Dst == nil {
			return nil
		}
		out := ipv6.ControlMessage{Src: in.Dst}
		if in.Dst.IsLinkLocalUnicast() {
			out.IfIndex = in.IfIndex
		}
		return out.Marshal()
	}
	var in ipv4.ControlMessage
	if in.Parse(oob) != nil || in.Dst == nil {
		return nil
	}
	return (&ipv4.ControlMessage{Src: in.Dst}).Marshal()
}
