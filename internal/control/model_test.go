package control_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// modelZone is what the model knows of a zone: text records by host.
type modelZone struct {
	origin string
	hosts  map[string]string
}

// modelVersion is what a zone held at a revision.
type modelVersion struct {
	modelZone
	at skein.Revision
}

// machine is control beside a model of it: three actors put, edit and delete
// two zones as they like.
type machine struct {
	*world
	names    []zone.Name
	zones    map[zone.Name]*modelZone
	serials  map[zone.Name]uint32 // the last one ever
	past     map[zone.Name][]modelVersion
	dead     map[zone.Name][]*modelZone // deleted lives, oldest first
	revision skein.Revision
	last     func() (control.Result, error) // the last committed change, to be repeated
	made     control.Result                 // what it came to
	n        int
}

var modelHosts = []string{"h1", "h2", "h3"}

// Each run has two names of its own in one store: making stores takes longer
// than all the rest.
func TestControlFollowsItsModel(t *testing.T) {
	t.Parallel()
	w, run := newWorld(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		m := &machine{world: w, zones: map[zone.Name]*modelZone{}, serials: map[zone.Name]uint32{},
			past: map[zone.Name][]modelVersion{}, dead: map[zone.Name][]*modelZone{}}
		m.names = []zone.Name{zone.Name(fmt.Sprintf("a%d.example.", run)), zone.Name(fmt.Sprintf("b%d.example.", run))}
		_, newest, err := w.store.Totals(w.ctx())
		w.must(err)
		m.revision = newest
		if run%10 == 0 {
			m.reopen()
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put": m.put, "edit": m.edit, "edit more": m.edit, "delete": m.remove,
			"restore": m.restore, "undelete": m.undelete, "repeat": m.repeat, "": m.check,
		})
	})
}

func (m *machine) draw(rt *rapid.T) (skein.Actor, zone.Name, *modelZone) {
	actor := rapid.SampledFrom([]skein.Actor{plesk1, plesk2, anna}).Draw(rt, "actor")
	name := rapid.SampledFrom(m.names).Draw(rt, "zone")
	return actor, name, m.zones[name]
}

// id is a change id of its own.
func (m *machine) id() string { m.n++; return fmt.Sprint(m.names[0], m.n) }

// state is what a refusal must not change.
func (m *machine) state() string {
	_, newest, err := m.store.Totals(m.ctx())
	m.must(err)
	text := fmt.Sprint(newest)
	for _, name := range m.names {
		z, c, err := m.Contents(m.ctx(), anna, name)
		text += fmt.Sprintf("\n%+v %x %v", z, c.Digest(), skein.KindOf(err))
	}
	return text
}

// expect draws a revision to expect: none, the right one, or a wrong one.
func (m *machine) expect(rt *rapid.T, name zone.Name) (at *skein.Revision, right bool) {
	z, err := m.Zone(m.ctx(), anna, name)
	if err != nil {
		return nil, true
	}
	switch rapid.IntRange(0, 3).Draw(rt, "expect") {
	case 0:
		return &z.Revision, true
	case 1:
		wrong := z.Revision + 1
		return &wrong, false
	}
	return nil, true
}

// settle compares what came back with what the model says.
func (m *machine) settle(rt *rapid.T, name zone.Name, want skein.Kind, changes bool, do func() (control.Result, error)) bool {
	before := ""
	if want != "" || !changes {
		before = m.state()
	}
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
		return false
	}
	if r.Changed != changes {
		rt.Fatalf("changed is %v: %+v", r.Changed, r)
	}
	if !changes {
		return true
	}
	m.revision++
	last, had := m.serials[name]
	if r.Zone.Revision != m.revision || had && !r.Zone.Deleted && !zone.SerialLess(last, r.Zone.Serial) || r.Zone.Serial == 0 {
		rt.Fatalf("revision %d, want %d; serial %d after %d", r.Zone.Revision, m.revision, r.Zone.Serial, last)
	}
	m.serials[name], m.last, m.made = r.Zone.Serial, do, r
	return true
}

func mayChange(actor skein.Actor, z *modelZone) bool {
	return actor.Admin || z.origin == actor.Source
}

func (m *machine) put(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	hosts := map[string]string{}
	text := apex(rapid.SampledFrom([]uint32{0, 1, 50, 3_000_000_000, 4_294_967_295}).Draw(rt, "serial"))
	for _, host := range modelHosts {
		if data := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, host); data != "" {
			hosts[host] = data
			text += host + " TXT " + data + "\n"
		}
	}
	in := control.PutZone{Name: name, Sets: m.sets(name, text), ChangeID: m.id(), CreateOnly: rapid.Bool().Draw(rt, "create only")}
	var right bool
	in.Expect, right = m.expect(rt, name)
	want := skein.Kind("")
	if z != nil && (!mayChange(actor, z) || in.CreateOnly || !right) {
		want = skein.KindConflict
	}
	changes := z == nil || !maps.Equal(z.hosts, hosts)
	done := m.settle(rt, name, want, changes, func() (control.Result, error) { return m.PutZone(m.ctx(), actor, in) })
	switch {
	case done && z == nil:
		m.zones[name] = &modelZone{actor.Source, hosts}
	case done:
		z.hosts = hosts
	}
	m.keep(name, done && changes)
}

// keep notes what a zone holds now.
func (m *machine) keep(name zone.Name, changed bool) {
	if changed {
		z := m.zones[name]
		m.past[name] = append(m.past[name], modelVersion{modelZone{z.origin, maps.Clone(z.hosts)}, m.revision})
	}
}

func (m *machine) edit(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.EditRecords{Zone: name, ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	hosts, missing := map[string]string{}, false
	if z != nil {
		hosts = maps.Clone(z.hosts)
	}
	for range rapid.IntRange(1, 3).Draw(rt, "edits") {
		host := rapid.SampledFrom(modelHosts).Draw(rt, "host")
		if rapid.Bool().Draw(rt, "set") {
			hosts[host] = rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "data")
			in.Edits = append(in.Edits, m.edits(name, fmt.Sprintf("set %s TXT %s", host, hosts[host]))...)
			continue
		}
		_, there := hosts[host]
		missing = missing || !there
		delete(hosts, host)
		in.Edits = append(in.Edits, m.edits(name, rapid.SampledFrom([]string{"delete " + host, "delete " + host + " TXT"}).Draw(rt, "way"))...)
	}
	want := skein.Kind("")
	switch {
	case z == nil:
		want = skein.KindNotFound
	case !mayChange(actor, z) || !right:
		want = skein.KindConflict
	case missing:
		want = skein.KindNotFound
	}
	changes := z != nil && !maps.Equal(z.hosts, hosts)
	if m.settle(rt, name, want, changes, func() (control.Result, error) { return m.EditRecords(m.ctx(), actor, in) }) {
		z.hosts = hosts
		m.keep(name, changes)
	}
}

// restore takes a zone back to any revision that its name ever had.
func (m *machine) restore(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	if len(m.past[name]) == 0 {
		rt.Skip("the name has no past")
	}
	old := rapid.SampledFrom(m.past[name]).Draw(rt, "to")
	in := control.RestoreZone{Name: name, To: old.at, ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	want := skein.Kind("")
	switch {
	case z == nil:
		want = skein.KindNotFound
	case !mayChange(actor, z) || !right:
		want = skein.KindConflict
	case !mayChange(actor, &old.modelZone): // it was another's then, and may not be read
		want = skein.KindNotFound
	}
	changes := z != nil && !maps.Equal(z.hosts, old.hosts)
	if m.settle(rt, name, want, changes, func() (control.Result, error) { return m.RestoreZone(m.ctx(), actor, in) }) {
		z.hosts = maps.Clone(old.hosts)
		m.keep(name, changes)
	}
}

// undelete brings back the last life that was the actor's.
func (m *machine) undelete(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.UndeleteZone{Name: name, ChangeID: m.id()}
	var back *modelZone
	for _, life := range m.dead[name] {
		if mayChange(actor, life) {
			back = life
		}
	}
	want := skein.Kind("")
	switch {
	case z != nil:
		want = skein.KindConflict
	case back == nil:
		want = skein.KindNotFound
	}
	if m.settle(rt, name, want, true, func() (control.Result, error) { return m.UndeleteZone(m.ctx(), actor, in) }) {
		m.zones[name] = &modelZone{back.origin, maps.Clone(back.hosts)}
		m.keep(name, true)
	}
}

func (m *machine) remove(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.DeleteZone{Name: name, ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	want := skein.Kind("")
	switch {
	case z == nil:
		want = skein.KindNotFound
	case !mayChange(actor, z) || !right:
		want = skein.KindConflict
	}
	if m.settle(rt, name, want, true, func() (control.Result, error) { return m.DeleteZone(m.ctx(), actor, in) }) {
		m.dead[name] = append(m.dead[name], z)
		delete(m.zones, name)
	}
}

// repeat sends the last committed change again.
func (m *machine) repeat(rt *rapid.T) {
	if m.last == nil {
		rt.Skip("nothing was committed yet")
	}
	before := m.state()
	r, err := m.last()
	if err != nil || !r.Changed || r.Zone.Revision != m.made.Zone.Revision || r.Zone.Serial != m.made.Zone.Serial || r.Zone.ID != m.made.Zone.ID {
		rt.Fatalf("again it is %+v, %v; first it was %+v", r, err, m.made)
	}
	if after := m.state(); after != before {
		rt.Fatalf("the repetition changed\n%s\nto\n%s", before, after)
	}
}

// check wants everything that can be seen to be as the model says.
func (m *machine) check(rt *rapid.T) {
	for _, name := range m.names {
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
		for _, host := range slices.Sorted(maps.Keys(want.hosts)) {
			text = append(text, fmt.Sprintf("%s TXT %q", host, want.hosts[host]))
		}
		if got := lines(c); !slices.Equal(got, text) {
			rt.Fatalf("%s holds\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(text, "\n\t"))
		}
		soa, _ := c.SOA()
		if z.Origin != want.origin || z.Serial != m.serials[name] || soa.Serial != z.Serial || z.Records != 3+len(want.hosts) {
			rt.Fatalf("the head is %+v, want origin %s, serial %d", z, want.origin, m.serials[name])
		}
		for _, actor := range []skein.Actor{plesk1, plesk2} {
			if _, err := m.Zone(m.ctx(), actor, name); (err == nil) != (want.origin == actor.Source) {
				rt.Fatalf("%s, which is %s's, for %s: %v", name, want.origin, actor.Source, err)
			}
		}
	}
}
