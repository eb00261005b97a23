package control_test

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

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
	do := func() (control.Result, error) { return m.RestoreZone(m.ctx(), actor, in) }
	mine := func(z *modelZone) bool { return actor.Admin || z.origin == actor.Source }
	switch {
	case z == nil:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case !mine(z) || !right:
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	case !mine(old.life): // that life is another's, and may not be read
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	}
	now := z.visible()
	for _, host := range modelHosts {
		if now[host] == old.hosts[host] {
			continue
		}
		delete(z.over, host)
		if delete(z.base, host); old.hosts[host] != "" {
			z.base[host] = old.hosts[host]
		}
	}
	m.settle(rt, name, "", !maps.Equal(now, old.hosts), do)
}

// undelete brings back the last life that was the actor's.
func (m *machine) undelete(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.UndeleteZone{Name: name, ChangeID: m.id()}
	do := func() (control.Result, error) { return m.UndeleteZone(m.ctx(), actor, in) }
	var back *modelZone
	for _, life := range m.dead[name] {
		if actor.Admin || life.origin == actor.Source {
			back = life
		}
	}
	switch {
	case z != nil:
		m.settle(rt, name, skein.KindConflict, false, do)
	case back == nil:
		m.settle(rt, name, skein.KindNotFound, false, do)
	default:
		m.zones[name] = &modelZone{origin: back.origin, created: m.clock(), base: maps.Clone(back.base), over: maps.Clone(back.over)}
		m.settle(rt, name, "", true, do)
	}
}

func (m *machine) takeOver(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.TakeOver{Name: name, To: rapid.SampledFrom([]string{"plesk1", "plesk2", "plesk3", "admin"}).Draw(rt, "to"), ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	do := func() (control.Result, error) { return m.TakeOver(m.ctx(), actor, in) }
	switch {
	case !actor.Admin:
		m.settle(rt, name, skein.KindForbidden, false, do)
		return
	case z == nil:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case !right:
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	case z.origin == in.To:
		m.settle(rt, name, "", false, do)
		return
	}
	var newest *waiting
	var of waitKey
	for k, row := range m.waits {
		if k.zone == name && k.source == in.To && !row.delete && (newest == nil || row.at.After(newest.at) || row.at.Equal(newest.at) && row.id < newest.id) {
			newest, of = row, k
		}
	}
	m.become(z, in.To)
	if newest != nil {
		z.base = maps.Clone(newest.hosts)
		delete(m.waits, of)
	}
	m.settle(rt, name, "", true, do)
}

func (m *machine) rule(rt *rapid.T) {
	sources := []string{"plesk1", "plesk2", "plesk3", "admin"}
	from := rapid.SampledFrom(sources).Draw(rt, "from")
	to := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(sources[:3]), func(s string) bool { return s == from })).Draw(rt, "to")
	r := skein.SourceRule{Kind: rapid.SampledFrom([]string{"takeover", "overlay"}).Draw(rt, "kind"), From: from, To: to}
	text := r.Kind + " " + from + " " + to
	before := m.state()
	if m.rules[text] {
		m.must(m.DeleteRule(m.ctx(), anna, r))
	} else {
		m.must(m.PutRule(m.ctx(), anna, r))
	}
	m.rules[text] = !m.rules[text]
	if m.state() != before {
		rt.Fatal("a rule changed a zone")
	}
}

func (m *machine) endOverlay(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	host := rapid.SampledFrom(modelHosts).Draw(rt, "host")
	in := control.EndOverlay{Zone: name, Name: zone.Name(host + "." + string(name)), Adopt: rapid.Bool().Draw(rt, "adopt"), ChangeID: m.id()}
	do := func() (control.Result, error) { return m.EndOverlay(m.ctx(), actor, in) }
	if z == nil {
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	}
	o, there := z.over[host]
	switch {
	case !there:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case !actor.Admin && o.source != actor.Source && z.origin != actor.Source:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case !actor.Admin && (o.source != actor.Source || in.Adopt):
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	}
	if delete(z.over, host); in.Adopt {
		if delete(z.base, host); o.data != "" {
			z.base[host] = o.data
		}
	}
	m.settle(rt, name, "", true, do)
}

// drawWaiting draws something that waits.
func (m *machine) drawWaiting(rt *rapid.T) (waitKey, *waiting) {
	if len(m.waits) == 0 {
		rt.Skip("nothing waits")
	}
	keys := slices.SortedFunc(maps.Keys(m.waits), func(a, b waitKey) int { return int(m.waits[a].id - m.waits[b].id) })
	key := rapid.SampledFrom(keys).Draw(rt, "waiting")
	return key, m.waits[key]
}

// release does what waits as if nothing had been in its way.
func (m *machine) release(rt *rapid.T) {
	key, row := m.drawWaiting(rt)
	actor := map[string]skein.Actor{"plesk1": plesk1, "plesk2": plesk2, "plesk3": plesk3, "admin": anna}[key.source]
	mode := putMode{right: true, released: true, resolved: key.kind == "conflict"}
	do := func() (control.Result, error) { return m.Release(m.ctx(), anna, control.Decision{ID: row.id}) }
	if row.delete {
		m.removing(rt, actor, key.zone, do, mode, true)
	} else {
		m.putting(rt, actor, key.zone, maps.Clone(row.hosts), do, mode)
	}
	m.last = nil // done again it is gone
}

func (m *machine) discard(rt *rapid.T) {
	key, row := m.drawWaiting(rt)
	before := m.state()
	m.must(m.Discard(m.ctx(), anna, control.Decision{ID: row.id}))
	delete(m.waits, key)
	if m.state() != before {
		rt.Fatal("discarding changed a zone")
	}
}

func (m *machine) timePasses(rt *rapid.T) {
	m.later(rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Minute, time.Hour, 25 * time.Hour}).Draw(rt, "how long"))
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
