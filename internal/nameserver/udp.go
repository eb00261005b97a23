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
// it listens on all addresses: a client believes no other. It is no net.Conn:
// the runtime watches those, and would be woken by every message that comes,
// on a thread that has nothing to do with it.
type udpSocket struct {
	fd  int
	at  netip.AddrPort
	any bool // listens on all addresses
}

// Close is for when nobody uses it any more.
func (u *udpSocket) Close() error { return unix.Close(u.fd) }

// processors is how many there are for us.
var processors = runtime.GOMAXPROCS(0)

// spareProcessor gives the scheduler one processor more than threads that read.
// While all that it has wait in the kernel, it takes each away that waits for
// longer than 20 µs, to see to whatever might come, and who wakes up has to get
// one back: at 20,000 questions a second that was half of the latency.
func spareProcessor() {
	if runtime.GOMAXPROCS(0) <= processors {
		runtime.GOMAXPROCS(processors + 1)
	}
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
	for range processors {
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

// newUDPSocket takes a connection over, which is closed.
func newUDPSocket(conn *net.UDPConn) (u *udpSocket, err error) {
	defer conn.Close()
	u = &udpSocket{at: conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	u.any = u.at.Addr().IsUnspecified()
	conn.SetReadBuffer(4 << 20) // as much as the system lets us
	switch {
	case u.any && u.at.Addr().Is6():
		err = ipv6.NewPacketConn(conn).SetControlMessage(ipv6.FlagDst|ipv6.FlagInterface, true)
	case u.any:
		err = ipv4.NewPacketConn(conn).SetControlMessage(ipv4.FlagDst, true)
	}
	if err == nil {
		u.fd, err = duplicate(conn)
	}
	if err == nil {
		neverFragment(u.fd, u.at.Addr())
	}
	return u, err
}

// neverFragment has answers leave whole or not at all, whatever somebody claims
// about the path (RFC 9715, R1 and R2): what fits into MaxUDP does nearly
// everywhere. It also spares IPv4 making up an identification for each.
func neverFragment(fd int, at netip.Addr) { // a wish
	if at.Is4() {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
		return
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE)
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
	spareProcessor()
	here := map[netip.AddrPort]int{} // sockets at an address
	for _, u := range s.udp {
		here[localAddr(u)]++
	}
	for _, u := range s.udp {
		for range max(1, processors/here[localAddr(u)]) {
			s.running.Go(func() { s.serveUDP(ctx, u) })
		}
	}
}

func localAddr(u *udpSocket) netip.AddrPort {
	return plain(u.at)
}
