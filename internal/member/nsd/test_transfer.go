package nsd

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/internal/member"
)

// dns looks whether it answers questions at all, before a transfer is judged by answers.
func (t *tester) dns(ctx context.Context) bool {
	return t.DNS(ctx, t.testZone(), "NSD listens elsewhere (ip-address)")
}

// transfer waits until the member serves the test zone, which it can only have
// from us. From which primary is the pattern's affair.
func (t *tester) transfer(ctx context.Context) bool {
	if t.driver.opts.Serial == nil {
		return true
	}
	if t.testZone().Fetched(ctx, func() {
		_ = t.one(ctx, member.ActionRetransfer) // what comes of it shows here
	}) {
		return t.Good("transfer", "it fetched a test zone from us, signed")
	}
	m := t.driver.m
	var from []string
	for _, p := range m.Primaries {
		from = append(from, net.JoinHostPort(p.Address.String(), strconv.Itoa(int(p.Port))))
	}
	const mend = "one of these, and NSD's log there says which: it cannot reach %[1]s over TCP (a firewall; or behind NAT another address: --primary-address); " +
		"its pattern %[4]s says another request-xfr than that, or another key than %[2]s, or the secret of that key is not ours (paste what `skein member config nsd --name %[3]s` prints there, and run `nsd-control reconfig`); " +
		"the clocks differ by more than 300 seconds"
	return t.Bad("transfer", fmt.Sprintf(mend, strings.Join(from, " or "), m.TSIGKey, m.Name, t.driver.pattern),
		"it took the test zone and did not fetch it from %s within %s", strings.Join(from, " or "), t.driver.opts.Transfer)
}

// testZone is the zone of the test, as the member answers for it.
func (t *tester) testZone() member.TestZone {
	d := t.driver
	return member.TestZone{Name: t.self, Member: d.m, Serial: d.opts.Serial, Patience: d.opts.Transfer}
}
