package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
)

// bulkPatience is for what changes many zones in one call.
const bulkPatience = 30 * time.Minute

// ListSources returns all sources with what was observed of them.
func (c *Client) ListSources(ctx context.Context) (skein.SourceList, error) {
	return get[skein.SourceList](ctx, c, "/sources", nil)
}

// GetSource returns one source, and the ETag that EditSource takes as Expect.
func (c *Client) GetSource(ctx context.Context, source string) (s skein.Source, etag string, err error) {
	return tagged[skein.Source](ctx, c, "/sources/"+name(source))
}

// AddSource makes a source; KindConflict if there is one of that name.
func (c *Client) AddSource(ctx context.Context, s skein.NewSource) (skein.Source, error) {
	return send[skein.Source](ctx, c, http.MethodPost, "/sources", s)
}

// EditSource makes a source what is given; keys that are not given stay. With
// Expect only if it is as it was when it was read.
func (c *Client) EditSource(ctx context.Context, s skein.NewSource) (skein.Source, error) {
	return answer[skein.Source](ctx, c, call{method: http.MethodPut, path: "/sources/" + name(s.Name)}.json(s).expect(s.Expect))
}

// RemoveQuery says what becomes of what a source leaves.
type RemoveQuery struct {
	Zones  string // keep, hand-over or recycle
	To     string // who gets them, for hand-over
	DryRun bool
}

// RemoveSource removes a source with its tokens, rules and what waits of it.
func (c *Client) RemoveSource(ctx context.Context, source string, r RemoveQuery) (skein.SourceRemoval, error) {
	q := url.Values{}
	put(q, "zones", r.Zones)
	put(q, "to", r.To)
	flag(q, "dry_run", r.DryRun)
	return answer[skein.SourceRemoval](ctx, c, call{method: http.MethodDelete, path: "/sources/" + name(source), query: q, patience: bulkPatience})
}

// RevertSource undoes what a source changed since a time, zone by zone. With
// the ID of an earlier plan it goes on where that one ended.
func (c *Client) RevertSource(ctx context.Context, source string, body skein.RevertBody) (skein.Revert, error) {
	return answer[skein.Revert](ctx, c, call{method: http.MethodPost, path: "/sources/" + name(source) + "/revert", patience: bulkPatience}.json(body))
}

// ListSourceRules returns the standing rules between sources.
func (c *Client) ListSourceRules(ctx context.Context) (skein.RuleList, error) {
	return get[skein.RuleList](ctx, c, "/source-rules", nil)
}

// PutSourceRule makes a standing rule; one that is there stays.
func (c *Client) PutSourceRule(ctx context.Context, r skein.SourceRule) error {
	_, err := c.do(ctx, call{method: http.MethodPut, path: rulePath(r)})
	return err
}

// DeleteSourceRule ends a standing rule.
func (c *Client) DeleteSourceRule(ctx context.Context, r skein.SourceRule) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: rulePath(r)})
	return err
}

func rulePath(r skein.SourceRule) string {
	return "/source-rules/" + name(r.Kind) + "/" + name(r.From) + "/" + name(r.To)
}

// TransferQuery asks for a part of the zones that are transferred in.
type TransferQuery struct {
	skein.Page
	Source  string
	Catalog string // the members of this one
}

// ListTransferZones returns a part of the zones that sources ask to be
// transferred; see AllTransferZones.
func (c *Client) ListTransferZones(ctx context.Context, t TransferQuery) (skein.TransferZoneList, error) {
	q := pageQuery(t.Page)
	put(q, "source", t.Source)
	put(q, "catalog", t.Catalog)
	return get[skein.TransferZoneList](ctx, c, "/transfer-zones", q)
}

// AllTransferZones yields every zone that a source asks to be transferred, of
// all sources if it is empty. After an error it ends.
func (c *Client) AllTransferZones(ctx context.Context, source string) iter.Seq2[skein.TransferZone, error] {
	return pages(func(cursor string) ([]skein.TransferZone, string, error) {
		list, err := c.ListTransferZones(ctx, TransferQuery{Page: skein.Page{Cursor: cursor, Limit: 1000}, Source: source})
		return list.Zones, list.Next, err
	})
}

// GetTransferZone returns one of them.
func (c *Client) GetTransferZone(ctx context.Context, zone string) (skein.TransferZone, error) {
	return get[skein.TransferZone](ctx, c, "/transfer-zones/"+name(zone), nil)
}

// AddTransferZone has a zone transferred from a source from now on.
func (c *Client) AddTransferZone(ctx context.Context, z skein.NewTransferZone) (skein.TransferZoneResult, error) {
	return send[skein.TransferZoneResult](ctx, c, http.MethodPost, "/transfer-zones", z)
}

// ChangeTransferZone gives a zone other primaries.
func (c *Client) ChangeTransferZone(ctx context.Context, z skein.NewTransferZone) (skein.TransferZone, error) {
	return send[skein.TransferZone](ctx, c, http.MethodPut, "/transfer-zones/"+name(z.Name), z)
}

// DeleteTransferZone ends the transfers of a zone: its source does not list it
// any more, and the zone is deleted.
func (c *Client) DeleteTransferZone(ctx context.Context, zone string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/transfer-zones/" + name(zone)})
	return err
}

// ListWaiting returns a part of what waits for a person; see AllWaiting.
func (c *Client) ListWaiting(ctx context.Context, f skein.WaitingFilter, p skein.Page) (skein.WaitingList, error) {
	q := pageQuery(p)
	for _, kind := range f.Kinds {
		q.Add("kind", kind)
	}
	put(q, "zone", f.Zone)
	put(q, "source", f.Source)
	return get[skein.WaitingList](ctx, c, "/waiting", q)
}

// AllWaiting yields everything that waits and fits the filter, the oldest
// first. After an error it ends.
func (c *Client) AllWaiting(ctx context.Context, f skein.WaitingFilter) iter.Seq2[skein.Waiting, error] {
	return pages(func(cursor string) ([]skein.Waiting, string, error) {
		list, err := c.ListWaiting(ctx, f, skein.Page{Cursor: cursor, Limit: 1000})
		return list.Waiting, list.Next, err
	})
}

// GetWaiting returns a change that waits, with both versions, and the ETag
// that ReleaseWaiting and DiscardWaiting take.
func (c *Client) GetWaiting(ctx context.Context, id int64) (w skein.WaitingDetail, etag string, err error) {
	return tagged[skein.WaitingDetail](ctx, c, waitingPath(id))
}

// ReleaseWaiting lets a change through. With the ETag of what was looked at it
// fails if a newer change has taken its place.
func (c *Client) ReleaseWaiting(ctx context.Context, id int64, etag string) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: waitingPath(id) + "/release", waits: true}.expect(etag))
}

// DiscardWaiting drops a change, as ReleaseWaiting lets it through.
func (c *Client) DiscardWaiting(ctx context.Context, id int64, etag string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: waitingPath(id)}.expect(etag))
	return err
}

// ReleaseAllWaiting lets everything through that fits the filter.
func (c *Client) ReleaseAllWaiting(ctx context.Context, f skein.WaitingFilter) (skein.WaitingResult, error) {
	return answer[skein.WaitingResult](ctx, c, call{method: http.MethodPost, path: "/waiting:release", patience: bulkPatience}.json(f))
}

// DiscardAllWaiting drops everything that fits the filter.
func (c *Client) DiscardAllWaiting(ctx context.Context, f skein.WaitingFilter) (skein.WaitingResult, error) {
	return answer[skein.WaitingResult](ctx, c, call{method: http.MethodPost, path: "/waiting:discard", patience: bulkPatience}.json(f))
}

func waitingPath(id int64) string { return "/waiting/" + strconv.FormatInt(id, 10) }
