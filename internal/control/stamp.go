package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// setKey identifies an RRset within a zone.
type setKey struct {
	name string // Name.Key
	t    zone.Type
}

func keyOf(name zone.Name, t zone.Type) setKey { return setKey{name.Key(), t} }

// stamps returns the source of each RRset at these names that has one of its
// own. Only reverse zones hold such, so that others are not asked.
func (c *Control) stamps(ctx context.Context, z skein.Zone, names []zone.Name) (map[setKey]string, error) {
	if !auth.InReverseTree(z) || len(names) == 0 {
		return nil, nil
	}
	owners, err := c.Store.Owners(ctx, z.ID, names, 0)
	if err != nil {
		return nil, err
	}
	of := make(map[setKey]string, len(owners))
	for _, o := range owners {
		of[keyOf(o.Name, o.Type)] = o.Source
	}
	return of, nil
}

// keepStamped takes out of the delta of a whole-zone put what other sources
// have stamped: the author of the whole may well not know of it.
func (c *Control) keepStamped(ctx context.Context, actor skein.Actor, z skein.Zone, before zone.Contents, d zone.Delta, rules zone.Profile) (zone.Delta, []skein.Problem, error) {
	var names []zone.Name
	for _, set := range slices.Concat(d.Del, d.Add) {
		names = append(names, set.Name)
	}
	of, err := c.stamps(ctx, z, names)
	if err != nil || len(of) == 0 {
		return d, nil, err
	}
	kept := map[setKey]bool{}
	var warnings []skein.Problem
	rest := func(sets []zone.RRset) []zone.RRset {
		return slices.DeleteFunc(slices.Clone(sets), func(set zone.RRset) bool {
			key := keyOf(set.Name, set.Type)
			source, stamped := of[key]
			theirs := stamped && source != actor.Source
			if theirs && !kept[key] && len(warnings) < maxProblems {
				warnings = append(warnings, skein.Problem{Name: string(set.Name), Warning: true,
					Text: fmt.Sprintf("%s %s belongs to the source %q and stays as it is", set.Name, set.Type, source)})
			}
			kept[key] = kept[key] || theirs
			return theirs
		})
	}
	d = zone.Delta{Del: rest(d.Del), Add: rest(d.Add)}
	// What is kept must fit what comes: a CNAME beside it does not.
	after, err := before.Apply(d)
	if err == nil {
		_, err = zone.ValidateNames(after, names, rules)
	}
	if err != nil {
		return zone.Delta{}, nil, skein.InvalidZone(z.Name, err)
	}
	return d, warnings, nil
}

// restamp returns what a delta, which led to after, makes of a zone's stamps:
// the sets that it left get source, if there is one; those that went lose theirs.
func restamp(z skein.Zone, d zone.Delta, after zone.Contents, source string) (stamps []store.Stamp) {
	if !auth.InReverseTree(z) {
		return nil
	}
	seen := map[setKey]bool{}
	for _, set := range slices.Concat(d.Del, d.Add) {
		key := keyOf(set.Name, set.Type)
		_, there := after.Get(set.Name, set.Type)
		if !seen[key] && (source != "" || !there) {
			stamp := store.Stamp{Name: set.Name, Type: set.Type}
			if there {
				stamp.Source = source
			}
			stamps = append(stamps, stamp)
		}
		seen[key] = true
	}
	return stamps
}

// mayTouch says whether an edit may touch sets: with a stamp those that are
// nobody's or the stamp's, without one those that nobody else has stamped.
func (c *Control) mayTouch(ctx context.Context, actor skein.Actor, stamp string, z skein.Zone, before zone.Contents, touched []setKey, names []zone.Name) error {
	if actor.Admin && stamp == "" {
		return nil
	}
	of, err := c.stamps(ctx, z, names)
	if err != nil {
		return err
	}
	acting := stamp
	if acting == "" {
		acting = actor.Source
	}
	for _, key := range touched {
		owner, stamped := of[key]
		if node, there := before.Node(key.name); there && !stamped {
			if _, there = node.Get(key.t); there {
				owner = z.Origin
			}
		}
		if owner != "" && owner != acting {
			node, _ := before.Node(key.name)
			return &skein.Error{Kind: skein.KindConflict,
				What: fmt.Sprintf("%s %s belongs to the source %q, so %q may not change it", node.Name, key.t, owner, acting),
				Mend: fmt.Sprintf("make the change where it comes from (%s), delete it there first, or let an administrator do it", owner)}
		}
	}
	return nil
}

// mayStamp says whether an actor may stamp these sets: in a zone of another,
// a source puts the names of its addresses, and nothing that leads elsewhere.
func mayStamp(actor skein.Actor, stamp string, z skein.Zone, touched []setKey) error {
	if err := auth.Stamp(actor, stamp, z); err != nil {
		return err
	}
	if actor.Admin || z.Origin == actor.Source {
		return nil
	}
	for _, key := range touched {
		if key.t != zone.TypePTR || key.name == z.Name.Key() {
			return &skein.Error{Kind: skein.KindForbidden,
				What: fmt.Sprintf("a source may put nothing but PTR records, below the apex, into the shared zone %s", z.Name),
				Mend: "let an administrator do it"}
		}
	}
	return nil
}

// mayBeginShared says whether a source may make a shared zone: with SOA and NS
// alone, since the rest has owners and comes stamped, and not inside a reverse
// zone that is there, since it would hide a part of that.
func (c *Control) mayBeginShared(ctx context.Context, in PutZone) error {
	for _, set := range in.Sets {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS || !set.Name.Equal(in.Name) {
			return invalid(fmt.Sprintf("the shared zone %s begins with SOA and NS records alone", in.Name), "put the others by stamped edits")
		}
	}
	for name := in.Name.Parent(); auth.InReverseTree(skein.Zone{Name: name}); name = name.Parent() {
		z, err := c.Store.Zone(ctx, name)
		if err == nil {
			return &skein.Error{Kind: skein.KindConflict,
				What: fmt.Sprintf("zone %s covers %s already and belongs to the source %q", z.Name, in.Name, z.Origin),
				Mend: "put the records there, or let an administrator divide it"}
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// holdsNobodysElse refuses to delete a zone in which other sources have RRsets.
func (c *Control) holdsNobodysElse(ctx context.Context, actor skein.Actor, z skein.Zone) error {
	if !auth.InReverseTree(z) {
		return nil
	}
	contents, err := c.contentsOf(ctx, z)
	if err != nil {
		return err
	}
	var names []zone.Name
	for node := range contents.NodesFrom("") {
		names = append(names, node.Name)
	}
	of, err := c.stamps(ctx, z, names)
	if err != nil {
		return err
	}
	sets, sources := 0, []string{}
	for _, source := range of {
		if source != actor.Source {
			sets++
			sources = append(sources, source)
		}
	}
	if sets == 0 {
		return nil
	}
	slices.Sort(sources)
	sources = slices.Compact(sources)
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s holds %d RRsets that belong to other sources (%s)", z.Name, sets, strings.Join(sources[:min(len(sources), 5)], ", ")),
		Mend: fmt.Sprintf("if it is to go all the same, say that you have looked: skein zone delete %s --expect %d", z.Name, z.Revision)}
}
