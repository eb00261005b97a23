package update

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// check goes through the prerequisites (section 3.2.5).
func (r Request) check(c zone.Contents) error {
	type key struct {
		name string
		t    zone.Type
	}
	wanted := map[key]*zone.RRset{} // sets that must be there just so
	var order []key
	for _, p := range r.Prerequisites {
		if p.TTL != 0 {
			return refuse(dns.RcodeFormatError, "a prerequisite about %s has a TTL", p.Name)
		}
		if !p.Name.IsSubdomainOf(r.Zone) {
			return refuse(dns.RcodeNotZone, "a prerequisite is about %s, which is not in %s", p.Name, r.Zone)
		}
		if p.Class == dns.ClassINET {
			if metaType(p.Type) || p.Data == "" && !mayBeEmpty(p.Type) {
				return refuse(dns.RcodeFormatError, "a prerequisite wants a record of type %s", p.Type)
			}
			k := key{p.Name.Key(), p.Type}
			if wanted[k] == nil {
				wanted[k] = &zone.RRset{Name: p.Name, Type: p.Type}
				order = append(order, k)
			}
			wanted[k].Data = append(wanted[k].Data, p.Data)
			continue
		}
		if err := p.hold(c); err != nil {
			return err
		}
	}
	for _, k := range order {
		want := wanted[k]
		have, _ := c.Get(want.Name, want.Type)
		if !sameData(have, *want) {
			return refuse(dns.RcodeNXRrset, "%s %s is not as it should be", want.Name, want.Type)
		}
	}
	return nil
}

// hold checks a prerequisite that is about a name or a set as a whole.
func (p Record) hold(c zone.Contents) error {
	if p.Class != dns.ClassANY && p.Class != dns.ClassNONE || p.Data != "" || p.Type != typeANY && metaType(p.Type) {
		return refuse(dns.RcodeFormatError, "a prerequisite about %s cannot be understood", p.Name)
	}
	node, inUse := c.Node(p.Name.Key())
	_, there := node.Get(p.Type)
	switch there = inUse && there; {
	case p.Class == dns.ClassANY && p.Type == typeANY && !inUse:
		return refuse(dns.RcodeNameError, "%s is not in use", p.Name)
	case p.Class == dns.ClassANY && p.Type != typeANY && !there:
		return refuse(dns.RcodeNXRrset, "%s has no %s", p.Name, p.Type)
	case p.Class == dns.ClassNONE && p.Type == typeANY && inUse:
		return refuse(dns.RcodeYXDomain, "%s is in use", p.Name)
	case p.Class == dns.ClassNONE && p.Type != typeANY && there:
		return refuse(dns.RcodeYXRrset, "%s has %s", p.Name, p.Type)
	}
	return nil
}

// sameData compares sets without regard to TTL, order and repetition.
func sameData(a, b zone.RRset) bool {
	canonical := func(s zone.RRset) []zone.Rdata {
		var data []zone.Rdata
		for _, d := range s.Data {
			data = append(data, d.Canonical(s.Type))
		}
		slices.Sort(data)
		return slices.Compact(data)
	}
	return slices.Equal(canonical(a), canonical(b))
}

// prescan looks for mistakes before anything is done (section 3.4.1.3).
func (r Request) prescan() error {
	for _, u := range r.Updates {
		if !u.Name.IsSubdomainOf(r.Zone) {
			return refuse(dns.RcodeNotZone, "%s is not in %s", u.Name, r.Zone)
		}
		var bad bool
		switch u.Class {
		case dns.ClassINET:
			bad = metaType(u.Type) || u.Data == "" && !mayBeEmpty(u.Type)
		case dns.ClassANY:
			bad = u.TTL != 0 || u.Data != "" || metaType(u.Type) && u.Type != typeANY
		case dns.ClassNONE:
			bad = u.TTL != 0 || metaType(u.Type)
		default:
			bad = true
		}
		if bad {
			return refuse(dns.RcodeFormatError, "the update of %s %s cannot be understood", u.Name, u.Type)
		}
	}
	return nil
}
