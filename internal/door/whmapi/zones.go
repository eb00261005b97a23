package whmapi

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// pageSize is how many zones are read at once.
const pageSize = 1000

// eachZone calls visit for every zone that an actor sees, in canonical order.
func (d *Door) eachZone(ctx context.Context, actor skein.Actor, visit func(skein.Zone) error) error {
	page := control.Page{Limit: pageSize}
	for {
		zones, err := d.Control.List(ctx, actor, page)
		if err != nil {
			return err
		}
		for _, z := range zones {
			if err := visit(z); err != nil {
				return err
			}
		}
		if len(zones) < pageSize {
			return nil
		}
		page.After = string(zones[len(zones)-1].Name)
	}
}

// listZones is listzones.
func (d *Door) listZones(ctx context.Context, c call) (any, string, error) {
	if _, err := d.Control.List(ctx, c.actor, control.Page{Limit: 1}); err != nil {
		return nil, "", err // before the answer has begun
	}
	return stream{"zone", func(w *writer) error {
		first := true
		return d.eachZone(ctx, c.actor, func(z skein.Zone) error {
			if !first {
				w.text(",")
			}
			first = false
			w.value(struct {
				Domain   string `json:"domain"`
				ZoneFile string `json:"zonefile"`
			}{plain(z.Name), plain(z.Name) + ".db"})
			return nil
		})
	}}, "", nil
}

// addZone is adddns.
func (d *Door) addZone(ctx context.Context, c call) (any, string, error) {
	in := control.TemplateZone{Template: c.get("template"), Owner: c.get("trueowner")}
	var err error
	if in.Zone, err = c.zone("domain"); err != nil {
		return nil, "", err
	}
	if in.IPv4, err = c.addr("ip"); err != nil {
		return nil, "", err
	}
	if in.IPv6, err = c.addr("ipv6"); err != nil {
		return nil, "", err
	}
	if !in.IPv4.IsValid() && !in.IPv6.IsValid() {
		return nil, "", refuse(`the argument "ip" is missing`)
	}
	_, err = d.Control.CreateFromTemplate(ctx, c.actor, in)
	return nil, "Added " + plain(in.Zone) + " ok", err
}

// deleteZone is killdns.
func (d *Door) deleteZone(ctx context.Context, c call) (any, string, error) {
	name, err := c.zone("domain")
	if err != nil {
		return nil, "", err
	}
	_, err = d.Control.DeleteZone(ctx, c.actor, control.DeleteZone{Name: name})
	return nil, "Zones Removed: " + plain(name), notYours(name, err)
}

// resetZone is resetzone.
func (d *Door) resetZone(ctx context.Context, c call) (any, string, error) {
	name, err := c.zone("domain", "zone")
	if err != nil {
		return nil, "", err
	}
	_, err = d.Control.ResetZone(ctx, c.actor, control.ResetZone{Zone: name})
	return nil, "", notYours(name, err)
}

// authority is an entry of the answer of has_local_authority.
type authority struct {
	Domain      string   `json:"domain"`
	Authority   int      `json:"local_authority"`
	Nameservers []string `json:"nameservers"`
	Zone        *string  `json:"zone"`
	Error       string   `json:"error,omitempty"`
}

// localAuthority is has_local_authority: whether we publish the zone that a
// name is in, as far as the caller may know.
func (d *Door) localAuthority(ctx context.Context, c call) (any, string, error) {
	domains := c.list("domain")
	if len(domains) == 0 {
		return nil, "", refuse(`the argument "domain" is missing`)
	}
	list := make([]authority, len(domains))
	for i, domain := range domains {
		list[i] = authority{Domain: domain, Nameservers: []string{}}
		name, err := zoneName(domain)
		if err != nil {
			list[i].Error = sentence(err)
			continue
		}
		found, err := d.zoneAround(ctx, c.actor, name)
		if err != nil {
			return nil, "", err
		}
		if found != "" {
			text := plain(found)
			list[i].Authority, list[i].Zone = 1, &text
		}
	}
	return list, "", nil
}

// zoneAround returns the zone that a name is in; "" if the actor sees none.
func (d *Door) zoneAround(ctx context.Context, actor skein.Actor, name zone.Name) (zone.Name, error) {
	for {
		z, err := d.Control.Zone(ctx, actor, name)
		if err == nil {
			return z.Name, nil
		}
		if skein.KindOf(err) != skein.KindNotFound {
			return "", err
		}
		if name == zone.Root {
			return "", nil
		}
		name = name.Parent()
	}
}
