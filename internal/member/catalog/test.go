package catalog

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// Test implements member.Driver. It lists a zone for tests in each of the
// member's catalogs for as long as it takes: whoever else follows them has it
// for a moment as well.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	t := &tester{driver: d, self: self}
	for _, look := range []func(context.Context) bool{t.software, t.dns, t.key, t.follows} {
		if !look(ctx) {
			break
		}
	}
	return t.Checks
}

// tester collects findings about one member.
type tester struct {
	member.Findings
	driver *Driver
	self   zone.Name
}

// software tells what is known of its make without asking.
func (t *tester) software(context.Context) bool {
	m := t.driver.m
	if m.Settings[SettingSoftware] == "nsd" {
		return t.Warn("software", "on an NSD before 4.9, such as Debian 12's, use the driver nsd", "NSD has catalog zones from 4.9 on")
	}
	return true
}

// dns looks whether it answers questions at all.
func (t *tester) dns(ctx context.Context) bool {
	d := t.driver
	if r, err := d.opts.Prober.Serial(ctx, d.m.DNS(), t.self); err != nil || r.Outcome == probe.NoAnswer {
		return t.Bad("dns", fmt.Sprintf("one of these: it does not run; a firewall drops UDP to port %d; it listens elsewhere; --address and --port are not where it answers DNS", d.m.Port),
			"no DNS answer comes from %s", d.m.DNS())
	}
	return t.Good("dns", "it answers DNS at %s", d.m.DNS())
}

// paste tells how the member's configuration is had again.
func (t *tester) paste() string {
	m := t.driver.m
	return fmt.Sprintf("paste what `skein member config %s --name %s --set software=%s` prints into its configuration and have it read that again",
		Name, m.Name, cmp.Or(m.Settings[SettingSoftware], strings.Join(Software, "|")))
}

// key looks whether our TSIG key is known, and right.
func (t *tester) key(ctx context.Context) bool {
	d := t.driver
	switch verdict, err := d.signature(ctx); {
	case err != nil:
		return t.Bad("tsig", "try again", "it does not answer a signed question: %v", err)
	case verdict == probe.SignatureGood:
		return t.Good("tsig", "it knows the TSIG key %s", d.m.TSIGKey)
	case verdict == probe.SignatureUnknown:
		return t.Bad("tsig", t.paste(), "it does not know the TSIG key %s", d.m.TSIGKey)
	case verdict == probe.SignatureWrong:
		return t.Bad("tsig", t.paste(), "it knows the TSIG key %s with another secret", d.m.TSIGKey)
	case verdict == probe.SignatureTime:
		return t.Bad("tsig", "set both clocks, and run chrony or ntpd on both machines", "its clock differs from ours by more than TSIG allows, 300 seconds")
	}
	return true // it does not tell: the transfer below does
}

// follows has it follow each of its catalogs, one after the other.
func (t *tester) follows(ctx context.Context) bool {
	if len(t.driver.catalogs) == 0 {
		return t.Bad("catalog", "give the pool a shorter name, or --set catalog=NAME a shorter one", "the name of its pool makes no name of a catalog")
	}
	all := true
	for _, c := range t.driver.catalogs {
		all = t.followsOne(ctx, c) && all
	}
	return all
}

func (t *tester) followsOne(ctx context.Context, c listing.Catalog) bool {
	d := t.driver
	if r, err := d.opts.Prober.Serial(ctx, d.m.DNS(), t.self); err == nil && r.Outcome == probe.Serves {
		return t.Bad("catalog", fmt.Sprintf("remove the zone %s there: it is Skein's for tests", t.self), "it has a zone %s already", t.self)
	}
	takeBack := d.opts.Listing.Lend(c.Origin, t.self)
	serial, err := d.opts.Listing.Await(ctx, c.Origin, t.self, true)
	if err == nil {
		d.notify(c.Origin)
	}
	began := time.Now()
	if err != nil || !d.until(ctx, t.self, func(r probe.Result) bool { return r.Outcome == probe.Serves }) {
		takeBack()
		// One that has much to fetch comes to a newer version of the catalog after that.
		if _, has := d.opts.Fetched(c.Origin); err == nil && has && d.opts.Busy().After(began) {
			return t.Good("catalog", "it follows the catalog %s: it is busy fetching zones that it lists from here, signed, so that the test zone was not waited for", c.Origin)
		}
		return t.whyNot(c, serial, err)
	}
	takeBack()
	t.Good("catalog", "it follows the catalog %s: it fetched the test zone that it lists from here", c.Origin)
	serial, err = d.opts.Listing.Await(ctx, c.Origin, t.self, false)
	if err == nil {
		d.notify(c.Origin)
	}
	if err != nil || !d.until(ctx, t.self, func(r probe.Result) bool { return r.Outcome != probe.Serves && r.Outcome != probe.NoAnswer }) {
		return t.Warn("removal", "its log says why; zones that are deleted must go there as well", "it still has the test zone, though the catalog's version %d does not list it", serial)
	}
	return t.Good("removal", "it forgot the test zone when the catalog did")
}

// whyNot: the test zone did not come. What is known is whether it had the
// catalog that lists it.
func (t *tester) whyNot(c listing.Catalog, serial uint32, err error) bool {
	d := t.driver
	if err != nil {
		return t.Bad("catalog", "try again; Skein's log says more", "the catalog %s was not made: %v", c.Origin, err)
	}
	var from []string
	for _, p := range d.m.Primaries {
		from = append(from, fmt.Sprintf("%s port %d", p.Address, p.Port))
	}
	fetched, has := d.opts.Fetched(c.Origin)
	if !has || zone.SerialLess(fetched, serial) {
		return t.Bad("catalog", fmt.Sprintf("one of these, and its log there says which: it does not follow this catalog yet, or has another TSIG key (%s); "+
			"it cannot reach %s over TCP and UDP (a firewall; or behind NAT another address: --primary-address); "+
			"our NOTIFY does not come through, or comes from another address than it takes it from", t.paste(), strings.Join(from, ", ")),
			"it did not fetch the catalog %s from here within %s", c.Origin, d.opts.Patience)
	}
	return t.Bad("transfer", t.transferMend(), "it fetched the catalog %s, and does not serve the zone %s that it lists", c.Origin, t.self)
}

// transferMend is what is usually wrong where the catalog comes and its zones do not.
func (t *tester) transferMend() string {
	m := t.driver.m
	switch m.Settings[SettingSoftware] {
	case "powerdns":
		if Unsigned(m) {
			return fmt.Sprintf("it must transfer from the address %s, and without a key: see that no trigger or metadata gives its zones one", m.Address)
		}
		return "PowerDNS does not give the catalog's TSIG key to the zones in it: run the trigger that `skein member config` prints on its database, " +
			"or say --set transfer=address, or use the driver powerdns"
	case "knot":
		return "see that the catalog's template (catalog-template) has a master and the ACL for NOTIFY, and that knotd may write to its storage; " + t.paste()
	}
	return "see that the primaries of the catalog's zones (default-primaries) have our TSIG key, and that the server may write to its directory; " + t.paste()
}
