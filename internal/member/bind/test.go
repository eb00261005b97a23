package bind

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	skewWorth    = 30 * time.Second // from here a clock's difference is worth a word
	cleanTimeout = 10 * time.Second
)

// Test implements member.Driver. It looks in the order in which things build
// on each other and stops where the next look could tell nothing.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	alone := *d // tests with a text of its own
	t := &tester{driver: &alone, self: self}
	for _, look := range []func(context.Context) bool{t.connect, t.version, t.clock, t.key, t.takesZones, t.dns, t.transfer} {
		if !look(ctx) {
			break
		}
	}
	t.clean(ctx)
	t.zones()
	t.statistics(ctx)
	return t.Checks
}

// tester collects findings about one member.
type tester struct {
	member.Findings
	driver *Driver
	self   zone.Name
	status string // what rndc status said before anything was added
	views  []string
	tried  bool // the test zone may be there
}

func (t *tester) version(context.Context) bool {
	version := field(t.status, "version:")
	major, minor, ok := parseVersion(version)
	switch {
	case !ok:
		return t.Warn("version", "", "it does not say a version that is known: %q", version)
	case major < 9 || major == 9 && minor < 11:
		return t.Bad("version", "install BIND 9.18 or newer; before 9.11, zones cannot be added and shown over rndc", "it is %s", version)
	case major == 9 && minor < 18:
		return t.Warn("version", "plan for 9.18 or newer: this one gets no security fixes any more", "it is %s", version)
	}
	return t.Good("version", "it is %s", version)
}

// parseVersion finds 9.18 in "BIND 9.18.49-1~deb12u3-Debian (…)". Another
// server that speaks rndc may call itself as it likes.
func parseVersion(s string) (major, minor int, ok bool) {
	rest, found := strings.CutPrefix(s, "BIND ")
	if !found {
		return 0, 0, false
	}
	_, err := fmt.Sscanf(rest, "%d.%d", &major, &minor)
	return major, minor, err == nil
}

func (t *tester) clock(ctx context.Context) bool {
	now := t.driver.now()
	a, err := t.driver.client.Call(ctx, "null")
	if err != nil || a.Time.IsZero() {
		return true // it answered a moment ago; what fails now shows below
	}
	if ahead := a.Time.Sub(now.Truncate(time.Second)); ahead.Abs() >= skewWorth {
		return t.Warn("clock", "run chrony or ntpd on both machines: from 300 seconds on, rndc and TSIG refuse everything", "its clock is %s ours", offBy(ahead))
	}
	return t.Good("clock", "its clock agrees with ours")
}

func offBy(ahead time.Duration) string {
	if ahead < 0 {
		return fmt.Sprintf("%s behind", ahead.Abs().Round(time.Second))
	}
	return fmt.Sprintf("%s ahead of", ahead.Round(time.Second))
}

// key looks whether our TSIG key is known, and right. What else is wrong is
// looked for all the same, so that it is mended in one go.
func (t *tester) key(ctx context.Context) bool {
	d := t.driver
	a, err := d.exchange(ctx, "tsig-list")
	switch {
	case err != nil:
		return t.Bad("tsig-list", "try again", "rndc tsig-list failed: %v", err)
	case a.Err == "failure": // every BIND that we take can list them
		return t.Bad("tsig-list", "its controls statement may say `read-only yes` for us: take that out and run `rndc reconfig` there; else its log says more", "it refuses to list its TSIG keys")
	}
	t.views = viewsOf(a.Text)
	known, sure := d.knows(a.Text)
	paste := fmt.Sprintf("paste what `skein member config bind --name %s` prints into its named.conf and run `rndc reconfig` there", d.m.Name)
	switch verdict := d.signature(ctx); {
	case verdict == badSecret:
		t.Bad("tsig-list", paste, "it knows the TSIG key %s with another secret", d.m.TSIGKey)
	case verdict == badTime:
		t.Bad("clock", "set both clocks, and run chrony or ntpd on both machines", "its clock differs from ours by more than TSIG allows, 300 seconds")
	case known, verdict == goodKey:
		return t.Good("tsig-list", "it knows the TSIG key %s", d.m.TSIGKey)
	case verdict == badKey, sure:
		t.Bad("tsig-list", paste+"; BIND would take zones with an unknown key and never transfer them", "it does not know the TSIG key %s", d.m.TSIGKey)
	default:
		return t.Warn("tsig-list", "", "it does not show whether it knows the TSIG key %s, since its list ends early; the transfer below does", d.m.TSIGKey)
	}
	t.takesZones(ctx)
	return false
}

// noView names the views that there are.
func (t *tester) noView() bool {
	mend := "name a view that it has with --view"
	switch {
	case slices.Equal(t.views, []string{defaultView}):
		mend = "leave --view out: it has no views of its own"
	case len(t.views) > 0:
		mend = "give one of its views with --view: " + strings.Join(t.views, ", ")
	}
	return t.Bad("view", mend, "it has no view %s", t.driver.text.view)
}

// viewsOf lists the views that tsig-list names: those with a key, so that one
// may be missing.
func viewsOf(list string) (views []string) {
	for _, k := range tsigKeys(list) {
		if k.view != "_bind" && !slices.Contains(views, k.view) {
			views = append(views, k.view)
		}
	}
	return views
}

// takesZones adds the test zone, which shows whether the view takes zones.
func (t *tester) takesZones(ctx context.Context) bool {
	d := t.driver
	d.knowsKey = true // this look is not about the key
	err := t.addNew(ctx)
	switch {
	case err == nil:
		return t.Good("allow-new-zones", "it takes new zones in view %s", d.text.view)
	case errors.Is(err, member.ErrForeign):
		return t.Bad("allow-new-zones", fmt.Sprintf("remove the zone %s there: it is Skein's for tests", t.self), "it has a zone %s that is not Skein's", t.self)
	case errors.Is(err, errNoACL):
		return t.Bad("primary", fmt.Sprintf("paste again what `skein member config bind --name %s` prints into its named.conf and run `rndc reconfig` there", d.m.Name),
			"it has no ACL %s yet, which says who may transfer from it as a primary", members)
	case errors.Is(err, member.ErrDenied) && strings.Contains(err.Error(), "no view"):
		return t.noView()
	case errors.Is(err, member.ErrDenied):
		return t.Bad("allow-new-zones", "put `allow-new-zones yes;` into its options statement, or into the view, and run `rndc reconfig` there", "it takes no new zones in view %s", d.text.view)
	case errors.Is(err, member.ErrAway):
		return t.Bad("allow-new-zones", "try again", "it went away: %v", err)
	}
	return t.Bad("allow-new-zones", "its log says why (`journalctl -u named` there): may named write to its directory?",
		"the test zone %s could not be added: %v", t.self, err)
}

// addNew adds the test zone. One that a broken-off test left would be served
// without a transfer: away with it. So would a file of it that BIND, which
// removes files after it answered, has not come to yet: so this one has another.
func (t *tester) addNew(ctx context.Context) error {
	if err := t.driver.delete(ctx, t.self); err != nil {
		return err
	}
	t.tried = true
	if t.driver.opts.Serial != nil {
		t.testZone().Until(ctx, func(err error) bool { return err != nil })
	}
	t.driver.text.attempt = 1 + rand.Uint32N(math.MaxUint32)
	return t.driver.add(ctx, t.self)
}

// zones tells how many are there, which stay as they are.
func (t *tester) zones() {
	// BIND counts its empty zones (RFC 6303) apart, but not what it keeps keys in
	if all, empty, ok := zonesIn(t.status); ok {
		t.Good("zones", "it has %d zones already, a few of BIND's own perhaps among them; they stay untouched", all-empty)
	}
}

// clean takes the test zone away again, whatever else happened.
func (t *tester) clean(ctx context.Context) {
	if !t.tried {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if err := t.driver.delete(ctx, t.self); err != nil && !errors.Is(err, member.ErrForeign) {
		t.Warn("clean-up", fmt.Sprintf("remove it by hand: rndc delzone -clean %s IN %s", t.self, t.driver.text.view), "the test zone is still there: %v", err)
	}
}
