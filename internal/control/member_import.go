package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	memberImport = "member.import"

	// importPage is how many zones of a member are looked at together.
	importPage = 50
)

// ImportMember says which zones of a member come in, and whose they become.
type ImportMember struct {
	Name     string      // of the member
	Zones    []zone.Name // none: all that the member lists
	Owner    string      // tenant; "": the actor's
	TakeOver bool        // those that are here and there alike become Skein's there
	DryRun   bool
}

// ImportMember takes zones in that a member has and that are not here, and calls
// each for every zone with what became of it, as it comes. What is here already
// stays as it is. Interrupted it is asked for again: what is done is found to be.
func (c *Control) ImportMember(ctx context.Context, actor skein.Actor, in ImportMember, each func(skein.ImportStep) error) error {
	i, err := c.importing(ctx, actor, in, each)
	if err != nil {
		c.refuse(ctx, c.aside(actor, memberImport, memberName(in.Name)), err)
		return err
	}
	names := in.Zones
	if len(names) == 0 {
		if names, err = i.listed(ctx); err != nil {
			return err
		}
	}
	for page := range slices.Chunk(names, importPage) {
		if err := i.page(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// imports is one import.
type imports struct {
	*Control
	in      ImportMember
	actor   skein.Actor
	k       auth.Known
	m       skein.Member
	secrets skein.MemberSecrets
	tell    func(skein.ImportStep) error
}

func (c *Control) importing(ctx context.Context, actor skein.Actor, in ImportMember, tell func(skein.ImportStep) error) (*imports, error) {
	k, row, err := c.mine(ctx, actor, in.Name)
	if err != nil {
		return nil, err
	}
	if in.Owner != "" && (k.Kind(in.Owner) == "" || !k.Reaches(actor, in.Owner)) {
		return nil, auth.NoTenant(in.Owner)
	}
	if in.TakeOver && !in.DryRun && (row.Member.State != skein.MemberEnabled || !written(row.Member)) {
		return nil, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is %s: nothing is written to it", row.Member.Name, row.Member.State),
			Mend: "enable it first, or take zones in without --take-over"}
	}
	secrets, err := c.open(row)
	return &imports{c, in, actor, k, row.Member, secrets, tell}, err
}

// listed tells of the zones that are Skein's there already, and returns the others.
func (i *imports) listed(ctx context.Context) (names []zone.Name, err error) {
	err = i.Cluster.ZonesOf(ctx, i.m, i.secrets, func(z skein.ListedZone) error {
		if z.Ours {
			return i.tell(skein.ImportStep{Zone: z.Zone, Action: skein.ImportOurs, Theirs: z.Serial})
		}
		names = append(names, z.Zone)
		return nil
	})
	return names, err
}

// page takes some zones in, and tells what became of them once those that are to
// be taken over were.
func (i *imports) page(ctx context.Context, names []zone.Name) error {
	steps := make([]skein.ImportStep, len(names))
	err := i.Cluster.Examine(ctx, i.m, i.secrets, names, func(n int, has skein.ListedZone, c zone.Contents, err error) {
		steps[n] = i.one(ctx, has, c, err)
	})
	if err != nil {
		return err
	}
	if i.in.TakeOver && !i.in.DryRun {
		if err := i.take(ctx, steps); err != nil {
			return err
		}
	}
	for _, step := range steps {
		if err := i.tell(step); err != nil {
			return err
		}
	}
	return nil
}

// one decides about one zone, and takes it in.
func (i *imports) one(ctx context.Context, has skein.ListedZone, theirs zone.Contents, err error) skein.ImportStep {
	step := skein.ImportStep{Zone: has.Zone, Theirs: has.Serial, Owner: i.in.Owner}
	became := func(action, why string) skein.ImportStep {
		step.Action, step.Reason = action, why
		return step
	}
	if has.Ours {
		return became(skein.ImportOurs, "")
	}
	if err != nil {
		return became(skein.ImportFail, reason(err))
	}
	z, err := i.Store.Zone(ctx, has.Zone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return i.create(ctx, step, theirs)
	case err != nil:
		return became(skein.ImportFail, reason(err))
	case strange(i.k, i.actor, z):
		return became(skein.ImportDiffers, "the name is taken here")
	}
	step.Ours, step.Owner = z.Serial, z.Owner
	ours, err := i.contentsOf(ctx, z)
	switch {
	case err != nil:
		return became(skein.ImportFail, reason(err))
	case !alike(publish.Contents(ours, z.Serial), theirs):
		return became(skein.ImportDiffers, "it is here already, with other records; skein zone diff tells which, and skein zone import --replace puts another version in")
	}
	i.toTake(&step, z)
	return became(skein.ImportSame, "")
}

// alike: what differs in the serial alone is the same zone.
func alike(ours, theirs zone.Contents) bool {
	soa, is := ours.SOA()
	return is && ours.Equal(theirs.WithSerial(soa.Serial))
}

// create makes a zone of what the member has.
func (i *imports) create(ctx context.Context, step skein.ImportStep, theirs zone.Contents) skein.ImportStep {
	put := PutZone{Name: step.Zone, Sets: slices.Collect(theirs.All()), Tolerant: true, CreateOnly: true, DryRun: i.in.DryRun}
	r, err := i.PutZone(ctx, i.actor, put)
	if err == nil && i.in.Owner != "" && !i.in.DryRun {
		r, err = i.SetOwner(ctx, i.actor, SetOwner{Name: step.Zone, Tenant: i.in.Owner})
	}
	var e *skein.Error
	switch {
	case errors.As(err, &e) && e.Waiting != 0:
		step.Action, step.Reason = skein.ImportWaits, e.What
		return step
	case err != nil:
		step.Action, step.Reason = skein.ImportFail, reason(err)
		return step
	}
	step.Action, step.Ours = skein.ImportCreate, r.Zone.Serial
	if step.Owner == "" {
		step.Owner = r.Zone.Owner
	}
	if i.in.DryRun && i.in.Owner != "" {
		r.Zone.Pool = poolOf(i.k, i.in.Owner)
	}
	i.toTake(&step, r.Zone)
	return step
}

// toTake notes that the member's copy is to become ours, if it is to be written there.
func (i *imports) toTake(step *skein.ImportStep, z skein.Zone) {
	step.TakeOver = i.in.TakeOver && writes(roleIn(i.m, z.Pool))
}

// take has the member hand over what was noted.
func (i *imports) take(ctx context.Context, steps []skein.ImportStep) error {
	var names []zone.Name
	var at []int
	for n, step := range steps {
		if step.TakeOver {
			names, at = append(names, step.Zone), append(at, n)
		}
	}
	if len(names) == 0 {
		return nil
	}
	err := i.Cluster.TakeZones(ctx, i.m, i.secrets, names, func(n int, err error) {
		if err != nil {
			steps[at[n]].TakeOver, steps[at[n]].Left = false, reason(err)
		}
	})
	if err != nil {
		return err
	}
	return i.Cluster.Recheck(ctx, i.m.Name, names)
}
