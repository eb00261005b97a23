package control

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// checkEdits looks at what can be told without the zone: every edit makes
// sense by itself and is of the zone. The tolerant profile lowers TTLs.
func checkEdits(origin zone.Name, edits []Edit, tolerant bool) ([]Edit, []skein.Problem, error) {
	if len(edits) == 0 || len(edits) > maxEdits {
		return nil, nil, invalid(fmt.Sprintf("there are %d edits; 1 to %d go into one change", len(edits), maxEdits), "divide them")
	}
	g := gathering{origin: origin, tolerant: tolerant}
	checked := slices.Clone(edits)
	for i := range checked {
		e := &checked[i]
		switch {
		case e.Set.Name == "" || !e.Set.Name.IsSubdomainOf(origin):
			g.wrong(e.Set.Name, "%s is not in zone %s", e.Set.Name, origin)
		case e.Op != OpSet && e.Op != OpAdd && e.Op != OpDelete:
			g.wrong(e.Set.Name, "%q is no edit; there are set, add and delete", e.Op)
		case e.Op == OpDelete && e.Set.Type == 0 && len(e.Set.Data) > 0:
			g.wrong(e.Set.Name, "the records of %s to delete have no type", e.Set.Name)
		case e.Op == OpDelete:
		case e.Set.Type == 0:
			g.wrong(e.Set.Name, "the records of %s have no type", e.Set.Name)
		case len(e.Set.Data) == 0:
			g.wrong(e.Set.Name, "there is no data for %s %s; delete the RRset if it is to go", e.Set.Name, e.Set.Type)
		case e.Set.Type == zone.TypeSOA && (e.Op == OpAdd || len(e.Set.Data) > 1):
			g.wrong(e.Set.Name, "a zone has one SOA record; set it instead of adding one")
		case e.Set.TTL > maxTTL && !e.KeepTTL && tolerant:
			g.warn(e.Set.Name, "%s %s had TTL %d; it was lowered to %d, the most there is (RFC 2181 section 8)", e.Set.Name, e.Set.Type, e.Set.TTL, maxTTL)
			e.Set.TTL = maxTTL
		}
	}
	if len(g.problems) > 0 {
		return nil, nil, &skein.Error{Kind: skein.KindInvalid, Problems: g.problems,
			What: fmt.Sprintf("the edits of %s are not right, and nothing was changed", origin), Mend: "mend those that are named"}
	}
	return checked, g.warnings, nil
}

// namesOf returns the owner names of edits, each once.
func namesOf(edits []Edit) []zone.Name {
	seen := make(map[zone.Name]bool, len(edits))
	var names []zone.Name
	for _, e := range edits {
		if name := e.Set.Name.Canonical(); !seen[name] {
			seen[name] = true
			names = append(names, e.Set.Name)
		}
	}
	return names
}

// applyEdits returns contents after edits in their order, and which sets they
// were about. It is pure.
func applyEdits(c zone.Contents, edits []Edit) (after zone.Contents, touched []setKey, err error) {
	about := map[setKey]bool{}
	for _, e := range edits {
		d, keys, err := deltaOfEdit(c, e)
		if err != nil {
			return zone.Contents{}, nil, err
		}
		for _, key := range keys {
			if !about[key] {
				about[key] = true
				touched = append(touched, key)
			}
		}
		if d.IsZero() {
			continue
		}
		if c, err = c.Apply(d); err != nil {
			return zone.Contents{}, nil, invalidEdit(c.Origin(), err)
		}
	}
	return c, touched, nil
}

// deltaOfEdit works out one edit, and which sets it is about.
func deltaOfEdit(c zone.Contents, e Edit) (zone.Delta, []setKey, error) {
	key := keyOf(e.Set.Name, e.Set.Type)
	have, there := c.Get(e.Set.Name, e.Set.Type)
	set := e.Set
	if e.KeepTTL {
		set.TTL = defaultTTL(c, have, there)
	}
	if there {
		set.Name = have.Name
	}
	switch {
	case e.Op == OpDelete:
		return deletion(c, e.Set, have)
	case !there:
		return zone.Delta{Add: []zone.RRset{set}}, []setKey{key}, nil
	case e.Op == OpAdd && set.TTL == have.TTL:
		set.Data = missing(have, set)
		if len(set.Data) == 0 {
			return zone.Delta{}, []setKey{key}, nil
		}
		return zone.Delta{Add: []zone.RRset{set}}, []setKey{key}, nil
	case e.Op == OpAdd: // an RRset has one TTL (RFC 2181 section 5.2): the newer one
		set.Data = slices.Concat(have.Data, missing(have, set))
	}
	if set.Equal(have) {
		return zone.Delta{}, []setKey{key}, nil
	}
	return zone.Delta{Del: []zone.RRset{have}, Add: []zone.RRset{set}}, []setKey{key}, nil
}

func defaultTTL(c zone.Contents, have zone.RRset, there bool) uint32 {
	if there {
		return have.TTL
	}
	soa, _ := c.SOA()
	return min(soa.Minimum, maxTTL)
}

// deletion works out what goes. That something of it is not there is an
// error: whoever deletes what is not there means something else.
func deletion(c zone.Contents, what, have zone.RRset) (zone.Delta, []setKey, error) {
	if what.Type == 0 {
		node, ok := c.Node(what.Name.Key())
		if !ok {
			return zone.Delta{}, nil, nothing("there are no records at %s", what.Name)
		}
		var keys []setKey
		for _, set := range node.Sets {
			keys = append(keys, setKey{node.Key, set.Type})
		}
		return zone.Delta{Del: node.Sets}, keys, nil
	}
	keys := []setKey{keyOf(what.Name, what.Type)}
	if len(have.Data) == 0 {
		return zone.Delta{}, nil, nothing("there are no %s records at %s", what.Type, what.Name)
	}
	if len(what.Data) == 0 {
		return zone.Delta{Del: []zone.RRset{have}}, keys, nil
	}
	if unknown := missing(have, what); len(unknown) > 0 {
		return zone.Delta{}, nil, nothing("there is no record %s %s %.200s", what.Name, what.Type, unknown[0].Text(what.Type))
	}
	what.Name, what.TTL = have.Name, have.TTL
	return zone.Delta{Del: []zone.RRset{what}}, keys, nil
}

// missing returns the records of set that have has not.
func missing(have, set zone.RRset) []zone.Rdata {
	known := make(map[zone.Rdata]bool, len(have.Data))
	for _, d := range have.Data {
		known[d.Canonical(have.Type)] = true
	}
	var data []zone.Rdata
	for _, d := range set.Data {
		if canonical := d.Canonical(set.Type); !known[canonical] {
			known[canonical] = true
			data = append(data, d)
		}
	}
	return data
}

func nothing(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf(format, args...), Mend: "look at the zone as it is now; nothing was changed"}
}
