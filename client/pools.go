package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/skein-dns/skein"
)

// ListPools returns all pools.
func (c *Client) ListPools(ctx context.Context) (skein.PoolList, error) {
	return get[skein.PoolList](ctx, c, "/pools", nil)
}

// GetPool returns a pool with what is wrong with its nameserver set, and how
// far its last change has come, and the ETag that EditPool takes.
func (c *Client) GetPool(ctx context.Context, pool string) (p skein.Pool, etag string, err error) {
	return tagged[skein.Pool](ctx, c, "/pools/"+name(pool))
}

// CreatePool makes a pool; KindConflict if there is one of that name.
func (c *Client) CreatePool(ctx context.Context, body skein.NewPool) (skein.Pool, error) {
	return send[skein.Pool](ctx, c, http.MethodPost, "/pools", body)
}

// EditPool makes a pool's nameserver set what is given; the zones get it in
// the background. With an ETag only if it is as it was when it was read.
func (c *Client) EditPool(ctx context.Context, pool string, set skein.EditPool, etag string) (skein.Pool, error) {
	return answer[skein.Pool](ctx, c, call{method: http.MethodPut, path: "/pools/" + name(pool)}.json(set).expect(etag))
}

// DeletePool deletes a pool that nothing is in any more.
func (c *Client) DeletePool(ctx context.Context, pool string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/pools/" + name(pool)})
	return err
}

// ShareMember has a member serve the zones of another pool too.
func (c *Client) ShareMember(ctx context.Context, pool, member string, body skein.ShareMember) (skein.MemberResult, error) {
	q := url.Values{}
	flag(q, "dry_run", body.DryRun)
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPut, path: "/pools/" + name(pool) + "/members/" + name(member), query: q}.json(body))
}

// UnshareMember has a member serve the zones of another pool no more.
func (c *Client) UnshareMember(ctx context.Context, pool, member string) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodDelete, path: "/pools/" + name(pool) + "/members/" + name(member)})
}
