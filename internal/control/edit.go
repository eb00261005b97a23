package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxEdits bounds the edits of one change.
const maxEdits = 100_000

// EditRecords changes single RRsets: of the base where the zone is the
// actor's, else over it where the actor may. What it reads, checks and writes follows
// the edits, not the size of the zone.
func (c *Control) EditRecords(ctx context.Context, actor skein.Actor, in EditRecords) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: actionOf(in.Edits), Zone: in.Zone, Diff: linesOfEdits(in.Edits)}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			return c.proposeEdits(ctx, k, change, in, z)
		},
	})
}

// actionOf names what edits do, for the audit log.
func actionOf(edits []Edit) string {
	action := ""
	for _, e := range edits {
		this := map[Op]string{OpSet: recordSet, OpAdd: recordAdd, OpDelete: recordDel}[e.Op]
		if action != "" && action != this || this == "" {
			return recordEdit
		}
		action = this
	}
	if action == "" {
		return recordEdit
	}
	return action
}

func (c *Control) proposeEdits(ctx context.Context, k auth.Known, change *skein.Change, in EditRecords, z skein.Zone) (proposal, error) {
	change.Action = actionOf(in.Edits)
	h, err := handOf(k, change.Actor, in.Stamp, z)
	if err != nil {
		return proposal{}, err
	}
	if err := expected(z, in.Expect); err != nil {
		return proposal{}, err
	}
	edits, warnings, err := checkEdits(z.Name, in.Edits, in.Tolerant)
	if err != nil {
		return proposal{}, err
	}
	names := namesOf(edits)
	l, absorbed, err := c.layersAround(ctx, z, h, names, edits)
	if err != nil {
		return proposal{}, err
	}
	if signed(l.over) {
		return proposal{}, isSigned(z)
	}
	before := l.over
	if h.base() {
		if before, err = l.base(); err != nil {
			return proposal{}, err
		}
	}
	delta, touched, err := applyEdits(before, edits)
	if err != nil {
		return proposal{}, err
	}
	if err := h.mayTouch(z, l, touched); err != nil {
		return proposal{}, err
	}
	after, err := before.Apply(delta)
	if err != nil {
		return proposal{}, invalidEdit(z.Name, err)
	}
	after, wanted, more := serialOf(before, after, z)
	o, err := h.put(l, before, after)
	if err != nil {
		return proposal{}, invalidEdit(z.Name, err)
	}
	found, err := zone.ValidateNames(o.over, names, profile(in.Tolerant))
	if err != nil {
		return proposal{}, invalidEdit(z.Name, err)
	}
	if z.Records+count(o.delta.Add)-count(o.delta.Del) > maxRecords {
		return proposal{}, invalid(fmt.Sprintf("zone %s would have more than %d records", z.Name, maxRecords), "put them into several zones")
	}
	o.stamps = append(absorbed, o.stamps...)
	p := c.proposeLayered(z, l, o, wanted, *change)
	if h.way == auth.Takeover {
		p.takes(k, change, z, h.source)
	}
	p.result.Warnings = append(append(warnings, more...), skein.ProblemsOf(found)...)
	p.result.Warnings = append(append(p.result.Warnings, h.warnings(z, o, touched)...), c.hiddenByPool(z, o.delta)...)
	return p, nil
}

// serialOf settles the serial of an edited SOA. One that is ahead of what is
// served is wanted; any other is no change, with a warning where it was meant
// as one.
func serialOf(before, after zone.Contents, z skein.Zone) (settled zone.Contents, wanted uint32, warnings []skein.Problem) {
	old, _ := before.SOA()
	soa, ok := after.SOA()
	if !ok || soa.Serial == old.Serial {
		return after, 0, nil
	}
	if zone.SerialLess(z.Serial, soa.Serial) {
		return after, soa.Serial, nil
	}
	if soa.Serial != z.Serial {
		warnings = []skein.Problem{{Name: string(z.Name), Warning: true,
			Text: fmt.Sprintf("serial %d is not ahead of %d, which is served, and was not taken", soa.Serial, z.Serial)}}
	}
	return sameSerial(before, after), 0, warnings
}

// around returns the part of a zone that edits of these names can change or
// be judged by: the names, what stands above them, and what their data points
// to. Only a DNAME hides a whole subtree, and so needs the whole zone.
func (c *Control) around(ctx context.Context, z skein.Zone, names []zone.Name, edits []Edit) (zone.Contents, error) {
	near := map[zone.Name]bool{z.Name.Canonical(): true}
	for _, name := range names {
		for n := name.Canonical(); len(n) > len(z.Name) && !near[n]; n = n.Parent() {
			near[n] = true
		}
	}
	for _, e := range edits {
		if e.Set.Type == zone.TypeDNAME && e.Op != OpDelete {
			return c.contentsOf(ctx, z)
		}
		for _, d := range e.Set.Data {
			if target, ok := d.Target(e.Set.Type); ok && target.IsSubdomainOf(z.Name) {
				near[target.Canonical()] = true
			}
		}
	}
	list := make([]zone.Name, 0, len(near))
	for name := range near {
		list = append(list, name)
	}
	sets, at, err := c.Store.Nodes(ctx, z.ID, list)
	if errors.Is(err, store.ErrNotFound) || err == nil && at != z.Revision {
		return zone.Contents{}, errMoved
	}
	if err != nil {
		return zone.Contents{}, err
	}
	return zone.NewContents(z.Name, sets)
}

func invalidEdit(name zone.Name, err error) error {
	e := skein.InvalidZone(name, err)
	e.What, e.Mend = fmt.Sprintf("the edits of %s are not right, and nothing was changed", name), "mend those that are named"
	return e
}
