package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// life is what the model knows of one life of a zone.
type life struct {
	head     skein.Zone
	versions []version // oldest first; a deletion adds none
	stamps   map[string]store.Stamp
}

type version struct {
	at       skein.Revision
	contents zone.Contents
	serial   uint32
}

func (l *life) contents() zone.Contents { return l.versions[len(l.versions)-1].contents }

// machine is the store beside its model.
type machine struct {
	*world
	rt       *rapid.T
	lives    map[skein.ZoneID]*life
	live     map[zone.Name]*life
	floor    map[zone.Name]uint32
	revision skein.Revision
	cursor   store.Cursor                // of a follower
	known    map[skein.ZoneID]skein.Zone // and what it knows
	waiting  map[string]skein.Waiting    // by zone, source and kind
}

var modelNames = []zone.Name{"a.example.", "b.example.", "sub.a.example."}

// model makes random changes to a store and to a model of it, reopens now and
// then, and compares all that can be seen after each step.
func model(t *testing.T, fresh func(t *testing.T) Engine) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, engine: fresh(t)}
		w.open()
		m := &machine{world: w, rt: rt, lives: map[skein.ZoneID]*life{}, live: map[zone.Name]*life{}, floor: map[zone.Name]uint32{}, known: map[skein.ZoneID]skein.Zone{}, waiting: map[string]skein.Waiting{}}
		defer func() { m.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "edit": m.edit, "edit again": m.edit, "delete": m.remove, "stale edit": m.stale,
			"stamp": m.stamp, "hand over": m.handOver, "undelete": m.undelete, "wait": m.wait, "release": m.release, "discard": m.discard,
			"follow": m.follow, "reopen": func(*rapid.T) { m.reopen() },
			"": m.check,
		})
	})
}

func (m *machine) pick(rt *rapid.T) *life {
	l := m.live[rapid.SampledFrom(modelNames).Draw(rt, "zone")]
	if l == nil {
		rt.Skip("no such zone now")
	}
	return l
}

// records draws sets for a zone: few names, so that they meet; sometimes large, so that chunks split.
func records(rt *rapid.T, apex zone.Name) (sets []zone.RRset) {
	size := rapid.SampledFrom([]int{1, 1, 1, 100, 250}).Draw(rt, "text size")
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 200), 0, 60).Draw(rt, "hosts") {
		sets = append(sets, txt(zone.Name(fmt.Sprintf("h%d.%s", n, apex)), strings.Repeat("x", size)))
	}
	return sets
}

func (m *machine) create(rt *rapid.T) {
	name := rapid.SampledFrom(modelNames).Draw(rt, "name")
	want, err := zone.NewContents(name, records(rt, name))
	m.must(err)
	serial := m.floor[name] + uint32(rapid.IntRange(1, 3).Draw(rt, "ahead"))
	write := creation(name, serial)
	write.Delta = zone.Diff(zone.Contents{}, want)
	c, err := m.Commit(m.ctx(), write)
	if m.live[name] != nil {
		if !errors.Is(err, store.ErrExists) {
			rt.Fatalf("creating %s again: %v", name, err)
		}
		return
	}
	m.must(err)
	l := &life{stamps: map[string]store.Stamp{}}
	m.lives[c.Zone.ID], m.live[name] = l, l
	m.took(l, c, serial, want)
}

func (m *machine) edit(rt *rapid.T) {
	l := m.pick(rt)
	want, err := zone.NewContents(l.head.Name, records(rt, l.head.Name))
	m.must(err)
	c, err := m.Commit(m.ctx(), edit(l.head, zone.Diff(l.contents(), want)))
	m.must(err)
	m.took(l, c, l.head.Serial+1, want)
}

func (m *machine) took(l *life, c store.Commit, serial uint32, want zone.Contents) {
	m.revision++
	_, n := want.Len()
	if c.Revision != m.revision || c.Zone.Revision != m.revision || c.Zone.Serial != serial || c.Zone.Records != n {
		m.rt.Fatalf("commit %+v; want revision %d, serial %d, %d records", c, m.revision, serial, n)
	}
	l.head = c.Zone
	l.versions = append(l.versions, version{c.Revision, want, serial})
	m.floor[l.head.Name] = serial
}

func (m *machine) stale(rt *rapid.T) {
	l := m.pick(rt)
	write := edit(l.head, add(a("stale."+l.head.Name, "192.0.2.1")))
	write.Expect += skein.Revision(rapid.SampledFrom([]int{-1, 1}).Draw(rt, "off by"))
	if _, err := m.Commit(m.ctx(), write); write.Expect != 0 && !errors.Is(err, store.ErrChanged) || err == nil {
		rt.Fatalf("an edit of revision %d at %d: %v", write.Expect, l.head.Revision, err)
	}
}

func (m *machine) remove(rt *rapid.T) {
	l := m.pick(rt)
	c, err := m.Commit(m.ctx(), deletion(l.head))
	m.must(err)
	m.revision++
	l.head = c.Zone
	delete(m.live, c.Zone.Name)
}

// follow takes one page.
func (m *machine) follow(rt *rapid.T) {
	entries, next, err := m.Entries(m.ctx(), m.cursor, rapid.IntRange(1, 4).Draw(rt, "page"))
	m.must(err)
	for _, e := range entries {
		m.known[e.Zone.ID] = e.Zone
	}
	m.cursor = next
}

// check compares everything.
func (m *machine) check(rt *rapid.T) {
	var heads []skein.Zone
	for id, l := range m.lives {
		heads = append(heads, l.head)
		m.checkLife(rt, id, l)
	}
	slices.SortFunc(heads, func(a, b skein.Zone) int { return int(a.Revision) - int(b.Revision) })
	entries, _ := m.world.follow("", 3)
	if !slices.EqualFunc(entries, heads, func(e store.Entry, z skein.Zone) bool { return e.Zone == z && e.Revision == z.Revision }) {
		rt.Fatalf("the feed is %q, want %v", names(entries), heads)
	}
	if zones, newest, err := m.Totals(m.ctx()); err != nil || zones != len(m.live) || newest != m.revision {
		rt.Fatalf("%d zones at revision %d, %v; want %d at %d", zones, newest, err, len(m.live), m.revision)
	}
	m.checkSources(rt)
	for _, name := range modelNames {
		serial, ok, err := m.SerialFloor(m.ctx(), name)
		m.must(err)
		if want, had := m.floor[name]; serial != want || ok != had {
			rt.Fatalf("floor of %s is %d, %v; want %d, %v", name, serial, ok, want, had)
		}
	}
	// The follower, once it went to the end, knows what is there.
	rest, _ := m.world.follow(m.cursor, 100)
	known := map[skein.ZoneID]skein.Zone{}
	for id, z := range m.known {
		known[id] = z
	}
	for _, e := range rest {
		known[e.Zone.ID] = e.Zone
	}
	for _, z := range heads {
		if known[z.ID] != z {
			rt.Fatalf("the follower believes %+v, the truth is %+v", known[z.ID], z)
		}
	}
}

func (m *machine) checkLife(rt *rapid.T, id skein.ZoneID, l *life) {
	head, err := m.ZoneByID(m.ctx(), id)
	m.must(err)
	if head != l.head {
		rt.Fatalf("head %+v, want %+v", head, l.head)
	}
	for i, v := range l.versions {
		if i < len(l.versions)-4 && i > 0 {
			continue // the first and the newest will do
		}
		c, err := m.ContentsAt(m.ctx(), id, v.at)
		m.must(err)
		if !c.Equal(v.contents) {
			rt.Fatalf("%s at %d is not what it was", head.Name, v.at)
		}
		last := m.revision // at which it was like that
		if i+1 < len(l.versions) {
			last = l.versions[i+1].at - 1
		} else if head.Deleted {
			last = head.Revision - 1
		}
		p, err := m.ZoneAt(m.ctx(), id, last)
		m.must(err)
		if p.Revision != v.at || p.Serial != v.serial || !p.Contents.Equal(v.contents) {
			rt.Fatalf("%s at %d is of revision %d and serial %d, want %d and %d", head.Name, last, p.Revision, p.Serial, v.at, v.serial)
		}
	}
	if p, err := m.ZoneAt(m.ctx(), id, l.versions[0].at-1); !errors.Is(err, store.ErrNotFound) {
		rt.Fatalf("%s before it was made: %+v, %v", head.Name, p, err)
	}
	if p, err := m.ZoneAt(m.ctx(), id, head.Revision); head.Deleted && !errors.Is(err, store.ErrNotFound) {
		rt.Fatalf("%s when it was deleted: %+v, %v", head.Name, p, err)
	}
	if head.Deleted {
		return
	}
	c, at, err := m.Contents(m.ctx(), id)
	m.must(err)
	if at != head.Revision || !c.Equal(l.contents()) {
		rt.Fatalf("contents of %s at %d differ", head.Name, at)
	}
	v, err := m.DeltaSince(m.ctx(), id, l.versions[0].at)
	m.must(err)
	c = l.versions[0].contents
	for _, step := range v.Steps {
		c, err = c.Apply(step.Delta)
		m.must(err)
	}
	m.checkStamps(rt, l)
	if !c.Equal(l.contents()) || len(v.Steps) != len(l.versions)-1 {
		rt.Fatalf("%d deltas do not lead to the newest contents of %s", len(v.Steps), head.Name)
	}
}
