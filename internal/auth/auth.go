// Package auth holds the rules of who may do what, as pure functions. In this
// first form there are administrators, who may do everything, and sources,
// who may do what they like with zones of their own.
package auth

import (
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
)

// The sources with a meaning of their own. No token of a panel can have them.
const (
	Administrators = "admin"   // zones that people put in
	Reverse        = "reverse" // reverse zones that many sources share; each RRset has an owner of its own
)

// Administer says whether an actor may look at and change what is the whole
// cluster's: members, tokens, the audit log.
func Administer(a skein.Actor) error {
	if a.Admin {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not do this: it is for administrators", who(a)),
		Mend: "use an administrator's token (skein token create NAME --admin), or the command line on Skein's own machine"}
}

// Read says whether an actor may look into a zone.
func Read(a skein.Actor, z skein.Zone) error {
	if a.Admin || a.Source != "" && (z.Origin == a.Source || z.Origin == Reverse) {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not read zone %s, which belongs to the source %q", who(a), z.Name, z.Origin),
		Mend: fmt.Sprintf("use a token of the source %q, or an administrator's", z.Origin)}
}

// Change says whether an actor may replace, edit or delete a zone that exists.
func Change(a skein.Actor, z skein.Zone) error {
	if a.Admin || a.Source != "" && z.Origin == a.Source {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s belongs to the source %q, so %s may not change it", z.Name, z.Origin, who(a)),
		Mend: fmt.Sprintf("make the change where the zone comes from (%s), delete the zone there first, or let an administrator do it", z.Origin)}
}

// Create says whether an actor may make a zone that is to belong to origin.
// Every source may begin a shared reverse zone.
func Create(a skein.Actor, z skein.Zone) error {
	switch {
	case a.Admin, a.Source != "" && z.Origin == a.Source, a.Source != "" && z.Origin == Reverse && reverse(z):
		return nil
	case a.Source == "":
		return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("%s has no source that zones could belong to", who(a)),
			Mend: "use a token with a source"}
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not make zones for the source %q", who(a), z.Origin),
		Mend: fmt.Sprintf("use a token of the source %q, or an administrator's", z.Origin)}
}

// Stamp says whether an actor may put RRsets of its own into a zone that may
// be another's: reverse zones that are shared or an administrator's.
func Stamp(a skein.Actor, stamp string, z skein.Zone) error {
	switch {
	case a.Admin:
		return nil
	case a.Source == "" || stamp != a.Source:
		return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("%s may not act for the source %q", who(a), stamp), Mend: "use a token of that source"}
	case reverse(z) && (z.Origin == Reverse || z.Origin == Administrators):
		return nil
	}
	return Change(a, z)
}

// Token says whether a presented token is the one that is kept, and still
// good. Both are hashes; the time that it takes tells nothing about them.
func Token(presented, kept []byte, expires, now time.Time) error {
	if subtle.ConstantTimeCompare(presented, kept) != 1 {
		return &skein.Error{Kind: skein.KindUnknown, What: "this token is not known here", Mend: "make one with skein token create"}
	}
	if !expires.IsZero() && !now.Before(expires) {
		return &skein.Error{Kind: skein.KindUnknown, What: "this token has expired", Mend: "make a new one with skein token create"}
	}
	return nil
}

func reverse(z skein.Zone) bool {
	return z.Name.IsSubdomainOf("in-addr.arpa.") || z.Name.IsSubdomainOf("ip6.arpa.")
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
