// Package auth holds the rules of who may do what, as pure functions. In this
// first form there are administrators, who may do everything, and sources,
// who may do what they like with zones of their own.
package auth

import (
	"fmt"

	"github.com/skein-dns/skein"
)

// The sources with a meaning of their own. No token of a panel can have them.
const (
	Administrators = "admin"   // zones that people put in
	Reverse        = "reverse" // reverse zones that many sources share; each RRset has an owner of its own
	Pool           = "pool"    // what a pool's nameserver set puts over the apex of zones; it has no zone
)

// The trees of reverse zones (RFC 1035 section 3.5, RFC 3596 section 2.5).
const (
	reverse4 = "in-addr.arpa."
	reverse6 = "ip6.arpa."
)

// Act says whether an actor is anybody: who is neither an administrator nor of
// a source may do nothing.
func Act(a skein.Actor) error {
	if a.Admin || a.Source != "" {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: who(a) + " has no source that zones could belong to",
		Mend: "use a token with a source, or an administrator's"}
}

// Administer says whether an actor may look at and change what is the whole
// cluster's: members, tokens, the audit log.
func Administer(a skein.Actor) error {
	if a.Admin {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: who(a) + " may not do this: it is for administrators",
		Mend: "use an administrator's token (skein token create NAME --admin), or the command line on Skein's own machine"}
}

// Reads reports whether an actor may look into a zone. To whom it may not, the
// zone is one that does not exist. What may be stamped may be read, so that a
// panel finds the reverse zone that its PTR sets go into.
func Reads(a skein.Actor, z skein.Zone) bool {
	return a.Admin || a.Source != "" && (z.Origin == a.Source || Shared(z))
}

// Way is how an actor may change a zone that exists.
type Way int

// The ways.
const (
	Nohow    Way = iota
	Own          // as its origin: it changes the base
	People       // as an administrator, in a zone that no panel sends: in the base too
	Over         // with RRsets over what the origin put in
	Takeover     // by a standing rule: the zone becomes its own first
)

// WayOf returns the way by which an actor may change a zone, under these
// standing rules. Shared reverse zones, which take stamps, are another matter.
func WayOf(a skein.Actor, z skein.Zone, rules []skein.SourceRule) Way {
	switch {
	case Act(a) != nil:
		return Nohow
	case a.Admin && (z.Origin == Administrators || z.Origin == Reverse):
		return People
	case z.Origin == a.Source:
		return Own
	case a.Admin:
		return Over
	}
	way := Nohow
	for _, r := range rules {
		if r.From != z.Origin || r.To != a.Source {
			continue
		}
		if r.Kind == skein.RuleTakeover {
			return Takeover
		}
		if r.Kind == skein.RuleOverlay {
			way = Over
		}
	}
	return way
}

// Change says whether an actor may replace, edit or delete a zone that exists.
// The refusal names the owner: two panels that have the same domain is what a
// hoster must be able to clear up, and that it exists is no secret in DNS.
func Change(a skein.Actor, z skein.Zone) error {
	if err := Act(a); err != nil {
		return err
	}
	if a.Admin || z.Origin == a.Source {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s belongs to the source %q, so %s may not change it", z.Name, z.Origin, who(a)),
		Mend: fmt.Sprintf("make the change where the zone comes from (%s), delete the zone there first, or let an administrator do it", z.Origin)}
}

// Create says whether an actor may make a zone that is to belong to z.Origin.
// Every source may begin a shared reverse zone.
func Create(a skein.Actor, z skein.Zone) error {
	if err := Act(a); err != nil {
		return err
	}
	switch {
	case z.Origin == Reverse && (!InReverseTree(z) || z.Name.Equal(reverse4) || z.Name.Equal(reverse6)):
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("zone %s cannot be shared: it is not the reverse zone of a network", z.Name),
			Mend: "only zones below in-addr.arpa and ip6.arpa can be"}
	case a.Admin, z.Origin == a.Source, z.Origin == Reverse:
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not make zones for the source %q", who(a), z.Origin),
		Mend: fmt.Sprintf("use a token of the source %q, or an administrator's", z.Origin)}
}

// Stamp says whether an actor may put RRsets that are to belong to the source
// stamp into a zone.
func Stamp(a skein.Actor, stamp string, z skein.Zone) error {
	if err := Act(a); err != nil {
		return err
	}
	switch {
	case !InReverseTree(z):
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("RRsets of zone %s cannot have an owner of their own: it is no reverse zone", z.Name),
			Mend: "change the zone where it comes from"}
	case a.Admin:
		return nil
	case stamp != a.Source:
		return &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("%s may not act for the source %q", who(a), stamp),
			Mend: "use a token of that source"}
	case Shared(z):
		return nil
	}
	return Change(a, z)
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
