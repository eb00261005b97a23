// Package auth holds the rules of who may do what, as pure functions of who
// asks, what about, and what is known of tenants and sources. People act in
// their tenant and those below it, panels for their source alone.
package auth

import (
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The sources with a meaning of their own. No token of a panel can have them.
const (
	Administrators = "admin"   // zones that root's people put in
	Reverse        = "reverse" // reverse zones that many sources share; each RRset has an owner of its own
	Pool           = "pool"    // what a pool's nameserver set puts over the apex of zones; it has no zone
)

// The trees of reverse zones (RFC 1035 section 3.5, RFC 3596 section 2.5).
const (
	reverse4 = "in-addr.arpa."
	reverse6 = "ip6.arpa."
)

// Act says whether an actor is anybody: who has neither a role nor a source
// may do nothing.
func Act(a skein.Actor) error {
	if role(a) != "" || a.Source != "" {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: who(a) + " has no source that zones could belong to",
		Mend: "use a token with a source, or an administrator's"}
}

// Reads reports whether an actor may look into a zone. To whom it may not, the
// zone is one that does not exist. What may be stamped may be read, so that a
// panel finds the reverse zone that its PTR sets go into.
func (k Known) Reads(a skein.Actor, z skein.Zone) bool {
	if Act(a) != nil || !Covers(a.Scope, z.Name) {
		return false
	}
	if role(a) != "" {
		return k.Reaches(a, z.Owner)
	}
	return z.Origin == a.Source || k.shares(a, z) || Clustered(a) && k.under(k.TenantOf(a), z.Owner)
}

// Hears reports whether an actor may know that a zone exists and whose it is:
// it reads it, or shares the tenant with it. Two panels that have the same
// domain is what a hoster must be able to clear up.
func (k Known) Hears(a skein.Actor, z skein.Zone) bool {
	return k.Reads(a, z) || Act(a) == nil && Covers(a.Scope, z.Name) && k.TenantOf(a) == TenantName(z.Owner)
}

// shares reports whether a panel may put RRsets of its own into a zone of its tenant.
func (k Known) shares(a skein.Actor, z skein.Zone) bool {
	return Shared(z) && k.TenantOf(a) == TenantName(z.Owner)
}

// Way is how an actor may change a zone that exists.
type Way int

// The ways.
const (
	Nohow    Way = iota
	Own          // as its origin: it changes the base
	People       // as one of those whose zone it is, where no panel sends it: in the base too
	Over         // with RRsets over what the origin put in
	Beside       // by a standing rule, with RRsets over what the origin put in
	Takeover     // by a standing rule: the zone becomes its own first
)

// WayOf returns the way by which an actor may change a zone. Shared reverse
// zones, which take stamps, are another matter.
func (k Known) WayOf(a skein.Actor, z skein.Zone) Way {
	if Act(a) != nil || role(a) == skein.RoleReadOnly || !Covers(a.Scope, z.Name) {
		return Nohow
	}
	if role(a) != "" {
		switch {
		case !k.Reaches(a, z.Owner):
			return Nohow
		case k.ByPeople(z.Origin), z.Origin == Reverse:
			return People
		case z.Origin == a.Source:
			return Own
		}
		return Over
	}
	if z.Origin == a.Source {
		return Own
	}
	way := Nohow
	for _, r := range k.Rules {
		if r.From != z.Origin || r.To != a.Source {
			continue
		}
		if r.Kind == skein.RuleTakeover {
			return Takeover
		}
		if r.Kind == skein.RuleOverlay {
			way = Beside
		}
	}
	return way
}

// Change says whether an actor may replace, edit or delete a zone that exists,
// other than by a standing rule. The refusal names the owner to whom may know it.
func (k Known) Change(a skein.Actor, z skein.Zone) error {
	if err := Act(a); err != nil {
		return err
	}
	k.Rules = nil
	if k.WayOf(a, z) != Nohow {
		return nil
	}
	return k.Another(a, a, z)
}

// Another tells a reader that a zone is another's than an actor's: whose, if
// the reader may know it.
func (k Known) Another(reader, a skein.Actor, z skein.Zone) *skein.Error {
	if !k.Hears(reader, z) {
		return Taken(z.Name)
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s belongs to the source %q, so %s may not change it", z.Name, z.Origin, who(a)),
		Mend: fmt.Sprintf("make the change where the zone comes from (%s), delete the zone there first, or let an administrator do it", z.Origin)}
}

// Taken says of a name that it cannot be had, and nothing of who has it.
func Taken(name zone.Name) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s is taken", name),
		Mend: "choose another name; if the domain is yours, those who run Skein can give you the zone"}
}

// Create says whether an actor may make a zone that is to belong to z.Origin
// and z.Owner. Every source may begin a shared reverse zone.
func (k Known) Create(a skein.Actor, z skein.Zone) error {
	if err := k.Permit(a, skein.PermitZones); err != nil {
		return err
	}
	switch {
	case z.Origin == Reverse && (!InReverseTree(z) || z.Name.Equal(reverse4) || z.Name.Equal(reverse6)):
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("zone %s cannot be shared: it is not the reverse zone of a network", z.Name),
			Mend: "only zones below in-addr.arpa and ip6.arpa can be"}
	case k.Reaches(a, z.Owner), role(a) == "" && (z.Origin == a.Source || z.Origin == Reverse):
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not make zones for the source %q", who(a), z.Origin),
		Mend: fmt.Sprintf("use a token of the source %q, or an administrator's", z.Origin)}
}

// Stamp says whether an actor may put RRsets that are to belong to the source
// stamp into a zone.
func (k Known) Stamp(a skein.Actor, stamp string, z skein.Zone) error {
	if err := k.Permit(a, skein.PermitRecords); err != nil {
		return err
	}
	switch {
	case !InReverseTree(z):
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("RRsets of zone %s cannot have an owner of their own: it is no reverse zone", z.Name),
			Mend: "change the zone where it comes from"}
	case k.Reaches(a, z.Owner) && k.Reaches(a, k.OwnerOf(stamp)):
		return nil
	case stamp != a.Source:
		return &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("%s may not act for the source %q", who(a), stamp),
			Mend: "use a token of that source"}
	case role(a) == "" && k.shares(a, z):
		return nil
	}
	return k.Change(a, z)
}

// Source says whether a token may be made for a source.
func Source(source string, admin bool) error {
	if source == Reverse || source == Pool || source == Administrators && !admin {
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("the source %q is Skein's own", source),
			Mend: "choose another name"}
	}
	return nil
}

// InReverseTree reports whether a zone maps addresses to names.
func InReverseTree(z skein.Zone) bool {
	return z.Name.IsSubdomainOf(reverse4) || z.Name.IsSubdomainOf(reverse6)
}

// Shared reports whether sources may put RRsets of their own into a zone.
func Shared(z skein.Zone) bool {
	return InReverseTree(z) && (z.Origin == Reverse || z.Origin == Administrators)
}

func who(a skein.Actor) string {
	switch {
	case a.Name == "":
		return "the caller"
	case a.Source == "" || a.Source == a.Name:
		return a.Name
	}
	return fmt.Sprintf("%s (source %q)", a.Name, a.Source)
}
