package auth

import "github.com/skein-dns/skein"

// Known is what the rules look at beside who asks and what about: the tenants,
// the sources and the standing rules at one moment. It is not to be changed.
// The zero value knows root alone.
type Known struct {
	Tenants map[string]skein.Tenant
	Sources map[string]skein.Source
	Rules   []skein.SourceRule
}

// PeopleOf is the source of the zones that a tenant's people put in.
func PeopleOf(tenant string) string {
	if TenantName(tenant) == skein.RootTenant {
		return Administrators
	}
	return tenant
}

// ByPeople reports whether zones of an origin are put in by people: no panel
// sends them.
func (k Known) ByPeople(origin string) bool {
	_, is := k.Tenants[origin]
	return origin == Administrators || is && origin != skein.RootTenant
}

// TenantOf returns the tenant of an actor: a panel's is that of its source.
func (k Known) TenantOf(a skein.Actor) string {
	switch {
	case role(a) == skein.RoleRoot:
		return skein.RootTenant
	case a.Role != "":
		return TenantName(a.Tenant)
	}
	return k.OwnerOf(a.Source)
}

// OwnerOf returns the tenant that owns the zones of a source.
func (k Known) OwnerOf(source string) string {
	if k.ByPeople(source) && source != Administrators {
		return source
	}
	return TenantName(k.Sources[source].Tenant)
}

// Kind returns the kind of a tenant, "" if there is none of the name.
func (k Known) Kind(tenant string) string {
	if TenantName(tenant) == skein.RootTenant {
		return skein.TenantRoot
	}
	return k.Tenants[tenant].Kind
}

// Panel reports whether an actor is a program that acts for its source alone.
func Panel(a skein.Actor) bool { return role(a) == "" }

// Whole reports whether an actor looks at everything, whosever it is: it is
// root's, and no panel.
func (k Known) Whole(a skein.Actor) bool {
	return role(a) == skein.RoleRoot || a.Role != "" && TenantName(a.Tenant) == skein.RootTenant
}

// Reaches reports whether what a tenant owns is an actor's affair: the
// tenant is its own, or below that. A panel reaches no tenant, but its source.
func (k Known) Reaches(a skein.Actor, tenant string) bool {
	if role(a) == "" {
		return false
	}
	return k.under(k.TenantOf(a), tenant)
}

// under reports whether a tenant is another, or below that.
func (k Known) under(mine, tenant string) bool {
	return mine == skein.RootTenant || mine == TenantName(tenant) || TenantName(k.Tenants[tenant].Parent) == mine
}

// Clustered reports whether an actor is a panel that is a server of the
// cluster: it changes what is its source's, and sees all that its tenant has.
func Clustered(a skein.Actor) bool { return role(a) == "" && a.Scope.Cluster }

// Tenancy returns the tenants that an actor reaches; none if it is a panel, and
// those who look at the whole need not ask.
func (k Known) Tenancy(a skein.Actor) (names []string) {
	if role(a) == "" {
		return nil
	}
	return k.Under(k.TenantOf(a))
}

// Under returns a tenant and those below it.
func (k Known) Under(mine string) []string {
	names := []string{mine}
	for name := range k.Tenants {
		if name != mine && k.under(mine, name) {
			names = append(names, name)
		}
	}
	return names
}

// TenantName is a tenant's name, which is missing in what is older than tenants.
func TenantName(tenant string) string {
	if tenant == "" {
		return skein.RootTenant
	}
	return tenant
}

// role is an actor's role. Programs of ours say that they are administrators,
// and no more.
func role(a skein.Actor) skein.AccessRole {
	if a.Admin {
		return skein.RoleRoot
	}
	return a.Role
}

// Speaker returns the actor that speaks for a source: somebody who has the full
// role of the tenant, if people put its zones in.
func (k Known) Speaker(name, door, source string) skein.Actor {
	a := skein.Actor{Name: name, Door: door, Source: source}
	if k.ByPeople(source) {
		a.Tenant = k.OwnerOf(source)
		a.Role = FullRole(k.Kind(a.Tenant))
		a.Admin = a.Role == skein.RoleRoot
	}
	return a
}
