package control

import (
	"context"
	"maps"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// apexTypes are the sets that say who serves a zone: the origin's, and over
// them what the pool's rule makes of them.
var apexTypes = [...]zone.Type{zone.TypeNS, zone.TypeSOA}

// lift is what a pool's rule has put over the apex of a zone. It is taken off
// while a change is worked out, which so meets what the origin put in, and put
// on anew afterwards.
type lift struct {
	apex   []zone.RRset // as authored
	stamps map[zone.Type]store.Stamp
}

// lifted takes the pool's sets off the layers.
func (l layers) lifted() layers {
	apex := l.over.Origin()
	if l.over.IsZero() { // only the stamps are looked at
		return l
	}
	var d zone.Delta
	l.lift = lift{apex: apexOf(l.over), stamps: map[zone.Type]store.Stamp{}}
	for _, t := range apexTypes {
		key := keyOf(apex, t)
		s, stamped := l.stamps[key]
		if !stamped || s.Source != auth.Pool {
			continue
		}
		if set, there := l.at(key); there {
			d.Del = append(d.Del, set)
		}
		if s.Hidden != nil {
			d.Add = append(d.Add, *s.Hidden)
		}
		l.lift.stamps[t] = s
		delete(l.stamps, key)
	}
	if over, err := l.over.Apply(d); err == nil { // it takes off what is there
		l.over = over
	}
	return l
}

// pooled puts the sets of a pool over what has become of a zone.
func (l layers) pooled(o layered, p skein.Pool) layered {
	sets, stamps := nameserverSet(p, o.over)
	o.delta = without(o.delta, l.originsAlone)
	d := diffOf(l.lift.apex, sets)
	o.delta.Del, o.delta.Add = append(o.delta.Del, d.Del...), append(o.delta.Add, d.Add...)
	for _, t := range apexTypes {
		was, had := l.lift.stamps[t]
		s, has := stamps[t]
		switch {
		case has && !(had && sameStamp(was, s)):
			o.stamps = append(o.stamps, s)
		case had && !has:
			o.stamps = append(o.stamps, store.Stamp{Name: was.Name, Type: t})
		}
	}
	return o
}

// nameserverSet returns what a pool's rule makes of the SOA and NS sets at the
// apex of a zone, and the stamps of those that are then not the origin's. It
// is pure. What is signed by its source stays as it is, and so does a catalog,
// which nobody serves to resolvers (RFC 9432 section 4.1).
func nameserverSet(p skein.Pool, base zone.Contents) (sets []zone.RRset, stamps map[zone.Type]store.Stamp) {
	own := apexOf(base)
	soa, ok := base.SOA()
	ns, hasNS := base.Get(base.Origin(), zone.TypeNS)
	if p.Rule != skein.PoolAdd && p.Rule != skein.PoolReplace || !ok || signed(base) || isCatalog(ns) {
		return own, nil
	}
	stamps = map[zone.Type]store.Stamp{}
	over := func(had bool, own, set zone.RRset) {
		if had && set.Equal(own) {
			sets = append(sets, own)
			return
		}
		s := store.Stamp{Name: set.Name, Type: set.Type, Source: auth.Pool}
		if had {
			s.Hidden = &own
		}
		sets, stamps[set.Type] = append(sets, set), s
	}
	soaSet, _ := base.Get(base.Origin(), zone.TypeSOA)
	if !hasNS {
		ns = zone.RRset{Name: soaSet.Name, Type: zone.TypeNS, TTL: soaSet.TTL}
	}
	over(hasNS, ns, poolNS(p, ns))
	if p.MName != "" {
		soa.MName = p.MName
	}
	if p.RName != "" {
		soa.RName = p.RName
	}
	named := soaSet
	named.Data = []zone.Rdata{soa.Rdata()}
	over(true, soaSet, named)
	return sets, stamps
}

// poolNS is the NS set of a zone by a pool's rule.
func poolNS(p skein.Pool, own zone.RRset) zone.RRset {
	set := own
	set.Data = nil
	seen := map[zone.Rdata]bool{}
	add := func(data ...zone.Rdata) {
		for _, d := range data {
			if c := d.Canonical(zone.TypeNS); !seen[c] {
				seen[c] = true
				set.Data = append(set.Data, d)
			}
		}
	}
	if p.Rule == skein.PoolAdd {
		add(own.Data...)
	}
	for _, ns := range p.Nameservers {
		add(zone.Rdata(ns.Name.AppendWire(nil)))
	}
	return set
}

// isCatalog reports whether an NS set is that of a catalog zone.
func isCatalog(ns zone.RRset) bool {
	return len(ns.Data) == 1 && ns.Data[0].Canonical(zone.TypeNS) == zone.Rdata(zone.Name("invalid.").AppendWire(nil))
}

// apexOf returns the SOA and NS sets of contents.
func apexOf(c zone.Contents) (sets []zone.RRset) {
	for _, t := range apexTypes {
		if set, there := c.Get(c.Origin(), t); there {
			sets = append(sets, set)
		}
	}
	return sets
}

// diffOf is the difference between two lists of sets of one name.
func diffOf(was, is []zone.RRset) (d zone.Delta) {
	left := func(sets, others []zone.RRset) (rest []zone.RRset) {
		for _, set := range sets {
			i := slices.IndexFunc(others, func(o zone.RRset) bool { return o.Type == set.Type && o.TTL == set.TTL })
			if i >= 0 {
				set.Data = slices.DeleteFunc(slices.Clone(set.Data), func(x zone.Rdata) bool {
					return slices.ContainsFunc(others[i].Data, func(y zone.Rdata) bool { return x.Canonical(set.Type) == y.Canonical(set.Type) })
				})
			}
			if len(set.Data) > 0 {
				rest = append(rest, set)
			}
		}
		return rest
	}
	return zone.Delta{Del: left(was, is), Add: left(is, was)}
}

// underPool returns new contents as they are with a pool's sets over them, and
// the stamps of these.
func underPool(p skein.Pool, base zone.Contents) (over zone.Contents, stamps []store.Stamp, err error) {
	sets, stamped := nameserverSet(p, base)
	for _, t := range apexTypes {
		if s, there := stamped[t]; there {
			stamps = append(stamps, s)
		}
	}
	over, err = base.Apply(diffOf(apexOf(base), sets))
	return over, stamps, err
}

func sameStamp(a, b store.Stamp) bool {
	return a.Source == b.Source && (a.Hidden == nil) == (b.Hidden == nil) && (a.Hidden == nil || a.Hidden.Equal(*b.Hidden))
}

// unlifted puts the pool's sets back, to be looked at.
func (l layers) unlifted() layers {
	if len(l.lift.stamps) == 0 {
		return l
	}
	if over, err := l.over.Apply(diffOf(apexOf(l.over), l.lift.apex)); err == nil { // it takes off what is there
		l.over = over
	}
	l.stamps = maps.Clone(l.stamps)
	for t, s := range l.lift.stamps {
		l.stamps[keyOf(s.Name, t)] = s
	}
	return l
}

// hiddenByPool warns of what was changed at the apex and is not shown, since
// the pool has its own there.
func (c *Control) hiddenByPool(z skein.Zone, d zone.Delta) (warnings []skein.Problem) {
	if c.pool(z.Pool).Rule != skein.PoolReplace {
		return nil
	}
	for _, set := range d.Add {
		if set.Name.Equal(z.Name) && set.Type == zone.TypeNS {
			warnings = append(warnings, skein.Problem{Name: string(z.Name), Warning: true,
				Text: "the nameservers of the zone are kept, but those of its pool are shown (skein pool show)"})
		}
	}
	return warnings
}

// withOwnApex gives contents that once were served the SOA and NS of the base
// now, since what was served then may have been the pool's. What is older than
// that is the origin's own.
func (c *Control) withOwnApex(l layers, then zone.Contents, at skein.Revision) (zone.Contents, error) {
	if since := c.pooledSince(); since == 0 || at < since {
		return then, nil
	}
	return then.Apply(diffOf(apexOf(then), apexOf(l.over)))
}

// liftedFrom takes what was the pool's off the contents of a deleted zone, and
// returns the stamps that went.
func (c *Control) liftedFrom(ctx context.Context, id skein.ZoneID, old zone.Contents) (zone.Contents, []store.Stamp, error) {
	stamps, err := c.Store.Owners(ctx, id, []zone.Name{old.Origin()}, 0)
	l := newLayers(old, stamps)
	return l.over, slices.Collect(maps.Values(l.lift.stamps)), err
}

// instead returns stamps that are to be set where others are: those that none
// comes for are taken away.
func instead(stamps, others []store.Stamp) []store.Stamp {
	for _, s := range others {
		if !slices.ContainsFunc(stamps, func(o store.Stamp) bool { return o.Type == s.Type && o.Name.Equal(s.Name) }) {
			stamps = append(stamps, store.Stamp{Name: s.Name, Type: s.Type})
		}
	}
	return stamps
}
