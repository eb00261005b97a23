package nsd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/nsdctl"
	"github.com/skein-dns/skein/zone"
)

const (
	cleanTimeout = 10 * time.Second
)

// Test implements member.Driver. It looks in the order in which things build
// on each other and stops where the next look could tell nothing.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	t := &tester{driver: d, self: self}
	for _, look := range []func(context.Context) bool{t.connect, t.version, t.key, t.takesZones, t.dns, t.transfer} {
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
	said   string // its version
	tried  bool   // the test zone may be there
}

func (t *tester) version(context.Context) bool {
	var major, minor int
	if _, err := fmt.Sscanf(t.said, "NSD %d.%d", &major, &minor); err != nil {
		return t.Warn("version", "", "it does not say a version that is known: %q", t.said)
	}
	switch {
	case major < 4:
		return t.Bad("version", "install NSD 4.6 or newer; before 4, zones cannot be added while it runs", "it is %s", t.said)
	case major == 4 && minor < 6:
		return t.Warn("version", "plan for 4.6 or newer: this one gets no mends any more", "it is %s", t.said)
	}
	return t.Good("version", "it is %s", t.said)
}

// key looks whether our TSIG key is known, and right. What else is wrong is
// looked for all the same, so that it is mended in one go.
func (t *tester) key(ctx context.Context) bool {
	m := t.driver.m
	if t.driver.opts.Signature == nil || t.driver.tsig == "" {
		return true
	}
	verdict, err := t.driver.opts.Signature(ctx, m.DNS(), m.TSIGKey, m.Algorithm, t.driver.tsig)
	if err != nil {
		return true // what that is about shows below
	}
	switch verdict {
	case "good":
		return t.Good("key", "it knows the TSIG key %s", m.TSIGKey)
	case "BADSIG":
		t.Bad("key", t.paste(), "it knows the TSIG key %s with another secret", m.TSIGKey)
	case "BADKEY":
		t.Bad("key", t.paste(), "it does not know the TSIG key %s", m.TSIGKey)
	case "BADTIME":
		t.Bad("clock", "set both clocks, and run chrony or ntpd on both machines", "its clock differs from ours by more than TSIG allows, 300 seconds")
	default:
		return true
	}
	t.takesZones(ctx)
	return false
}

func (t *tester) paste() string {
	return fmt.Sprintf("paste what `skein member config nsd --name %s` prints there, and run `nsd-control reconfig`", t.driver.m.Name)
}

// takesZones adds the test zone, which shows whether the pattern is there.
func (t *tester) takesZones(ctx context.Context) bool {
	d := t.driver
	err := t.addNew(ctx)
	switch {
	case err == nil:
		return t.Good("pattern", "it takes new zones with the pattern %s", d.pattern)
	case errors.Is(err, member.ErrForeign):
		return t.Bad("pattern", fmt.Sprintf("remove the zone %s there: it is Skein's for tests", t.self), "it has a zone %s that is not Skein's", t.self)
	case errors.Is(err, member.ErrDenied):
		return t.Bad("pattern", t.paste(), "it has no pattern %s", d.pattern)
	case errors.Is(err, member.ErrAway):
		return t.Bad("pattern", "try again", "it went away: %v", err)
	}
	return t.Bad("pattern", "its log says why (`journalctl -u nsd` there): may it write its zonelistfile?", "the test zone %s could not be added: %v", t.self, err)
}

// addNew adds the test zone. One that a broken-off test left would be served
// without a transfer: away with it.
func (t *tester) addNew(ctx context.Context) error {
	if err := t.one(ctx, member.ActionDelete); err != nil {
		return err
	}
	t.tried = true
	if t.driver.opts.Serial != nil {
		t.testZone().Until(ctx, func(err error) bool { return err != nil })
	}
	return t.one(ctx, member.ActionAdd)
}

// one does something to the test zone.
func (t *tester) one(ctx context.Context, action member.Action) (err error) {
	away := t.driver.run(ctx, action, []zone.Name{t.self}, func(_ int, refused error) { err = refused })
	if away != nil {
		return away
	}
	return err
}

// clean takes the test zone away again, whatever else happened, and tells how
// many others there are.
func (t *tester) clean(ctx context.Context) {
	if t.said == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if t.tried {
		if err := t.one(ctx, member.ActionDelete); err != nil && !errors.Is(err, member.ErrForeign) {
			t.Warn("clean-up", "remove it by hand: nsd-control delzone "+text(t.self), "the test zone is still there: %v", err)
		}
	}
	ours := 0
	n, err := t.driver.count(ctx, func(z nsdctl.Zone) {
		if isOurs(z.Pattern, t.driver.m) {
			ours++
		}
	})
	if err == nil {
		t.Good("zones", "it has %d zones already, %d of them with another pattern than Skein's or none; those stay untouched", n, n-ours)
	}
}
