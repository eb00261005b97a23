package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/skein-dns/skein"
)

// testPatience: a test of a member tries a handful of things, each with a
// timeout of its own on the server.
const testPatience = 5 * time.Minute

// ListMembers returns all members.
func (c *Client) ListMembers(ctx context.Context) (skein.MemberList, error) {
	return get[skein.MemberList](ctx, c, "/members", nil)
}

// GetMember returns one member with what was observed of it.
func (c *Client) GetMember(ctx context.Context, member string) (skein.Member, error) {
	return get[skein.Member](ctx, c, "/members/"+name(member), nil)
}

// ConfigureMember stores a pending member and returns the configuration block
// to paste on it, which holds secrets.
func (c *Client) ConfigureMember(ctx context.Context, m skein.NewMember) (skein.MemberResult, error) {
	return send[skein.MemberResult](ctx, c, http.MethodPost, "/members:config", m)
}

// GetMemberConfig returns a member with its configuration block.
func (c *Client) GetMemberConfig(ctx context.Context, member string, style skein.ConfigStyle) (skein.MemberResult, error) {
	q := url.Values{}
	put(q, "directory", style.Directory)
	flag(q, "merge", style.Merge)
	return get[skein.MemberResult](ctx, c, "/members/"+name(member)+"/config", q)
}

// AddMember stores a member, tests it and enables it if it passes.
func (c *Client) AddMember(ctx context.Context, m skein.NewMember) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPost, path: "/members", patience: testPatience}.json(m))
}

// TestMember tests a member; a pending one that passes becomes enabled.
func (c *Client) TestMember(ctx context.Context, member string) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPost, path: "/members/" + name(member) + "/test", patience: testPatience})
}

// EnableMember lets a member take part.
func (c *Client) EnableMember(ctx context.Context, member string) (skein.Member, error) {
	return send[skein.Member](ctx, c, http.MethodPost, "/members/"+name(member)+"/enable", nil)
}

// DisableMember keeps a member from being written to; what it serves stays.
func (c *Client) DisableMember(ctx context.Context, member string) (skein.Member, error) {
	return send[skein.Member](ctx, c, http.MethodPost, "/members/"+name(member)+"/disable", nil)
}

// RemoveMember forgets a member; with clean its zones are first deleted on it.
func (c *Client) RemoveMember(ctx context.Context, member string, clean bool) (skein.MemberRemoval, error) {
	q := url.Values{}
	flag(q, "clean", clean)
	return answer[skein.MemberRemoval](ctx, c, call{method: http.MethodDelete, path: "/members/" + name(member), query: q, patience: 30 * time.Minute})
}
