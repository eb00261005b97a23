package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// ListPools returns all pools.
func (c *Client) ListPools(ctx context.Context) (skein.PoolList, error) {
	return get[skein.PoolList](ctx, c, "/pools", nil)
}

// GetPool returns a pool with what is wrong with its nameserver set, and how
// far its last change has come.
func (c *Client) GetPool(ctx context.Context, pool string) (skein.Pool, error) {
	return get[skein.Pool](ctx, c, "/pools/"+name(pool), nil)
}

// EditPool makes a pool's nameserver set what is given; the zones get it in
// the background.
func (c *Client) EditPool(ctx context.Context, pool string, set skein.EditPool) (skein.Pool, error) {
	return send[skein.Pool](ctx, c, http.MethodPut, "/pools/"+name(pool), set)
}
