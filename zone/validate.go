package zone

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Profile is how strict Validate is.
type Profile int

// The profiles.
const (
	Strict   Profile = iota // editors: what is wrong is refused
	Tolerant                // panels and transfers: what can be mended is, with a warning
)

// Validate checks contents as a whole. Errors are returned as *Errors;
// warnings come with the contents, normalised where the profile allows.
func Validate(c Contents, profile Profile) (Contents, []Problem, error) {
	v := &validator{origin: c.origin, profile: profile, get: c.tree.get, below: c.HasBelow}
	if _, ok := c.SOA(); !ok {
		v.refuse(c.origin, "zone %s has no SOA record at its apex; add one", c.origin)
	}
	if _, ok := c.Get(c.origin, TypeNS); !ok {
		v.doubt(c.origin, "zone %s has no NS records at its apex; add at least two", c.origin)
	}
	for node := range c.NodesFrom("") {
		v.node(node)
	}
	return c, v.warnings, v.err()
}

// ValidateNames checks only what an edit of these names can have broken: the
// names themselves and what stands above them. Its cost follows the names.
func ValidateNames(c Contents, touched []Name, profile Profile) ([]Problem, error) {
	v := &validator{origin: c.origin, profile: profile, get: c.tree.get, below: c.HasBelow}
	for _, name := range touched {
		if node, ok := c.tree.get(name.Key()); ok {
			v.node(node)
		}
		v.above(name)
	}
	if slices.ContainsFunc(touched, c.origin.Equal) {
		if _, ok := c.SOA(); !ok {
			v.refuse(c.origin, "zone %s would have no SOA record", c.origin)
		}
		if _, ok := c.Get(c.origin, TypeNS); !ok {
			v.refuse(c.origin, "zone %s would have no NS records", c.origin)
		}
	}
	return v.warnings, v.err()
}

type validator struct {
	origin   Name
	profile  Profile
	get      func(key string) (Node, bool)
	below    func(key string) bool
	problems []Problem
	warnings []Problem
}

func (v *validator) err() error {
	if len(v.problems) == 0 {
		return nil
	}
	return &Errors{v.problems}
}

func (v *validator) refuse(n Name, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, Problem{Name: n, Text: fmt.Sprintf(format, args...)})
	}
}

func (v *validator) warn(n Name, format string, args ...any) {
	if len(v.warnings) < maxProblems {
		v.warnings = append(v.warnings, Problem{Name: n, Warning: true, Text: fmt.Sprintf(format, args...)})
	}
}

// doubt is refused of editors and accepted of panels.
func (v *validator) doubt(n Name, format string, args ...any) {
	if v.profile == Strict {
		v.refuse(n, format, args...)
	} else {
		v.warn(n, format, args...)
	}
}

func (v *validator) node(n Node) {
	apex := n.Name.Equal(v.origin)
	for _, s := range n.Sets {
		if s.Type == TypeSOA && !apex {
			v.refuse(n.Name, "%s has a SOA record, which stands at the apex %s only", n.Name, v.origin)
		}
		v.set(s)
	}
	if _, ok := n.Get(TypeCNAME); ok {
		for _, s := range n.Sets {
			if s.Type != TypeCNAME && s.Type != TypeRRSIG && s.Type != TypeNSEC {
				v.doubt(n.Name, "%s has a CNAME and %s records; a CNAME stands alone (RFC 1034 section 3.6.2)", n.Name, s.Type)
				break
			}
		}
	}
	if _, ok := n.Get(TypeDNAME); ok && v.below(n.Key) {
		v.doubt(n.Name, "there are records below %s, which has a DNAME; they are never seen (RFC 6672 section 2.4)", n.Name)
	}
}

func (v *validator) set(s RRset) {
	if s.TTL > 1<<31-1 {
		v.doubt(s.Name, "%s %s has TTL %d; 2147483647 is the most (RFC 2181 section 8)", s.Name, s.Type, s.TTL)
	}
	if (s.Type == TypeCNAME || s.Type == TypeDNAME) && len(s.Data) > 1 {
		v.refuse(s.Name, "%s has %d %s records; there can be one", s.Name, len(s.Data), s.Type)
	}
	// Header, question, and for every record a pointer to the name and ten octets.
	size := 12 + len(s.Name.AppendWire(nil)) + 4
	for _, d := range s.Data {
		size += 12 + len(d)
	}
	if size > 65535 {
		v.refuse(s.Name, "the %s records of %s need %d octets; no DNS message holds more than 65535", s.Type, s.Name, size)
	}
	for _, d := range s.Data {
		target, ok := d.Target(s.Type)
		if !ok || s.Type == TypeCNAME || s.Type == TypePTR || s.Type == TypeDNAME || target == Root {
			continue
		}
		if _, err := netip.ParseAddr(strings.TrimSuffix(string(target), ".")); err == nil {
			v.doubt(s.Name, "%s %s points to %s, which is an address; it must be a name", s.Name, s.Type, target)
			continue
		}
		if node, ok := v.get(target.Key()); ok {
			if _, ok := node.Get(TypeCNAME); ok {
				v.warn(s.Name, "%s %s points to %s, which is a CNAME (RFC 2181 section 10.3)", s.Name, s.Type, target)
			}
		}
	}
}

// above checks that what was put at name is not hidden by a DNAME above it.
func (v *validator) above(name Name) {
	for n := name; !n.Equal(v.origin) && n != Root; {
		n = n.Parent()
		node, ok := v.get(n.Key())
		if !ok {
			continue
		}
		if _, ok := node.Get(TypeDNAME); ok {
			if _, there := v.get(name.Key()); there {
				v.doubt(name, "%s stands below %s, which has a DNAME; it is never seen", name, n)
			}
		}
	}
}
