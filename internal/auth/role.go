package auth

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
)

// Permit says whether an actor may change things of a kind in its own tenants.
func (k Known) Permit(a skein.Actor, p skein.Permission) error {
	if err := Act(a); err != nil {
		return err
	}
	if role(a) == skein.RoleReadOnly {
		return &skein.Error{Kind: skein.KindForbidden,
			What: who(a) + " may look, and change nothing",
			Mend: "let somebody do it whose role is not " + string(skein.RoleReadOnly)}
	}
	return k.within(a, role(a), p)
}

// PermitWhole says whether an actor may change what is the whole cluster's.
func (k Known) PermitWhole(a skein.Actor, p skein.Permission) error {
	if err := k.Permit(a, p); err != nil {
		return err
	}
	return k.whole(a)
}

// See says whether an actor may look at things of a kind in its own tenants:
// who may only look sees what those may change who have the full role of its tenant.
func (k Known) See(a skein.Actor, p skein.Permission) error {
	if err := Act(a); err != nil {
		return err
	}
	r := role(a)
	if r == skein.RoleReadOnly {
		r = FullRole(k.Kind(a.Tenant))
	}
	return k.within(a, r, p)
}

// SeeWhole says whether an actor may look at what is the whole cluster's.
func (k Known) SeeWhole(a skein.Actor, p skein.Permission) error {
	if err := k.See(a, p); err != nil {
		return err
	}
	return k.whole(a)
}

func (k Known) whole(a skein.Actor) error {
	if k.Whole(a) {
		return nil
	}
	return forbidden(a, "it is for those who run Skein")
}

// within says whether a role, and what the actor's token is limited to, have a permission.
func (k Known) within(a skein.Actor, r skein.AccessRole, p skein.Permission) error {
	switch {
	case !has(r, p) && !(r == skein.RoleReseller && p == skein.PermitClustering && k.Tenants[a.Tenant].Clustering):
		return forbidden(a, fmt.Sprintf("it needs the permission %s", p))
	case len(a.Scope.Permissions) > 0 && !slices.Contains(a.Scope.Permissions, p):
		return forbidden(a, fmt.Sprintf("its token has no permission %s", p))
	case len(a.Scope.Zones) > 0 && !ofZones(p):
		return forbidden(a, "its token is limited to zones")
	}
	return nil
}

func forbidden(a skein.Actor, why string) error {
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s may not do this: %s", who(a), why),
		Mend: "use the token of somebody who may, or ask those who run Skein; the command line on Skein's own machine may do everything"}
}

// RoleOf is the role that a tenant's own people have.
func (k Known) RoleOf(tenant string) skein.AccessRole {
	switch k.Kind(tenant) {
	case skein.TenantReseller:
		return skein.RoleReseller
	case skein.TenantCustomer:
		return skein.RoleCustomer
	}
	return skein.RoleRoot
}

// has reports whether a role has a permission. What a reseller has of the
// cluster is up to root.
func has(r skein.AccessRole, p skein.Permission) bool {
	switch r {
	case skein.RoleRoot:
		return slices.Contains(permissions(), p)
	case skein.RoleReseller:
		return p != skein.PermitClustering
	case skein.RoleCustomer, "":
		return ofZones(p)
	}
	return false
}

func ofZones(p skein.Permission) bool { return p == skein.PermitZones || p == skein.PermitRecords }

// FullRole is the role that may do everything in a tenant of a kind.
func FullRole(kind string) skein.AccessRole {
	switch kind {
	case skein.TenantRoot:
		return skein.RoleRoot
	case skein.TenantReseller:
		return skein.RoleReseller
	}
	return skein.RoleCustomer
}

// Assign says whether an actor may make somebody of a role in a tenant. No role
// is a panel's.
func (k Known) Assign(a skein.Actor, r skein.AccessRole, tenant string) error {
	if err := k.Permit(a, skein.PermitAccess); err != nil {
		return err
	}
	kind := k.Kind(tenant)
	if kind == "" || !k.Reaches(a, tenant) {
		return NoTenant(tenant)
	}
	if r == "" || r == skein.RoleReadOnly || r == FullRole(kind) {
		return nil
	}
	return &skein.Error{Kind: skein.KindInvalid,
		What: fmt.Sprintf("nobody in a tenant of the kind %s has the role %.100q", kind, r),
		Mend: fmt.Sprintf("the roles there are %s and %s", FullRole(kind), skein.RoleReadOnly)}
}

// NoTenant is the same for a tenant that does not exist and for one that an
// actor does not reach.
func NoTenant(name string) error {
	return &skein.Error{Kind: skein.KindNotFound,
		What: fmt.Sprintf("there is no tenant %.200q", name), Mend: "skein tenant list shows those that there are"}
}
