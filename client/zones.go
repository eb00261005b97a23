package client

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
)

// ListZones returns a part of the list of zones; see AllZones for the whole.
func (c *Client) ListZones(ctx context.Context, f skein.ZoneFilter, p skein.Page) (skein.ZoneList, error) {
	q := pageQuery(p)
	put(q, "owner", f.Owner)
	put(q, "origin", f.Origin)
	put(q, "pool", f.Pool)
	put(q, "member", f.Member)
	put(q, "state", string(f.State))
	return get[skein.ZoneList](ctx, c, "/zones", q)
}

// AllZones yields every zone that the filter selects and whose name contains
// the text ("" for all), in canonical order. After an error it ends.
func (c *Client) AllZones(ctx context.Context, f skein.ZoneFilter, contains string) iter.Seq2[skein.Zone, error] {
	return pages(func(cursor string) ([]skein.Zone, string, error) {
		list, err := c.ListZones(ctx, f, skein.Page{Cursor: cursor, Limit: 1000, Contains: contains})
		return list.Zones, list.Next, err
	})
}

// pages yields the items of a list, part by part.
func pages[T any](part func(cursor string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := ""; ; {
			items, next, err := part(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if cursor = next; cursor == "" {
				return
			}
		}
	}
}

// CreateZone makes a zone; KindConflict if it exists.
func (c *Client) CreateZone(ctx context.Context, body skein.CreateZone) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones"}.json(body).change(body.ChangeID, nil))
}

// GetZone returns a zone and where its newest revision has arrived.
func (c *Client) GetZone(ctx context.Context, zone string) (skein.ZoneDetail, error) {
	return get[skein.ZoneDetail](ctx, c, "/zones/"+name(zone), nil)
}

// Lookup returns what each member answers for a name, of type A if typ is "".
func (c *Client) Lookup(ctx context.Context, name, typ string) (skein.Lookup, error) {
	q := url.Values{"name": {name}}
	put(q, "type", typ)
	return get[skein.Lookup](ctx, c, "/lookup", q)
}

// TraceZone goes from the root of the DNS down to a zone.
func (c *Client) TraceZone(ctx context.Context, zone string) (skein.Trace, error) {
	return get[skein.Trace](ctx, c, "/zones/"+name(zone)+"/trace", nil)
}

// PutZone replaces a zone's contents, or creates the zone.
func (c *Client) PutZone(ctx context.Context, zone string, body skein.PutZone) (skein.ZoneResult, error) {
	what := call{method: http.MethodPut, path: "/zones/" + name(zone)}.json(body).change(body.ChangeID, body.Expect)
	if body.MustExist && body.Expect == nil {
		what.header.Set("If-Match", "*")
	}
	return answer[skein.ZoneResult](ctx, c, what)
}

// ImportZone is PutZone for zone file text, sent as it is: right for big zones.
func (c *Client) ImportZone(ctx context.Context, zone string, body skein.PutZone) (skein.ZoneResult, error) {
	q := url.Values{}
	flag(q, "tolerant", body.Tolerant)
	flag(q, "dry_run", body.DryRun)
	what := call{method: http.MethodPut, path: "/zones/" + name(zone) + "/file", query: q, body: []byte(body.File), mime: "text/dns"}
	what = what.change(body.ChangeID, body.Expect)
	if body.MustExist && body.Expect == nil {
		what.header.Set("If-Match", "*")
	}
	what.patience = 10 * time.Minute
	return answer[skein.ZoneResult](ctx, c, what)
}

// ExportZone returns the published contents as a zone file.
func (c *Client) ExportZone(ctx context.Context, zone string) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/zones/" + name(zone) + "/file", patience: 10 * time.Minute})
}

// DeleteZone deletes a zone.
func (c *Client) DeleteZone(ctx context.Context, zone string, body skein.DeleteBody) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodDelete, path: "/zones/" + name(zone)}.change(body.ChangeID, body.Expect))
}

// ListRecords returns a part of a zone's published contents; see AllRecords.
func (c *Client) ListRecords(ctx context.Context, zone string, p skein.Page) (skein.RecordList, error) {
	return get[skein.RecordList](ctx, c, "/zones/"+name(zone)+"/records", pageQuery(p))
}

// AllRecords yields every RRset of a zone, in canonical order. After an error it ends.
func (c *Client) AllRecords(ctx context.Context, zone string) iter.Seq2[skein.RecordSet, error] {
	return pages(func(cursor string) ([]skein.RecordSet, string, error) {
		list, err := c.ListRecords(ctx, zone, skein.Page{Cursor: cursor, Limit: 1000})
		return list.Records, list.Next, err
	})
}

// EditRecords changes single RRsets, all of them or none.
func (c *Client) EditRecords(ctx context.Context, zone string, body skein.EditBody) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPatch, path: "/zones/" + name(zone) + "/records"}.json(body).change(body.ChangeID, body.Expect))
}

// GetReceipt says which members serve a revision of a zone, 0 for the newest,
// or a later one.
func (c *Client) GetReceipt(ctx context.Context, zone string, at skein.Revision) (skein.Receipt, error) {
	q := url.Values{}
	if at > 0 {
		q.Set("revision", strconv.FormatUint(uint64(at), 10))
	}
	return get[skein.Receipt](ctx, c, "/zones/"+name(zone)+"/receipt", q)
}

// WaitQuery says what to wait for.
type WaitQuery struct {
	Revision skein.Revision // this one or a later one; 0: the newest now
	For      string         // "all" (if empty), "majority" or a number of members
	Timeout  time.Duration  // at most 10 minutes; 30 seconds if 0
}

// on adds the waiting of a change to its parameters.
func (w WaitQuery) on(q url.Values) url.Values {
	q = maps.Clone(q)
	if q == nil {
		q = url.Values{}
	}
	q.Set("wait", w.For)
	if w.Timeout > 0 {
		q.Set("timeout", w.Timeout.String())
	}
	return q
}

// WaitZone returns when enough members were seen serving the zone. When the
// time is up it returns the receipt so far with an error of KindTimeout.
func (c *Client) WaitZone(ctx context.Context, zone string, w WaitQuery) (skein.Receipt, error) {
	q := url.Values{}
	put(q, "for", w.For)
	if w.Revision > 0 {
		q.Set("revision", strconv.FormatUint(uint64(w.Revision), 10))
	}
	if w.Timeout > 0 {
		q.Set("timeout", w.Timeout.String())
	}
	receipt, err := answer[skein.Receipt](ctx, c, call{method: http.MethodGet, path: "/zones/" + name(zone) + "/wait", query: q, patience: w.Timeout + patience})
	var late *timeoutError
	if errors.As(err, &late) {
		return *late.receipt, late.err
	}
	return receipt, err
}

// CheckZone asks whether contents would be accepted; it changes nothing.
func (c *Client) CheckZone(ctx context.Context, body skein.CheckZone) (skein.CheckResult, error) {
	return send[skein.CheckResult](ctx, c, http.MethodPost, "/zones:check", body)
}
