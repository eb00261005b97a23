package powerdns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"github.com/skein-dns/skein/internal/member"
)

// connect looks whether the API answers at all, and lets us in.
func (t *tester) connect(ctx context.Context) bool {
	d := t.driver
	at := d.client.base
	const name = "api"
	s, err := d.server(ctx)
	switch {
	case err == nil:
		return t.Good(name, "its API answers at %s and takes our key", at) && t.version(s)
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.Bad(name, "put `webserver=yes`, `api=yes` and `webserver-address=` with its address into its pdns.conf and restart it; or give the right --endpoint", "nothing listens at %s: the connection was refused", at)
	case errors.As(err, new(*net.DNSError)):
		return t.Bad(name, "correct the name in --endpoint, or give an address there", "the host of %s cannot be found: %v", at, err)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return t.Bad(name, "look at the address, and at the routes between the two machines", "there is no way to %s: %v", at, err)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return t.Bad(name, fmt.Sprintf("put our address (%s, or behind NAT the one that it sees) into webserver-allow-from in its pdns.conf and restart it", t.ourAddress()), "%s closes connections from us without a word", at)
	case errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded):
		return t.Bad(name, "one of these: a firewall drops TCP to that port; the address is wrong; the machine is down; it hangs", "no answer comes from %s", at)
	case errors.Is(err, member.ErrDenied):
		what, mend, _ := strings.Cut(strings.TrimPrefix(err.Error(), member.ErrDenied.Error()+": "), "; ")
		if mend == "" {
			mend = "correct --endpoint and the setting " + Server
		}
		return t.Bad(name, mend, "%s", what)
	case errors.Is(err, errNotAPI), errors.As(err, new(*refusal)):
		return t.Bad(name, "give the address and port of its API with --endpoint (port 8081 by default)", "what listens at %s is no API of PowerDNS: %v", at, err)
	}
	return t.Bad(name, "look at the address, and whether --endpoint is to begin with https://: PowerDNS by itself speaks no TLS, a proxy in front of it does", "%s cannot be spoken to: %v", at, err)
}

// ourAddress is the one that connections to the member leave from.
func (t *tester) ourAddress() string {
	addr := t.driver.m.DNS()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(addr)) // sends nothing
	if err != nil {
		return "unknown"
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().String()
}

// allows reports whether a list of networks of pdns.conf lets an address in.
func allows(list string, addr netip.Addr) (in bool) {
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		text, not := strings.CutPrefix(word, "!")
		net, err := netip.ParsePrefix(text)
		if err != nil {
			one, bad := netip.ParseAddr(text)
			if bad != nil {
				continue
			}
			net = netip.PrefixFrom(one, one.BitLen())
		}
		if net.Contains(addr.Unmap()) {
			if not {
				return false
			}
			in = true
		}
	}
	return in
}
