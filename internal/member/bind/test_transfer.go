package bind

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
)

// dns looks whether it answers questions at all, before a transfer is judged by answers.
func (t *tester) dns(ctx context.Context) bool {
	return t.DNS(ctx, t.testZone(), "named listens elsewhere (listen-on)")
}

// transfer has the member fetch the test zone from each of its primaries,
// which it can only have from us. The zone is there already, with all of them.
func (t *tester) transfer(ctx context.Context) bool {
	if t.driver.opts.Serial == nil {
		return true
	}
	all := true
	for _, p := range t.driver.m.Primaries {
		if len(t.driver.m.Primaries)+len(t.driver.m.Others) > 1 && !t.only(ctx, p) {
			return false
		}
		all = t.fetched(ctx, p) && all
	}
	return all
}

// only makes the test zone anew, with one primary.
func (t *tester) only(ctx context.Context, p skein.Primary) bool {
	m := t.driver.m
	m.Primaries, m.Others = []skein.Primary{p}, nil
	alone, err := newText(m)
	if err == nil {
		t.driver.text = alone
		err = t.addNew(ctx)
	}
	if err != nil {
		return t.Bad("transfer", "try again", "the test zone could not be made anew: %v", err)
	}
	return true
}

// fetched waits until the member serves the test zone.
func (t *tester) fetched(ctx context.Context, p skein.Primary) bool {
	from := joinPort(p.Address, p.Port)
	if t.testZone().Fetched(ctx, func() {
		_ = t.driver.retransfer(ctx, t.self) // what comes of it shows here
	}) {
		return t.Good("transfer", "it fetched a test zone from %s, signed", from)
	}
	const mend = "one of these, and named's log there says which: it cannot reach %[1]s over TCP and UDP (a firewall; or behind NAT another address: --primary-address); " +
		"it does not know the TSIG key %[2]s, or the secret of its TSIG key %[2]s is not ours (paste the block of `skein member config bind --name %[3]s` and run `rndc reconfig` there); " +
		"the clocks differ by more than 300 seconds; named may not write to its directory"
	return t.Bad("transfer", fmt.Sprintf(mend, from, t.driver.m.TSIGKey, t.driver.m.Name), "it took the test zone and did not fetch it from %s within %s", from, t.driver.opts.Transfer)
}

// testZone is the zone of the test, as the member answers for it.
func (t *tester) testZone() member.TestZone {
	d := t.driver
	return member.TestZone{Name: t.self, Member: d.m, Serial: d.opts.Serial, Patience: d.opts.Transfer}
}
