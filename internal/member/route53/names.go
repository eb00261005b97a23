package route53

import (
	"fmt"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// Route 53 has names in lower case, and every octet but letters, digits, hyphen
// and underscore as a backslash and three octal digits; so in data.

// nameOut writes a name as Route 53 has it.
func nameOut(name zone.Name) string {
	if name == zone.Root {
		return "."
	}
	var b strings.Builder
	for wire := name.Canonical().AppendWire(nil); wire[0] > 0; wire = wire[1+wire[0]:] {
		for _, c := range wire[1 : 1+wire[0]] {
			if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		b.WriteByte('.')
	}
	return b.String()
}

// nameIn reads a name that Route 53 wrote.
func nameIn(text string) (zone.Name, error) {
	name, err := zone.ParseName(decimal(text))
	return name.Canonical(), err
}

// octal turns the escapes of a zone file into those of Route 53.
func octal(text string) string {
	return escapes(text, func(b *strings.Builder, c byte) {
		if c == '"' {
			b.WriteString(`\"`)
			return
		}
		fmt.Fprintf(b, `\%03o`, c)
	}, 10)
}

// decimal turns the escapes of Route 53 into those of a zone file.
func decimal(text string) string {
	return escapes(text, func(b *strings.Builder, c byte) { fmt.Fprintf(b, `\%03d`, c) }, 8)
}

// escapes writes every escape of a text, whose digits are of a base, in another
// way. What is no escape stays as it is.
func escapes(text string, write func(*strings.Builder, byte), base int) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch rest := text[i+1:]; {
		case text[i] != '\\' || rest == "":
			b.WriteByte(text[i])
		case len(rest) >= 3 && value(rest[:3], base) >= 0:
			write(&b, byte(value(rest[:3], base)))
			i += 3
		default:
			write(&b, rest[0])
			i++
		}
	}
	return b.String()
}

// value is what three digits of a base stand for, if it is an octet; else -1.
func value(digits string, base int) int {
	n := 0
	for _, c := range []byte(digits) {
		if c < '0' || int(c-'0') >= base {
			return -1
		}
		n = n*base + int(c-'0')
	}
	if n > 255 {
		return -1
	}
	return n
}
