package zone

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"
)

// Name is an absolute domain name in presentation form (RFC 1035 section 5.1):
// it ends in a dot, keeps the case it came in, and escapes what must be
// escaped in one way only, so that equal wire names of equal case are equal
// strings. Make one with ParseName or NameFromWire. The zero value is no name.
type Name string

// Root is the name of the root zone.
const Root Name = "."

// maxNameWire is the limit of a name in octets (RFC 1035 section 2.3.4).
const maxNameWire = 255

// ErrName is wrapped by every refusal of a name.
var ErrName = errors.New("bad domain name")

// ParseName reads an absolute name; the final dot may be missing. Labels in
// Unicode become A-labels (RFC 5891). This is the border where the dot is
// settled: inside, every Name has it.
func ParseName(s string) (Name, error) {
	if s == "" {
		return "", fmt.Errorf("%w: it is empty", ErrName)
	}
	if s == "." {
		return Root, nil
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii, err := toASCII(s)
			if err != nil {
				return "", fmt.Errorf("%w %q: %v", ErrName, s, err)
			}
			s = ascii
			break
		}
	}
	wire := make([]byte, maxNameWire+1)
	n, err := dns.PackDomainName(dns.Fqdn(s), wire, 0, nil, false)
	if err != nil || n > maxNameWire {
		return "", fmt.Errorf("%w %q: %s", ErrName, s, whyBadName(s))
	}
	return NameFromWire(wire[:n])
}

// whyBadName names the rule that s breaks; the library only says "bad rdata".
func whyBadName(s string) string {
	trimmed := strings.TrimSuffix(s, ".")
	for _, label := range strings.Split(trimmed, ".") {
		switch {
		case label == "":
			return "it has an empty label (two dots in a row, or a dot in front)"
		case len(label) > 63 && !strings.Contains(label, `\`):
			return fmt.Sprintf("its label %.20q… has %d octets, 63 are allowed", label, len(label))
		}
	}
	if len(trimmed) > maxNameWire-2 {
		return fmt.Sprintf("it is longer than %d octets", maxNameWire)
	}
	return "it has a malformed escape or label"
}

func toASCII(s string) (string, error) {
	// Underscores are common in owner names, so the strict host name rules
	// stay off; validation of host names is the business of Validate.
	profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
	return profile.ToASCII(strings.NewReplacer("。", ".", ".", ".", "。", ".").Replace(s))
}

// NameFromWire reads an uncompressed wire name that fills b exactly.
func NameFromWire(b []byte) (Name, error) {
	s, n, err := dns.UnpackDomainName(b, 0)
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrName, err)
	}
	if n != len(b) {
		return "", fmt.Errorf("%w: %d octets follow it", ErrName, len(b)-n)
	}
	return Name(s), nil
}

// AppendWire appends the uncompressed wire form, case kept. n must be a valid Name.
func (n Name) AppendWire(b []byte) []byte {
	var wire [maxNameWire + 1]byte
	end, err := dns.PackDomainName(string(n), wire[:], 0, nil, false)
	if err != nil {
		panic(fmt.Sprintf("zone: %q is not a Name made by ParseName", string(n)))
	}
	return append(b, wire[:end]...)
}

// Canonical returns n with its ASCII letters in lower case (RFC 4034 section 6.2).
func (n Name) Canonical() Name { return Name(lowerASCII(string(n))) }

// Equal compares as DNS does, without regard to ASCII case.
func (n Name) Equal(m Name) bool { return n == m || n.Canonical() == m.Canonical() }

// Compare orders names canonically (RFC 4034 section 6.1): -1, 0 or 1.
func (n Name) Compare(m Name) int { return strings.Compare(n.Key(), m.Key()) }

// Labels returns the labels from left to right, still escaped; none for the root.
func (n Name) Labels() []string { return dns.SplitDomainName(string(n)) }

// Parent returns n without its first label; the root is its own parent.
func (n Name) Parent() Name {
	next, end := dns.NextLabel(string(n), 0)
	if end || n == Root {
		return Root
	}
	return n[next:]
}

// IsSubdomainOf reports whether n is at or below parent.
func (n Name) IsSubdomainOf(parent Name) bool {
	return strings.HasPrefix(n.Key(), parent.Key())
}

// Unicode returns the name for people: A-labels as U-labels where they decode.
func (n Name) Unicode() string {
	u, err := idna.New(idna.StrictDomainName(false)).ToUnicode(string(n))
	if err != nil {
		return string(n)
	}
	return u
}

// Key returns bytes whose plain order is the canonical order of names and in
// which an ancestor's key is a prefix of its descendants' keys: the labels
// from the root down, lower case, each ended by 0x00, with 0x00 and 0x01
// inside a label written 0x01 0x01 and 0x01 0x02. The root's key is empty.
func (n Name) Key() string {
	var wire [maxNameWire + 1]byte
	end, err := dns.PackDomainName(string(n), wire[:], 0, nil, false)
	if err != nil {
		panic(fmt.Sprintf("zone: %q is not a Name made by ParseName", string(n)))
	}
	var key [2 * maxNameWire]byte
	return string(AppendKey(key[:0], wire[:end]))
}

// AppendKey appends the Key of an uncompressed, valid wire name to b without
// allocating when b has room (512 octets are always enough).
func AppendKey(b, wire []byte) []byte {
	var starts [128]uint8
	labels := 0
	for off := 0; wire[off] != 0; off += int(wire[off]) + 1 {
		starts[labels] = uint8(off)
		labels++
	}
	for i := labels - 1; i >= 0; i-- {
		off := int(starts[i])
		for _, c := range wire[off+1 : off+1+int(wire[off])] {
			switch {
			case c <= 1:
				b = append(b, 1, c+1)
			case 'A' <= c && c <= 'Z':
				b = append(b, c+'a'-'A')
			default:
				b = append(b, c)
			}
		}
		b = append(b, 0)
	}
	return b
}

func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
