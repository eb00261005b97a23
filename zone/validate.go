package zone

import (
	"fmt"
	"slices"
)

// Profile is how strict Validate is.
type Profile int

// The profiles.
const (
	Strict   Profile = iota // editors: what is wrong is refused
	Tolerant                // panels and transfers: what can be mended is, with a warning
)

// Validate checks contents as a whole. Errors are returned as *Errors;
// warnings come with the contents. In the tolerant profile these are mended:
// of what makes a secondary refuse the whole zone (seen with BIND 9.18) a
// CNAME's company, NS at a wildcard, a SOA below the apex and data that cannot
// be right, such as a DS with half a digest, are left out. Where there
// is no telling which record is meant (two CNAMEs), or SOA or NS is missing,
// the zone is refused in both profiles.
func Validate(c Contents, profile Profile) (Contents, []Problem, error) {
	return newValidator(c, profile).whole()
}

// ValidateNames checks only what an edit of these names can have broken: the
// names themselves, what stands above them, and whether what their data
// points to is a CNAME. c may be just that part of the zone. It mends
// nothing: an edit that a secondary would refuse is refused in both profiles.
func ValidateNames(c Contents, touched []Name, profile Profile) ([]Problem, error) {
	v := newValidator(c, profile)
	v.mends, v.part = false, true
	for _, name := range touched {
		if node, ok := c.tree.get(name.Key()); ok {
			v.node(node)
			v.above(node)
		}
	}
	if slices.ContainsFunc(touched, c.origin.Equal) {
		v.apex()
	}
	return v.warnings, v.err()
}

type validator struct {
	c        Contents
	profile  Profile
	mends    bool
	part     bool                 // c is only a part of the zone
	line     func(Name, Type) int // of the zone file
	twice    Name                 // a dot, and the origin two times
	cut      string               // key of the delegation that the walk is at or below
	sets     []RRset              // of the node that is being checked, as they should be
	problems []Problem
	warnings []Problem
	few      [8]RRset // where sets lie as a rule
}

func newValidator(c Contents, profile Profile) *validator {
	v := new(validator)
	v.begin(c, profile)
	return v
}

// begin makes a validator look at other contents.
func (v *validator) begin(c Contents, profile Profile) {
	*v = validator{c: c, profile: profile, mends: profile == Tolerant, twice: "." + c.origin + c.origin, line: func(Name, Type) int { return 0 }}
	v.sets = v.few[:0]
}

func (v *validator) whole() (Contents, []Problem, error) {
	v.apex()
	var mended []Node
	for node := range v.c.NodesFrom("") {
		if better, changed := v.node(node); changed {
			mended = append(mended, better)
		}
		v.delegated(node)
		v.doubled(node.Name)
	}
	if err := v.err(); err != nil || len(mended) == 0 {
		return v.c, v.warnings, err
	}
	return Contents{v.c.origin, v.c.tree.with(mended)}, v.warnings, nil
}

func (v *validator) err() error {
	if len(v.problems) == 0 {
		return nil
	}
	return &Errors{v.problems}
}

func (v *validator) refuse(n Name, t Type, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, Problem{Line: v.line(n, t), Name: n, Text: fmt.Sprintf(format, args...)})
	}
}

func (v *validator) warn(n Name, t Type, format string, args ...any) {
	if len(v.warnings) < maxProblems {
		v.warnings = append(v.warnings, Problem{Line: v.line(n, t), Name: n, Warning: true, Text: fmt.Sprintf(format, args...)})
	}
}

// doubt is refused of editors and accepted of panels.
func (v *validator) doubt(n Name, t Type, format string, args ...any) {
	if v.profile == Strict {
		v.refuse(n, t, format, args...)
	} else {
		v.warn(n, t, format, args...)
	}
}

// mend tells whether to do as done says; else what is wrong is refused.
func (v *validator) mend(n Name, t Type, done, format string, args ...any) bool {
	if v.mends {
		v.warn(n, t, format+"; "+done, args...)
	} else {
		v.refuse(n, t, format, args...)
	}
	return v.mends
}

// apex checks what a zone cannot be without.
func (v *validator) apex() {
	apex, _ := v.c.tree.get(v.c.origin.Key())
	if _, ok := apex.Get(TypeSOA); !ok {
		v.refuse(v.c.origin, TypeSOA, "zone %s has no SOA record at its apex; add one", v.c.origin)
	}
	if _, ok := apex.Get(TypeNS); !ok {
		v.refuse(v.c.origin, TypeNS, "zone %s has no NS records at its apex, and BIND takes no such zone; add at least two", v.c.origin)
	}
}

// node checks one name. It returns the node as it should be, and whether that
// is another than it is.
func (v *validator) node(n Node) (better Node, changed bool) {
	v.sets = v.sets[:0]
	for _, s := range n.Sets {
		if !v.belongs(s) {
			changed = true
			continue
		}
		better := v.data(v.ttl(s))
		changed = changed || better.TTL != s.TTL || len(better.Data) != len(s.Data)
		if len(better.Data) > 0 {
			v.sets = append(v.sets, better)
		}
		v.single(s)
		v.targets(s)
		v.host(s)
	}
	changed = v.alone(n) || changed
	if _, ok := n.Get(TypeDNAME); ok && v.c.HasBelow(n.Key) {
		v.doubt(n.Name, TypeDNAME, "there are records below %s, which has a DNAME; they are never seen (RFC 6672 section 2.4)", n.Name)
	}
	if changed {
		n.Sets = slices.Clone(v.sets)
	}
	return n, changed
}

// above checks that a name is not hidden by what stands above it.
func (v *validator) above(n Node) {
	for at := n.Name; !at.Equal(v.c.origin) && at != Root; {
		at = at.Parent()
		over, ok := v.c.tree.get(at.Key())
		if !ok {
			continue
		}
		if _, ok := over.Get(TypeDNAME); ok {
			v.doubt(n.Name, TypeDNAME, "%s stands below %s, which has a DNAME; it is never seen (RFC 6672 section 2.4)", n.Name, at)
		}
		if _, ok := over.Get(TypeNS); ok && !at.Equal(v.c.origin) {
			v.hidden(n, at)
		}
	}
}

// delegated checks that below a delegation there is nothing but glue. It is
// called for all nodes in order.
func (v *validator) delegated(n Node) {
	below := v.cut != "" && len(n.Key) > len(v.cut) && n.Key[:len(v.cut)] == v.cut
	if below {
		v.hidden(n, "")
		return
	}
	if v.cut = ""; !n.Name.Equal(v.c.origin) {
		if _, ok := n.Get(TypeNS); ok {
			v.cut = n.Key
		}
	}
}

func (v *validator) hidden(n Node, cut Name) {
	for _, s := range n.Sets {
		if s.Type == TypeA || s.Type == TypeAAAA {
			continue // glue
		}
		if cut == "" {
			node, _ := v.c.tree.get(v.cut)
			cut = node.Name
		}
		v.warn(n.Name, s.Type, "%s %s stands below the delegation of %s; it is never answered", n.Name, s.Type, cut)
		return
	}
}
