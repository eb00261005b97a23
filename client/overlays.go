package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/skein-dns/skein"
)

// TakeOverZone gives a zone to another source.
func (c *Client) TakeOverZone(ctx context.Context, zone string, body skein.TakeoverBody) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/takeover"}.json(body).change(body.ChangeID, body.Expect))
}

// AssignZone hands a zone over to another tenant.
func (c *Client) AssignZone(ctx context.Context, zone string, body skein.AssignZone) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/assign"}.json(body).change(body.ChangeID, body.Expect))
}

// ListOverlays returns the RRsets of a zone that are not its origin's.
func (c *Client) ListOverlays(ctx context.Context, zone string) (skein.OverlayList, error) {
	return get[skein.OverlayList](ctx, c, "/zones/"+name(zone)+"/overlays", nil)
}

// DropOverlay ends an overlay: what the origin has beneath shows again.
func (c *Client) DropOverlay(ctx context.Context, zone string, e skein.EndOverlay) (skein.ZoneResult, error) {
	return c.endOverlay(ctx, http.MethodDelete, zone, e, "")
}

// AdoptOverlay ends an overlay by making it the origin's own.
func (c *Client) AdoptOverlay(ctx context.Context, zone string, e skein.EndOverlay) (skein.ZoneResult, error) {
	return c.endOverlay(ctx, http.MethodPost, zone, e, "/adopt")
}

func (c *Client) endOverlay(ctx context.Context, method, zone string, e skein.EndOverlay, how string) (skein.ZoneResult, error) {
	q := url.Values{}
	flag(q, "dry_run", e.DryRun)
	path := "/zones/" + name(zone) + "/overlays/" + name(e.Name) + "/" + name(e.Type) + how
	return answer[skein.ZoneResult](ctx, c, call{method: method, path: path, query: q}.change(e.ChangeID, e.Expect))
}
