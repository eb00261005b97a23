package nameserver

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"runtime"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// udpSocket is a socket that answers from the address that was asked, also if
// it listens on all addresses: a client believes no other.
type udpSocket struct {
	*net.UDPConn
	any bool // listens on all addresses
}

// listenUDP opens a socket for every processor. The system spreads clients
// over them; nothing is shared between those who read them.
func listenUDP(addr netip.AddrPort) (all []*udpSocket, err error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		return cmp.Or(controlErr, err)
	}}
	for range runtime.GOMAXPROCS(0) {
		conn, err := config.ListenPacket(context.Background(), family("udp", addr.Addr()), addr.String())
		if err == nil {
			var u *udpSocket
			if u, err = newUDPSocket(conn.(*net.UDPConn)); err == nil {
				all = append(all, u)
			}
		}
		if err != nil {
			closeAll(all)
			return nil, err
		}
	}
	return all, nil
}

func newUDPSocket(conn *net.UDPConn) (u *udpSocket, err error) {
	addr := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	u = &udpSocket{UDPConn: conn, any: addr.IsUnspecified()}
	conn.SetReadBuffer(4 << 20) // as much as the system lets us
	switch {
	case u.any && addr.Is6():
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

// startUDP has every socket read, each by a thread of its own, and by several
// if there are fewer sockets than processors: those that were inherited.
func (s *Server) startUDP(ctx context.Context) {
	here := map[netip.AddrPort]int{} // sockets at an address
	for _, u := range s.udp {
		here[localAddr(u)]++
	}
	for _, u := range s.udp {
		for range max(1, runtime.GOMAXPROCS(0)/here[localAddr(u)]) {
			s.running.Go(func() { s.serveUDP(ctx, u) })
		}
	}
}

func localAddr(u *udpSocket) netip.AddrPort {
	return plain(u.LocalAddr().(*net.UDPAddr).AddrPort())
}
