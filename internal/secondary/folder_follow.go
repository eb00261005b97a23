package secondary

import (
	"fmt"
	"slices"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/zone"
)

// followAtOnce is how many zones are put on the list at once: so few that the
// first of them are on their way while the others are being written.
const followAtOnce = 1000

// listed returns the zones that a catalog listed.
func (f *Folder) listed(by zone.Name) (all []catalog.Member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, k := range f.kept {
		if k.setup.Catalog == by {
			all = append(all, catalog.Member{ID: k.setup.Member, Zone: name})
		}
	}
	return all
}

// follow does what a catalog says, and returns to how many zones it did
// something. What is so already is left alone. It is on disk at the end: what is
// lost before is read from the catalog again, of which this version was not
// noted yet.
func (f *Folder) follow(by zone.Name, changes []catalog.Change) (did int, err error) {
	for part := range slices.Chunk(changes, followAtOnce) {
		n, err := f.followSome(by, part)
		if did += n; err != nil {
			return did, err
		}
	}
	f.changes.Lock()
	defer f.changes.Unlock()
	return did, f.disk.list.file.Sync()
}

// step is what becomes of one zone.
type step struct {
	ends   *holding // nil: there is none
	begins *holding // nil: there is to be none
	stays  Setup    // of what neither ends nor begins
	zone   *holding
}

func (f *Folder) followSome(by zone.Name, changes []catalog.Change) (int, error) {
	f.changes.Lock()
	defer f.changes.Unlock()
	var steps []step
	for _, change := range changes {
		if s, any := f.plan(by, change); any {
			steps = append(steps, s)
		}
	}
	return len(steps), f.carryOut(false, steps)
}

// plan says what a change of a catalog makes of a zone. The caller holds changes.
func (f *Folder) plan(by zone.Name, change catalog.Change) (s step, any bool) {
	m := change.After
	if m == nil {
		k, there := f.find(change.Before.Zone)
		if !there || k.setup.Catalog != by {
			return s, false
		}
		other, is, listed := f.lists.lister(change.Before.Zone, by)
		if !listed {
			return step{ends: k}, true
		}
		by, m = other, &is
	}
	k, there := f.find(m.Zone)
	setup := Setup{Catalog: by, Member: m.ID}
	switch {
	case f.catalogs[m.Zone]:
		f.log.Warn("a catalog lists a catalog that is followed; it is not served", "catalog", by, "zone", m.Zone)
		return s, false
	case !there:
		return step{begins: f.begin(m.Zone, setup)}, true
	case k.setup.Catalog == "":
		f.log.Warn("a catalog lists a zone that was put here by other means; that stays", "catalog", by, "zone", m.Zone)
		return s, false
	case k.setup.Catalog != by && !f.lists.gives(k.setup.Catalog, by, m.Zone):
		f.log.Warn("two catalogs list a zone; it stays the first one's", "catalog", by, "zone", m.Zone, "of", k.setup.Catalog)
		return s, false
	case k.setup.Member != m.ID: // it begins anew (RFC 9432 section 5.6)
		return step{ends: k, begins: f.begin(m.Zone, setup)}, true
	case k.setup.Catalog != by:
		return step{zone: k, stays: setup}, true
	}
	return s, false
}

// begin makes a zone of the next ID. The caller holds changes.
func (f *Folder) begin(name zone.Name, setup Setup) *holding {
	f.nextID++
	return &holding{id: f.nextID, name: name, setup: setup}
}

// carryOut puts steps on the list, all at once, and does them; with now, they
// are on disk before they are done. The caller holds changes.
func (f *Folder) carryOut(now bool, steps []step) error {
	var lines []entry
	for _, s := range steps {
		if s.ends != nil {
			lines = append(lines, entry{ID: s.ends.id, Gone: true})
		}
		if s.begins != nil {
			lines = append(lines, entry{ID: s.begins.id, Zone: s.begins.name, Setup: s.begins.setup})
		}
		if s.zone != nil {
			lines = append(lines, entry{ID: s.zone.id, Zone: s.zone.name, Setup: s.stays})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if err := f.record(now, lines...); err != nil {
		return err
	}
	for _, s := range steps {
		if s.ends != nil {
			f.end(s.ends)
		}
		if s.begins != nil {
			f.serve(s.begins)
		}
		if s.zone != nil {
			f.mu.Lock()
			s.zone.setup = s.stays
			f.mu.Unlock()
		}
	}
	return nil
}

// serve begins with a zone that is on the list. The caller holds changes.
func (f *Folder) serve(k *holding) {
	f.mu.Lock()
	f.kept[k.name.Canonical()] = k
	if f.into != nil {
		f.into.Fail(k.name)
	}
	f.mu.Unlock()
	f.Set.Put(Ref{Name: k.name}, f.peers(k.setup), State{}, time.Time{})
}

// end stops with a zone that is on the list no more. The caller holds changes.
func (f *Folder) end(k *holding) {
	k.writing.Lock()
	k.gone = true
	k.writing.Unlock()
	<-f.Set.Remove(Ref{Name: k.name})
	f.mu.Lock()
	delete(f.kept, k.name.Canonical())
	into := f.into
	f.mu.Unlock()
	if into != nil {
		into.Drop(k.name)
	}
	f.disk.remove(k.id)
}

// release lists a zone by the catalog that was kept from it so far. The caller
// holds changes.
func (f *Folder) release(name zone.Name) error {
	by, m, listed := f.lists.lister(name, "")
	if !listed {
		return nil
	}
	s, any := f.plan(by, catalog.Change{After: &m})
	if !any {
		return nil
	}
	return f.carryOut(true, []step{s})
}

// forsake ends the zones of catalogs that are not followed any more.
func (f *Folder) forsake() error {
	var steps []step
	for _, k := range f.kept {
		if by := k.setup.Catalog; by != "" && !f.catalogs[by] {
			f.log.Warn("a zone is served no more, since its catalog is not followed any more", "zone", k.name, "catalog", by)
			steps = append(steps, step{ends: k})
		}
	}
	return f.carryOut(true, steps)
}

// errListed refuses commands for a zone that a catalog lists.
func errListed(name, by zone.Name) error {
	return fmt.Errorf("the catalog %s lists %s, and only that says what becomes of it", by, name)
}
