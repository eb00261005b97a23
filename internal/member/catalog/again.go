package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// lookEvery is how often the member is asked while it is waited for.
const lookEvery = 50 * time.Millisecond

// retransfer has the member fetch a zone again. One that is behind is told of
// the zone once more. One that has our serial, or a later one, fetches nothing
// for that: where it has other contents the zone begins anew, which costs the
// consumers of the catalog a moment without it, else ErrSame says so: whoever
// waits to see it fetched would wait for ever.
func (d *Driver) retransfer(ctx context.Context, name zone.Name, has probe.Result) error {
	switch has.Outcome {
	case probe.Serves:
	case probe.NotLoaded, probe.Broken:
		if _, _, err := d.listed(ctx, name); err != nil {
			return err
		}
		d.notify(name)
		return nil
	default:
		return d.add(ctx, name, has)
	}
	published, is := d.opts.Published(name)
	soa, _ := published.SOA()
	switch {
	case !is:
		return fmt.Errorf("Skein's nameserver does not serve %s yet", name)
	case zone.SerialLess(has.Serial, soa.Serial):
		d.notify(name)
		return nil
	case has.Serial == soa.Serial:
		same, err := d.same(ctx, name, published)
		if err != nil {
			return err
		}
		if same {
			return member.ErrSame
		}
	}
	return d.anew(ctx, name)
}

// same reports whether the member has the contents that are published, or does
// not let us look: then its serial is believed.
func (d *Driver) same(ctx context.Context, name zone.Name, published zone.Contents) (bool, error) {
	key := probe.Key{Name: d.m.AuditKey, Algorithm: d.m.Algorithm, Secret: d.secrets.Audit}
	began := time.Now()
	c, err := d.opts.Prober.Served(ctx, d.m.DNS(), name, key)
	d.opts.Trace.Record(began, time.Now(), "dns", "AXFR "+string(name), "", err)
	if errors.Is(err, xfr.ErrRefused) || errors.Is(err, xfr.ErrSignature) {
		return true, nil
	}
	return c.Equal(published), err
}

// anew has the member forget a zone, and take it as a new one. What it still
// has when the catalog that it fetched does not list it is not from there.
func (d *Driver) anew(ctx context.Context, name zone.Name) error {
	origin, _, err := d.listed(ctx, name)
	if err != nil {
		return err
	}
	relist := d.opts.Listing.Leave(origin, []zone.Name{name})
	err = d.forgotten(ctx, origin, name)
	relist()
	if err != nil {
		return err
	}
	serial, err := d.await(ctx, origin, name, true)
	if err != nil {
		return err
	}
	return d.tell(ctx, origin, name, serial)
}

// forgotten waits until the member does not serve a zone that is listed no more.
func (d *Driver) forgotten(ctx context.Context, origin, name zone.Name) error {
	serial, err := d.await(ctx, origin, name, false)
	if err != nil {
		return err
	}
	d.notify(origin)
	if d.until(ctx, name, func(r probe.Result) bool { return r.Outcome != probe.Serves && r.Outcome != probe.NoAnswer }) {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// It may be slow, and drop the zone in a minute: a second try would only take it
	// from the other consumers again. When it fetches the zone after all, reconcile asks.
	if fetched, ok := d.opts.Fetched(origin); ok && !zone.SerialLess(fetched, serial) {
		return fmt.Errorf("%w: %s", member.ErrForeign, name)
	}
	return fmt.Errorf("%s was to begin anew, and the member did not fetch the catalog %s within %s", name, origin, d.opts.Patience)
}

// until asks the member for a zone until the answer is right; false if that
// takes too long.
func (d *Driver) until(ctx context.Context, name zone.Name, right func(probe.Result) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, d.opts.Patience)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if r, err := d.opts.Prober.Serial(ctx, d.m.DNS(), name); err == nil && right(r) {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}
