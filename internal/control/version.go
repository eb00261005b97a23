package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// version is whole contents on their way into a zone that exists.
type version struct {
	next     zone.Contents
	exact    bool         // the serial is the primary's
	ahead    bool         // a serial that is ahead of ours is kept, whatever else is the same
	text     []byte       // that it was read from
	way      auth.Way     // by which it comes in
	people   string       // with auth.Over and auth.People: the source of those who bring it
	to       string       // with auth.Takeover: whose the zone is then
	rules    zone.Profile // that it was gathered by
	released bool         // a person has looked at it
}

// proposeVersion proposes that a version becomes the zone: its base or, of an
// administrator in another's zone, overlays over that.
func (c *Control) proposeVersion(ctx context.Context, k auth.Known, change *skein.Change, z skein.Zone, l layers, v version) (proposal, error) {
	if v.way == auth.Over && (signed(l.over) || signed(v.next)) {
		return proposal{}, isSigned(z)
	}
	var absorbed []store.Stamp
	if v.way == auth.Takeover {
		absorbed = l.absorb(v.to)
	}
	base, err := l.base()
	if err != nil {
		return proposal{}, err
	}
	sent, _ := v.next.SOA()
	last, _ := base.SOA()
	exact := v.exact || signed(v.next)
	if !exact && !(v.ahead && zone.SerialLess(z.Serial, sent.Serial)) {
		v.next = sameSerial(base, v.next)
	}
	o, err := l.put(base, v)
	if err != nil {
		return proposal{}, err
	}
	o.stamps = append(absorbed, o.stamps...)
	p := c.proposeLayered(z, l, o, sent.Serial, *change)
	p.result.Warnings = append(v.warnings(z, o), c.hiddenByPool(z, o.delta)...)
	if err := c.proposeText(ctx, &p, z, l, v); err != nil {
		return proposal{}, err
	}
	if !p.result.Changed && v.way != auth.Takeover {
		return p, nil
	}
	hold, err := heldBack(*change, z, l, o, v)
	if err != nil {
		return proposal{}, err
	}
	if hold == nil && exact && !o.delta.IsZero() && serialHeld(z, last.Serial, sent.Serial, signed(v.next)) {
		hold = serialBack(z, sent.Serial, last.Serial)
		if v.released && signed(v.next) { // what is signed cannot be renumbered
			return proposal{}, serialBack(z, sent.Serial, z.Serial)
		}
		if v.released {
			hold = nil
		}
	}
	if hold != nil {
		return waits(skein.WaitingHold, *change, z, v.next, hold), nil
	}
	if v.way == auth.Takeover {
		p.takes(k, change, z, v.to)
	}
	return p, nil
}

// put makes of the layers what a version says.
func (l layers) put(base zone.Contents, v version) (layered, error) {
	switch {
	case v.way != auth.Over && signed(v.next): // served as it is, and nothing lies over it
		return l.only(v.next)
	case v.way == auth.Over, v.way == auth.People:
		how := putting{keep: func(s store.Stamp) bool { return s.Source != v.people }}
		if v.way == auth.Over {
			how.source = v.people
		}
		return l.putOver(zone.Diff(l.over, v.next), how)
	}
	return l.putBase(base, v.next)
}

// takes completes a proposal by which a zone changes hands.
func (p *proposal) takes(k auth.Known, change *skein.Change, z skein.Zone, to string) {
	if !p.result.Changed {
		p.write = store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial}
		p.result.Zone = z
	}
	change.Action = zoneTakeover
	p.write.Origin, p.result.Changed = to, true
	p.result.Zone.Origin, p.result.Zone.OriginBefore, p.result.Zone.OriginSince = to, z.Origin, change.At
	p.result.Zone.Changed = change.At
	if owner := ownerUnder(k, z, to); owner != z.Owner {
		p.owned(k, z, owner)
	}
}

// heldBack says why a version waits for a person, in the order of how much
// would break; nil if it does not.
func heldBack(change skein.Change, z skein.Zone, l layers, o layered, v version) (*skein.Error, error) {
	if !v.released {
		if hold := wouldBeUnsigned(z.Name, l.over, o.over, false); hold != nil {
			return hold, nil
		}
		if v.way == auth.Own && auth.Panel(change.Actor) && isNew(z, change.At) && pointsElsewhere(l.over, o.over) {
			return staging(z), nil
		}
	}
	if len(l.stamps) == 0 || o.delta.IsZero() {
		return nil, nil
	}
	// What is kept must fit what comes: a CNAME beside it does not.
	_, err := zone.ValidateNames(o.over, o.names(), v.rules)
	switch {
	case err == nil:
		return nil, nil
	case v.released, v.way == auth.Over, v.way == auth.People:
		return nil, skein.InvalidZone(z.Name, err)
	}
	return doesNotFit(z, err), nil
}

// names returns the owner names that something is about, each once.
func (o layered) names() (names []zone.Name) {
	seen := map[string]bool{}
	add := func(name zone.Name) {
		if key := name.Key(); !seen[key] {
			seen[key] = true
			names = append(names, name)
		}
	}
	for _, sets := range [...][]zone.RRset{o.delta.Del, o.delta.Add} {
		for _, set := range sets {
			add(set.Name)
		}
	}
	for _, s := range o.kept {
		add(s.Name)
	}
	return names
}

// warnings says of which overlays what was sent is not what is served, and
// what of it the origin's next push will replace.
func (v version) warnings(z skein.Zone, o layered) (warnings []skein.Problem) {
	warn := func(name zone.Name, format string, args ...any) {
		if len(warnings) < maxProblems {
			warnings = append(warnings, skein.Problem{Name: string(name), Warning: true, Text: fmt.Sprintf(format, args...)})
		}
	}
	for _, s := range o.kept {
		warn(s.Name, "%s %s belongs to the source %q and stays as it is", s.Name, s.Type, s.Source)
	}
	for _, s := range o.ended {
		warn(s.Name, "%s %s was an overlay of the source %q, which ends", s.Name, s.Type, s.Source)
	}
	if v.way == auth.Over {
		warnings = append(warnings, originsWarnings(z, o.delta)...)
	}
	return warnings
}

// originsWarnings says what of a change over the origin's base can be no overlay.
func originsWarnings(z skein.Zone, d zone.Delta) (warnings []skein.Problem) {
	for _, set := range d.Add {
		if set.Name.Equal(z.Name) && (set.Type == zone.TypeSOA || set.Type == zone.TypeNS) {
			warnings = append(warnings, skein.Problem{Name: string(z.Name), Warning: true,
				Text: fmt.Sprintf("%s of the zone itself is its origin's alone: the next push of %q replaces it", set.Type, z.Origin)})
		}
	}
	return warnings
}
