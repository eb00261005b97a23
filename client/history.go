package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/skein-dns/skein"
)

// ZoneHistory returns the newest changes of a zone, newest first; limit 0 is
// the server's default.
func (c *Client) ZoneHistory(ctx context.Context, zone string, limit int) (skein.ChangeList, error) {
	return get[skein.ChangeList](ctx, c, "/zones/"+name(zone)+"/history", pageQuery(skein.Page{Limit: limit}))
}

// GetVersion returns the contents at a revision as a zone file.
func (c *Client) GetVersion(ctx context.Context, zone string, at skein.Revision) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/zones/" + name(zone) + "/versions/" + strconv.FormatUint(uint64(at), 10)})
}

// DiffQuery says what to compare: two revisions, or what is stored with what
// a member serves.
type DiffQuery struct {
	From   skein.Revision // 0: the newest
	To     skein.Revision // 0: the newest
	Member string         // instead: from what is published to what this member serves
}

// DiffZone compares versions of a zone.
func (c *Client) DiffZone(ctx context.Context, zone string, d DiffQuery) (skein.DeltaBody, error) {
	q := url.Values{}
	put(q, "member", d.Member)
	for key, revision := range map[string]skein.Revision{"from": d.From, "to": d.To} {
		if revision > 0 {
			q.Set(key, strconv.FormatUint(uint64(revision), 10))
		}
	}
	return get[skein.DeltaBody](ctx, c, "/zones/"+name(zone)+"/diff", q)
}

// DiffZoneFile compares what is published with a zone file: what would change
// if the file were imported.
func (c *Client) DiffZoneFile(ctx context.Context, zone string, text []byte) (skein.DeltaBody, error) {
	return answer[skein.DeltaBody](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/diff", body: text, mime: "text/dns"})
}

// ListDeletedZones returns a part of the zones that can be brought back, the
// newest deletion first; see AllDeletedZones for all of them.
func (c *Client) ListDeletedZones(ctx context.Context, p skein.Page) (skein.DeletedList, error) {
	return get[skein.DeletedList](ctx, c, "/zones:deleted", pageQuery(p))
}

// AllDeletedZones yields every deleted zone that can be brought back and whose
// name contains the text ("" for all), the newest deletion first. After an
// error it ends.
func (c *Client) AllDeletedZones(ctx context.Context, contains string) iter.Seq2[skein.DeletedZone, error] {
	return pages(func(cursor string) ([]skein.DeletedZone, string, error) {
		list, err := c.ListDeletedZones(ctx, skein.Page{Cursor: cursor, Limit: 1000, Contains: contains})
		return list.Zones, list.Next, err
	})
}

// RestoreZone makes the contents of an old revision those of the zone again.
func (c *Client) RestoreZone(ctx context.Context, zone string, body skein.RestoreBody) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/restore"}.json(body).change(body.ChangeID, body.Expect))
}

// UndeleteZone brings a deleted zone back; KindConflict if the name is taken.
func (c *Client) UndeleteZone(ctx context.Context, zone string, body skein.UndeleteBody) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/undelete"}.json(body).change(body.ChangeID, nil))
}
