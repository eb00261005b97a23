package catalog

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/skein-dns/skein/zone"
)

// ErrBroken is wrapped by every refusal of a catalog. A broken one is not
// looked at any further (RFC 9432 section 5.1): what was listed before stays.
var ErrBroken = errors.New("the catalog is broken")

// Catalog is one version of a catalog zone, read. It is not for concurrent use.
type Catalog struct {
	contents zone.Contents
	zones    zone.Name            // the name that members are below
	ids      map[zone.Name]string // of members, by the zone's name
}

// Change is what became of one zone from one version to the next. Without
// Before it is new, without After it is listed no more. Another ID says that
// it begins anew (RFC 9432 section 5.6).
type Change struct{ Before, After *Member }

// Read reads a whole catalog.
func Read(contents zone.Contents) (*Catalog, error) {
	zones, err := check(contents)
	if err != nil {
		return nil, err
	}
	c := &Catalog{contents: contents, zones: zones, ids: map[zone.Name]string{}}
	for m, err := range members(contents, zones) {
		switch {
		case err != nil:
			return nil, err
		case c.ids[m.Zone] != "":
			return nil, listedTwice(m.Zone, c.ids[m.Zone], m.ID)
		}
		c.ids[m.Zone] = m.ID
	}
	return c, nil
}

// Contents returns what was read.
func (c *Catalog) Contents() zone.Contents { return c.contents }

// Len returns the number of members.
func (c *Catalog) Len() int { return len(c.ids) }

// Get returns the member of a zone's name; false if it lists none.
func (c *Catalog) Get(name zone.Name) (Member, bool) {
	id, ok := c.ids[name.Canonical()]
	if !ok {
		return Member{}, false
	}
	m, _, _ := read(c.contents, c.zones, id) // it was read before, so it can be
	return m, true
}

// All yields the members in the order of their IDs.
func (c *Catalog) All() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		for m := range members(c.contents, c.zones) {
			if !yield(m) {
				return
			}
		}
	}
}

// Follow goes on to the next version and returns what changed, one change a
// zone, those that go first. Its cost follows the change, where next was made
// of Contents by Apply. On an error the catalog is what it was.
func (c *Catalog) Follow(next zone.Contents) ([]Change, error) {
	if !next.Origin().Equal(c.contents.Origin()) {
		return nil, fmt.Errorf("%w: it is %s, not %s", ErrBroken, next.Origin(), c.contents.Origin())
	}
	if _, err := check(next); err != nil {
		return nil, err
	}
	f := following{catalog: c, changes: map[zone.Name]Change{}}
	for _, id := range c.touched(zone.Diff(c.contents, next)) {
		if err := f.compare(next, id); err != nil {
			return nil, err
		}
	}
	for name, change := range f.changes {
		if id := c.ids[name]; id != "" && change.Before == nil {
			return nil, listedTwice(name, id, change.After.ID)
		}
	}
	for name, change := range f.changes {
		if change.After == nil {
			delete(c.ids, name)
		} else {
			c.ids[name] = change.After.ID
		}
	}
	c.contents = next
	return f.sorted(), nil
}

// touched returns the IDs of the members that a difference speaks of.
func (c *Catalog) touched(d zone.Delta) []string {
	depth := len(c.zones.Labels())
	seen := map[string]bool{}
	for _, list := range [][]zone.RRset{d.Del, d.Add} {
		for _, set := range list {
			if name := set.Name.Canonical(); name != c.zones && name.IsSubdomainOf(c.zones) {
				labels := name.Labels()
				seen[labels[len(labels)-depth-1]] = true
			}
		}
	}
	ids := make([]string, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// following collects what changed between two versions.
type following struct {
	catalog *Catalog
	changes map[zone.Name]Change
}

// compare looks at one ID in both versions. A zone may go from one ID to
// another in between, in any order of the two.
func (f *following) compare(next zone.Contents, id string) error {
	before, was, _ := read(f.catalog.contents, f.catalog.zones, id)
	after, is, err := read(next, f.catalog.zones, id)
	if err != nil {
		return err
	}
	if was && is && before.equal(after) {
		return nil
	}
	if was {
		change := f.changes[before.Zone]
		change.Before = &before
		f.changes[before.Zone] = change
	}
	if is {
		change := f.changes[after.Zone]
		if change.After != nil {
			return listedTwice(after.Zone, change.After.ID, id)
		}
		change.After = &after
		f.changes[after.Zone] = change
	}
	return nil
}

// sorted returns the changes by name, those that only go first.
func (f *following) sorted() []Change {
	all := make([]Change, 0, len(f.changes))
	for _, change := range f.changes {
		all = append(all, change)
	}
	slices.SortFunc(all, func(a, b Change) int {
		switch {
		case a.After == nil && b.After != nil:
			return -1
		case a.After != nil && b.After == nil:
			return 1
		}
		return a.zone().Compare(b.zone())
	})
	return all
}

func (c Change) zone() zone.Name {
	if c.Before != nil {
		return c.Before.Zone
	}
	return c.After.Zone
}

func (m Member) equal(o Member) bool {
	return m.ID == o.ID && m.Zone == o.Zone && m.Owner == o.Owner && slices.Equal(m.Groups, o.Groups)
}

func listedTwice(name zone.Name, a, b string) error {
	return fmt.Errorf("%w: it lists %s twice, as %s and as %s", ErrBroken, name, a, b)
}
