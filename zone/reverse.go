package zone

import (
	"fmt"
	"net/netip"
	"strings"
)

// The names that reverse zones stand below.
const (
	ReverseIPv4 Name = "in-addr.arpa." // RFC 1035 section 3.5
	ReverseIPv6 Name = "ip6.arpa."     // RFC 3596 section 2.5
)

// Reverse returns the name that the first bits of an address have in the
// reverse tree: all 32 or 128 of them for the name of a PTR record, fewer for
// a reverse zone. Bits are rounded down to whole labels: octets or nibbles.
// addr must be valid; an IPv4 address in IPv6 clothes counts as IPv4.
func Reverse(addr netip.Addr, bits int) Name {
	addr = addr.Unmap()
	var labels []string
	origin := ReverseIPv4
	if addr.Is4() {
		for _, octet := range addr.As4() {
			labels = append(labels, fmt.Sprint(octet))
		}
		labels = labels[:min(max(bits, 0), 32)/8]
	} else {
		origin = ReverseIPv6
		for _, octet := range addr.As16() {
			labels = append(labels, fmt.Sprintf("%x", octet>>4), fmt.Sprintf("%x", octet&15))
		}
		labels = labels[:min(max(bits, 0), 128)/4]
	}
	var name strings.Builder
	for i := len(labels) - 1; i >= 0; i-- {
		name.WriteString(labels[i] + ".")
	}
	return Name(name.String()) + origin
}
