package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// Has implements member.Driver. A consumer does not say where it has a zone
// from. What can be known: a zone that no catalog lists is not from there, nor
// is one that has our serial and another SOA record. One with another serial may
// be an older version of ours, and passes for that. While Skein's nameserver
// does not serve the zone, as just after its start, nothing can be known.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	if err := d.admitted(ctx); err != nil {
		return nil, err
	}
	has, err := d.ask(ctx, names)
	if err != nil {
		return nil, err
	}
	all := make([]member.Presence, len(names))
	for i, name := range names {
		if r := has[i]; r.Outcome == probe.Serves || r.Outcome == probe.NotLoaded || r.Outcome == probe.Broken {
			ours, sure := d.ours(name, r)
			all[i] = member.Presence{Present: true, Ours: ours, Current: ours, Pending: !sure}
		}
	}
	return all, nil
}

// lists reports whether a catalog of the member is to list a zone.
func (d *Driver) lists(name zone.Name) (lists, sure bool) {
	sure = true
	for _, c := range d.catalogs {
		lists, knows := d.opts.Listing.Lists(c.Origin, name)
		if lists {
			return true, true
		}
		sure = sure && knows
	}
	return false, sure
}

// ours reports whether what the member has of a zone may be from us. It is not
// sure of that as long as there is a zone and our own nameserver does not serve
// it: it starts, the zone begins anew, or cannot be loaded.
func (d *Driver) ours(name zone.Name, has probe.Result) (ours, sure bool) {
	published, is := d.opts.Published(name)
	listed, known := d.lists(name)
	switch {
	case !listed:
		return false, known || !is
	case has.Outcome != probe.Serves:
		return true, true
	case !is:
		return false, false
	}
	return mayBe(has, published), true
}

// mayBe reports whether the version that the member serves may be one of ours.
func mayBe(has probe.Result, published zone.Contents) bool {
	ours, _ := published.SOA()
	theirs := has.SOA
	return has.Serial != ours.Serial || theirs.MName.Equal(ours.MName) && theirs.RName.Equal(ours.RName) &&
		theirs.Refresh == ours.Refresh && theirs.Retry == ours.Retry && theirs.Expire == ours.Expire && theirs.Minimum == ours.Minimum
}

// ask asks for the serials of zones, all at once. The member answered just
// now: where it is silent it does not answer for that name, as PowerDNS does
// for some that it cannot store.
func (d *Driver) ask(ctx context.Context, names []zone.Name) ([]probe.Result, error) {
	at := make(map[zone.Name][]int, len(names))
	for i, name := range names {
		at[name.Canonical()] = append(at[name.Canonical()], i)
	}
	all := make([]probe.Result, len(names))
	for r := range d.opts.Prober.Serials(ctx, d.m.DNS(), slices.Values(names)) {
		for _, i := range at[r.Zone.Canonical()] {
			all[i] = r
		}
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: asking %s: %w", member.ErrAway, d.m.DNS(), ctx.Err())
	}
	return all, nil
}

// admitted finds out whether the member answers, and knows our key, where it
// tells that: Knot does only for zones that it has.
func (d *Driver) admitted(ctx context.Context) error {
	verdict, err := d.signature(ctx)
	switch {
	case err != nil:
		return err
	case verdict == probe.SignatureUnknown, verdict == probe.SignatureWrong:
		return fmt.Errorf("%w: it does not know the TSIG key %s, or knows it with another secret (%s); paste what `skein member config %s --name %s` prints into its configuration",
			member.ErrDenied, d.m.TSIGKey, verdict, Name, d.m.Name)
	case verdict == probe.SignatureTime:
		return fmt.Errorf("%w: its clock differs from ours by more than TSIG allows, 300 seconds; run chrony or ntpd on both machines", member.ErrDenied)
	}
	return nil
}

// signature asks what the member makes of our key; "" where it does not tell.
// An error says that it does not answer.
func (d *Driver) signature(ctx context.Context) (probe.Signature, error) {
	began := time.Now()
	name := zone.Root
	if len(d.catalogs) > 0 {
		name = d.catalogs[0].Origin
	}
	key := probe.Key{Name: d.m.TSIGKey, Algorithm: d.m.Algorithm, Secret: d.secrets.TSIG}
	verdict, err := d.opts.Prober.Signature(ctx, d.m.DNS(), name, key)
	d.opts.Trace.Record(began, time.Now(), "dns", "SOA "+string(name)+", signed with "+key.Name, string(verdict), err)
	if err == nil {
		return verdict, nil
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "", fmt.Errorf("%w: nothing listens at %s", member.ErrAway, d.m.DNS())
	}
	if r, err := d.opts.Prober.Serial(ctx, d.m.DNS(), name); err != nil || r.Outcome == probe.NoAnswer {
		return "", fmt.Errorf("%w: no answer over DNS from %s", member.ErrAway, d.m.DNS())
	}
	return "", nil
}
