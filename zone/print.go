package zone

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// PrintOptions say how a zone file looks.
type PrintOptions struct {
	Absolute bool // all owner names in full
}

// Print writes contents as a zone file: $ORIGIN, the SOA, then the rest in
// canonical order, one record a line with its TTL. Parse reads the same
// contents from it.
func Print(w io.Writer, c Contents, o PrintOptions) error {
	if c.IsZero() {
		return nil
	}
	out := &printer{Writer: bufio.NewWriter(w)}
	out.WriteString("$ORIGIN " + string(c.origin) + "\n")
	owner := func(s RRset) string {
		if o.Absolute {
			return string(s.Name)
		}
		return Relative(s.Name, c.origin)
	}
	if soa, ok := c.Get(c.origin, TypeSOA); ok {
		out.set(owner(soa), soa)
	}
	for set := range c.All() {
		if set.Type != TypeSOA || !set.Name.Equal(c.origin) {
			out.set(owner(set), set)
		}
	}
	return out.Flush()
}

// printer writes records; bufio keeps the first error until Flush.
type printer struct {
	*bufio.Writer
	line []byte
}

func (p *printer) set(owner string, s RRset) {
	if strings.HasPrefix(owner, "$") {
		owner = `\` + owner // else it were a directive
	}
	for _, d := range s.Data {
		b := append(p.line[:0], owner...)
		b = pad(b, 24)
		b = strconv.AppendUint(b, uint64(s.TTL), 10)
		b = append(b, " IN "...)
		from := len(b)
		b = append(b, s.Type.String()...)
		b = pad(b, from+6)
		b = append(d.appendText(b, s.Type), '\n')
		p.Write(b)
		p.line = b
	}
}

// pad fills up with spaces to a column, with one at least.
func pad(b []byte, column int) []byte {
	b = append(b, ' ')
	for len(b) <= column {
		b = append(b, ' ')
	}
	return b
}

// Relative returns a name as it is written below origin: @ for origin itself,
// without origin below it, in full elsewhere.
func Relative(n, origin Name) string {
	switch {
	case n.Equal(origin):
		return "@"
	case !n.IsSubdomainOf(origin):
		return string(n)
	case origin == Root:
		return string(n[:len(n)-1])
	}
	return string(n[:len(n)-len(origin)-1])
}

// PrintDelta writes a difference, one record a line, with - and + in front.
func PrintDelta(w io.Writer, d Delta) error {
	out := bufio.NewWriter(w)
	print := func(sign string, sets []RRset) {
		for _, s := range sets {
			head := sign + " " + string(s.Name) + " " + strconv.FormatUint(uint64(s.TTL), 10) + " IN " + s.Type.String() + " "
			for _, d := range s.Data {
				out.WriteString(head + d.Text(s.Type) + "\n")
			}
		}
	}
	print("-", d.Del)
	print("+", d.Add)
	return out.Flush()
}
