package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

const (
	// behind is how long the nameserver may be behind the store.
	behind = 3 * time.Second
	// renewAfter is how long a version of a catalog counts that the member was
	// told of: then one that has not what it lists is given another.
	renewAfter = 5 * time.Second
	// busyFor is how long after it fetched a zone a member is taken to be busy
	// with the next, and mostBusy how long it may be for one version of a catalog.
	busyFor  = 2 * time.Second
	mostBusy = time.Minute
	// mostTold is of how many zones it is known that the member was told.
	mostTold = 4096
)

// told is what the member was told of a catalog.
type told struct {
	serial uint32
	at     time.Time
	zones  map[zone.Name]bool // that steps were for
}

// Apply implements member.Driver.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	if err := d.admitted(ctx); err != nil {
		return err
	}
	names := make([]zone.Name, len(steps))
	for i, step := range steps {
		names[i] = step.Zone
	}
	has, err := d.ask(ctx, names)
	if err != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, behind)
	defer cancel()
	for i, step := range steps {
		var err error
		switch step.Action {
		case member.ActionAdd:
			err = d.add(soon, step.Zone, has[i])
		case member.ActionDelete:
			err = d.delete(soon, step.Zone, has[i])
		case member.ActionRetransfer:
			err = d.retransfer(ctx, step.Zone, has[i])
		default:
			err = fmt.Errorf("driver %s cannot %s", Name, step.Action)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, member.ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}

// add sees that a catalog lists a zone, and that the member knows.
func (d *Driver) add(ctx context.Context, name zone.Name, has probe.Result) error {
	origin, serial, err := d.listed(ctx, name)
	delete(d.kept.zones, listedAt{origin, name})
	switch {
	case err != nil:
		return err
	case has.Outcome == probe.Serves:
		switch ours, sure := d.ours(name, has); {
		case !sure:
			return fmt.Errorf("Skein's nameserver does not serve %s yet, so that nobody can tell whose the one of the member is", name)
		case !ours:
			return fmt.Errorf("%w: %s", member.ErrForeign, name)
		}
	}
	return d.tell(ctx, origin, name, serial)
}

// listed waits until one of the member's catalogs lists a zone.
func (d *Driver) listed(ctx context.Context, name zone.Name) (origin zone.Name, serial uint32, err error) {
	for _, c := range d.catalogs {
		if lists, _ := d.opts.Listing.Lists(c.Origin, name); lists {
			serial, err = d.await(ctx, c.Origin, name, true)
			return c.Origin, serial, err
		}
	}
	return "", 0, fmt.Errorf("no catalog of the member lists %s: Skein's nameserver does not serve it yet", name)
}

// await waits until a catalog lists a zone, or does not. It need not come to
// that: the zone may be deleted, or come back, while it is waited for.
func (d *Driver) await(ctx context.Context, origin, name zone.Name, listed bool) (serial uint32, err error) {
	ctx, cancel := context.WithTimeout(ctx, behind)
	defer cancel()
	if serial, err = d.opts.Listing.Await(ctx, origin, name, listed); err != nil {
		is := "does not list"
		if !listed {
			is = "lists"
		}
		return 0, fmt.Errorf("the catalog %s still %s %s: %w", origin, is, name, err)
	}
	return serial, nil
}

// tell notifies the member of a version of a catalog, once. What it was told
// of for this zone already, and a while ago, did not help: it has looked at the
// catalog, and lost the zone, or failed with it for a reason that is gone by now
// (PowerDNS, with its database busy, leaves a zone and calls the version done). A NOTIFY of the zone itself has it try that again, and another version of
// the catalog has it look at all.
func (d *Driver) tell(ctx context.Context, origin, name zone.Name, serial uint32) (err error) {
	t := d.told[origin]
	switch {
	case t == nil || t.serial != serial || len(t.zones) >= mostTold:
		t = &told{serial: serial, at: time.Now(), zones: map[zone.Name]bool{}}
		d.told[origin] = t
	case !t.zones[name]:
		t.zones[name] = true
		return nil
	case time.Since(d.opts.Busy()) < busyFor && time.Since(t.at) < mostBusy:
		return nil // it comes to this one, and whatever it is told now makes that later
	case time.Since(t.at) < renewAfter:
		d.notify(name)
		return nil
	default:
		soon, cancel := context.WithTimeout(ctx, behind)
		defer cancel()
		if t.serial, err = d.opts.Listing.Renew(soon, origin, false); err != nil {
			return fmt.Errorf("there is no new version of the catalog %s: %w", origin, err)
		}
		t.at = time.Now()
		clear(t.zones)
	}
	t.zones[name] = true
	d.notify(origin)
	return nil
}

// delete sees that no catalog lists a zone any more, and that the member knows.
// What the consumer does about a zone that it does not have from a catalog is
// nothing, so a foreign one is left alone.
func (d *Driver) delete(ctx context.Context, name zone.Name, has probe.Result) error {
	there := has.Outcome == probe.Serves || has.Outcome == probe.NotLoaded
	for _, c := range d.catalogs {
		serial, err := d.await(ctx, c.Origin, name, false)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("%w: the catalog %s lists %s for all members of the pool %s; take the catalog out of this server's configuration, and it forgets its zones",
				member.ErrDenied, c.Origin, name, c.Pool)
		case err != nil:
			return err
		}
		if there {
			err = d.letGo(ctx, c.Origin, name, serial)
		} else {
			err = d.tell(ctx, c.Origin, name, serial)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) notify(name zone.Name) {
	now := time.Now()
	d.opts.Notify(name)
	d.opts.Trace.Record(now, now, "dns", "NOTIFY "+string(name), "", nil)
}
