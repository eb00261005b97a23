package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) poolRoutes() {
	const tag = "Pools"
	handle(s, route{id: "list-pools", method: "GET", path: "/pools", tag: tag,
		summary: "List pools", doc: "The members and the nameserver sets that serve zones: root's `default`, and those of resellers that may have one."}, s.listPools)
	handle(s, route{id: "create-pool", method: "POST", path: "/pools", tag: tag, status: 201,
		summary: "Make a pool", doc: "A reseller makes one, of its own name; root makes any. A tenant's zones move to it when its `pool` says so.", refuses: []int{404, 409}}, s.createPool)
	handle(s, route{id: "get-pool", method: "GET", path: "/pools/{name}", tag: tag,
		summary: "Show a pool", doc: "With what is wrong with its nameserver set, as far as can be seen, and how far its last change has come to the zones.", refuses: []int{404}}, s.getPool)
	handle(s, route{id: "edit-pool", method: "PUT", path: "/pools/{name}", tag: tag,
		summary: "Change a pool's nameserver set", doc: "It becomes what is sent. With the rule `add` or `replace` every zone shows it, those that come in from now on at once and the others one after the other in the background: `progress` of the pool tells how far that is. Zones that their source signs stay as they are.", refuses: []int{404, 412}}, s.editPool)
	handle(s, route{id: "delete-pool", method: "DELETE", path: "/pools/{name}", tag: tag, status: 204,
		summary: "Delete a pool", doc: "Refused while zones, members or tenants are in it.", refuses: []int{404, 409, 412}}, s.deletePool)
	handle(s, route{id: "share-member", method: "PUT", path: "/pools/{name}/members/{member}", tag: tag,
		summary: "Share a member with a pool", doc: "It serves the zones of that pool too, in a role of its own there, or gets another role there.", refuses: []int{404, 409, 412}}, s.shareMember)
	handle(s, route{id: "unshare-member", method: "DELETE", path: "/pools/{name}/members/{member}", tag: tag,
		summary: "Share a member no more", doc: "What it has of that pool's zones stays on it, and is no longer looked after.", refuses: []int{404, 409, 412}}, s.unshareMember)
}

// PoolInput names the pool of a path.
type PoolInput struct {
	Name string `path:"name" maxLength:"200" example:"default"`
}

func (s *server) listPools(ctx context.Context, _ *none) (*out[skein.PoolList], error) {
	list, err := s.Control.Pools(ctx, actorOf(ctx))
	return &out[skein.PoolList]{skein.PoolList{Pools: notNil(list)}}, err
}

func (s *server) getPool(ctx context.Context, in *PoolInput) (*VersionOut[skein.Pool], error) {
	return poolOut(s.Control.Pool(ctx, actorOf(ctx), in.Name))
}

func poolOut(p skein.Pool, err error) (*VersionOut[skein.Pool], error) {
	return versionOut(p, p.Version, err)
}

type newPoolInput struct{ Body skein.NewPool }

func (s *server) createPool(ctx context.Context, in *newPoolInput) (*VersionOut[skein.Pool], error) {
	return poolOut(s.Control.AddPool(ctx, actorOf(ctx), in.Body))
}

type editPoolInput struct {
	PoolInput
	ExpectInput
	Body skein.EditPool
}

func (s *server) editPool(ctx context.Context, in *editPoolInput) (*VersionOut[skein.Pool], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return poolOut(s.Control.EditPool(ctx, actorOf(ctx), in.Name, in.Body, expect))
}

type deletePoolInput struct {
	PoolInput
	ExpectInput
}

func (s *server) deletePool(ctx context.Context, in *deletePoolInput) (*none, error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return &none{}, s.Control.RemovePool(ctx, actorOf(ctx), in.Name, expect)
}

// ShareInput names a pool and a member of another.
type ShareInput struct {
	PoolInput
	Member string `path:"member" maxLength:"253" example:"ns2.example.net"`
	ExpectInput
	DryRun bool `query:"dry_run" doc:"say what would be written to it, change nothing"`
}

func (in *ShareInput) share(role skein.Role) (control.ShareMember, error) {
	expect, err := in.version()
	return control.ShareMember{Member: in.Member, Pool: in.Name, Role: role, Expect: expect, DryRun: in.DryRun}, err
}

type shareInput struct {
	ShareInput
	Body skein.ShareMember
}

func (s *server) shareMember(ctx context.Context, in *shareInput) (*MemberOut[skein.MemberResult], error) {
	share, err := in.share(in.Body.Role)
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.ShareMember(ctx, actorOf(ctx), share))
}

func (s *server) unshareMember(ctx context.Context, in *ShareInput) (*MemberOut[skein.MemberResult], error) {
	share, err := in.share("")
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.UnshareMember(ctx, actorOf(ctx), share))
}
