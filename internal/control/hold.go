package control

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// This file is the rules for what waits for a person although its source may
// do it. They are pure: what they look at is handed to them.

const (
	// A source that removes more of its zones than this waits for a person.
	soon      = 10 * time.Minute
	aDay      = 24 * time.Hour
	dayFactor = 3   // times what may go soon may go in a day
	fewest    = 10  // of a source with few zones
	most      = 500 // of one with many
	percent   = 5   // of its zones
)

// deletionsAllowed is how many zones of a source with so many may be deleted
// in ten minutes, without anybody having looked.
func deletionsAllowed(zones int) int { return min(most, max(fewest, zones*percent/100)) }

// tooMany reports whether one more deletion is too many, after so many in the
// last ten minutes and so many in the last day.
func tooMany(inTenMinutes, inADay, zones int) bool {
	allowed := deletionsAllowed(zones)
	return inTenMinutes >= allowed || inADay >= dayFactor*allowed
}

func massDeletion(z skein.Zone, whose string, allowed int) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s is not deleted: more than %d deletions %s in ten minutes, or %d in a day, wait for a person", z.Name, allowed, whose, dayFactor*allowed),
		Mend: "if they are meant, release them: skein hold release --all"}
}

// wouldBeUnsigned says why next may not take the place of what is served: that
// is signed, or the parent says that it is, and next is not.
func wouldBeUnsigned(name zone.Name, served, next zone.Contents, ds bool) *skein.Error {
	if hasKeys(next) {
		return nil
	}
	why := ""
	switch {
	case !served.IsZero() && hasKeys(served):
		why = "what is served is signed"
	case ds:
		why = "its parent has a DS for it"
	default:
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("this version of zone %s is not signed, and %s: resolvers that validate would refuse it", name, why),
		Mend: "send it signed, or take the DS out of the parent first, wait as long as its TTL says, and release this version"}
}

// pointsElsewhere reports whether next leads to other machines than what is served:
// no address of the apex or www is the same. Where nothing was served there,
// nothing is other.
func pointsElsewhere(served, next zone.Contents) bool {
	now := addresses(served)
	if len(now) == 0 {
		return false
	}
	for a := range addresses(next) {
		if now[a] {
			return false
		}
	}
	return true
}

// addresses returns where the apex and www of contents lead to. An alias in the
// zone leads where its target does, one to elsewhere to that name.
func addresses(c zone.Contents) map[string]bool {
	found := map[string]bool{}
	for _, name := range []zone.Name{c.Origin(), below("www", c.Origin())} {
		alias, _ := c.Get(name, zone.TypeCNAME)
		for _, d := range alias.Data {
			if target, ok := d.Target(zone.TypeCNAME); ok && target.IsSubdomainOf(c.Origin()) {
				name = target
			} else {
				found[string(d.Canonical(zone.TypeCNAME))] = true
			}
		}
		for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA} {
			set, _ := c.Get(name, t)
			for _, d := range set.Data {
				found[string(d)] = true
			}
		}
	}
	return found
}

// below returns a label's name below another.
func below(label string, name zone.Name) zone.Name {
	if name == zone.Root {
		return zone.Name(label + ".")
	}
	return zone.Name(label + "." + string(name))
}

// isNew reports whether a zone came to its source from another within a day,
// other than by a new life, which that one began itself.
func isNew(z skein.Zone, now time.Time) bool {
	return z.OriginBefore != "" && z.OriginBefore != z.Origin && !z.OriginSince.Equal(z.Created) && now.Sub(z.OriginSince) < aDay
}

func staging(z skein.Zone) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("this version of zone %s leads to other machines: no address of the zone or of www is one that is served, and the zone was %q's until %s",
			z.Name, z.OriginBefore, z.OriginSince.UTC().Format(time.DateTime)),
		Mend: "release it if this is no staging server"}
}

// doesNotFit says that an overlay does not fit what its zone is to become.
func doesNotFit(z skein.Zone, err error) *skein.Error {
	e := skein.InvalidZone(z.Name, err)
	return &skein.Error{Kind: skein.KindConflict, Problems: e.Problems,
		What: fmt.Sprintf("this version of zone %s does not go together with overlays that others have put over it", z.Name),
		Mend: fmt.Sprintf("drop those overlays (skein zone overlay list %s), then release it", z.Name)}
}
