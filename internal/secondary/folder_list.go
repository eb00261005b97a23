package secondary

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein/zone"
)

// FolderStatus is what is known of a zone of a folder.
type FolderStatus struct {
	Setup
	Status
	Names int // owner names
}

// Look returns a zone's setup and state; false if there is none.
func (f *Folder) Look(name zone.Name) (FolderStatus, bool) {
	k, ok := f.find(name)
	if !ok {
		return FolderStatus{}, false
	}
	status, ok := f.Set.Look(Ref{Name: k.name})
	f.mu.Lock()
	defer f.mu.Unlock()
	s := FolderStatus{Setup: k.setup, Status: status}
	if status.Loaded && f.into != nil {
		c, _ := f.into.Current(k.name)
		s.Names, _ = c.Len()
	}
	return s, ok
}

func (f *Folder) find(name zone.Name) (*holding, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.kept[name.Canonical()]
	return k, ok
}

// Add starts a zone; false if there is one of that name. It answers SERVFAIL
// until its first transfer.
func (f *Folder) Add(name zone.Name, setup Setup) (bool, error) {
	if err := f.check(setup); err != nil {
		return false, err
	}
	f.changes.Lock()
	defer f.changes.Unlock()
	if _, there := f.find(name); there {
		return false, nil
	}
	f.nextID++ // a change of the list has it to itself
	k := &holding{id: f.nextID, name: name, setup: setup}
	if err := f.record(entry{ID: k.id, Zone: name, Setup: setup}); err != nil {
		return false, err
	}
	f.mu.Lock()
	f.kept[name.Canonical()] = k
	if f.into != nil {
		f.into.Fail(name)
	}
	f.mu.Unlock()
	f.Set.Put(Ref{Name: name}, f.peers(setup), State{}, time.Time{})
	return true, nil
}

// Change replaces a zone's setup and goes on serving it; false if there is none.
func (f *Folder) Change(name zone.Name, setup Setup) (bool, error) {
	if err := f.check(setup); err != nil {
		return false, err
	}
	f.changes.Lock()
	defer f.changes.Unlock()
	k, there := f.find(name)
	if !there {
		return false, nil
	}
	if err := f.record(entry{ID: k.id, Zone: k.name, Setup: setup}); err != nil {
		return true, err
	}
	f.mu.Lock()
	k.setup = setup
	f.mu.Unlock()
	f.Set.Put(Ref{Name: k.name}, f.peers(setup), State{}, time.Time{})
	return true, nil
}

// Delete ends a zone and removes its file; false if there is none.
func (f *Folder) Delete(name zone.Name) (bool, error) {
	f.changes.Lock()
	defer f.changes.Unlock()
	k, there := f.find(name)
	if !there {
		return false, nil
	}
	if err := f.record(entry{ID: k.id, Gone: true}); err != nil {
		return true, err
	}
	k.writing.Lock()
	k.gone = true
	k.writing.Unlock()
	<-f.Set.Remove(Ref{Name: k.name})
	f.mu.Lock()
	delete(f.kept, name.Canonical())
	into := f.into
	f.mu.Unlock()
	if into != nil {
		into.Drop(k.name)
	}
	f.disk.remove(k.id)
	return true, nil
}

// Refresh asks a primary soon; with whole, the zone is transferred whatever its
// serial. False if there is no such zone.
func (f *Folder) Refresh(name zone.Name, whole bool) bool {
	return f.Set.Refresh(Ref{Name: name}, whole)
}

// record writes a change of the list. The caller holds changes.
func (f *Folder) record(e entry) error {
	err := f.disk.record(e, func() []entry {
		f.mu.Lock()
		defer f.mu.Unlock()
		all := make([]entry, 0, len(f.kept))
		for _, k := range f.kept {
			all = append(all, entry{ID: k.id, Zone: k.name, Setup: k.setup})
		}
		return all
	})
	if err != nil {
		return fmt.Errorf("the list of zones cannot be written, so nothing was changed: %w", err)
	}
	return nil
}
