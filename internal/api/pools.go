package api

import (
	"context"

	"github.com/skein-dns/skein"
)

func (s *server) poolRoutes() {
	const tag = "Pools"
	handle(s, route{id: "list-pools", method: "GET", path: "/pools", tag: tag,
		summary: "List pools", doc: "The members and the nameserver set that serve zones; there is one, `default`."}, s.listPools)
	handle(s, route{id: "get-pool", method: "GET", path: "/pools/{name}", tag: tag,
		summary: "Show a pool", doc: "With what is wrong with its nameserver set, as far as can be seen, and how far its last change has come to the zones.", refuses: []int{404}}, s.getPool)
	handle(s, route{id: "edit-pool", method: "PUT", path: "/pools/{name}", tag: tag,
		summary: "Change a pool's nameserver set", doc: "It becomes what is sent. With the rule `add` or `replace` every zone shows it, those that come in from now on at once and the others one after the other in the background: `progress` of the pool tells how far that is. Zones that their source signs stay as they are.", refuses: []int{404}}, s.editPool)
}

// PoolInput names the pool of a path.
type PoolInput struct {
	Name string `path:"name" maxLength:"200" example:"default"`
}

func (s *server) listPools(ctx context.Context, _ *none) (*out[skein.PoolList], error) {
	list, err := s.Control.Pools(ctx, actorOf(ctx))
	return &out[skein.PoolList]{skein.PoolList{Pools: notNil(list)}}, err
}

func (s *server) getPool(ctx context.Context, in *PoolInput) (*out[skein.Pool], error) {
	p, err := s.Control.Pool(ctx, actorOf(ctx), in.Name)
	return &out[skein.Pool]{p}, err
}

type editPoolInput struct {
	PoolInput
	Body skein.EditPool
}

func (s *server) editPool(ctx context.Context, in *editPoolInput) (*out[skein.Pool], error) {
	p, err := s.Control.EditPool(ctx, actorOf(ctx), in.Name, in.Body)
	return &out[skein.Pool]{p}, err
}
