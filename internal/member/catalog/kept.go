package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	// wholeEvery is how often consumers are given a catalog whole, at most: it
	// may list a million zones.
	wholeEvery = time.Minute
	// keptFor is how long it is known what was done about a zone; steps for one
	// that is there still come more often.
	keptFor = 5 * time.Minute
)

// kept is what was done about zones that are listed no more, and that the
// member goes on serving.
type kept struct {
	zones map[listedAt]leaving
	whole map[zone.Name]leaving // by catalog, the last one that was given whole
}

type listedAt struct{ catalog, zone zone.Name }

// leaving is the version of a catalog that is to have the member let go of a zone.
type leaving struct {
	serial uint32
	told   time.Time // when the member was told of it
	whole  bool
	last   time.Time // when there was a step for the zone
}

// letGo tells the member of a catalog that does not list a zone which it has.
// One that has fetched such a version and goes on is given the catalog whole:
// Knot 3.2 forgets, while it starts, what an increment takes out, and keeps
// such zones for good, also if they are listed once more and taken out again.
// What it has even then is not from the catalog.
func (d *Driver) letGo(ctx context.Context, origin, name zone.Name, serial uint32) error {
	at, now := listedAt{origin, name}, time.Now()
	is, known := d.kept.zones[at]
	if !known || now.Sub(is.last) > keptFor {
		is = leaving{serial: serial, told: now}
	}
	is.last = now
	fetched, has := d.opts.Fetched(origin)
	switch follows := has && !zone.SerialLess(fetched, is.serial); {
	case !follows || now.Sub(is.told) < renewAfter:
	case is.whole && now.Sub(is.told) > 3*d.opts.Patience:
		delete(d.kept.zones, at)
		return fmt.Errorf("%w: %s", member.ErrForeign, name)
	case !is.whole:
		whole, err := d.wholeSince(ctx, origin, is.told)
		if err != nil {
			return err
		}
		if whole.whole {
			whole.last = now
			is = whole
		}
	}
	if len(d.kept.zones) >= mostTold {
		clear(d.kept.zones)
	}
	d.kept.zones[at] = is
	if zone.SerialLess(serial, is.serial) {
		serial = is.serial
	}
	return d.tell(ctx, origin, name, serial)
}

// wholeSince gives the member the whole catalog, unless it was given that since
// then; the zero value if it is too soon for that.
func (d *Driver) wholeSince(ctx context.Context, origin zone.Name, then time.Time) (leaving, error) {
	last := d.kept.whole[origin]
	switch {
	case last.told.After(then):
		return last, nil
	case time.Since(last.told) < wholeEvery:
		return leaving{}, nil
	}
	serial, err := d.opts.Listing.Renew(ctx, origin, true)
	if err != nil {
		return leaving{}, fmt.Errorf("there is no new version of the catalog %s: %w", origin, err)
	}
	last = leaving{serial: serial, told: time.Now(), whole: true}
	d.kept.whole[origin] = last
	return last, nil
}
