package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// hosting is the set that a hoster's zones are to show.
var hosting = skein.EditPool{Rule: skein.PoolReplace, MName: "ns1.hoster.example.", RName: "hostmaster.hoster.example.",
	Nameservers: []skein.PoolNameserver{{Name: "ns1.hoster.example."}, {Name: "ns2.hoster.example."}}}

// pool makes a set the pool's, and waits until all zones have it.
func (w *world) pool(set skein.EditPool) skein.Pool {
	w.t.Helper()
	_, err := w.EditPool(w.ctx(), anna, "default", set, nil)
	w.must(err)
	return w.applied()
}

func (w *world) applied() skein.Pool {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.ctx())
	done := make(chan error, 1)
	go func() { done <- w.ApplyPools(ctx) }()
	defer func() { stop(); w.must(<-done) }()
	for {
		p, err := w.Pool(w.ctx(), anna, "default")
		w.must(err)
		if p.Progress == nil || !p.Progress.Ended.IsZero() {
			return p
		}
		time.Sleep(time.Millisecond)
	}
}

// shows wants a zone to show these nameservers, and this primary in its SOA.
func (w *world) shows(name zone.Name, mname string, nameservers ...string) {
	w.t.Helper()
	_, c, err := w.Contents(w.ctx(), anna, name)
	w.must(err)
	set, _ := c.Get(name, zone.TypeNS)
	var got []string
	for _, d := range set.Data {
		got = append(got, d.Text(zone.TypeNS))
	}
	slices.Sort(got)
	soa, _ := c.SOA()
	if !slices.Equal(got, nameservers) || string(soa.MName) != mname {
		w.t.Errorf("%s shows %q and %s; want %q and %s", name, got, soa.MName, nameservers, mname)
	}
}

// own are the sets that apex gives a zone, pooled those of hosting.
var (
	own    = []string{"ns1.example.net.", "ns2.example.net."}
	pooled = []string{"ns1.hoster.example.", "ns2.hoster.example."}
)

func TestZonesShowTheNameserversOfThePool(t *testing.T) {
	t.Parallel()
	for _, story := range []struct {
		rule  skein.PoolRule
		mname string
		ns    []string
	}{
		{skein.PoolKeep, "ns1.example.net.", own},
		{skein.PoolAdd, "ns1.hoster.example.", slices.Concat(own[:1], pooled[:1], own[1:], pooled[1:])},
		{skein.PoolReplace, "ns1.hoster.example.", pooled},
	} {
		t.Run(string(story.rule), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, "before.example.", 1, "www A 192.0.2.1\n")
			set := hosting
			set.Rule = story.rule
			p := w.pool(set)
			if p.Progress.Done != 1 || p.Progress.Zones != 1 || p.Progress.Failed != 0 || (p.Progress.Changed == 1) != (story.rule != skein.PoolKeep) {
				t.Errorf("progress %+v", p.Progress)
			}
			w.put(plesk1, "after.example.", 1, "www A 192.0.2.1\n")
			for _, name := range []zone.Name{"before.example.", "after.example."} {
				w.shows(name, story.mname, story.ns...)
				w.holds(name, "www A 192.0.2.1")
			}
			// The same again is no change, and neither is the same pool again.
			if r := w.put(plesk1, "after.example.", 1, "www A 192.0.2.1\n"); r.Changed {
				t.Errorf("the same contents changed %+v", r.Delta)
			}
			if p := w.pool(set); p.Progress.Changed != 0 || p.Progress.Done != 2 {
				t.Errorf("progress of the same set again: %+v", p.Progress)
			}
			// Without a pool they are as they came.
			w.pool(skein.EditPool{Rule: skein.PoolKeep})
			for _, name := range []zone.Name{"before.example.", "after.example."} {
				w.shows(name, "ns1.example.net.", own...)
				if over, err := w.Overlays(w.ctx(), anna, name); err != nil || len(over) > 0 {
					t.Errorf("overlays %+v, %v", over, err)
				}
			}
		})
	}
}

// What the origin says of its nameservers is kept beneath the pool's.
func TestTheOriginsNameserversAreKeptBeneathThePools(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pool(hosting)
	first := w.put(plesk1, example, 1, "www A 192.0.2.1\n").Zone
	hidden := func(want ...string) {
		t.Helper()
		over, err := w.Overlays(w.ctx(), anna, example)
		w.must(err)
		var got []string
		for _, o := range over {
			if o.Source != "pool" || o.Hidden == nil {
				t.Errorf("overlay %+v", o)
				continue
			}
			if o.Type == "NS" {
				got = o.Hidden.Data
			}
		}
		slices.Sort(got)
		if len(over) != 2 || !slices.Equal(got, want) {
			t.Errorf("beneath %+v are %q, want %q", over, got, want)
		}
	}
	hidden(own...)

	// A push with other nameservers changes nothing that is served.
	moved := strings.ReplaceAll(apex(2), "ns2.example.net.", "ns9.example.net.")
	r, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, moved+"www A 192.0.2.1\n")})
	w.must(err)
	if r.Zone.Serial != first.Serial || r.Zone.Published != first.Published || len(r.Delta.Add)+len(r.Delta.Del) > 0 || len(r.Warnings) == 0 {
		t.Errorf("after another NS set beneath: %+v", r)
	}
	w.shows(example, "ns1.hoster.example.", pooled...)
	hidden("ns1.example.net.", "ns9.example.net.")

	// An edit by the origin goes beneath too, one of a person as well.
	w.edit(plesk1, example, "set @ 300 NS ns7.example.net.")
	hidden("ns7.example.net.")
	w.put(anna, "people.example.", 1, "")
	w.edit(anna, "people.example.", "set @ 300 NS ns8.example.net.")
	w.shows("people.example.", "ns1.hoster.example.", pooled...)

	// Other timers of the SOA are the origin's, also with the pool's names.
	retimed := strings.ReplaceAll(strings.ReplaceAll(apex(3), "10800", "7200"), "ns2.example.net.", "ns7.example.net.")
	retimed = strings.ReplaceAll(retimed, "@ NS ns1.example.net.\n", "")
	w.later(time.Hour)
	r, err = w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, retimed+"www A 192.0.2.1\n")})
	w.must(err)
	_, c, err := w.Contents(w.ctx(), anna, example)
	w.must(err)
	if soa, _ := c.SOA(); soa.Refresh != 7200 || soa.MName != "ns1.hoster.example." || soa.RName != "hostmaster.hoster.example." {
		t.Errorf("SOA %+v after %+v", soa, r.Delta)
	}

	// The pool's set is no overlay that anybody could end.
	_, err = w.EndOverlay(w.ctx(), anna, control.EndOverlay{Zone: example, Name: example, Type: zone.TypeNS})
	w.wants(err, skein.KindConflict, "those of its pool")
	// And a zone with nothing but it is deleted without more ado.
	_, err = w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: "people.example."})
	w.must(err)
}

// A signed zone shows what its source has signed.
func TestThePoolLeavesSignedZonesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pool(hosting)
	const keys = "@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n" +
		"@ RRSIG SOA 13 2 300 20300101000000 20260101000000 1 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAg==\n"
	w.put(plesk1, example, 1, keys)
	w.shows(example, "ns1.example.net.", own...)
	w.put(plesk1, "later.example.", 1, "")
	w.shows("later.example.", "ns1.hoster.example.", pooled...)
	w.put(plesk1, "later.example.", 5, strings.ReplaceAll(keys, "example.com.", "later.example."))
	w.shows("later.example.", "ns1.example.net.", own...)
	if over, err := w.Overlays(w.ctx(), anna, "later.example."); err != nil || len(over) > 0 {
		t.Errorf("overlays %+v, %v", over, err)
	}
	p := w.pool(skein.EditPool{Rule: skein.PoolReplace, Nameservers: hosting.Nameservers[:1]})
	if p.Progress.Changed != 0 || p.Progress.Done != 2 {
		t.Errorf("progress %+v", p.Progress)
	}
}

func TestZonesComeBackWithThePoolOfToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.put(plesk1, "older.example.", 1, "").Zone
	w.edit(plesk1, "older.example.", "set @ 300 NS ns7.example.net.")
	w.pool(hosting)
	_, err := w.RestoreZone(w.ctx(), plesk1, control.RestoreZone{Name: "older.example.", To: before.Revision})
	w.must(err)
	then := w.put(plesk1, example, 1, "www A 192.0.2.1\n").Zone
	w.put(plesk1, example, 2, "www A 192.0.2.2\n")
	_, err = w.RestoreZone(w.ctx(), plesk1, control.RestoreZone{Name: example, To: then.Revision})
	w.must(err)
	w.holds(example, "www A 192.0.2.1")
	w.shows(example, "ns1.hoster.example.", pooled...)
	_, err = w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
	w.must(err)
	w.pool(skein.EditPool{Rule: skein.PoolReplace, Nameservers: hosting.Nameservers[1:]})
	_, err = w.UndeleteZone(w.ctx(), plesk1, control.UndeleteZone{Name: example})
	w.must(err)
	w.holds(example, "www A 192.0.2.1")
	w.shows(example, "ns1.example.net.", pooled[1])
	_, err = w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
	w.must(err)
	w.pool(skein.EditPool{})
	w.shows("older.example.", "ns1.example.net.", own...)
	_, err = w.UndeleteZone(w.ctx(), plesk1, control.UndeleteZone{Name: example})
	w.must(err)
	w.shows(example, "ns1.example.net.", own...)
	if over, err := w.Overlays(w.ctx(), anna, example); err != nil || len(over) > 0 {
		t.Errorf("overlays %+v, %v", over, err)
	}
}

// A takeover leaves the pool's set, and overlays of others, where they are.
func TestThePoolStaysWhenAZoneChangesHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pool(hosting)
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk2", Door: skein.DoorPlesk}})
	w.must(err)
	w.put(plesk1, example, 1, "www A 192.0.2.1\n")
	w.edit(anna, example, "set www 300 A 192.0.2.9")
	_, err = w.TakeOver(w.ctx(), anna, control.TakeOver{Name: example, To: "plesk2"})
	w.must(err)
	w.put(plesk2, example, 2, "www A 192.0.2.3\n")
	w.holds(example, "www A 192.0.2.9")
	w.shows(example, "ns1.hoster.example.", pooled...)
	w.pool(skein.EditPool{})
	w.shows(example, "ns1.example.net.", own...)
	w.holds(example, "www A 192.0.2.9")
}

// Interrupted, also by the power, a change of the pool goes on where it was.
func TestAChangeOfThePoolIsCarriedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 450
	for i := range n {
		w.put(plesk1, zone.Name(fmt.Sprintf("z%03d.example.", i)), 1, "")
	}
	_, err := w.EditPool(w.ctx(), anna, "default", hosting, nil)
	w.must(err)
	applying := func(after int) { // and interrupts it just before a commit
		ctx, stop := context.WithCancel(w.ctx())
		var commits atomic.Int32
		w.store.mu.Lock()
		w.store.before = func() {
			if int(commits.Add(1)) == after {
				stop()
			}
		}
		w.store.mu.Unlock()
		w.must(w.ApplyPools(ctx))
	}
	w.store.fail(&skein.Error{Kind: skein.KindUnavailable, What: "the disk is full"}, false)
	applying(1)
	p, err := w.Pool(w.ctx(), anna, "default")
	w.must(err)
	if p.Progress.Done != 0 || !p.Progress.Ended.IsZero() {
		t.Errorf("progress with a full disk %+v", p.Progress)
	}
	w.reopen()
	applying(300) // on the second page
	p, err = w.Pool(w.ctx(), anna, "default")
	w.must(err)
	if p.Progress.Done != 200 {
		t.Errorf("progress after the interruption %+v", p.Progress)
	}
	w.reopen()
	p = w.applied()
	if p.Progress.Done != n || p.Progress.Zones != n || p.Progress.Failed != 0 {
		t.Errorf("progress %+v", p.Progress)
	}
	for i := range n {
		name := zone.Name(fmt.Sprintf("z%03d.example.", i))
		w.shows(name, "ns1.hoster.example.", pooled...)
		if changes, err := w.History(w.ctx(), anna, name, 10); err != nil || len(changes) != 2 || changes[0].Action != "pool.apply" || changes[0].Actor.Name != "anna" {
			t.Fatalf("history of %s: %+v, %v", name, changes, err)
		}
	}
}

func TestWhatIsWrongWithAPool(t *testing.T) {
	t.Parallel()
	outside := map[zone.Name]string{"ns1.elsewhere.example.": "192.0.2.53"}
	w := newWorldWith(t, func(c *control.Config) {
		c.Resolve = func(_ context.Context, name zone.Name) ([]netip.Addr, error) {
			if text, there := outside[name]; there {
				return []netip.Addr{netip.MustParseAddr(text)}, nil
			}
			return nil, errors.New("no such host")
		}
	})
	w.put(anna, "hoster.example.", 1, "ns1 A 192.0.2.1\nns1 AAAA 2001:db8::1\n")
	named := func(names ...string) (list []skein.PoolNameserver) {
		for _, text := range names {
			name, addr, _ := strings.Cut(text, "=")
			ns := skein.PoolNameserver{Name: zone.Name(name)}
			if addr != "" {
				ns.Addresses = []netip.Addr{netip.MustParseAddr(addr)}
			}
			list = append(list, ns)
		}
		return list
	}
	for name, story := range map[string]struct {
		set  skein.EditPool
		want []string
	}{
		"none":                      {skein.EditPool{}, nil},
		"names for nothing":         {skein.EditPool{MName: "ns1.hoster.example."}, []string{"not used while the rule is keep"}},
		"one":                       {skein.EditPool{Rule: skein.PoolReplace, Nameservers: named("ns1.hoster.example.")}, []string{"expect two"}},
		"two, here and outside":     {skein.EditPool{Rule: skein.PoolAdd, Nameservers: named("ns1.hoster.example.=2001:db8::1", "ns1.elsewhere.example.=192.0.2.53")}, nil},
		"not here":                  {skein.EditPool{Rule: skein.PoolAdd, Nameservers: named("ns1.hoster.example.", "ns2.hoster.example.")}, []string{"no address is found for the nameserver ns2.hoster.example."}},
		"not outside":               {skein.EditPool{Rule: skein.PoolAdd, Nameservers: named("ns1.hoster.example.", "ns2.elsewhere.example.")}, []string{"no address is found for the nameserver ns2.elsewhere.example."}},
		"another address than said": {skein.EditPool{Rule: skein.PoolAdd, Nameservers: named("ns1.hoster.example.", "ns1.elsewhere.example.=192.0.2.54")}, []string{"leads to [192.0.2.53], and not to [192.0.2.54]"}},
		"named, and kept":           {skein.EditPool{Rule: skein.PoolKeep, Nameservers: named("ns1.hoster.example.", "ns1.elsewhere.example.")}, []string{"the rule is keep"}},
	} {
		p, err := w.EditPool(w.ctx(), anna, "default", story.set, nil)
		w.must(err)
		want := append([]string{"the pool has no member"}, story.want...)
		if len(p.Warnings) != len(want) {
			t.Errorf("%s: %+v, want %q", name, p.Warnings, want)
			continue
		}
		for i, words := range want {
			if !strings.Contains(p.Warnings[i].Text, words) {
				t.Errorf("%s: %q does not say %q", name, p.Warnings[i].Text, words)
			}
		}
	}
}

func TestPoolsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	many := skein.EditPool{Rule: skein.PoolReplace}
	for i := range 21 {
		many.Nameservers = append(many.Nameservers, skein.PoolNameserver{Name: zone.Name(fmt.Sprintf("ns%d.hoster.example.", i))})
	}
	twice := skein.EditPool{Nameservers: []skein.PoolNameserver{{Name: "ns1.hoster.example."}, {Name: "NS1.hoster.example"}}}
	nowhere := skein.EditPool{Nameservers: []skein.PoolNameserver{{Name: "ns1.hoster.example.", Addresses: []netip.Addr{netip.IPv6Unspecified()}}}}
	for name, story := range map[string]struct {
		actor skein.Actor
		pool  string
		set   skein.EditPool
		kind  skein.Kind
		words string
	}{
		"by a panel":                   {plesk1, "default", hosting, skein.KindForbidden, "permission"},
		"a pool that there is none of": {anna, "second", hosting, skein.KindNotFound, "no pool"},
		"a rule that is none":          {anna, "default", skein.EditPool{Rule: "erase"}, skein.KindInvalid, "no rule"},
		"nothing to replace with":      {anna, "default", skein.EditPool{Rule: skein.PoolReplace}, skein.KindInvalid, "needs nameservers"},
		"too many":                     {anna, "default", many, skein.KindInvalid, "more than the 20"},
		"one twice":                    {anna, "default", twice, skein.KindInvalid, "named twice"},
		"the root":                     {anna, "default", skein.EditPool{Nameservers: []skein.PoolNameserver{{Name: "."}}}, skein.KindInvalid, "no name of a nameserver"},
		"an address of nobody":         {anna, "default", nowhere, skein.KindInvalid, "nobody could ask"},
		"a mailbox with an at":         {anna, "default", skein.EditPool{RName: "host..master@hoster.example"}, skein.KindInvalid, "no domain name"},
	} {
		t.Run(name, func(*testing.T) {
			w.refused(story.actor, "pool.edit", func() error {
				_, err := w.EditPool(w.ctx(), story.actor, story.pool, story.set, nil)
				return err
			}, story.kind, story.words)
		})
	}
	if _, err := w.Pool(w.ctx(), plesk1, "default"); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("a panel reads the pool: %v", err)
	}
}

// What waits is shown as it would be served, and what a source did is taken
// back, whatever the pool did meanwhile.
func TestThePoolIsInNobodysWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	w.put(plesk1, example, 1, "www A 192.0.2.1\n")
	w.pool(hosting)
	_, err := w.PutZone(w.ctx(), plesk2, control.PutZone{Name: example, Sets: w.sets(example, apex(7)+"www A 192.0.2.2\n")})
	var e *skein.Error
	if !errors.As(err, &e) || e.Waiting == 0 {
		t.Fatalf("another's save: %v", err)
	}
	d, err := w.WaitingDetail(w.ctx(), anna, e.Waiting)
	w.must(err)
	for _, set := range slices.Concat(d.Delta.Added, d.Delta.Removed) {
		if set.Type == "NS" {
			t.Errorf("the delta has %+v", set)
		}
	}
	w.later(time.Hour)
	since := w.clock()
	w.later(time.Minute)
	w.put(plesk1, example, 8, "www A 192.0.2.66\n")
	w.pool(skein.EditPool{Rule: skein.PoolReplace, Nameservers: hosting.Nameservers[1:]})
	plan, err := w.RevertSource(w.ctx(), anna, control.RevertSource{Name: "plesk1", Since: since})
	if err != nil || len(plan.Steps) != 1 || !plan.Steps[0].Done {
		t.Errorf("reverted: %+v, %v", plan, err)
	}
	w.holds(example, "www A 192.0.2.1")
	w.shows(example, "ns1.example.net.", pooled[1])
}

// A zone at or above a nameserver's name would lead the zones of all others astray.
func TestAZoneOverANameserverOfThePoolNeedsApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pool(hosting)
	_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "hoster.example.", Sets: w.sets("hoster.example.", apex(1))})
	w.wants(err, skein.KindConflict, "ns1.hoster.example. has its name there")
}

// The very first zone of a node that has its pool already is restored to what
// it is: nothing of the pool becomes the zone's own.
func TestRestoringTheFirstRevisionUnderAPool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pool(hosting)
	z := w.put(plesk1, example, 1, "www A 192.0.2.1\n").Zone
	if r, err := w.restore(anna, example, z.Revision); err != nil || r.Changed || z.Revision != 1 {
		t.Errorf("restored to revision %d: %+v, %v", z.Revision, r, err)
	}
}
