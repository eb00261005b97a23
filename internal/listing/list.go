package listing

import (
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/zone"
)

// pace is between two versions of a catalog: what happens meanwhile is one.
const pace = 50 * time.Millisecond

// list is one catalog. The Set's lock owns it.
type list struct {
	Catalog
	contents zone.Contents // published last
	serial   uint32        // of that; before the first, one that is not used any more
	last     time.Time     // when that was
	filled   bool          // all zones that there were are in pending, or listed

	pending map[zone.Name]change // what happened since
	working map[zone.Name]change // is being published
	renew   bool                 // there is to be a version even if nothing changes
	whole   bool                 // … that no increments lead to
	lent    map[zone.Name]int    // listed whatever they are, for tests: how often
	left    map[zone.Name]int    // left out whatever they are: how often
	news    chan struct{}        // closed and replaced at each version
}

// change is what a zone was and what it is, in the catalog.
type change struct{ before, after Life }

func newList(c Catalog, begun uint32) *list {
	return &list{Catalog: c, serial: begun, pending: map[zone.Name]change{}, lent: map[zone.Name]int{}, left: map[zone.Name]int{}, news: make(chan struct{})}
}

// lentLife is the life of a zone that is listed for a test.
const lentLife = "lent"

// counts returns what a zone is in the catalog: nothing if it is in another pool.
func (l *list) counts(name zone.Name, is Life) Life {
	switch {
	case name == l.Origin || l.left[name] > 0:
		return Life{}
	case l.lent[name] > 0:
		return Life{ID: lentLife}
	case is.ID == "" || l.Pool != "" && is.Pool != l.Pool:
		return Life{}
	}
	return Life{ID: is.ID}
}

func (l *list) lists(name zone.Name, is Life) bool { return l.counts(name, is) != Life{} }

// changed notes what became of a zone.
func (l *list) changed(name zone.Name, before, after Life) {
	l.note(name, l.counts(name, before), l.counts(name, after))
}

func (l *list) note(name zone.Name, before, after Life) {
	if earlier, ok := l.pending[name]; ok {
		before = earlier.before
	} else if before == after {
		return
	}
	l.pending[name] = change{before, after}
}

// wants reports whether there is to be another version.
func (l *list) wants() bool { return l.filled && (len(l.pending) > 0 || l.renew || l.last.IsZero()) }

// settled reports whether the newest version says of a zone what it is to say.
func (l *list) settled(name zone.Name) bool {
	_, pending := l.pending[name]
	_, working := l.working[name]
	return l.filled && !l.last.IsZero() && !pending && !working
}

// take begins the next version; if it is not due yet it tells after which
// pause. Serials are never ahead of the clock, so that a process that is
// started anew can go on after the second of its start and nothing of them has
// to be kept. Each is the next one, so that there are seconds left for a burst
// of versions.
func (l *list) take(now time.Time) (work version, pause time.Duration, due bool) {
	if !l.wants() {
		return work, 0, false
	}
	serial := l.serial + 1
	switch {
	case zone.SerialLess(uint32(now.Unix()), serial):
		return work, now.Truncate(time.Second).Add(time.Second).Sub(now), false
	case now.Sub(l.last) < pace:
		return work, pace - now.Sub(l.last), false
	}
	work = version{list: l.Catalog, contents: l.contents, changes: l.pending, serial: serial, always: l.renew || l.last.IsZero(), whole: l.whole}
	l.working, l.pending, l.renew, l.whole = l.pending, map[zone.Name]change{}, false, false
	return work, 0, true
}

// done takes the version that was begun.
func (l *list) done(contents zone.Contents, err error) {
	l.last, l.working = time.Now(), nil
	if err == nil {
		l.contents = contents
		soa, _ := contents.SOA()
		l.serial = soa.Serial
	}
	close(l.news)
	l.news = make(chan struct{})
}

// version is one that is being made.
type version struct {
	list     Catalog
	contents zone.Contents // the one before; without records if it is the first
	changes  map[zone.Name]change
	serial   uint32
	always   bool
	whole    bool // no increments are to lead to it
}

// edit makes it. The cost follows the changes.
func (v version) edit() (zone.Contents, error) {
	contents := v.contents
	if contents.Origin() == "" {
		var err error
		if contents, err = catalog.Empty(v.list.Origin, v.serial); err != nil {
			return contents, err
		}
	}
	changes := make([]catalog.Change, 0, len(v.changes))
	for name, c := range v.changes {
		changes = append(changes, catalog.Change{Before: listed(name, c.before, v.list.Group), After: listed(name, c.after, v.list.Group)})
	}
	d, err := catalog.Edit(contents, changes...)
	if err != nil || d.IsZero() && !v.always {
		return v.contents, err
	}
	if contents, err = contents.Apply(d); err != nil {
		return v.contents, err
	}
	return contents.WithSerial(v.serial), nil
}

// differs reports whether what was made is another version.
func (v version) differs(made zone.Contents) bool {
	soa, _ := made.SOA()
	return soa.Serial == v.serial
}
