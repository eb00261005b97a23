package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func (c *Control) proposeCreation(ctx context.Context, k auth.Known, change skein.Change, in PutZone) (proposal, error) {
	z := skein.Zone{Name: in.Name, Origin: originOf(change.Actor), Policy: c.Policy}
	if z.Owner = k.OwnerOf(z.Origin); in.Shared {
		z.Origin, z.Owner = auth.Reverse, k.TenantOf(change.Actor)
	}
	z.Pool = poolOf(k, z.Owner)
	if err := k.Create(change.Actor, z); err != nil {
		return proposal{}, err
	}
	if in.MustExist || in.Expect != nil && *in.Expect != 0 {
		return proposal{}, noZone(in.Name)
	}
	if in.Shared && auth.Panel(change.Actor) {
		if err := c.mayBeginShared(ctx, k, change.Actor, in); err != nil {
			return proposal{}, err
		}
	}
	contents, warnings, err := gather(in.Name, in.Sets, in.Tolerant, zone.RRset{})
	if err != nil {
		return proposal{}, err
	}
	if !in.Shared && !in.released {
		kind, reason, err := c.creationWaits(ctx, k, change, z, contents)
		if err != nil {
			return proposal{}, err
		}
		if reason != nil {
			if in.Exact {
				change.Action = zoneTransfer
			}
			p := waits(kind, change, skein.Zone{}, contents, reason)
			if kind == skein.WaitingApproval {
				p.keep.Reason, err = c.unnamed(ctx, k, change.Actor, z, reason.What)
			}
			return p, err
		}
	}
	soa, _ := contents.SOA()
	p, err := c.proposeNew(ctx, change, z, contents, soa.Serial, in.Exact || signed(contents))
	if p.result.Warnings = warnings; len(p.write.Stamps) == 0 {
		p.write.Text = keptText(in.Text)
	}
	return p, err
}

// creationWaits says why a new zone waits for a person, and as what.
func (c *Control) creationWaits(ctx context.Context, k auth.Known, change skein.Change, z skein.Zone, contents zone.Contents) (kind string, reason *skein.Error, err error) {
	if !k.Whole(change.Actor) {
		if reason, err = c.needsApproval(ctx, k, change.Actor, z); reason != nil || err != nil {
			return skein.WaitingApproval, reason, err
		}
	}
	if hasKeys(contents) {
		return "", nil, nil
	}
	ds, err := c.hasDS(ctx, z.Name)
	if err != nil {
		return "", nil, err
	}
	return skein.WaitingHold, wouldBeUnsigned(z.Name, zone.Contents{}, contents, ds), nil
}

// hasDS reports whether the parent of a name has a DS for it, as far as can be
// seen: in a zone that is hosted here, else where Config.DS looks.
func (c *Control) hasDS(ctx context.Context, name zone.Name) (bool, error) {
	for above := name; above != zone.Root; {
		above = above.Parent()
		z, err := c.Store.Zone(ctx, above)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		sets, _, err := c.Store.Nodes(ctx, z.ID, []zone.Name{name})
		if errors.Is(err, store.ErrNotFound) {
			return false, errMoved
		}
		for _, set := range sets {
			if set.Type == zone.TypeDS {
				return true, nil
			}
		}
		return false, err
	}
	if c.DS == nil {
		return false, nil
	}
	ds, err := c.DS(ctx, name)
	if err != nil { // a zone does not wait for somebody else's server
		c.Log.Info("looking for a DS at the parent of a new zone", "zone", name, "err", err)
	}
	return ds && err == nil, nil
}

// proposeNew proposes a zone that is not there. Wanted is the serial that the
// author's SOA brings, 0 for none; exact contents keep it in their SOA, so that
// it is known what the primary sent.
func (c *Control) proposeNew(ctx context.Context, change skein.Change, z skein.Zone, contents zone.Contents, wanted uint32, exact bool) (proposal, error) {
	last, had, err := c.Store.SerialFloor(ctx, z.Name)
	if err != nil {
		return proposal{}, err
	}
	z.Serial = publish.Serial(publish.Past{Last: last, Had: had}, wanted, z.Policy, change.At)
	revive := skein.ZoneID("")
	if signed(contents) && z.Serial != wanted {
		// What is signed cannot be renumbered; it may come again as it was.
		if wanted == last {
			revive, err = c.servedLast(ctx, contents, last)
		}
		if err != nil {
			return proposal{}, err
		}
		if z.Serial = wanted; revive == "" {
			return proposal{}, serialBack(z, wanted, last)
		}
	}
	if !exact || wanted == z.Serial {
		contents = contents.WithSerial(z.Serial)
	}
	over, stamps, err := underPool(c.pool(z.Pool), contents)
	if err != nil {
		return proposal{}, err
	}
	_, z.Records = over.Len()
	var delta, authored zone.Delta
	for set := range over.All() {
		authored.Add = append(authored.Add, set)
	}
	for set := range over.WithSerial(z.Serial).All() {
		delta.Add = append(delta.Add, set)
	}
	return proposal{
		write:  store.Write{Zone: z, Delta: authored, Stamps: stamps, Serial: z.Serial, Revive: revive},
		result: Result{Zone: z, Created: true, Changed: true, Delta: delta},
	}, nil
}

// servedLast returns the deleted life of a zone that served just these
// contents when it ended; "" if there is none.
func (c *Control) servedLast(ctx context.Context, contents zone.Contents, serial uint32) (skein.ZoneID, error) {
	gone, err := c.Store.Deleted(ctx, store.DeletedQuery{Name: contents.Origin(), Limit: 1})
	if err != nil || len(gone) == 0 || gone[0].Zone.Serial != serial {
		return "", err
	}
	old, err := c.Store.ContentsAt(ctx, gone[0].Zone.ID, gone[0].Last)
	switch {
	case errors.Is(err, store.ErrNotFound): // purged just now
		return "", nil
	case err != nil || !publish.Contents(old, serial).Equal(contents):
		return "", err
	}
	return gone[0].Zone.ID, nil
}

// mayBeginShared says whether a source may make a shared zone: with SOA and NS
// alone, since the rest has owners and comes stamped, and not inside a reverse
// zone that is there, since it would hide a part of that.
func (c *Control) mayBeginShared(ctx context.Context, k auth.Known, actor skein.Actor, in PutZone) error {
	for _, set := range in.Sets {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS || !set.Name.Equal(in.Name) {
			return invalid(fmt.Sprintf("the shared zone %s begins with SOA and NS records alone", in.Name), "put the others by stamped edits")
		}
	}
	for name := in.Name.Parent(); auth.InReverseTree(skein.Zone{Name: name}); name = name.Parent() {
		z, err := c.Store.Zone(ctx, name)
		if err == nil && !k.Hears(actor, z) {
			return auth.Taken(in.Name)
		}
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
