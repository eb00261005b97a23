package zone

import (
	"bytes"
	"strings"
)

// Canonical returns n with its ASCII letters in lower case (RFC 4034 section 6.2).
func (n Name) Canonical() Name { return lowerASCII(n) }

// Equal compares as DNS does, without regard to ASCII case.
func (n Name) Equal(m Name) bool {
	return n == m || equalFold(n, m)
}

// Compare orders names canonically (RFC 4034 section 6.1): -1, 0 or 1.
func (n Name) Compare(m Name) int {
	var a, b [maxKey]byte
	return bytes.Compare(n.appendKey(a[:0]), m.appendKey(b[:0]))
}

// IsSubdomainOf reports whether n is at or below parent.
func (n Name) IsSubdomainOf(parent Name) bool {
	if strings.IndexByte(string(n), '\\') < 0 && strings.IndexByte(string(parent), '\\') < 0 {
		at := len(n) - len(parent) // where parent's labels begin in n
		return parent == Root || at >= 0 && (at == 0 || n[at-1] == '.') && equalFold(n[at:], parent)
	}
	var a, b [maxKey]byte
	return bytes.HasPrefix(n.appendKey(a[:0]), parent.appendKey(b[:0]))
}

// Key returns bytes whose plain order is the canonical order of names and in
// which an ancestor's key is a prefix of its descendants' keys: the labels
// from the root down, lower case, each ended by 0x00, with 0x00 and 0x01
// inside a label written 0x01 0x01 and 0x01 0x02. The root's key is empty.
func (n Name) Key() string {
	var key [maxKey]byte
	return string(n.appendKey(key[:0]))
}

const maxKey = 2 * maxNameWire

func (n Name) appendKey(b []byte) []byte {
	if strings.IndexByte(string(n), '\\') >= 0 {
		var wire [maxNameWire]byte
		return AppendKey(b, n.AppendWire(wire[:0]))
	}
	for end := len(n) - 1; end > 0; { // the label before the dot at end
		dot := strings.LastIndexByte(string(n[:end]), '.')
		b = appendLower(b, string(n[dot+1:end]))
		b = append(b, 0)
		end = dot
	}
	return b
}

// AppendKey appends the Key of an uncompressed, valid wire name to b without
// allocating when b has room (512 octets are always enough).
func AppendKey(b, wire []byte) []byte {
	var starts [maxNameWire/2 + 1]uint8
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

// equalFold reports whether a and b are the same but for the case of ASCII letters.
func equalFold[T ~string](a, b T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lowerOctet(a[i]) != lowerOctet(b[i]) {
			return false
		}
	}
	return true
}

func lowerOctet(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// lowerASCII returns s itself when there is nothing to change.
func lowerASCII[T ~string](s T) T {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return T(appendLower(make([]byte, 0, len(s)), string(s)))
		}
	}
	return s
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, lowerOctet(s[i]))
	}
	return b
}
