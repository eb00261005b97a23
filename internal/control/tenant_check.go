package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// checkTenant says what is wrong with a tenant that an actor describes; before
// is what it was, and empty if it is new.
func (c *Control) checkTenant(ctx context.Context, k auth.Known, actor skein.Actor, t, before skein.Tenant) error {
	parent := k.Kind(t.Parent)
	switch {
	case parent == "" || !k.Reaches(actor, t.Parent):
		return auth.NoTenant(t.Parent)
	case t.Kind != skein.TenantReseller && t.Kind != skein.TenantCustomer:
		return invalid(fmt.Sprintf("there is no tenant of the kind %.100q", t.Kind), "a tenant is a reseller or a customer")
	case t.Kind == skein.TenantReseller && parent != skein.TenantRoot, parent == skein.TenantCustomer:
		return invalid(fmt.Sprintf("a %s cannot be below %s, which is a %s", t.Kind, t.Parent, parent), "resellers are below root, customers below a reseller or root")
	case t.Clustering && t.Kind != skein.TenantReseller:
		return invalid("only a reseller has a cluster of its own", "leave clustering out")
	case !k.Whole(actor) && (t.Clustering != before.Clustering || before.Name != "" && t.Parent != before.Parent):
		return &skein.Error{Kind: skein.KindForbidden, What: "who is below whom, and who has a cluster of its own, is up to those who run Skein", Mend: "ask them"}
	}
	if t.Pool == before.Pool && t.Parent == before.Parent {
		return nil
	}
	return c.mayServe(ctx, k, actor, t)
}

// sourceFree says whether an actor may make a source of a name. Root may take up
// what another of that name has left.
func (c *Control) sourceFree(ctx context.Context, k auth.Known, actor skein.Actor, name string) error {
	if k.Whole(actor) {
		return nil
	}
	return c.nameFree(ctx, k, "source", name)
}

// nameFree says whether a new tenant or source can have a name: nothing is left
// of one that had it before, which would be seen by the new one.
func (c *Control) nameFree(ctx context.Context, k auth.Known, what, name string) error {
	_, source := k.Sources[name]
	_, tenant := k.Tenants[name]
	if source || tenant || auth.Source(name, false) != nil {
		return nameTaken(what, name)
	}
	zones, err := c.Store.List(ctx, store.ListQuery{Origin: name, Limit: 1})
	if err != nil {
		return err
	}
	gone, err := c.Store.Deleted(ctx, store.DeletedQuery{Origin: name, Limit: 1})
	if err != nil {
		return err
	}
	owned, err := c.Store.Deleted(ctx, store.DeletedQuery{Owners: []string{name}, Limit: 1})
	if err != nil {
		return err
	}
	told, err := c.Store.Audit(ctx, skein.AuditQuery{Tenants: []string{name}, Limit: 1})
	if err != nil {
		return err
	}
	if len(zones)+len(gone)+len(owned)+len(told) > 0 {
		return nameTaken(what, name)
	}
	return nil
}

// subject returns a tenant that an actor manages: it is below its own.
func subject(k auth.Known, actor skein.Actor, name string) (skein.Tenant, error) {
	t, there := k.Tenants[name]
	switch {
	case !there || !k.Reaches(actor, name):
		return t, auth.NoTenant(name)
	case t.Kind == skein.TenantRoot:
		return t, invalid("root is what it is", "change one of the others")
	case !k.Reaches(actor, t.Parent):
		return t, &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("what %s may is up to those above", name), Mend: "ask them"}
	}
	return t, nil
}

// tenantEmpty refuses to remove a tenant that still has something.
func (c *Control) tenantEmpty(ctx context.Context, k auth.Known, name string) error {
	zones, err := c.Store.OwnerTallies(ctx)
	if err != nil {
		return err
	}
	users, err := c.Store.Users(ctx, []string{name})
	if err != nil {
		return err
	}
	tokens, err := c.Store.Tokens(ctx)
	if err != nil {
		return err
	}
	waiting, err := c.Store.Waiting(ctx, store.WaitingQuery{Source: name, Limit: 1})
	if err != nil {
		return err
	}
	templates, err := c.Store.Templates(ctx, []string{name})
	if err != nil {
		return err
	}
	has := []struct {
		what string
		n    int
	}{{"zones", zones[name]}, {"users", len(users)}, {"tokens", 0}, {"sources", 0}, {"customers", 0}, {"changes that wait", len(waiting)}, {"templates", len(templates)}}
	for _, t := range tokens {
		if k.TenantOf(holder(t)) == name {
			has[2].n++
		}
	}
	for source := range k.Sources {
		if source != name && k.OwnerOf(source) == name {
			has[3].n++
		}
	}
	for _, t := range k.Tenants {
		if t.Parent == name {
			has[4].n++
		}
	}
	for _, h := range has {
		if h.n > 0 {
			return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("%s still has %s (%d)", name, h.what, h.n), Mend: "remove them first, or give them to another"}
		}
	}
	return nil
}
