package whm

import (
	"bufio"
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

func (d *Door) getZoneList(ctx context.Context, c *call) error {
	out := bufio.NewWriter(c)
	err := d.eachZone(ctx, c, func(z skein.Zone) error {
		c.zones++
		_, err := out.WriteString(wire(z.Name) + "\n")
		return err
	})
	if err != nil {
		return err
	}
	return c.end(out.Flush())
}

// end makes sure that an answer has begun, also an empty one.
func (c *call) end(err error) error {
	if err == nil {
		_, err = c.Write(nil)
	}
	return err
}

// pageLength is how many zones are listed at a time.
const pageLength = 500

// eachZone goes through the zones that the caller sees.
func (d *Door) eachZone(ctx context.Context, c *call, do func(skein.Zone) error) error {
	for after := ""; ; {
		page, err := d.Control.List(ctx, c.actor, control.Page{After: after, Limit: pageLength})
		if err != nil {
			return err
		}
		for _, z := range page {
			if err := do(z); err != nil {
				return err
			}
		}
		if len(page) < pageLength {
			return nil
		}
		after = string(page[len(page)-1].Name)
	}
}

// zoneExists answers for all zones that are here, whosever they are: by it a
// panel decides whether it may have an account of that domain. Whoever asks
// could find out by saving one.
func (d *Door) zoneExists(ctx context.Context, c *call) error {
	name, o, err := c.theZone()
	if err != nil {
		return err
	}
	there := false
	if o.refused == "" {
		if there, err = d.Control.Taken(ctx, c.actor, name); err != nil {
			return err
		}
		there = there || d.registered.has(c.actor.Source, name)
	}
	if there {
		return c.say("1")
	}
	return c.say("0")
}

// getZone answers with nothing where there is no such zone.
func (d *Door) getZone(ctx context.Context, c *call) error {
	name, o, err := c.theZone()
	if err != nil {
		return err
	}
	if o.refused != "" {
		return c.end(nil)
	}
	_, text, _, err := d.Control.ZoneText(ctx, c.actor, name)
	if err != nil && skein.KindOf(err) != skein.KindNotFound {
		return err
	}
	c.zones = min(len(text), 1)
	_, err = c.Write(text)
	return err
}

// getZones leaves out those that are not here.
func (d *Door) getZones(ctx context.Context, c *call) error {
	out := dnsadmin.NewZoneWriter(c)
	for _, text := range dnsadmin.SplitZones(c.args.zones + "," + c.args.zone) {
		name, err := parseName(text)
		if err != nil {
			continue
		}
		if err := d.writeZone(ctx, c, out, name); err != nil {
			return err
		}
	}
	return c.end(out.Flush())
}

func (d *Door) getAllZones(ctx context.Context, c *call) error {
	out := dnsadmin.NewZoneWriter(c)
	if err := d.eachZone(ctx, c, func(z skein.Zone) error { return d.writeZone(ctx, c, out, z.Name) }); err != nil {
		return err
	}
	return c.end(out.Flush())
}

// writeZone writes the text of a zone: as it was given while that is what is
// published. One that went meanwhile is left out.
func (d *Door) writeZone(ctx context.Context, c *call, out *dnsadmin.ZoneWriter, name zone.Name) error {
	_, text, _, err := d.Control.ZoneText(ctx, c.actor, name)
	if skein.KindOf(err) == skein.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	c.zones++
	return out.Write(plain(name), text)
}
