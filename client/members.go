package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"iter"
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

// ListDrivers returns the kinds of members that there can be.
func (c *Client) ListDrivers(ctx context.Context) (skein.DriverList, error) {
	return get[skein.DriverList](ctx, c, "/drivers", nil)
}

// GetMember returns one member with what was observed of it, and the ETag that
// its changes take.
func (c *Client) GetMember(ctx context.Context, member string) (m skein.Member, etag string, err error) {
	return tagged[skein.Member](ctx, c, "/members/"+name(member))
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

// TestMember tests a member; a pending one that passes becomes enabled, unless
// it is a panel's server that would be given all zones.
func (c *Client) TestMember(ctx context.Context, member string) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPost, path: "/members/" + name(member) + "/test", patience: testPatience})
}

// EditMember changes settings of a member, which is tested with them; those
// that are missing stay. With Expect only if it is as it was when it was read.
func (c *Client) EditMember(ctx context.Context, member string, edit skein.EditMember) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPatch, path: "/members/" + name(member), patience: testPatience}.json(edit).expect(edit.Expect))
}

// ReplaceMember is EditMember for a new machine under the old name: nothing of
// what was seen of the old one counts any more.
func (c *Client) ReplaceMember(ctx context.Context, member string, edit skein.EditMember) (skein.MemberResult, error) {
	return answer[skein.MemberResult](ctx, c, call{method: http.MethodPut, path: "/members/" + name(member) + "/replacement", patience: testPatience}.json(edit).expect(edit.Expect))
}

// GetMemberPlan returns what would be written to a member now if it were enabled.
func (c *Client) GetMemberPlan(ctx context.Context, member string) (skein.MemberPlan, error) {
	return answer[skein.MemberPlan](ctx, c, call{method: http.MethodGet, path: "/members/" + name(member) + "/plan", patience: bulkPatience})
}

// EnableMember lets a member take part, with an ETag only if it is as it was
// when it was read. One to which nothing was written yet is tested; it may want
// the Confirm of its plan.
func (c *Client) EnableMember(ctx context.Context, member, etag, confirm string) (skein.Member, error) {
	q := url.Values{}
	put(q, "confirm", confirm)
	return answer[skein.Member](ctx, c, call{method: http.MethodPost, path: "/members/" + name(member) + "/enable", query: q, patience: testPatience}.expect(etag))
}

// ObserveMember has a member looked at and compared; nothing is written to it.
func (c *Client) ObserveMember(ctx context.Context, member, etag string) (skein.Member, error) {
	return c.switchMember(ctx, member, "observe", etag)
}

// DisableMember keeps a member from being written to; what it serves stays.
func (c *Client) DisableMember(ctx context.Context, member, etag string) (skein.Member, error) {
	return c.switchMember(ctx, member, "disable", etag)
}

func (c *Client) switchMember(ctx context.Context, member, to, etag string) (skein.Member, error) {
	return answer[skein.Member](ctx, c, call{method: http.MethodPost, path: "/members/" + name(member) + "/" + to}.expect(etag))
}

// RemoveMember says what becomes of a member's zones when it goes.
type RemoveMember struct {
	Clean  bool // first delete Skein's zones on it
	DryRun bool
	Expect string // ETag
}

// RemoveMember forgets a member; with Clean its zones are first deleted on it.
func (c *Client) RemoveMember(ctx context.Context, member string, r RemoveMember) (skein.MemberRemoval, error) {
	q := url.Values{}
	flag(q, "clean", r.Clean)
	flag(q, "dry_run", r.DryRun)
	return answer[skein.MemberRemoval](ctx, c, call{method: http.MethodDelete, path: "/members/" + name(member), query: q, patience: bulkPatience}.expect(r.Expect))
}

// GetMemberLog yields the lines of a member's debug log, oldest first. With
// follow it goes on with what is written from now on, until ctx ends. After an
// error it ends.
func (c *Client) GetMemberLog(ctx context.Context, member string, follow bool) iter.Seq2[json.RawMessage, error] {
	q := url.Values{}
	flag(q, "follow", follow)
	return func(yield func(json.RawMessage, error) bool) {
		err := c.lines(ctx, call{method: http.MethodGet, path: "/members/" + name(member) + "/log", query: q}, func(line []byte) bool { return yield(bytes.Clone(line), nil) })
		if err != nil && ctx.Err() == nil {
			yield(nil, err)
		}
	}
}

// ImportMember yields what becomes of each zone of a member, or of those that are
// named, as it is taken in. A step without a zone is why the rest was not done.
// After an error it ends.
func (c *Client) ImportMember(ctx context.Context, member string, in skein.ImportMember) iter.Seq2[skein.ImportStep, error] {
	return func(yield func(skein.ImportStep, error) bool) {
		var broken error
		err := c.lines(ctx, call{method: http.MethodPost, path: "/members/" + name(member) + "/import"}.json(in), func(line []byte) bool {
			var step skein.ImportStep
			if broken = json.Unmarshal(line, &step); broken != nil {
				return false
			}
			return yield(step, nil)
		})
		if err = cmp.Or(err, broken); err != nil {
			yield(skein.ImportStep{}, err)
		}
	}
}
