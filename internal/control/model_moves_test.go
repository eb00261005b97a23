package control_test

import (
	"fmt"
	"maps"
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
