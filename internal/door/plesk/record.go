package plesk

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// The types that Plesk can hold beside those that package zone names.
const (
	typeTLSA  zone.Type = 52  // RFC 6698
	typeHTTPS zone.Type = 65  // RFC 9460
	typeCAA   zone.Type = 257 // RFC 8659
)

// rdata makes the data of a record. Of opt and value, value is the address,
// the name or the text, and opt the numbers before it; where all of it comes
// in value, that is as good. ok is false for a type that Plesk is not known to hold.
func rdata(t zone.Type, opt, value string, origin zone.Name) (d zone.Rdata, ok bool, err error) {
	whole := strings.TrimSpace(opt + " " + value)
	switch t {
	case zone.TypeA, zone.TypeAAAA:
		d, err = address(t, value)
	case zone.TypeTXT:
		d, err = text(value)
	case zone.TypeNS, zone.TypeCNAME, zone.TypePTR:
		d, err = pointer(value, origin, "")
	case zone.TypeMX:
		d, err = pointer(whole, origin, "a preference and a host name", 16)
	case zone.TypeSRV:
		d, err = pointer(whole, origin, "priority, weight, port and a host name", 16, 16, 16)
	case zone.TypeDS:
		d, err = digest(whole, "key tag, algorithm, digest type and a digest", 16, 8, 8)
	case typeTLSA:
		d, err = digest(whole, "usage, selector, matching type and a digest", 8, 8, 8)
	case typeCAA:
		d, err = caa(whole)
	case typeHTTPS:
		d, err = https(whole, origin)
	default:
		return "", false, nil
	}
	return d, true, err
}

func address(t zone.Type, s string) (zone.Rdata, error) {
	addr, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil || addr.Zone() != "" || addr.Is4() != (t == zone.TypeA) {
		return "", fmt.Errorf("%q is no address for %s", shorten(s), t)
	}
	return zone.Rdata(addr.AsSlice()), nil
}

// text takes the characters as they are, quotes, tabs and backslashes too, in
// strings of at most 255 octets (RFC 1035 section 3.3).
func text(s string) (zone.Rdata, error) {
	const most = 255
	var b []byte
	for len(s) > most {
		b = append(append(b, most), s[:most]...)
		s = s[most:]
	}
	b = append(append(b, byte(len(s))), s...)
	if len(b) > 65535 {
		return "", fmt.Errorf("a text of %d octets does not fit into a record", len(b))
	}
	return zone.Rdata(b), nil
}

// pointer reads numbers of so many bits each, and then a name.
func pointer(s string, origin zone.Name, what string, bits ...int) (zone.Rdata, error) {
	b, rest, err := numbers(s, what, bits...)
	if err != nil {
		return "", err
	}
	name, err := target(rest, origin)
	if err != nil {
		return "", err
	}
	return zone.Rdata(name.AppendWire(b)), nil
}

// digest reads numbers of so many bits each, and then hexadecimal digits.
func digest(s, what string, bits ...int) (zone.Rdata, error) {
	b, rest, err := numbers(s, what, bits...)
	if err != nil {
		return "", err
	}
	sum, err := hex.DecodeString(strings.Join(strings.Fields(rest), ""))
	if err != nil || len(sum) == 0 {
		return "", fmt.Errorf("%q is not %s in hexadecimal digits", shorten(s), what)
	}
	return zone.Rdata(append(b, sum...)), nil
}

// caa reads flags, tag and value (RFC 8659 section 4.1).
func caa(s string) (zone.Rdata, error) {
	const what = "flags, a tag and a value"
	b, rest, err := numbers(s, what, 8)
	if err != nil {
		return "", err
	}
	tag, value := cutField(rest)
	letter := func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' }
	if tag == "" || len(tag) > 255 || strings.ContainsFunc(tag, func(r rune) bool { return !letter(r) }) {
		return "", fmt.Errorf("%q is not %s", shorten(s), what)
	}
	if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
		value = value[1 : n-1]
	}
	return zone.Rdata(append(b, string(rune(len(tag)))+tag+value...)), nil
}

// https reads priority, target and parameters in the presentation form of RFC
// 9460; how Plesk divides them between opt and value does not matter so.
func https(s string, origin zone.Name) (zone.Rdata, error) {
	const what = "a priority, a target and parameters"
	if strings.ContainsAny(s, ";()\n\r\x00") {
		return "", fmt.Errorf("%q is not %s", shorten(s), what)
	}
	priority, rest := cutField(s)
	host, params := cutField(rest)
	if _, _, err := numbers(priority, what, 16); err != nil {
		return "", fmt.Errorf("%q is not %s", shorten(s), what)
	}
	name, err := target(host, origin)
	if err != nil {
		return "", err
	}
	return zone.ParseRdata(typeHTTPS, priority+" "+string(name)+" "+params, origin)
}

// numbers takes decimal numbers of so many bits each from the front of s.
func numbers(s, what string, bits ...int) (b []byte, rest string, err error) {
	rest = s
	for _, size := range bits {
		var field string
		field, rest = cutField(rest)
		n, err := strconv.ParseUint(field, 10, size)
		switch {
		case err != nil:
			return nil, "", fmt.Errorf("%q is not %s", shorten(s), what)
		case size == 8:
			b = append(b, byte(n))
		default:
			b = binary.BigEndian.AppendUint16(b, uint16(n))
		}
	}
	return b, rest, nil
}

// cutField cuts the first word off.
func cutField(s string) (field, rest string) {
	s = strings.TrimSpace(s)
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimSpace(s[end:])
}
