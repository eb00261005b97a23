package control_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// keepFor is a change that waits: its number is what the refusal says.
func (m *machine) keepFor(name zone.Name, source, kind string, row waiting, do func() (control.Result, error)) func() (control.Result, error) {
	key := waitKey{name, source, kind}
	return func() (control.Result, error) {
		r, err := do()
		if e, ok := err.(*skein.Error); ok {
			row.id, row.at = e.Waiting, m.clock()
			if before := m.waits[key]; before != nil && before.id != row.id || row.id == 0 {
				return r, fmt.Errorf("it waits as number %d, before it was %+v", row.id, before)
			}
			m.waits[key] = &row
		}
		return r, err
	}
}

// outdate drops what waits of a source for a zone.
func (m *machine) outdate(name zone.Name, source string) {
	maps.DeleteFunc(m.waits, func(k waitKey, _ *waiting) bool { return k.zone == name && k.source == source })
}

// become makes a zone another's: what that one had over it is a part of the base.
func (m *machine) become(z *modelZone, to string) {
	for host, o := range z.over {
		if o.source == to {
			if delete(z.base, host); o.data != "" {
				z.base[host] = o.data
			}
			delete(z.over, host)
		}
	}
	z.before, z.origin, z.since = z.origin, to, m.clock()
}

func (m *machine) put(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	drawn, text := m.drawHosts(rt)
	in := control.PutZone{Name: name, Sets: m.sets(name, text), ChangeID: m.id(), CreateOnly: rapid.IntRange(0, 5).Draw(rt, "create only") == 0}
	var right bool
	in.Expect, right = m.expect(rt, name)
	do := func() (control.Result, error) { return m.PutZone(m.ctx(), actor, in) }
	m.putting(rt, actor, name, drawn, do, putMode{createOnly: in.CreateOnly, right: right, exists: z != nil})
}

// putMode is what else decides about a put.
type putMode struct {
	createOnly, right, exists bool
	released, resolved        bool
}

func (m *machine) putting(rt *rapid.T, actor skein.Actor, name zone.Name, drawn hosts, do func() (control.Result, error), mode putMode) {
	z := m.zones[name]
	if z == nil {
		m.zones[name] = &modelZone{origin: actor.Source, created: m.clock(), base: drawn, over: map[string]overlaid{}}
		m.settle(rt, name, "", true, do)
		m.outdate(name, actor.Source)
		return
	}
	way := m.way(actor, z)
	if mode.resolved && way != "own" {
		way = "takeover"
	}
	switch {
	case way == "", way == "over" && !actor.Admin:
		m.settle(rt, name, skein.KindConflict, false, m.keepFor(name, actor.Source, "conflict", waiting{hosts: drawn}, do))
		return
	case mode.createOnly, !mode.right:
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	}
	next := &modelZone{origin: z.origin, base: maps.Clone(z.base), over: maps.Clone(z.over)}
	switch way {
	case "takeover":
		m.become(next, actor.Source)
		next.base = drawn
	case "own":
		next.base = drawn
		if !mode.released && !actor.Admin && m.justTaken(z) && z.visible()["www"] != "" && next.visible()["www"] != z.visible()["www"] {
			m.settle(rt, name, skein.KindConflict, false, m.keepFor(name, actor.Source, "hold", waiting{hosts: drawn}, do))
			return
		}
	default:
		for _, host := range modelHosts {
			m.putOver(next, host, drawn[host], "admin", way == "people", func(o overlaid) bool { return o.source != "admin" }, false)
		}
	}
	commits := way == "takeover" || !maps.Equal(z.base, next.base) || !maps.Equal(z.over, next.over)
	z.base, z.over = next.base, next.over
	if way == "takeover" {
		z.before, z.origin, z.since = z.origin, actor.Source, m.clock()
	}
	m.settle(rt, name, "", commits, do)
	m.outdate(name, actor.Source)
}

func (m *machine) justTaken(z *modelZone) bool {
	return !z.since.IsZero() && !z.since.Equal(z.created) && z.before != z.origin && m.clock().Sub(z.since) < 24*time.Hour
}

// putOver puts a host's data over a zone's base.
func (m *machine) putOver(z *modelZone, host, data, source string, direct bool, keep func(overlaid) bool, ends bool) {
	o, stamped := z.over[host]
	switch now := z.visible()[host]; {
	case now == data, stamped && keep != nil && keep(o):
	case !stamped && direct:
		if delete(z.base, host); data != "" {
			z.base[host] = data
		}
	case !stamped:
		z.over[host] = overlaid{source, data}
	case data == z.base[host], data == "" && ends && o.source == source:
		delete(z.over, host)
	default:
		z.over[host] = overlaid{o.source, data}
	}
}

func (m *machine) edit(rt *rapid.T) {
	actor, name, z := m.draw(rt)
	in := control.EditRecords{Zone: name, ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	way, from, before := "", hosts{}, hosts{}
	next := &modelZone{}
	if z != nil {
		way = m.way(actor, z)
		next = &modelZone{origin: z.origin, base: maps.Clone(z.base), over: maps.Clone(z.over)}
		if way == "takeover" {
			m.become(next, actor.Source)
		}
		if from = next.visible(); way == "own" || way == "takeover" {
			from = maps.Clone(next.base)
		}
		before = maps.Clone(from)
	}
	missing, touched := false, map[string]bool{}
	for range rapid.IntRange(1, 3).Draw(rt, "edits") {
		host := rapid.SampledFrom(modelHosts).Draw(rt, "host")
		touched[host] = true
		if rapid.Bool().Draw(rt, "set") {
			from[host] = rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "data")
			in.Edits = append(in.Edits, m.edits(name, "set "+record(host, from[host]))...)
			continue
		}
		missing = missing || from[host] == ""
		delete(from, host)
		in.Edits = append(in.Edits, m.edits(name, "delete "+host)...)
	}
	do := func() (control.Result, error) { return m.EditRecords(m.ctx(), actor, in) }
	theirs := false
	for host := range touched {
		o, stamped := next.over[host]
		theirs = theirs || stamped && o.source != actor.Source && !actor.Admin && way == "over"
	}
	switch {
	case z == nil:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case way == "" || !right:
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	case missing:
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	case theirs:
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	}
	if way == "own" || way == "takeover" {
		next.base = from
	} else {
		for _, host := range modelHosts {
			if from[host] != before[host] {
				m.putOver(next, host, from[host], actor.Source, way == "people", nil, !actor.Admin)
			}
		}
	}
	commits := way == "takeover" || !maps.Equal(z.base, next.base) || !maps.Equal(z.over, next.over)
	z.base, z.over = next.base, next.over
	if way == "takeover" {
		z.before, z.origin, z.since = z.origin, actor.Source, m.clock()
	}
	m.settle(rt, name, "", commits, do)
}

func (m *machine) remove(rt *rapid.T) {
	actor, name, _ := m.draw(rt)
	in := control.DeleteZone{Name: name, ChangeID: m.id()}
	var right bool
	in.Expect, right = m.expect(rt, name)
	do := func() (control.Result, error) { return m.DeleteZone(m.ctx(), actor, in) }
	m.removing(rt, actor, name, do, putMode{right: right}, in.Expect == nil)
}

func (m *machine) removing(rt *rapid.T, actor skein.Actor, name zone.Name, do func() (control.Result, error), mode putMode, blind bool) {
	z, mine, saved := m.zones[name], false, false
	for k, row := range m.waits {
		if k.zone == name && k.source == actor.Source {
			mine, saved = true, saved || !row.delete
		}
	}
	if z == nil {
		if mine {
			m.settle(rt, name, "", false, do)
			m.outdate(name, actor.Source)
			return
		}
		m.settle(rt, name, skein.KindNotFound, false, do)
		return
	}
	way := m.way(actor, z)
	switch {
	case mode.resolved:
	case (way == "" || way == "over" && !actor.Admin) && saved:
		m.settle(rt, name, "", false, do)
		m.outdate(name, actor.Source)
		return
	case way == "" || way == "over" && !actor.Admin:
		m.settle(rt, name, skein.KindConflict, false, m.keepFor(name, actor.Source, "conflict", waiting{delete: true}, do))
		return
	}
	if !mode.right || blind && way == "people" && len(z.over) > 0 {
		m.settle(rt, name, skein.KindConflict, false, do)
		return
	}
	if way == "own" {
		if source, row := m.heir(name, z); row != nil {
			m.become(z, source)
			z.base = maps.Clone(row.hosts)
			for k, r := range m.waits {
				if k.zone == name && r == row {
					delete(m.waits, k)
				}
			}
			m.settle(rt, name, "", true, do)
			m.outdate(name, actor.Source)
			return
		}
	}
	if !mode.released && m.tooMany(actor, z) {
		m.settle(rt, name, skein.KindConflict, false, m.keepFor(name, actor.Source, "hold", waiting{delete: true}, do))
		return
	}
	delete(m.zones, name)
	m.dead[name] = append(m.dead[name], z)
	*m.deletions = append(*m.deletions, deletion{m.clock(), z.origin, actor.Name})
	m.settle(rt, name, "", true, do)
	maps.DeleteFunc(m.waits, func(k waitKey, w *waiting) bool { return k.zone == name && w.delete }) // they have what they wanted
	m.outdate(name, actor.Source)
}

// heir is the newest version of the only other source that has one.
func (m *machine) heir(name zone.Name, z *modelZone) (only string, row *waiting) {
	for k, r := range m.waits {
		if k.zone != name || k.source == z.origin || r.delete {
			continue
		}
		if only != "" && only != k.source {
			return "", nil
		}
		if only = k.source; row == nil || r.at.After(row.at) || r.at.Equal(row.at) && r.id < row.id {
			row = r
		}
	}
	return only, row
}

// tooMany counts what was deleted lately, as the rule says it.
func (m *machine) tooMany(actor skein.Actor, z *modelZone) bool {
	tallies, err := m.store.Tallies(m.ctx())
	m.must(err)
	allowed := min(500, max(10, tallies[z.origin].Zones/20))
	var soon, day, soonBy, dayBy int
	for _, d := range *m.deletions {
		age := m.clock().Sub(d.at)
		if d.origin == z.origin && age <= 24*time.Hour {
			day++
		}
		if d.origin == z.origin && age <= 10*time.Minute {
			soon++
		}
		if d.actor == actor.Name && age <= 24*time.Hour {
			dayBy++
		}
		if d.actor == actor.Name && age <= 10*time.Minute {
			soonBy++
		}
	}
	return max(soon, soonBy) >= allowed || max(day, dayBy) >= 3*allowed
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
	do := func() (control.Result, error) { return m.Release(m.ctx(), anna, row.id) }
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
	m.must(m.Discard(m.ctx(), anna, row.id))
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
