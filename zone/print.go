package zone

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// PrintOptions say how a zone file looks.
type PrintOptions struct {
	Absolute bool // all owner names in full
}

// Print writes contents as a zone file: $ORIGIN, $TTL, the SOA first, then
// canonical order. Parse reads the same contents from it.
func Print(w io.Writer, c Contents, o PrintOptions) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "$ORIGIN %s\n", c.origin)
	soa, _ := c.Get(c.origin, TypeSOA)
	printSet(out, soa, c.origin, o)
	for set := range c.All() {
		if set.Type != TypeSOA {
			printSet(out, set, c.origin, o)
		}
	}
	return out.Flush()
}

func printSet(out *bufio.Writer, s RRset, origin Name, o PrintOptions) {
	owner := string(s.Name)
	if !o.Absolute {
		owner = Relative(s.Name, origin)
	}
	for _, d := range s.Data {
		fmt.Fprintf(out, "%-24s %d IN %-6s %s\n", owner, s.TTL, s.Type, d.Text(s.Type))
	}
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
		return strings.TrimSuffix(string(n), ".")
	}
	return string(n[:len(n)-len(origin)-1])
}

// PrintDelta writes a difference, one record a line, with - and + in front.
func PrintDelta(w io.Writer, d Delta) error {
	out := bufio.NewWriter(w)
	print := func(sign string, sets []RRset) {
		for _, s := range sets {
			for _, data := range s.Data {
				fmt.Fprintf(out, "%s %s %d IN %s %s\n", sign, s.Name, s.TTL, s.Type, data.Text(s.Type))
			}
		}
	}
	print("-", d.Del)
	print("+", d.Add)
	return out.Flush()
}
