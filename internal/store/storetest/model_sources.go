package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

var modelSources = []string{"panel", "two", "three"}

// drawStamps draws stamps for a zone, on few names, with and without sets that they cover.
func drawStamps(rt *rapid.T, apex zone.Name) []store.Stamp {
	drawn := map[string]store.Stamp{}
	for range rapid.IntRange(1, 3).Draw(rt, "stamps") {
		set := txt(zone.Name(fmt.Sprintf("h%d.%s", rapid.IntRange(0, 5).Draw(rt, "host"), apex)), "origin's own")
		st := stamp(set, rapid.SampledFrom([]string{"", "two", "three"}).Draw(rt, "source"))
		if st.Source != "" && rapid.Bool().Draw(rt, "covers") {
			st.Hidden = &set
		}
		drawn[st.Name.Key()] = st
	}
	return slices.Collect(maps.Values(drawn))
}

// stamp changes stamps alone, or together with contents.
func (m *machine) stamp(rt *rapid.T) {
	l := m.pick(rt)
	want, serial := l.contents(), l.head.Serial
	if rapid.Bool().Draw(rt, "with contents") {
		var err error
		want, err = zone.NewContents(l.head.Name, records(rt, l.head.Name))
		m.must(err)
		serial++
	}
	write := with(edit(l.head, zone.Diff(l.contents(), want)), drawStamps(rt, l.head.Name)...)
	write.Serial = serial
	published, before := l.head.Published, l.head.Serial
	c, err := m.Commit(m.ctx(), write)
	m.must(err)
	m.took(l, c, serial, want)
	for _, st := range write.Stamps {
		delete(l.stamps, st.Name.Key())
		if st.Source != "" {
			l.stamps[st.Name.Key()] = st
		}
	}
	if serial != before {
		published = c.Revision
	}
	if c.Zone.Published != published {
		rt.Fatalf("published at %d, want %d", c.Zone.Published, published)
	}
}

// handOver gives a zone to a source, an owner, a pool, or to several of them.
func (m *machine) handOver(rt *rapid.T) {
	l := m.pick(rt)
	before := l.head
	write := edit(l.head, zone.Delta{})
	write.Serial = l.head.Serial
	write.Origin = rapid.SampledFrom(append(modelSources, "")).Draw(rt, "to the source")
	write.Owner = rapid.SampledFrom([]string{"root", "hosting", ""}).Draw(rt, "to the owner")
	write.Pool = rapid.SampledFrom([]string{"default", "fast", "slow", ""}).Draw(rt, "to the pool")
	c, err := m.Commit(m.ctx(), write)
	m.must(err)
	m.took(l, c, before.Serial, l.contents())
	want := before
	want.Revision, want.Changed = c.Revision, c.Zone.Changed
	if write.Origin != "" && write.Origin != before.Origin {
		want.Origin, want.OriginBefore, want.OriginSince = write.Origin, before.Origin, start
	}
	if write.Pool != "" && write.Pool != before.Pool {
		want.Pool, want.PoolBefore = write.Pool, before.Pool
	}
	want.Owner = cmp.Or(write.Owner, before.Owner)
	if c.Zone != want {
		rt.Fatalf("handed over: %+v, want %+v", c.Zone, want)
	}
}

// undelete begins a new life with what a dead one held.
func (m *machine) undelete(rt *rapid.T) {
	var dead []*life
	for _, l := range m.lives {
		if l.head.Deleted {
			dead = append(dead, l)
		}
	}
	if len(dead) == 0 {
		rt.Skip("none is deleted")
	}
	slices.SortFunc(dead, func(a, b *life) int { return int(a.head.Revision) - int(b.head.Revision) })
	old := rapid.SampledFrom(dead).Draw(rt, "life")
	name := old.head.Name
	serial := m.floor[name] + 1
	write := creation(name, serial)
	write.Zone.Origin, write.Zone.Owner, write.Zone.Pool, write.Revive = old.head.Origin, old.head.Owner, old.head.Pool, old.head.ID
	write.Delta = zone.Diff(zone.Contents{}, old.contents())
	c, err := m.Commit(m.ctx(), write)
	if m.live[name] != nil {
		if !errors.Is(err, store.ErrExists) {
			rt.Fatalf("bringing %s back while it lives: %v", name, err)
		}
		return
	}
	m.must(err)
	l := &life{stamps: maps.Clone(old.stamps)}
	m.lives[c.Zone.ID], m.live[name] = l, l
	m.took(l, c, serial, old.contents())
}

func (m *machine) wait(rt *rapid.T) {
	row := waits(rapid.SampledFrom([]string{skein.WaitingHold, skein.WaitingConflict}).Draw(rt, "kind"),
		rapid.SampledFrom(modelSources).Draw(rt, "source"), rapid.SampledFrom(modelNames).Draw(rt, "name"))
	row.Records = rapid.IntRange(0, 9).Draw(rt, "records")
	id, err := m.PutWaiting(m.ctx(), row)
	m.must(err)
	key := fmt.Sprint(row.Zone, row.Source, row.Kind)
	if was, there := m.waiting[key]; there && was.ID != id {
		rt.Fatalf("%s waited as number %d, now as %d", key, was.ID, id)
	}
	row.ID = id
	m.waiting[key] = row.Waiting
}

func (m *machine) queued(rt *rapid.T) (key string, w skein.Waiting) {
	if len(m.waiting) == 0 {
		rt.Skip("nothing waits")
	}
	key = rapid.SampledFrom(slices.Sorted(maps.Keys(m.waiting))).Draw(rt, "waiting")
	return key, m.waiting[key]
}

// release edits a zone by a change that waits, where the zone is still as expected.
func (m *machine) release(rt *rapid.T) {
	key, w := m.queued(rt)
	l := m.pick(rt)
	write := edit(l.head, zone.Delta{})
	write.Waiting = w.ID
	if rapid.Bool().Draw(rt, "stale") {
		write.Expect++
		if _, err := m.Commit(m.ctx(), write); !errors.Is(err, store.ErrChanged) {
			rt.Fatalf("a stale release: %v", err)
		}
		return
	}
	c, err := m.Commit(m.ctx(), write)
	m.must(err)
	m.took(l, c, write.Serial, l.contents())
	delete(m.waiting, key)
}

func (m *machine) discard(rt *rapid.T) {
	key, w := m.queued(rt)
	m.must(m.DropWaiting(m.ctx(), w.ID))
	delete(m.waiting, key)
	if err := m.DropWaiting(m.ctx(), w.ID); !errors.Is(err, store.ErrNotFound) {
		rt.Fatalf("discarded twice: %v", err)
	}
}

// checkSources compares tallies, and what waits.
func (m *machine) checkSources(rt *rapid.T) {
	want := map[string]store.Tally{}
	owners, pools := map[string]int{}, map[string]int{}
	for _, l := range m.live {
		owners[l.head.Owner]++
		pools[l.head.Pool]++
		tally := want[l.head.Origin]
		tally.Zones++
		want[l.head.Origin] = tally
	}
	var waiting []skein.Waiting
	for _, w := range m.waiting {
		tally := want[w.Source]
		tally.Waiting++
		want[w.Source] = tally
		waiting = append(waiting, w)
	}
	if got, err := m.Tallies(m.ctx()); err != nil || !maps.Equal(got, want) {
		rt.Fatalf("tallies %v, %v; want %v", got, err, want)
	}
	if got, err := m.OwnerTallies(m.ctx()); err != nil || !maps.Equal(got, owners) {
		rt.Fatalf("zones by owner %v, %v; want %v", got, err, owners)
	}
	if got, err := m.PoolTallies(m.ctx()); err != nil || !maps.Equal(got, pools) {
		rt.Fatalf("zones by pool %v, %v; want %v", got, err, pools)
	}
	slices.SortFunc(waiting, func(a, b skein.Waiting) int { return int(a.ID - b.ID) })
	if got, err := m.Waiting(m.ctx(), store.WaitingQuery{}); err != nil || len(got) != len(waiting) || len(got) > 0 && !reflect.DeepEqual(got, waiting) {
		rt.Fatalf("%+v waits, %v; want %+v", got, err, waiting)
	}
}

func (m *machine) checkStamps(rt *rapid.T, l *life) {
	got, err := m.Owners(m.ctx(), l.head.ID, nil, 0)
	m.must(err)
	want := slices.SortedFunc(maps.Values(l.stamps), func(a, b store.Stamp) int { return strings.Compare(a.Name.Key(), b.Name.Key()) })
	if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		rt.Fatalf("stamps of %s are %q, want %q", l.head.Name, show(got), show(want))
	}
}
