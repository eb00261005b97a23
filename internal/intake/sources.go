package intake

import (
	"fmt"
	"reflect"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

// source is what is known of one. Intake.mu owns it, but for what never changes.
type source struct {
	skein.Source
	secrets skein.SourceSecrets
	dial    *dialling
	peers   []secondary.Peer // of the zones that name none
	zones   map[zone.Name]asked
}

// asked is a zone that a source asks for.
type asked struct {
	name      zone.Name
	primaries []skein.TransferPrimary // nil: the source's
	catalog   zone.Name               // canonical; "" none
	leaving   bool                    // its deletion waits for a person
}

// SetSource implements control.Intake.
func (i *Intake) SetSource(src skein.Source, secrets skein.SourceSecrets) error {
	src.Status = nil
	setup := skein.TransferSetup{}
	if src.Transfer != nil {
		setup = *src.Transfer
	}
	i.changes.Lock()
	defer i.changes.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	before := i.sources[src.Name]
	if before != nil && reflect.DeepEqual(before.Source, src) && reflect.DeepEqual(before.secrets, secrets) {
		return nil
	}
	dial, err := newDialling(setup.Authority, secrets)
	if err != nil {
		return err
	}
	s := &source{Source: src, secrets: secrets, dial: dial, zones: map[zone.Name]asked{}}
	if before != nil {
		s.zones = before.zones
	}
	if s.peers, err = dial.peers(setup.Primaries); err != nil {
		return err
	}
	i.sources[src.Name] = s
	for _, z := range s.zones {
		i.put(s, z)
	}
	i.setLists(s, setup.Catalogs)
	i.auto.set(s)
	return nil
}

// setLists begins with a source's catalogs, and ends with those that it has no
// more; the zones that those listed stay. A catalog is read once after a start,
// whatever was observed of it: what it lists is compared with what is asked for.
func (i *Intake) setLists(s *source, catalogs []zone.Name) {
	want := map[secondary.Ref]bool{}
	for _, name := range catalogs {
		ref := secondary.Ref{Name: name.Canonical(), Source: s.Name}
		want[ref] = true
		if i.lists[ref] == nil {
			i.lists[ref] = newList(ref)
		}
		i.set.Put(ref, i.working(s, s.peers), secondary.State{}, i.when())
	}
	for ref := range i.lists {
		if ref.Source == s.Name && !want[ref] {
			delete(i.lists, ref)
			i.set.Remove(ref) // what it waits for may be a change of zones, so nobody waits for it
		}
	}
}

// working returns the peers of a source that works.
func (i *Intake) working(s *source, peers []secondary.Peer) []secondary.Peer {
	if s.Paused {
		return nil
	}
	return peers
}

// RemoveSource implements control.Intake.
func (i *Intake) RemoveSource(name string) error {
	i.changes.Lock()
	defer i.changes.Unlock()
	i.mu.Lock()
	s := i.sources[name]
	delete(i.sources, name)
	if s != nil {
		i.setLists(s, nil)
	}
	i.mu.Unlock()
	if s == nil {
		return nil
	}
	i.auto.remove(name)
	for key := range s.zones {
		i.end(secondary.Ref{Name: key, Source: name})
	}
	return nil
}

// end stops with a zone; nothing of it reaches the gate any more.
func (i *Intake) end(ref secondary.Ref) {
	<-i.set.Remove(ref)
	i.states.forget(ref)
	i.expiry.spoken(ref, false)
}

// SetZone implements control.Intake.
func (i *Intake) SetZone(z skein.TransferZone) error {
	i.changes.Lock()
	defer i.changes.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	s, err := i.taker(z)
	if err != nil {
		return err
	}
	key := z.Name.Canonical()
	a := asked{name: z.Name, primaries: z.Primaries, catalog: z.Catalog.Canonical()}
	s.zones[key] = a
	i.put(s, a)
	return nil
}

// CheckZone implements control.Intake.
func (i *Intake) CheckZone(z skein.TransferZone) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err := i.taker(z)
	return err
}

// taker returns the source that a zone is transferred for, or why it is not.
// The caller holds mu.
func (i *Intake) taker(z skein.TransferZone) (*source, error) {
	s := i.sources[z.Source]
	if s == nil {
		return nil, fmt.Errorf("there is no source %s", z.Source)
	}
	if i.lists[secondary.Ref{Name: z.Name.Canonical(), Source: z.Source}] != nil {
		return nil, fmt.Errorf("%s is a catalog of that source, and not served", z.Name)
	}
	_, err := s.dial.peers(z.Primaries)
	return s, err
}

// put has a zone transferred as its source and itself say.
func (i *Intake) put(s *source, a asked) {
	ref := secondary.Ref{Name: a.name.Canonical(), Source: s.Name}
	peers := s.peers
	if len(a.primaries) > 0 {
		var err error
		if peers, err = s.dial.peers(a.primaries); err != nil { // a key was taken away
			i.log.Error("a zone is not transferred any more", "zone", ref, "err", err)
		}
	}
	before := i.states.claim(ref)
	if before.leaving {
		a.leaving = true
		s.zones[ref.Name] = a
	}
	if a.leaving {
		peers = nil
	}
	i.set.Put(ref, i.working(s, peers), before.State, i.when())
}

// when is the time to look at a zone first. What is there at the start is
// looked at a number in a second: NOTIFYs may have been missed.
func (i *Intake) when() time.Time {
	if i.restore < 0 {
		return time.Time{}
	}
	i.restore++
	return time.Now().Add(time.Duration(i.restore) * time.Second / secondary.StartRate)
}

// RemoveZone implements control.Intake.
func (i *Intake) RemoveZone(name zone.Name, from string) error {
	i.changes.Lock()
	defer i.changes.Unlock()
	ref := secondary.Ref{Name: name.Canonical(), Source: from}
	i.mu.Lock()
	if s := i.sources[from]; s != nil {
		delete(s.zones, ref.Name)
	}
	i.mu.Unlock()
	i.end(ref)
	return nil
}
