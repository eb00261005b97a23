package control_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// hosts is what a zone holds beside its apex: www has an address, the others
// have texts.
type hosts map[string]string

var modelHosts = []string{"h1", "h2", "www"}

// modelZone is one life of a zone: what its origin put in, and what others
// have over that.
type modelZone struct {
	origin, before string
	created, since time.Time // of this life, and when it changed hands last; zero if it never did
	base           hosts
	over           map[string]overlaid
}

// overlaid is an overlay; without data it is an absence.
type overlaid struct{ source, data string }

func (z *modelZone) visible() hosts {
	v := maps.Clone(z.base)
	for host, o := range z.over {
		if delete(v, host); o.data != "" {
			v[host] = o.data
		}
	}
	return v
}

// waitKey is what one waiting change there is for.
type waitKey struct {
	zone         zone.Name
	source, kind string
}

// waiting is a change that waits: of the whole zone, or its deletion.
type waiting struct {
	id     int64
	delete bool
	hosts  hosts
	at     time.Time
}

type modelVersion struct {
	life  *modelZone
	hosts hosts
	at    skein.Revision
}

type deletion struct {
	at            time.Time
	origin, actor string
}

// machine is control beside a model of it: three sources and an administrator
// do with two zones what they like.
type machine struct {
	*world
	pooled    bool
	names     []zone.Name
	zones     map[zone.Name]*modelZone
	serials   map[zone.Name]uint32 // the last one ever
	past      map[zone.Name][]modelVersion
	dead      map[zone.Name][]*modelZone // deleted lives, oldest first
	waits     map[waitKey]*waiting
	rules     map[string]bool // kind from to
	deletions *[]deletion
	revision  skein.Revision
	last      func() (control.Result, error) // the last committed change, to be repeated
	made      control.Result                 // what it came to
	n         int
}

var plesk3 = skein.Actor{Name: "plesk3", Door: "plesk", Source: "plesk3"}

// Each run has two names of its own in one store: making stores takes longer
// than all the rest. In every other run the zones show the nameservers of their
// pool, of which nothing else must be seen.
func TestControlFollowsItsModel(t *testing.T) {
	t.Parallel()
	plain, pooled, run := newWorld(t), newWorld(t), 0
	pooled.pool(hosting)
	deletions := map[*world]*[]deletion{plain: {}, pooled: {}}
	for w := range deletions {
		for _, a := range []skein.Actor{plesk1, plesk2, plesk3} {
			_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: a.Source, Door: skein.DoorPlesk}})
			w.must(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		run++
		w := plain
		if run%2 == 0 {
			w = pooled
		}
		m := &machine{world: w, pooled: w == pooled, zones: map[zone.Name]*modelZone{}, serials: map[zone.Name]uint32{}, past: map[zone.Name][]modelVersion{},
			dead: map[zone.Name][]*modelZone{}, waits: map[waitKey]*waiting{}, rules: map[string]bool{}, deletions: deletions[w]}
		m.names = []zone.Name{zone.Name(fmt.Sprintf("a%d.example.", run)), zone.Name(fmt.Sprintf("b%d.example.", run))}
		rules, err := w.Rules(w.ctx(), anna)
		w.must(err)
		for _, r := range rules {
			w.must(w.DeleteRule(w.ctx(), anna, r))
		}
		_, m.revision, err = w.store.Totals(w.ctx())
		w.must(err)
		if run/2%5 == 0 {
			m.reopen()
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": m.put, "put more": m.put, "edit": m.edit, "edit more": m.edit, "delete": m.remove,
			"restore": m.restore, "undelete": m.undelete, "take over": m.takeOver, "rule": m.rule, "end an overlay": m.endOverlay,
			"release": m.release, "discard": m.discard, "repeat": m.repeat, "time passes": m.timePasses, "": m.check,
		})
	})
}

func (m *machine) draw(rt *rapid.T) (skein.Actor, zone.Name, *modelZone) {
	actor := rapid.SampledFrom([]skein.Actor{plesk1, plesk2, plesk3, anna}).Draw(rt, "actor")
	name := rapid.SampledFrom(m.names).Draw(rt, "zone")
	return actor, name, m.zones[name]
}

// drawHosts draws what a zone is to hold, and writes it as a zone file.
func (m *machine) drawHosts(rt *rapid.T) (hosts, string) {
	drawn, text := hosts{}, apex(rapid.SampledFrom([]uint32{0, 1, 50, 3_000_000_000, 4_294_967_295}).Draw(rt, "serial"))
	for _, host := range modelHosts {
		if data := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, host); data != "" {
			drawn[host] = data
			text += record(host, data) + "\n"
		}
	}
	return drawn, text
}

// record is a host's record as in a zone file.
func record(host, data string) string {
	if host == "www" {
		return "www A 192.0.2." + map[string]string{"x": "1", "y": "2"}[data]
	}
	return host + " TXT " + data
}

// shownAs is a host's record as lines shows it.
func shownAs(host, data string) string {
	if host == "www" {
		return record(host, data)
	}
	return fmt.Sprintf("%s TXT %q", host, data)
}

// id is a change id of its own.
func (m *machine) id() string { m.n++; return fmt.Sprint(m.names[0], m.n) }

// way is how an actor changes a zone: own, people, over, takeover or "".
func (m *machine) way(actor skein.Actor, z *modelZone) string {
	switch {
	case actor.Admin && z.origin == "admin":
		return "people"
	case z.origin == actor.Source:
		return "own"
	case actor.Admin:
		return "over"
	case m.rules["takeover "+z.origin+" "+actor.Source]:
		return "takeover"
	case m.rules["overlay "+z.origin+" "+actor.Source]:
		return "over"
	}
	return ""
}

// expect draws a revision to expect: none, the right one, or a wrong one.
func (m *machine) expect(rt *rapid.T, name zone.Name) (at *skein.Revision, right bool) {
	z, err := m.Zone(m.ctx(), anna, name)
	if err != nil {
		return nil, true
	}
	switch rapid.IntRange(0, 4).Draw(rt, "expect") {
	case 0:
		return &z.Revision, true
	case 1:
		wrong := z.Revision + 1
		return &wrong, false
	}
	return nil, true
}

// state is what a change that was not made must not change.
func (m *machine) state() string {
	_, newest, err := m.store.Totals(m.ctx())
	m.must(err)
	text := fmt.Sprint(newest)
	for _, name := range m.names {
		z, c, err := m.Contents(m.ctx(), anna, name)
		text += fmt.Sprintf("\n%+v %x %v", z, c.Digest(), skein.KindOf(err))
		if err == nil {
			o, err := m.Overlays(m.ctx(), anna, name)
			m.must(err)
			shown, err := json.Marshal(o)
			m.must(err)
			text += string(shown)
		}
	}
	return text
}

// settle compares what came back with what the model says: the kind of error,
// and whether something was committed.
func (m *machine) settle(rt *rapid.T, name zone.Name, want skein.Kind, commits bool, do func() (control.Result, error)) {
	before := ""
	if want != "" || !commits {
		before = m.state()
	}
	was, _ := m.Zone(m.ctx(), anna, name)
	r, err := do()
	if kind := skein.KindOf(err); kind != want {
		rt.Fatalf("%v, want kind %q", err, want)
	}
	if before != "" {
		if after := m.state(); after != before {
			rt.Fatalf("%v changed\n%s\nto\n%s", err, before, after)
		}
	}
	if err != nil {
		return
	}
	if r.Changed != commits {
		rt.Fatalf("changed is %v: %+v", r.Changed, r)
	}
	if !commits {
		return
	}
	m.revision++
	last, had := m.serials[name]
	ahead := !had || r.Zone.Deleted || zone.SerialLess(last, r.Zone.Serial)
	// What is served has a new serial, what is not has none.
	same := was.ID == r.Zone.ID && r.Zone.Serial == last && len(r.Delta.Add)+len(r.Delta.Del) == 0
	if r.Zone.Revision != m.revision || !ahead && !same || r.Zone.Serial == 0 {
		rt.Fatalf("revision %d, want %d; serial %d after %d: %+v", r.Zone.Revision, m.revision, r.Zone.Serial, last, r)
	}
	m.serials[name], m.last, m.made = r.Zone.Serial, do, r
	if z := m.zones[name]; z != nil {
		m.past[name] = append(m.past[name], modelVersion{z, z.visible(), m.revision})
	}
}

// check wants everything that can be seen to be as the model says.
func (m *machine) check(rt *rapid.T) {
	for _, name := range m.names {
		m.checkWaiting(rt, name)
		z, c, err := m.Contents(m.ctx(), anna, name)
		want := m.zones[name]
		if want == nil {
			if skein.KindOf(err) != skein.KindNotFound {
				rt.Fatalf("%s is there: %v", name, err)
			}
			continue
		}
		if err != nil {
			rt.Fatal(err)
		}
		var text []string
		visible := want.visible()
		for _, host := range slices.Sorted(maps.Keys(visible)) {
			text = append(text, shownAs(host, visible[host]))
		}
		if got := lines(c); !slices.Equal(got, text) {
			rt.Fatalf("%s holds\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(text, "\n\t"))
		}
		if m.pooled {
			m.shows(name, "ns1.hoster.example.", pooled...)
		} else {
			m.shows(name, "ns1.example.net.", own...)
		}
		soa, _ := c.SOA()
		if z.Origin != want.origin || z.Serial != m.serials[name] || soa.Serial != z.Serial || z.Records != 3+len(visible) {
			rt.Fatalf("the head is %+v, want origin %s, serial %d", z, want.origin, m.serials[name])
		}
		m.checkOverlays(rt, name, want)
		for _, actor := range []skein.Actor{plesk1, plesk2, plesk3} {
			if _, err := m.Zone(m.ctx(), actor, name); (err == nil) != (want.origin == actor.Source) {
				rt.Fatalf("%s, which is %s's, for %s: %v", name, want.origin, actor.Source, err)
			}
		}
	}
}

// checkOverlays wants base and overlay to make up the contents: each overlay
// is whose it is, and hides what the base has.
func (m *machine) checkOverlays(rt *rapid.T, name zone.Name, z *modelZone) {
	overlays, err := m.Overlays(m.ctx(), anna, name)
	if err != nil {
		rt.Fatal(err)
	}
	var got, want []string
	for _, o := range overlays {
		if m.pooled && o.Source == "pool" && o.Hidden != nil {
			continue
		}
		hidden := ""
		if o.Hidden != nil {
			hidden = o.Hidden.Type + " " + strings.Join(o.Hidden.Data, " ")
		}
		got = append(got, fmt.Sprintf("%s %s %s over %q", zone.Relative(zone.Name(o.Name), name), o.Source, strings.Join(o.Data, " "), hidden))
	}
	data := func(host, data string) string {
		_, text, _ := strings.Cut(shownAs(host, data), " ")
		return text
	}
	for _, host := range slices.Sorted(maps.Keys(z.over)) {
		o, shown, hidden := z.over[host], "", ""
		if o.data != "" {
			_, shown, _ = strings.Cut(data(host, o.data), " ")
		}
		if under := z.base[host]; under != "" {
			hidden = data(host, under)
		}
		want = append(want, fmt.Sprintf("%s %s %s over %q", host, o.source, shown, hidden))
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("%s has the overlays\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func (m *machine) checkWaiting(rt *rapid.T, name zone.Name) {
	rows, err := m.Waiting(m.ctx(), anna, control.WaitingQuery{Zone: name})
	if err != nil {
		rt.Fatal(err)
	}
	var got, want []string
	for _, row := range rows {
		got = append(got, fmt.Sprint(row.Kind, row.Source, row.ID, row.Action == "zone.delete", max(0, row.Records-3)))
	}
	for key, row := range m.waits {
		if key.zone == name {
			want = append(want, fmt.Sprint(key.kind, key.source, row.id, row.delete, len(row.hosts)))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		rt.Fatalf("for %s wait %q, want %q", name, got, want)
	}
}
