package powerdns

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
)

// transfer has the member fetch the test zone from each of its primaries. It is
// there already, with all of them.
func (t *tester) transfer(ctx context.Context) bool {
	if t.driver.opts.Serial == nil {
		return true
	}
	primaries := t.driver.m.Primaries
	all := true
	for _, p := range primaries {
		if len(primaries)+len(t.driver.m.Others) > 1 && !t.only(ctx, p) {
			return false
		}
		all = t.fetched(ctx, p) && all
	}
	return all
}

// only makes the test zone anew, with one primary.
func (t *tester) only(ctx context.Context, p skein.Primary) bool {
	alone := &Driver{m: t.driver.m, tsig: t.driver.tsig, audit: t.driver.audit, opts: t.driver.opts, client: t.driver.client, hasKeys: time.Now()}
	alone.m.Primaries, alone.m.Others = []skein.Primary{p}, nil
	err := alone.delete(ctx, t.self)
	if err == nil {
		t.testZone().Until(ctx, func(err error) bool { return err != nil })
		err = alone.add(ctx, t.self)
	}
	if err != nil {
		return t.Bad("transfer", "try again", "the test zone could not be made anew: %v", err)
	}
	return true
}

// fetched waits until the member serves the test zone.
func (t *tester) fetched(ctx context.Context, p skein.Primary) bool {
	from := netip.AddrPortFrom(p.Address, p.Port)
	if t.testZone().Fetched(ctx, func() {
		_ = t.driver.retransfer(ctx, t.self) // what comes of it shows here
	}) {
		return t.Good("transfer", "it fetched a test zone from %s, signed", from)
	}
	const mend = "one of these, and its log there says which (`journalctl -u pdns`): it cannot reach %[1]s over TCP and UDP (a firewall; or behind NAT another address: --primary-address); " +
		"it asks from an address that cannot (query-local-address); the clocks differ by more than 300 seconds; its database cannot be written"
	return t.Bad("transfer", fmt.Sprintf(mend, from), "it took the test zone and did not fetch it from %s within %s", from, t.driver.opts.Transfer)
}

// serves waits until it serves the records that it was given.
func (t *tester) serves(ctx context.Context) bool {
	if t.driver.opts.Serial == nil {
		return true
	}
	if t.testZone().Until(ctx, func(err error) bool { return err == nil }) {
		return t.Good("records", "it serves the records that it was given")
	}
	return t.Bad("records", "one of these: --address and --port are of another server than --endpoint; that server reads another database, or a copy that is late", "it took a test zone and does not serve it at %s", t.driver.m.DNS())
}
