package zone

import (
	"errors"
	"fmt"
	"strings"
)

// Name is an absolute domain name in presentation form (RFC 1035 section 5.1):
// it ends in a dot, keeps the case it came in, and escapes what must be
// escaped in one way only, the DNS library's, so that equal wire names of
// equal case are equal strings. Make one with ParseName or NameFromWire. The
// zero value is no name.
type Name string

// Root is the name of the root zone.
const Root Name = "."

// The limits of a name and of a label, in octets (RFC 1035 section 2.3.4).
const (
	maxNameWire = 255
	maxLabel    = 63
)

// ErrName is wrapped by every refusal of a name.
var ErrName = errors.New("bad domain name")

var errLongName = fmt.Errorf("it is longer than %d octets", maxNameWire)

// ParseName reads an absolute name; the final dot may be missing. Labels in
// Unicode become A-labels (RFC 5891). This is the border where the dot is
// settled: inside, every Name has it.
func ParseName(s string) (Name, error) {
	if isPlain(s) {
		return Name(s), nil
	}
	if dotted := s + "."; isPlain(dotted) {
		return Name(dotted), nil
	}
	var wire [maxNameWire + 1]byte
	b, err := appendNameText(wire[:0], s, Root)
	if err != nil {
		return "", err
	}
	return NameFromWire(b)
}

// plain octets stand for themselves in presentation form.
var plain = func() (t [256]bool) {
	for c := '!'; c <= '~'; c++ {
		t[c] = !strings.ContainsRune(`.'@;()"\`, c)
	}
	return t
}()

// isPlain reports whether s is a Name as it stands: absolute, of the right
// lengths, and without anything to escape. Nearly all names are.
func isPlain[T ~string | ~[]byte](s T) bool {
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case plain[c]:
			label++
		case c != '.' || label == 0 || label > maxLabel:
			return false
		default:
			label = 0
		}
	}
	return label == 0 && 1 < len(s) && len(s) < maxNameWire
}

// isAbsolute reports whether s ends in a dot that is not escaped.
func isAbsolute[T ~string | ~[]byte](s T) bool {
	if len(s) == 0 || s[len(s)-1] != '.' {
		return false
	}
	i := len(s) - 2
	for i >= 0 && s[i] == '\\' {
		i--
	}
	return (len(s)-i)%2 == 0
}

// appendNameText appends the wire form of a name in presentation form; a
// relative one is below origin.
func appendNameText[T ~string | ~[]byte](b []byte, s T, origin Name) ([]byte, error) {
	if len(s) == 1 && s[0] == '.' {
		return append(b, 0), nil
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii, err := toASCII(string(s))
			if err != nil {
				return b, fmt.Errorf("%w %.300q: %w", ErrName, string(s), err)
			}
			return appendNameText(b, ascii, origin)
		}
	}
	start := len(b)
	b, err := appendLabels(b, s)
	if err == nil {
		if isAbsolute(s) || origin == Root {
			b = append(b, 0)
		} else {
			b = origin.AppendWire(b)
		}
		if len(b)-start > maxNameWire {
			err = errLongName
		}
	}
	if err != nil {
		return b, fmt.Errorf("%w %.300q: %w", ErrName, string(s), err)
	}
	return b, nil
}

// appendLabels appends labels without the root's, and says which rule s breaks.
func appendLabels[T ~string | ~[]byte](b []byte, s T) ([]byte, error) {
	if len(s) == 0 {
		return b, errors.New("it is empty")
	}
	start := len(b)
	for i := 0; i < len(s); {
		length := len(b)
		b = append(b, 0)
		for i < len(s) && s[i] != '.' {
			run := i
			for run < len(s) && s[run] != '.' && s[run] != '\\' {
				run++
			}
			if run > i { // as nearly all labels are, as a whole
				b = append(b, s[i:run]...)
				i = run
				continue
			}
			c, n := unescape(s, i)
			if n == 0 {
				return b, errors.New(`it has a malformed escape; \X and \DDD up to \255 are allowed`)
			}
			b = append(b, c)
			i += n
		}
		i++ // the dot
		n := len(b) - length - 1
		switch {
		case n == 0:
			return b, errors.New("it has an empty label (two dots in a row, or a dot in front)")
		case n > maxLabel:
			return b, fmt.Errorf("its label %.20q… has %d octets, %d are allowed", string(b[length+1:]), n, maxLabel) // a copy, so that b can be on the stack
		case len(b)-start >= maxNameWire:
			return b, errLongName
		}
		b[length] = byte(n)
	}
	return b, nil
}

// unescape reads one octet at s[i]: itself, \X or \DDD (RFC 1035 section 5.1).
// n is the number of octets read, 0 for a malformed escape.
func unescape[T ~string | ~[]byte](s T, i int) (c byte, n int) {
	switch {
	case s[i] != '\\':
		return s[i], 1
	case i+1 == len(s):
		return 0, 0
	case s[i+1] < '0' || '9' < s[i+1]:
		return s[i+1], 2
	case i+3 >= len(s):
		return 0, 0
	}
	value := 0
	for _, digit := range []byte(s[i+1 : i+4]) {
		if digit < '0' || '9' < digit {
			return 0, 0
		}
		value = value*10 + int(digit-'0')
	}
	if value > 255 {
		return 0, 0
	}
	return byte(value), 4
}

// Labels returns the labels from left to right, still escaped; none for the root.
func (n Name) Labels() []string {
	var labels []string
	for ; n != Root && n != ""; n = n.Parent() {
		labels = append(labels, string(n[:n.firstDot()]))
	}
	return labels
}

// Parent returns n without its first label; the root is its own parent.
func (n Name) Parent() Name {
	if end := n.firstDot() + 1; end < len(n) {
		return n[end:]
	}
	return Root
}

// firstDot returns where the first label ends.
func (n Name) firstDot() int {
	for i := 0; i < len(n); i++ {
		switch n[i] {
		case '.':
			return i
		case '\\':
			i++ // in \DDD, too, no digit is a dot
		}
	}
	return len(n)
}
