package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/skein-dns/skein"
)

// ListTemplates returns all templates that the caller sees.
func (c *Client) ListTemplates(ctx context.Context) (skein.TemplateList, error) {
	return get[skein.TemplateList](ctx, c, "/templates", nil)
}

// GetTemplate returns a tenant's template, or for "" the one of that name that
// the caller's zones are made from; and the ETag that PutTemplate takes.
func (c *Client) GetTemplate(ctx context.Context, tenant, template string) (t skein.Template, etag string, err error) {
	t, err = answer[skein.Template](ctx, c, call{method: http.MethodGet, path: "/templates/" + name(template), query: ofTenant(tenant), etag: &etag})
	return t, etag, err
}

func ofTenant(tenant string) url.Values {
	q := url.Values{}
	put(q, "tenant", tenant)
	return q
}

// PutTemplate makes a template or changes it; with an ETag only if it is as it
// was when it was read. KindInvalid has each finding with its line.
func (c *Client) PutTemplate(ctx context.Context, template string, body skein.PutTemplate, etag string) (skein.Template, error) {
	return answer[skein.Template](ctx, c, call{method: http.MethodPut, path: "/templates/" + name(template)}.json(body).expect(etag))
}

// DeleteTemplate deletes a tenant's template; with an ETag only if it is as it
// was when it was read.
func (c *Client) DeleteTemplate(ctx context.Context, tenant, template, etag string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/templates/" + name(template), query: ofTenant(tenant)}.expect(etag))
	return err
}

// CheckTemplate says whether a template would be taken, and what is wrong with it.
func (c *Client) CheckTemplate(ctx context.Context, text string) (skein.TemplateCheck, error) {
	return send[skein.TemplateCheck](ctx, c, http.MethodPost, "/templates:check", skein.CheckTemplate{Text: text})
}

// CreateZoneFromTemplate makes a zone from a template; KindConflict if it exists.
func (c *Client) CreateZoneFromTemplate(ctx context.Context, body skein.TemplateZone) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones:template"}.json(body).change(body.ChangeID, nil))
}

// ResetZone makes a zone what a template makes of it; valid TXT records stay.
func (c *Client) ResetZone(ctx context.Context, zone string, body skein.ResetZone) (skein.ZoneResult, error) {
	return answer[skein.ZoneResult](ctx, c, call{method: http.MethodPost, path: "/zones/" + name(zone) + "/reset"}.json(body).change(body.ChangeID, body.Expect))
}

// ServiceDomains adds or removes the names of a panel's services in a part of
// the zones; see AllServiceDomains for the whole.
func (c *Client) ServiceDomains(ctx context.Context, body skein.ServiceDomains) (skein.ServiceDomainsResult, error) {
	return send[skein.ServiceDomainsResult](ctx, c, http.MethodPost, "/zones:services", body)
}

// AllServiceDomains does so in all zones that are asked for, and yields those
// that changed or could not be. After an error it ends.
func (c *Client) AllServiceDomains(ctx context.Context, body skein.ServiceDomains) iter.Seq2[skein.ServiceDomainsZone, error] {
	return pages(func(cursor string) ([]skein.ServiceDomainsZone, string, error) {
		body.Cursor = cursor
		result, err := c.ServiceDomains(ctx, body)
		return result.Zones, result.Next, err
	})
}
