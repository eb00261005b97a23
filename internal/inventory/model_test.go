package inventory_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member/fake"
	"github.com/skein-dns/skein/zone"
)

// edit is what somebody made on a member.
type edit struct {
	on     string
	serial uint32
	text   string
	over   string // why it may be gone: taken in, passed by a later one, a person's word
}

// machine is the world beside a model of it: people change two zones here and
// on every member, rounds and writes happen in any order, calls of members
// fail. Each edit has a text of its own.
//
// Serials of edits on members are multiples of four and ours are not, each used
// once a zone: the same serial for two edits is the same to everybody.
type machine struct {
	*world
	names   []zone.Name
	roles   map[string]skein.Role
	highest bool
	text    map[zone.Name]string // published; "" for no zone
	edits   map[zone.Name][]*edit
	sent    map[zone.Name]uint32 // with which serial the panel's copy came last
	used    map[string]bool
	n       int
}

func TestMembersAndWeFollowTheModel(t *testing.T) {
	t.Parallel()
	roles := map[string]skein.Role{"web1": skein.RoleSynchronize, "web2": skein.RoleSynchronize, "panel": skein.RoleStandalone, "ns2": skein.RoleWriteOnly}
	w, run := newWorld(t, roles), 0
	ctx, cancel := context.WithCancel(w.ctx())
	var following sync.WaitGroup
	following.Go(func() { _ = w.FollowAhead(ctx) })
	t.Cleanup(func() { cancel(); following.Wait() })
	rapid.Check(t, func(rt *rapid.T) {
		run++
		m := &machine{world: w, roles: roles, text: map[zone.Name]string{}, edits: map[zone.Name][]*edit{}, sent: map[zone.Name]uint32{}, used: map[string]bool{},
			names: []zone.Name{zone.Name(fmt.Sprintf("a%d.example.", run)), zone.Name(fmt.Sprintf("b%d.example.", run))}}
		m.rule(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"change it here": m.here, "change it on a member": m.there, "change it on a member too": m.there, "read": m.read, "write": m.write,
			"fail": m.fail, "rule": m.rule, "decide": m.decide, "": m.check,
		})
		m.settle(rt)
	})
}

func (m *machine) serial(name zone.Name) uint32 {
	z, err := m.Zone(m.ctx(), anna, name)
	if err != nil {
		return 0
	}
	return z.Serial
}

// unused returns a serial after another that nobody had, of a class modulo four.
func (m *machine) unused(rt *rapid.T, name zone.Name, after, class uint32) uint32 {
	serial := after - after%4 + 4*rapid.Uint32Range(1, 3).Draw(rt, "ahead") + class
	for m.used[fmt.Sprint(name, serial)] {
		serial += 4
	}
	m.used[fmt.Sprint(name, serial)] = true
	return serial
}

func (m *machine) fresh(where string) string { m.n++; return fmt.Sprintf("%s %d", where, m.n) }

func (m *machine) here(rt *rapid.T) {
	name, text := rapid.SampledFrom(m.names).Draw(rt, "zone"), m.fresh("here")
	z, err := m.Zone(m.ctx(), anna, name)
	as := plesk1
	if z.Origin == "member panel" {
		return // its own, and there alone it is changed
	}
	if err == nil && z.Origin != plesk1.Source {
		as = skein.Actor{Name: z.Origin, Door: "api", Source: z.Origin}
	}
	serial := m.unused(rt, name, m.serial(name), 2)
	if _, err := m.PutZone(m.ctx(), as, control.PutZone{Name: name, Sets: m.sets(name, serial, text), Tolerant: true}); err != nil {
		rt.Fatal(err)
	}
	m.text[name] = text
	m.passed(name)
}

// passed notes which edits ours has passed: the later one counts.
func (m *machine) passed(name zone.Name) {
	ours := m.serial(name)
	for _, e := range m.edits[name] {
		if e.over == "" && zone.SerialLess(e.serial, ours) {
			e.over = "passed"
		}
	}
}

func (m *machine) there(rt *rapid.T) {
	name := rapid.SampledFrom(m.names).Draw(rt, "zone")
	on := rapid.SampledFrom(slices.Sorted(maps.Keys(m.roles))).Draw(rt, "member")
	before := uint32(0)
	if c, is := m.servers[on].Contents(name); is {
		soa, _ := c.SOA()
		before = soa.Serial
	} else if m.roles[on] == skein.RoleWriteOnly {
		return // what only such a member has is not ours
	}
	if rapid.Bool().Draw(rt, "newest") {
		before = max(before, m.serial(name))
	}
	e := &edit{on: on, serial: m.unused(rt, name, before, 0), text: m.fresh("on " + on)}
	for _, old := range m.edits[name] {
		if old.on == on && old.over == "" {
			old.over = "changed again there"
		}
	}
	if !zone.SerialLess(m.serial(name), e.serial) {
		e.over = "older than ours from the start"
	}
	m.edits[name] = append(m.edits[name], e)
	m.servers[on].Put(m.contents(name, e.serial, e.text))
}

func (m *machine) read(rt *rapid.T) {
	m.readOf(rt, rapid.SampledFrom([]string{"web1", "web2", "panel"}).Draw(rt, "member"))
}

func (m *machine) readOf(rt *rapid.T, on string) error {
	type was struct {
		z     skein.Zone
		there bool
	}
	before := map[zone.Name]was{}
	for _, name := range m.names {
		z, err := m.Zone(m.ctx(), anna, name)
		before[name] = was{z, err == nil}
	}
	failed := m.round(on)
	for _, name := range m.names {
		z, c, err := m.Contents(m.ctx(), anna, name)
		if err != nil {
			continue
		}
		text := strings.TrimPrefix(what(c), fmt.Sprint(z.Serial, " "))
		theirs, is := m.servers[on].Contents(name)
		if text == m.text[name] && !is {
			continue
		}
		soa, _ := theirs.SOA()
		old := before[name]
		newer := is && (!old.there || zone.SerialLess(m.last(old.z, on), soa.Serial))
		may := newer && (!old.there || m.highest || old.z.Origin == "member "+on)
		taken := is && text == strings.TrimPrefix(what(theirs), fmt.Sprint(soa.Serial, " "))
		switch {
		case text != m.text[name] && !(taken && may):
			rt.Fatalf("after %s was read %s holds %q, was %q", on, name, text, m.text[name])
		case failed == nil && may && !taken && text != m.text[name]:
			rt.Fatalf("%s has a newer %s that was not taken in", on, name)
		}
		if taken {
			m.text[name] = text
			if on == "panel" {
				m.sent[name] = soa.Serial
			}
			for _, e := range m.edits[name] {
				if e.text == text {
					e.over = "taken in"
				}
			}
			m.passed(name)
		}
	}
	return failed
}

// last is the serial that a copy on a member must be ahead of to be newer. A
// standalone member's own zone is compared with what it sent: where others were
// ahead and ours counted, ours was raised, and the member was never told.
func (m *machine) last(z skein.Zone, on string) uint32 {
	if on == "panel" && z.Origin == "member panel" {
		return m.sent[z.Name]
	}
	return z.Serial
}

func (m *machine) write(rt *rapid.T) {
	on := rapid.SampledFrom(slices.Sorted(maps.Keys(m.roles))).Draw(rt, "member")
	_ = m.world.write(on, m.roles[on]) // faults are what they are
}

func (m *machine) fail(rt *rapid.T) {
	f := fake.Fault{
		Call:  rapid.SampledFrom([]string{"list", "read", "save"}).Draw(rt, "call"),
		How:   rapid.SampledFrom([]fake.How{fake.Refuses, fake.Fails, fake.Lost, fake.Garbage, fake.Breaks}).Draw(rt, "how"),
		Lines: rapid.IntRange(0, 3).Draw(rt, "lines"),
	}
	m.servers[rapid.SampledFrom(slices.Sorted(maps.Keys(m.roles))).Draw(rt, "member")].Fault(f)
}

func (m *machine) rule(rt *rapid.T) {
	rule := rapid.SampledFrom([]string{skein.ConflictsPerson, skein.ConflictsHighest}).Draw(rt, "rule")
	if _, err := m.EditCluster(m.ctx(), anna, skein.EditCluster{Conflicts: &rule}, nil); err != nil {
		rt.Fatal(err)
	}
	m.highest = rule == skein.ConflictsHighest
}

// waits returns what waits of these zones.
func (m *machine) waits(rt *rapid.T) (rows []skein.Waiting) {
	for _, name := range m.names {
		some, err := m.Waiting(m.ctx(), anna, control.WaitingQuery{Zone: name})
		if err != nil {
			rt.Fatal(err)
		}
		rows = append(rows, some...)
	}
	return rows
}

func (m *machine) decide(rt *rapid.T) {
	rows := m.waits(rt)
	if len(rows) == 0 {
		return
	}
	row := rapid.SampledFrom(rows).Draw(rt, "row")
	d, err := m.WaitingDetail(m.ctx(), anna, row.ID)
	if skein.KindOf(err) == skein.KindNotFound {
		return // its reason has just gone
	}
	if err != nil {
		rt.Fatal(err)
	}
	on := strings.TrimPrefix(row.Source, "member ")
	if rapid.Bool().Draw(rt, "theirs") {
		_, err := m.Release(m.ctx(), anna, control.Decision{ID: row.ID})
		if m.roles[on] == skein.RoleWriteOnly {
			if skein.KindOf(err) != skein.KindConflict && skein.KindOf(err) != skein.KindNotFound {
				rt.Fatalf("a write-only member's version was released: %v", err)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		for _, set := range d.Then {
			if set.Type == "TXT" {
				m.text[row.Zone] = strings.Trim(set.Data[0], `"`)
			}
		}
		if on == "panel" {
			m.sent[row.Zone] = row.Serial
		}
		for _, e := range m.edits[row.Zone] {
			if e.text == m.text[row.Zone] {
				e.over = "taken in"
			}
		}
		m.passed(row.Zone)
		return
	}
	if err := m.Discard(m.ctx(), anna, control.Decision{ID: row.ID}); err != nil && skein.KindOf(err) != skein.KindNotFound {
		rt.Fatal(err)
	}
	m.passed(row.Zone) // a person said so
}

// check wants the published zones to be as the model says, no edit to be lost,
// and no member to be treated otherwise than its role says.
func (m *machine) check(rt *rapid.T) {
	for _, name := range m.names {
		z, c, err := m.Contents(m.ctx(), anna, name)
		got := ""
		if err == nil {
			got = strings.TrimPrefix(what(c), fmt.Sprint(z.Serial, " "))
		}
		if got != m.text[name] {
			rt.Fatalf("%s holds %q, want %q", name, got, m.text[name])
		}
		m.passed(name) // by a serial that follows equal contents
		for _, e := range m.edits[name] {
			c, is := m.servers[e.on].Contents(name)
			if e.over == "" && (!is || what(c) != fmt.Sprint(e.serial, " ", e.text)) {
				rt.Fatalf("%q was made on %s, and is neither there nor here nor decided about", e.text, e.on)
			}
		}
	}
	for on, s := range m.servers {
		if back := s.WentBack(); len(back) > 0 {
			rt.Fatalf("%s went back: %q", on, back)
		}
		for _, command := range s.Commands() {
			call, _, _ := strings.Cut(command, " ")
			if m.roles[on] == skein.RoleStandalone && (call == "save" || call == "register" || call == "remove") {
				rt.Fatalf("%s is standalone and was told to %s", on, command)
			}
			if m.roles[on] == skein.RoleWriteOnly && (call == "read" || call == "list") {
				rt.Fatalf("%s is write-only and was asked to %s", on, command)
			}
		}
	}
}

// settle heals everything, has ours count in every conflict, and wants all that
// are written to serve what is published.
func (m *machine) settle(rt *rapid.T) {
	for _, s := range m.servers {
		s.Heal()
	}
	for end := time.Now().Add(30 * time.Second); ; {
		for _, on := range []string{"web1", "web2", "panel"} {
			if err := m.readOf(rt, on); err != nil {
				rt.Fatal(err)
			}
		}
		for on, role := range m.roles {
			if err := m.world.write(on, role); err != nil {
				rt.Fatal(err)
			}
		}
		rows := m.waits(rt)
		for _, row := range rows {
			if err := m.Discard(m.ctx(), anna, control.Decision{ID: row.ID}); err != nil && skein.KindOf(err) != skein.KindNotFound {
				rt.Fatal(err)
			}
		}
		left := m.apart()
		if left == "" && len(rows) == 0 {
			break
		}
		if time.Now().After(end) {
			rt.Fatalf("it does not come to rest: %s, %+v", left, rows)
		}
	}
	m.check(rt)
}

// apart tells of a member that is written and does not serve what is published.
func (m *machine) apart() string {
	for _, name := range m.names {
		_, c, err := m.Contents(m.ctx(), anna, name)
		if err != nil {
			continue
		}
		for on, role := range m.roles {
			if theirs, is := m.servers[on].Contents(name); role != skein.RoleStandalone && (!is || what(theirs) != what(c)) {
				return fmt.Sprintf("%s has %s as %s, ours is %s", on, name, what(theirs), what(c))
			}
		}
	}
	return ""
}
