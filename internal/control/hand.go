package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// hand is how an edit reaches into a zone.
type hand struct {
	way    auth.Way
	source string // whose overlays come of it or, with auth.Takeover, whose the zone is then
	all    bool   // it may touch every RRset, also those of others
	beside bool   // it puts sets beside those of others, and over none
	narrow bool   // nothing but PTR sets below the apex
}

// base reports whether the edits are of what the origin put in.
func (h hand) base() bool { return h.way == auth.Own || h.way == auth.Takeover }

// handOf returns how an actor's edit, which is perhaps to be stamped, reaches
// into a zone, or why it does not.
func handOf(k auth.Known, actor skein.Actor, stamp string, z skein.Zone) (hand, error) {
	way := k.WayOf(actor, z)
	mine := stamp == "" || stamp == actor.Source
	switch {
	case way == auth.Takeover && mine:
		return hand{way: way, source: actor.Source}, nil
	case way == auth.Beside && mine:
		return hand{way: auth.Over, source: actor.Source}, nil
	case stamp != "":
		if err := k.Stamp(actor, stamp, z); err != nil {
			return hand{}, err
		}
		if stamp == z.Origin {
			return hand{way: auth.Own, all: true}, nil
		}
		return hand{way: auth.Over, source: stamp, beside: true, narrow: auth.Panel(actor)}, nil
	case way == auth.Nohow:
		return hand{}, notBeside(k, actor, z)
	case way == auth.Over:
		return hand{way: way, source: auth.PeopleOf(k.TenantOf(actor)), all: true}, nil
	}
	return hand{way: way, all: true}, nil
}

// notBeside says why an actor may not put records beside another's, and which
// rule would let it.
func notBeside(k auth.Known, actor skein.Actor, z skein.Zone) error {
	err := k.Change(actor, z)
	if e, ok := err.(*skein.Error); ok && e.Kind == skein.KindConflict && z.Origin != auth.Reverse && k.Hears(actor, z) {
		e.Mend = fmt.Sprintf("make the change where the zone comes from (%s), or let an administrator allow records beside it: skein source rule add overlay --from %s --to %s", z.Origin, z.Origin, actor.Source)
	}
	return err
}

// layersAround returns the layers of a zone as far as an edit needs them; of a
// zone that it takes over all stamps, without those that become a part of the base.
func (c *Control) layersAround(ctx context.Context, z skein.Zone, h hand, names []zone.Name, edits []Edit) (l layers, absorbed []store.Stamp, err error) {
	asked := append(slices.Clip(names), z.Name) // the pool's are there
	if h.way == auth.Takeover {
		asked = nil
	}
	stamps, err := c.Store.Owners(ctx, z.ID, asked, 0)
	if err != nil {
		return l, nil, err
	}
	over, err := c.around(ctx, z, names, edits)
	if err != nil {
		return l, nil, err
	}
	l = newLayers(over, stamps)
	if h.way == auth.Takeover {
		absorbed = l.absorb(h.source)
		for key := range l.stamps { // of what was not read nothing is said
			if !slices.ContainsFunc(names, func(n zone.Name) bool { return n.Key() == key.name }) {
				delete(l.stamps, key)
			}
		}
	}
	return l, absorbed, nil
}

// mayTouch says whether an edit may touch these sets.
func (h hand) mayTouch(z skein.Zone, l layers, touched []setKey) error {
	if h.all || h.base() {
		return nil
	}
	for _, key := range touched {
		if h.narrow && (key.t != zone.TypePTR || key.name == z.Name.Key()) {
			return &skein.Error{Kind: skein.KindForbidden,
				What: fmt.Sprintf("a source may put nothing but PTR records, below the apex, into the shared zone %s", z.Name),
				Mend: "let an administrator do it"}
		}
		owner, name := "", zone.Name("")
		if s, stamped := l.stamps[key]; stamped {
			owner, name = s.Source, s.Name
		} else if set, there := l.at(key); there && (h.beside || l.originsAlone(key)) {
			owner, name = z.Origin, set.Name
		}
		if owner != "" && owner != h.source {
			return &skein.Error{Kind: skein.KindConflict,
				What: fmt.Sprintf("%s %s belongs to the source %q, so %q may not change it", name, key.t, owner, h.source),
				Mend: fmt.Sprintf("make the change where it comes from (%s), delete it there first, or let an administrator do it", owner)}
		}
	}
	return nil
}

// put makes of the layers what an edit has made of the part that it is about.
func (h hand) put(l layers, before, after zone.Contents) (layered, error) {
	if h.base() {
		return l.putBase(before, after)
	}
	return l.putOver(zone.Diff(before, after), putting{source: h.source, ends: !h.all})
}

// warnings says which overlays lie over what was edited, and what will not last.
func (h hand) warnings(z skein.Zone, o layered, touched []setKey) (warnings []skein.Problem) {
	o.kept = slices.DeleteFunc(o.kept, func(s store.Stamp) bool { return !slices.Contains(touched, keyOf(s.Name, s.Type)) })
	return version{way: h.way}.warnings(z, o)
}
