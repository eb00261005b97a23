package plesk

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// maxText bounds a name before it is looked at. A name has 255 octets at most;
// written in Unicode it is longer.
const maxText = 1100

// parseName reads a name as Plesk sends it: plain text, not the presentation
// form of zone files, so a backslash escapes nothing. What would need an
// escape is no name of a host, a service or a zone, and is refused.
func parseName(s string) (zone.Name, error) {
	if len(s) > maxText {
		return "", fmt.Errorf("%w %q: it is longer than 255 octets", zone.ErrName, shorten(s))
	}
	if strings.Contains(s, `\`) {
		return "", fmt.Errorf("%w %q: it has a backslash", zone.ErrName, shorten(s))
	}
	name, err := zone.ParseName(s)
	if err != nil {
		return "", err
	}
	for _, r := range string(name) {
		if !plain(r) {
			return "", fmt.Errorf("%w %q: %q cannot be in a name", zone.ErrName, shorten(s), r)
		}
	}
	return name, nil
}

// plain: letters, digits and hyphen (RFC 952), the underscore of services
// (RFC 8552), the star of wildcards, the slash of RFC 2317, the dot between labels.
func plain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_*/.", r)
}

// owner reads the host of a row: absolute, with or without the final dot, or
// relative to the zone.
func owner(host string, origin zone.Name) (zone.Name, error) {
	host = strings.TrimSpace(host)
	if host == "" || host == "@" {
		return origin, nil
	}
	name, err := parseName(host)
	if err != nil || strings.HasSuffix(host, ".") || name.IsSubdomainOf(origin) {
		return name, err
	}
	return parseName(host + "." + string(origin))
}

// target reads the name that a record points to. It is absolute, also where
// the final dot is missing; a single label without one is in the zone.
func target(s string, origin zone.Name) (zone.Name, error) {
	s = strings.TrimSpace(s)
	if s == "@" {
		return origin, nil
	}
	if s != "" && !strings.Contains(s, ".") {
		return parseName(s + "." + string(origin))
	}
	return parseName(s)
}

// mailbox makes the RNAME of an e-mail address (RFC 1035 section 8). The local
// part is one label, whatever dots are in it.
func mailbox(email string) (zone.Name, error) {
	at := strings.LastIndexByte(email, '@')
	if at < 1 || at > 63 {
		return "", fmt.Errorf("%q is no e-mail address", shorten(email))
	}
	domain, err := parseName(email[at+1:])
	if err != nil {
		return "", err
	}
	wire := append([]byte{byte(at)}, email[:at]...)
	return zone.NameFromWire(domain.AppendWire(wire))
}

// parseAddress reads an address that can have a pointer.
func parseAddress(s string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no IP address", shorten(s))
	}
	return addr.Unmap(), nil
}
