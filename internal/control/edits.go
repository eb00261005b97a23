package control

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
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
