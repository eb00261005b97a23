package zone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// field is a kind of field of record data.
type field struct {
	what string // for people
	// end returns where the field at off ends in d; -1 if d is not so.
	end func(d Rdata, off int) int
	// read appends the wire form of a word, or of all words that are left if
	// greedy. errNot stands for "it is not what".
	read     func(b []byte, words []word, origin Name) ([]byte, error)
	greedy   bool
	optional bool // there may be no word for it
	// write appends the text of a field; false if it has none that reads back.
	write func(b []byte, d Rdata) ([]byte, bool)
}

var errNot = errors.New("it is something else")

// Fields of fixed length, and names. Those of octets and texts are in octets.go.
var (
	number8   = &field{what: "a number", end: fixed(1), read: readNumber(1), write: writeNumber}
	number16  = &field{what: "a number", end: fixed(2), read: readNumber(2), write: writeNumber}
	number32  = &field{what: "a number", end: fixed(4), read: readNumber(4), write: writeNumber}
	algorithm = &field{what: "an algorithm", end: fixed(1), read: readAlgorithm, write: writeNumber}
	seconds   = &field{what: "a time", end: fixed(4), read: readSeconds, write: writeNumber}
	moment    = &field{what: "a date", end: fixed(4), read: readMoment, write: writeMoment}
	covered   = &field{what: "a type", end: fixed(2), read: readCovered, write: writeCovered}
	ipv4      = &field{what: "an IPv4 address", end: fixed(4), read: readIPv4, write: writeIPv4}
	ipv6      = &field{what: "an IPv6 address", end: fixed(16), read: readIPv6, write: writeIPv6}
	locator   = &field{what: "four groups of hex digits", end: fixed(8), read: readLocator, write: writeLocator}
	domain    = &field{what: "a name", end: nameEnd[Rdata], read: readDomain, write: writeDomain} // its case does not count in canonical form
	exactName = &field{what: "a name", end: nameEnd[Rdata], read: readDomain, write: writeDomain} // its case counts
)

func fixed(length int) func(Rdata, int) int {
	return func(d Rdata, off int) int {
		if off+length > len(d) {
			return -1
		}
		return off + length
	}
}

func readNumber(length int) func([]byte, []word, Name) ([]byte, error) {
	return func(b []byte, words []word, _ Name) ([]byte, error) {
		n, ok := parseNumber(words[0].text, 1<<(8*length)-1)
		if !ok {
			return b, errNot
		}
		for shift := 8 * (length - 1); shift >= 0; shift -= 8 {
			b = append(b, byte(n>>shift))
		}
		return b, nil
	}
}

func writeNumber(b []byte, d Rdata) ([]byte, bool) {
	n := uint64(0)
	for i := range len(d) {
		n = n<<8 | uint64(d[i])
	}
	return strconv.AppendUint(b, n, 10), true
}

// parseNumber reads decimal digits and nothing else.
func parseNumber(s []byte, most uint64) (n uint64, ok bool) {
	for _, c := range s {
		if c < '0' || '9' < c {
			return 0, false
		}
		if n = n*10 + uint64(c-'0'); n > most {
			return 0, false
		}
	}
	return n, len(s) > 0
}

// readAlgorithm reads a number or a mnemonic (RFC 4034 appendix A.1).
func readAlgorithm(b []byte, words []word, origin Name) ([]byte, error) {
	if code, ok := dns.StringToAlgorithm[strings.ToUpper(string(words[0].text))]; ok {
		return append(b, code), nil
	}
	return number8.read(b, words, origin)
}

// readSeconds reads 5400 or 1h30m.
func readSeconds(b []byte, words []word, _ Name) ([]byte, error) {
	ttl, ok := parseTTL(words[0].text)
	if !ok {
		return b, errNot
	}
	return binary.BigEndian.AppendUint32(b, ttl), nil
}

const momentLayout = "20060102150405"

// readMoment reads YYYYMMDDHHmmSS or seconds since 1970 (RFC 4034 section 3.2).
func readMoment(b []byte, words []word, origin Name) ([]byte, error) {
	w := words[0].text
	if len(w) != len(momentLayout) {
		return number32.read(b, words, origin)
	}
	at, err := time.Parse(momentLayout, string(w))
	if err != nil {
		return b, errNot
	}
	return binary.BigEndian.AppendUint32(b, uint32(at.Unix())), nil // modulo 2^32 (section 3.1.5)
}

func writeMoment(b []byte, d Rdata) ([]byte, bool) {
	at := time.Unix(int64(binary.BigEndian.Uint32([]byte(d))), 0).UTC()
	return at.AppendFormat(b, momentLayout), true
}

func readCovered(b []byte, words []word, _ Name) ([]byte, error) {
	t, err := typeOf(words[0].text)
	if err != nil {
		return b, errNot
	}
	return binary.BigEndian.AppendUint16(b, uint16(t)), nil
}

func writeCovered(b []byte, d Rdata) ([]byte, bool) {
	t := Type(binary.BigEndian.Uint16([]byte(d)))
	return append(b, t.String()...), t.storable()
}

func readIPv4(b []byte, words []word, _ Name) ([]byte, error) {
	rest := words[0].text
	for i := range 4 {
		part, after, more := bytes.Cut(rest, []byte{'.'})
		n, ok := parseNumber(part, 255)
		if !ok || more != (i < 3) || len(part) > 1 && part[0] == '0' {
			return b, errNot
		}
		b, rest = append(b, byte(n)), after
	}
	return b, nil
}

func writeIPv4(b []byte, d Rdata) ([]byte, bool) {
	return netip.AddrFrom4([4]byte([]byte(d))).AppendTo(b), true
}

func readIPv6(b []byte, words []word, _ Name) ([]byte, error) {
	addr, err := netip.ParseAddr(string(words[0].text))
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return b, errNot
	}
	octets := addr.As16()
	return append(b, octets[:]...), nil
}

func writeIPv6(b []byte, d Rdata) ([]byte, bool) {
	return netip.AddrFrom16([16]byte([]byte(d))).AppendTo(b), true
}

// readLocator reads 64 bits in four groups (RFC 6742 section 2.1).
func readLocator(b []byte, words []word, _ Name) ([]byte, error) {
	groups := strings.Split(string(words[0].text), ":")
	if len(groups) != 4 {
		return b, errNot
	}
	for _, group := range groups {
		n, err := strconv.ParseUint(group, 16, 16)
		if err != nil {
			return b, errNot
		}
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b, nil
}

func writeLocator(b []byte, d Rdata) ([]byte, bool) {
	for i := 0; i < len(d); i += 2 {
		if i > 0 {
			b = append(b, ':')
		}
		b = strconv.AppendUint(b, uint64(binary.BigEndian.Uint16([]byte(d[i:]))), 16)
	}
	return b, true
}

func readDomain(b []byte, words []word, origin Name) ([]byte, error) {
	if w := words[0].text; len(w) != 1 || w[0] != '@' {
		return appendNameText(b, w, origin)
	}
	return origin.AppendWire(b), nil
}

func writeDomain(b []byte, d Rdata) ([]byte, bool) { return appendName(b, d), true }
