package powerdns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	cleanTimeout = 10 * time.Second
)

// Test implements member.Driver. It looks in the order in which things build
// on each other and stops where the next look could tell nothing.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	t := &tester{driver: d, self: self}
	looks := []func(context.Context) bool{t.connect, t.config, t.key, t.takesZones, t.dns, t.transfer}
	if native(d.m) {
		looks = []func(context.Context) bool{t.connect, t.takesRecords, t.dns, t.serves}
	}
	for _, look := range looks {
		if !look(ctx) {
			break
		}
	}
	t.clean(ctx)
	return t.Checks
}

// tester collects findings about one member.
type tester struct {
	member.Findings
	driver *Driver
	self   zone.Name
	tried  bool     // the test zone may be there
	made   []string // TSIG keys that are there for this test alone
}

// version looks at what answers.
func (t *tester) version(s server) bool {
	var major, minor int
	_, err := fmt.Sscanf(s.Version, "%d.%d", &major, &minor)
	switch {
	case err != nil:
		return t.Warn("version", "", "it does not say a version that is known: %q", s.Version)
	case major < 4 || major == 4 && minor < 3:
		return t.Bad("version", "install PowerDNS 4.7 or newer; before 4.3 its API sets no TSIG keys of zones", "it is PowerDNS %s", s.Version)
	case major == 4 && minor < 7:
		return t.Warn("version", "plan for 4.7 or newer: Skein is not tested with this one", "it is PowerDNS %s", s.Version)
	}
	return t.Good("version", "it is PowerDNS %s", s.Version)
}

// option is one of its configuration, as the API tells them.
type option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// config looks whether it fetches zones at all, and hears NOTIFY.
func (t *tester) config(ctx context.Context) bool {
	var all []option
	if err := t.driver.client.call(ctx, http.MethodGet, "/config", nil, &all); err != nil {
		return t.Warn("secondary", "", "it does not tell its configuration: %v", err)
	}
	has := map[string]string{}
	for _, o := range all {
		has[o.Name] = o.Value
	}
	on, isOn := has["secondary"]
	if !isOn {
		on, isOn = has["slave"] // before 4.5
	}
	if isOn && on != "yes" {
		return t.Bad("secondary", fmt.Sprintf("put `secondary=yes` into its pdns.conf and restart it; or write records into it with --set %s=%s", Mode, Native), "it fetches no zones: secondary is %s", on)
	}
	if from, is := has["allow-notify-from"]; is {
		for _, p := range t.driver.m.Primaries {
			if !allows(from, p.Address) {
				return t.Warn("secondary", fmt.Sprintf("put %s into allow-notify-from in its pdns.conf and restart it, or take the line out", p.Address),
					"it fetches zones, and hears of changes late: it refuses NOTIFY from %s", p.Address)
			}
		}
	}
	return t.Good("secondary", "it fetches zones and hears NOTIFY")
}

// key puts our TSIG keys there.
func (t *tester) key(ctx context.Context) bool {
	made, err := t.driver.putKeys(ctx)
	if t.made = made; err != nil {
		return t.Bad("tsig", "its back end must be one that keeps keys: lmdb, gsqlite3, gmysql or gpgsql, not bind (launch in its pdns.conf); its log says more (`journalctl -u pdns` there)", "it takes no TSIG key: %v", err)
	}
	return t.Good("tsig", "it has the TSIG key %s", t.driver.m.TSIGKey)
}

// takesZones adds the test zone.
func (t *tester) takesZones(ctx context.Context) bool {
	return t.took(ctx, t.driver.add)
}

// takesRecords adds it with its records.
func (t *tester) takesRecords(ctx context.Context) bool {
	return t.took(ctx, t.driver.write)
}

func (t *tester) took(ctx context.Context, add func(context.Context, zone.Name) error) bool {
	err := t.driver.delete(ctx, t.self) // one that a broken-off test left would be served without a transfer
	if err == nil {
		t.tried = true
		if t.driver.opts.Serial != nil {
			t.testZone().Until(ctx, func(err error) bool { return err != nil })
		}
		err = add(ctx, t.self)
	}
	switch {
	case err == nil:
		return t.Good("zones", "it takes new zones")
	case errors.Is(err, member.ErrForeign):
		return t.Bad("zones", fmt.Sprintf("remove the zone %s there: it is Skein's for tests", t.self), "it has a zone %s that is not Skein's", t.self)
	case errors.Is(err, member.ErrAway):
		return t.Bad("zones", "try again", "it went away: %v", err)
	}
	return t.Bad("zones", "its log says why (`journalctl -u pdns` there); its back end must be one that zones can be made in: gsqlite3, gmysql, gpgsql or lmdb, not bind",
		"the test zone %s could not be added: %v", t.self, err)
}

// dns looks whether it answers questions at all, before a transfer is judged by answers.
func (t *tester) dns(ctx context.Context) bool {
	return t.DNS(ctx, t.testZone(), "PowerDNS listens elsewhere (local-address, local-port)")
}

// testZone is the zone of the test, as the member answers for it.
func (t *tester) testZone() member.TestZone {
	d := t.driver
	return member.TestZone{Name: t.self, Member: d.m, Serial: d.opts.Serial, Patience: d.opts.Transfer}
}

// clean takes away what was made for the test, whatever else happened.
func (t *tester) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if t.tried {
		if err := t.driver.delete(ctx, t.self); err != nil && !errors.Is(err, member.ErrForeign) {
			t.Warn("clean-up", "remove it by hand: pdnsutil delete-zone "+string(t.self), "the test zone is still there: %v", err)
		}
	}
	t.driver.forget()
	for _, name := range t.made {
		if err := t.driver.client.call(ctx, http.MethodDelete, keyPath(name), nil, nil); err != nil {
			t.Warn("clean-up", "remove it by hand: pdnsutil delete-tsig-key "+name, "the TSIG key %s of the test is still there: %v", name, err)
		}
	}
}
