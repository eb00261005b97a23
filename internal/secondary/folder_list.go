package secondary

import (
	"fmt"
	"net/netip"
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
	if err := f.carryOut(true, []step{{begins: f.begin(name, f.sharing(setup))}}); err != nil {
		return false, err
	}
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
	switch {
	case !there:
		return false, nil
	case k.setup.Catalog != "":
		return true, errListed(name, k.setup.Catalog)
	}
	if err := f.record(true, entry{ID: k.id, Zone: k.name, Setup: setup}); err != nil {
		return true, err
	}
	setup = f.sharing(setup)
	f.mu.Lock()
	k.setup = setup
	f.mu.Unlock()
	f.Set.Put(Ref{Name: k.name}, f.peers(setup), State{}, time.Time{})
	return true, nil
}

// sharing returns a setup whose options are the string of others that have the same.
func (f *Folder) sharing(setup Setup) Setup {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.once) >= mostOnce {
		clear(f.once)
	}
	once, known := f.once[setup.Options]
	if !known {
		once = setup.Options
		f.once[once] = once
	}
	setup.Options = once
	return setup
}

const mostOnce = 256

// Delete ends a zone and removes its file; false if there is none.
func (f *Folder) Delete(name zone.Name) (bool, error) {
	f.changes.Lock()
	defer f.changes.Unlock()
	k, there := f.find(name)
	switch {
	case !there:
		return false, nil
	case k.setup.Catalog != "":
		return true, errListed(name, k.setup.Catalog)
	}
	if err := f.carryOut(true, []step{{ends: k}}); err != nil {
		return true, err
	}
	return true, f.release(name)
}

// Refresh asks a primary soon; with whole, the zone is transferred whatever its
// serial. False if there is no such zone, or catalog that is followed.
func (f *Folder) Refresh(name zone.Name, whole bool) bool {
	return f.Set.Refresh(Ref{Name: name}, whole) || f.lists.Refresh(Ref{Name: name}, whole)
}

// Notified implements nameserver.NotifySink.
func (f *Folder) Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) (known bool) {
	return f.Set.Notified(name, from, key, serial, hasSerial) || f.lists.Notified(name, from, key, serial, hasSerial)
}

// record writes changes of the list; with now, they are on disk when it
// returns. The caller holds changes.
func (f *Folder) record(now bool, lines ...entry) error {
	err := f.disk.list.add(lines, now, func() []entry {
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
