package auth

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The limits of a scope.
const (
	maxScopeZones    = 100
	maxScopeNetworks = 100
)

// Covers reports whether a scope leaves an actor the zones of a name.
func Covers(s skein.Scope, name zone.Name) bool {
	return len(s.Zones) == 0 || slices.ContainsFunc(s.Zones, func(pattern zone.Name) bool { return matches(pattern, name) })
}

// InScope refuses what is asked about the zone of a name that an actor's token
// does not have, whether there is one or not.
func InScope(a skein.Actor, name zone.Name) error {
	if Covers(a.Scope, name) {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not do this: its token is limited to other zones than %s", who(a), name),
		Mend: "use it for those, or make another one: skein token create NAME --zone ZONE"}
}

// Below returns the name that a pattern *.NAME has everything below of.
func Below(pattern zone.Name) (name zone.Name, is bool) {
	rest, is := strings.CutPrefix(string(pattern), "*.")
	return zone.Name(rest), is
}

func matches(pattern, name zone.Name) bool {
	if above, is := Below(pattern); is {
		return name.IsSubdomainOf(above) && !name.Equal(above)
	}
	return name.Equal(pattern)
}

func contain(networks []netip.Prefix, addr netip.Addr) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

// Give says whether an actor may make a user or a token of a tenant that acts
// as another: its scope makes sense, and it lets nobody see or do what its
// maker may not, nor longer.
func (k Known) Give(a, to skein.Actor, tenant string) error {
	if err := k.Assign(a, role(to), tenant); err != nil {
		return err
	}
	if err := checkScope(to.Scope); err != nil {
		return err
	}
	switch {
	case to.Scope.Cluster && !Panel(to):
		return invalid("only a panel's token can be a server's of the cluster", "leave that out: whoever has a role sees what its tenant has anyway")
	case to.Scope.Cluster && k.Permit(a, skein.PermitClustering) != nil:
		return beyond(a, "a place in the cluster")
	}
	for _, p := range to.Scope.Permissions {
		if k.See(to, p) != nil {
			return invalid(fmt.Sprintf("a token like this cannot have the permission %.100q", p),
				"name those that its role has: zones, records, sources, clustering, access; limited to zones it has only zones and records")
		}
	}
	for _, p := range permissions() {
		if k.See(to, p) == nil && k.See(a, p) != nil || k.Permit(to, p) == nil && k.Permit(a, p) != nil {
			return beyond(a, fmt.Sprintf("the permission %s", p))
		}
	}
	if !a.Until.IsZero() && (to.Until.IsZero() || to.Until.After(a.Until)) {
		return beyond(a, "use after "+a.Until.UTC().Format(time.DateTime))
	}
	if len(a.Scope.Networks) == 0 {
		return nil
	}
	for _, n := range to.Scope.Networks {
		if !slices.ContainsFunc(a.Scope.Networks, func(mine netip.Prefix) bool { return mine.Bits() <= n.Bits() && mine.Contains(n.Addr()) }) {
			return beyond(a, fmt.Sprintf("use from %s", n))
		}
	}
	if len(to.Scope.Networks) == 0 {
		return beyond(a, "use from everywhere")
	}
	return nil
}

func permissions() []skein.Permission {
	return []skein.Permission{skein.PermitZones, skein.PermitRecords, skein.PermitSources, skein.PermitClustering, skein.PermitAccess}
}

func beyond(a skein.Actor, what string) error {
	return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("%s may not give away what it has not: %s", who(a), what),
		Mend: "limit the token to what you may do yourself"}
}

func checkScope(s skein.Scope) error {
	switch {
	case len(s.Zones) > maxScopeZones:
		return invalid(fmt.Sprintf("%d zones are more than the %d that a token can be limited to", len(s.Zones), maxScopeZones), "name what is above them: *.example.com.")
	case len(s.Networks) > maxScopeNetworks:
		return invalid(fmt.Sprintf("%d networks are more than the %d that a token can be limited to", len(s.Networks), maxScopeNetworks), "name wider ones")
	}
	for _, pattern := range s.Zones {
		name := pattern
		if above, is := Below(pattern); is {
			name = above
		}
		if parsed, err := zone.ParseName(string(name)); err != nil || parsed != name {
			return invalid(fmt.Sprintf("%.300q is no zone that a token could be limited to", pattern), "give an absolute name, or *. and one")
		}
	}
	for _, n := range s.Networks {
		if !n.IsValid() || n != n.Masked() {
			return invalid(fmt.Sprintf("%s is no network", n), "write it as 192.0.2.0/24 or 2001:db8::/48, with nothing behind its length")
		}
	}
	return nil
}

func invalid(what, mend string) error {
	return &skein.Error{Kind: skein.KindInvalid, What: what, Mend: mend}
}
