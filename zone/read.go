package zone

import "io"

// Read makes contents of a zone file: Parse, NewContents and Validate in one,
// so that every finding has its line. origin is the zone's name; if it is ""
// that is the owner of the SOA. Records that are not in the zone are refused
// in the strict profile and left out in the tolerant one. err is *Errors, or
// what r returned.
func Read(r io.Reader, origin Name, o Options, profile Profile) (Contents, []Problem, error) {
	if o.Origin == "" {
		o.Origin = origin
	}
	p := newParser(o)
	if err := p.file(newScanner(r)); err != nil {
		return Contents{}, p.warnings, err
	}
	if origin == "" {
		if origin = p.apex(); origin == "" {
			return Contents{}, p.warnings, &Errors{[]Problem{{Text: "there is no SOA record, so the zone's name is not known"}}}
		}
	}
	v := newValidator(Contents{origin: origin}, profile)
	v.line, v.warnings = p.line, p.warnings
	inside := p.sets[:0:0]
	for _, s := range p.sets {
		if s.Name.IsSubdomainOf(origin) || !v.mend(s.Name, s.Type, "it is left out", "%s is not in zone %s", s.Name, origin) {
			inside = append(inside, s)
		}
	}
	if err := v.err(); err != nil {
		return Contents{}, v.warnings, err
	}
	c, err := NewContents(origin, inside)
	if err != nil {
		return Contents{}, v.warnings, err
	}
	v.c = c
	return v.whole()
}

// apex returns the owner of the first SOA; "" if there is none.
func (g *gathered) apex() Name {
	for _, s := range g.sets {
		if s.Type == TypeSOA {
			return s.Name
		}
	}
	return ""
}

// line returns where a set, or with type 0 the first set of a name, begins.
func (g *gathered) line(n Name, t Type) int {
	for i, s := range g.sets {
		if (t == 0 || s.Type == t) && s.Name.Equal(n) {
			return int(g.about[i].line)
		}
	}
	return 0
}
