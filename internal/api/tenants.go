package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) tenantRoutes() {
	const tag = "Tenants"
	handle(s, route{id: "list-tenants", method: "GET", path: "/tenants", tag: tag,
		summary: "List tenants", doc: "The caller's own and those below it, by name."}, s.listTenants)
	handle(s, route{id: "add-tenant", method: "POST", path: "/tenants", tag: tag, status: 201,
		summary: "Add a tenant", doc: "A reseller below root, or a customer below either. It gets a source of its own name, for the zones that its people put in.", refuses: []int{409}}, s.addTenant)
	handle(s, route{id: "get-tenant", method: "GET", path: "/tenants/{name}", tag: tag,
		summary: "Show a tenant", refuses: []int{404}}, s.getTenant)
	handle(s, route{id: "edit-tenant", method: "PATCH", path: "/tenants/{name}", tag: tag,
		summary: "Change a tenant", doc: "What is not sent stays. With another pool its zones move in the background, one after the other.", refuses: []int{404, 409, 412}}, s.editTenant)
	handle(s, route{id: "remove-tenant", method: "DELETE", path: "/tenants/{name}", tag: tag, status: 204,
		summary: "Remove a tenant", doc: "Refused while it has zones, sources, users or tenants below it.", refuses: []int{404, 409}}, s.removeTenant)
}

// TenantInput names the tenant of a path.
type TenantInput struct {
	Name string `path:"name" maxLength:"200" example:"north-hosting"`
}

func (s *server) listTenants(ctx context.Context, _ *none) (*out[skein.TenantList], error) {
	tenants, err := s.Control.Tenants(ctx, actorOf(ctx))
	return &out[skein.TenantList]{skein.TenantList{Tenants: notNil(tenants)}}, err
}

func (s *server) getTenant(ctx context.Context, in *TenantInput) (*VersionOut[skein.Tenant], error) {
	return tenantOut(s.Control.Tenant(ctx, actorOf(ctx), in.Name))
}

func tenantOut(t skein.Tenant, err error) (*VersionOut[skein.Tenant], error) {
	return versionOut(t, t.Version, err)
}

type newTenantInput struct{ Body skein.NewTenant }

func (s *server) addTenant(ctx context.Context, in *newTenantInput) (*VersionOut[skein.Tenant], error) {
	b := in.Body
	return tenantOut(s.Control.AddTenant(ctx, actorOf(ctx), skein.Tenant{Name: b.Name, Kind: b.Kind, Parent: b.Parent, Clustering: b.Clustering, Pool: b.Pool}))
}

type editTenantInput struct {
	TenantInput
	ExpectInput
	Body skein.EditTenant
}

func (s *server) editTenant(ctx context.Context, in *editTenantInput) (*VersionOut[skein.Tenant], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return tenantOut(s.Control.EditTenant(ctx, actorOf(ctx), control.EditTenant{Name: in.Name, Clustering: in.Body.Clustering, Pool: in.Body.Pool, Expect: expect}))
}

func (s *server) removeTenant(ctx context.Context, in *TenantInput) (*none, error) {
	return &none{}, s.Control.RemoveTenant(ctx, actorOf(ctx), in.Name)
}
