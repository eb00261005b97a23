package reconcile

import (
	"cmp"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// InState returns zones that any of these members has in a state, StateBehind
// for whatever is not as it should be, in canonical order after a name, at most
// limit. The cost follows what is out of step, and not what there is.
func (l *Loop) InState(members []string, state skein.ZoneState, after zone.Name, limit int) []zone.Name {
	type keyed struct {
		key  string
		name zone.Name
	}
	var found []keyed
	for _, member := range members {
		w := l.worker(member)
		if w == nil {
			continue
		}
		for _, name := range w.inState(state) {
			if key := name.Key(); after == "" || key > after.Key() {
				found = append(found, keyed{key, name})
			}
		}
	}
	slices.SortFunc(found, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	found = slices.CompactFunc(found, func(a, b keyed) bool { return a.key == b.key })
	names := make([]zone.Name, min(limit, len(found)))
	for i := range names {
		names[i] = found[i].name
	}
	return names
}

func (w *worker) inState(state skein.ZoneState) (names []zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if state != skein.StateBehind && w.counts[state] == 0 {
		return nil
	}
	for name, it := range w.items {
		if it.state == state || state == skein.StateBehind && it.state != skein.StateVerified {
			names = append(names, name)
		}
	}
	return names
}
