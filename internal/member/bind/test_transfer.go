package bind

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
)

// dns looks whether it answers questions at all, before a transfer is judged by answers.
func (t *tester) dns(ctx context.Context) bool {
	d := t.driver
	if d.opts.Serial == nil {
		return t.warn("dns", "", "nothing was asked over DNS: this driver was made without")
	}
	ask, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	if _, err := d.opts.Serial(ask, d.m.DNS(), t.self); err != nil && ask.Err() != nil {
		return t.bad("dns", fmt.Sprintf("one of three: a firewall drops UDP to port %d; named listens elsewhere (listen-on); --address and --port are not where it answers DNS", d.m.Port),
			"no DNS answer comes from %s", d.m.DNS())
	}
	return t.good("dns", "it answers DNS at %s", d.m.DNS())
}

// transfer has the member fetch the test zone from each of its primaries,
// which it can only have from us. The zone is there already, with all of them.
func (t *tester) transfer(ctx context.Context) bool {
	if t.driver.opts.Serial == nil {
		return true
	}
	all := true
	for _, p := range t.driver.m.Primaries {
		if len(t.driver.m.Primaries) > 1 && !t.only(ctx, p) {
			return false
		}
		all = t.fetched(ctx, p) && all
	}
	return all
}

// only makes the test zone anew, with one primary.
func (t *tester) only(ctx context.Context, p skein.Primary) bool {
	m := t.driver.m
	m.Primaries = []skein.Primary{p}
	alone, err := newText(m)
	if err == nil {
		t.driver.text = alone
		err = t.addNew(ctx)
	}
	if err != nil {
		return t.bad("transfer", "try again", "the test zone could not be made anew: %v", err)
	}
	return true
}

// fetched waits until the member serves the test zone.
func (t *tester) fetched(ctx context.Context, p skein.Primary) bool {
	from := joinPort(p.Address, p.Port)
	again := time.Now().Add(xfrAgain)
	if t.until(ctx, func(err error) bool {
		if err != nil && time.Now().After(again) {
			again = time.Now().Add(xfrAgain)
			_ = t.driver.retransfer(ctx, t.self) // what comes of it shows here
		}
		return err == nil
	}) {
		return t.good("transfer", "it fetched a test zone from %s, signed", from)
	}
	const mend = "one of these, and named's log there says which: it cannot reach %[1]s over TCP and UDP (a firewall; or behind NAT another address: --primary-address); " +
		"it does not know the TSIG key %[2]s, or the secret of its TSIG key %[2]s is not ours (paste the block of `skein member config bind --name %[3]s` and run `rndc reconfig` there); " +
		"the clocks differ by more than 300 seconds; named may not write to its directory"
	return t.bad("transfer", fmt.Sprintf(mend, from, t.driver.m.TSIGKey, t.driver.m.Name), "it took the test zone and did not fetch it from %s within %s", from, t.driver.opts.Transfer)
}

// until asks the member for the test zone until the outcome is right; false if
// that takes too long.
func (t *tester) until(ctx context.Context, right func(err error) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, t.driver.opts.Transfer)
	defer cancel()
	tick := time.NewTicker(xfrPoll)
	defer tick.Stop()
	for {
		ask, done := context.WithTimeout(ctx, dnsPatience)
		_, err := t.driver.opts.Serial(ask, t.driver.m.DNS(), t.self)
		done()
		if right(err) {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}
