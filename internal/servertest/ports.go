package servertest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
)

// Below what Linux gives to outgoing connections, so that none of those can
// take a port between our look and the server's start, or while it restarts.
const firstPort, lastPort = 10_000, 32_000

// Free reserves a port of 127.0.0.1 that is free for UDP and TCP, until the test ends.
func Free(t testing.TB) netip.AddrPort {
	t.Helper()
	return FreeAt(t, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
}

// FreeAt is Free on another address of this machine; where several servers are
// to have one port, on those of the others too.
func FreeAt(t testing.TB, ip netip.Addr, also ...netip.Addr) netip.AddrPort {
	t.Helper()
	var err error
	for range 200 {
		addr := netip.AddrPortFrom(ip, uint16(firstPort+rand.IntN(lastPort-firstPort)))
		// Tests of several packages run at once. A name in Linux's abstract
		// socket space is a reservation that ends with its process.
		var claim net.Listener
		if claim, err = net.Listen("unix", fmt.Sprintf("@skein-servertest-%d", addr.Port())); err != nil {
			continue
		}
		if err = free(addr, also...); err == nil {
			t.Cleanup(func() { claim.Close() })
			return addr
		}
		claim.Close()
	}
	t.Fatalf("no port of %s is free: %v", ip, err)
	return netip.AddrPort{}
}

func free(addr netip.AddrPort, also ...netip.Addr) error {
	for _, ip := range also {
		if err := free(netip.AddrPortFrom(ip, addr.Port())); err != nil {
			return err
		}
	}
	tcp, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return err
	}
	defer tcp.Close()
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return err
	}
	return udp.Close()
}
