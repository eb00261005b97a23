package nsd

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/nsdctl"
	"github.com/skein-dns/skein/zone"
)

// A question about one zone takes NSD as long as telling of so many: the
// certificates of both ends are what it costs.
const oneIsWorth = 500

// Has implements member.Driver. NSD tells of one zone, or of all of them.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	if len(names) < 3 || d.zones > oneIsWorth*len(names) {
		return d.each(ctx, names)
	}
	return d.all(ctx, names)
}

func (d *Driver) each(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	found := make([]member.Presence, len(names))
	for i, name := range names {
		if len(text(name)) > nsdctl.MaxName {
			continue // it was never added
		}
		zones := nsdctl.NewZones(func(z nsdctl.Zone) error {
			found[i] = d.judge(z)
			return nil
		})
		err := d.exchange(ctx, nsdctl.Request{Command: "zonestatus " + text(name)}, zones)
		var said *nsdctl.Refusal
		if errors.As(err, &said) && said.Says(nsdctl.NoSuchZone) {
			continue
		}
		if err == nil && !found[i].Present {
			err = d.away(fmt.Errorf("%w: it tells nothing of %s", nsdctl.ErrAnswer, name))
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (d *Driver) all(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	found := make([]member.Presence, len(names))
	which := make(map[string][]int, len(names))
	for i, name := range names {
		t := text(name)
		which[t] = append(which[t], i)
	}
	_, err := d.count(ctx, func(z nsdctl.Zone) {
		for _, i := range which[normal(z.Name)] {
			found[i] = d.judge(z)
		}
	})
	return found, err
}

// count tells of all zones, and of how many there are.
func (d *Driver) count(ctx context.Context, each func(nsdctl.Zone)) (n int, err error) {
	zones := nsdctl.NewZones(func(z nsdctl.Zone) error {
		n++
		each(z)
		return nil
	})
	if err := d.exchange(ctx, nsdctl.Request{Command: "zonestatus"}, zones); err != nil {
		return 0, err
	}
	d.zones = n
	return n, nil
}

// judge says whose a zone is. One of nsd.conf has no pattern to show.
func (d *Driver) judge(z nsdctl.Zone) member.Presence {
	ours := isOurs(z.Pattern, d.m)
	return member.Presence{Present: true, Ours: ours, Current: ours && z.Pattern == d.pattern}
}
