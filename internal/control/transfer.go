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

// The actions of the audit log that are about zones to be transferred in. What
// a transfer brings is a change of its own.
const (
	transferAdd    = "transfer.add"
	transferChange = "transfer.change"
	transferDelete = "transfer.delete"
)

// AddTransferZone asks for a zone to be transferred in, for the actor's source
// or, by an administrator, for that which z names. One that is there is
// changed. Whose the zone is shows when its contents come.
func (c *Control) AddTransferZone(ctx context.Context, actor skein.Actor, z skein.TransferZone) (created bool, err error) {
	change := c.aside(actor, transferAdd, string(z.Name))
	defer func() { err = c.recorded(ctx, change, err) }()
	n, err := c.addTransferZones(ctx, actor, []skein.TransferZone{z})
	return n == 1, err
}

// AddTransferZones is AddTransferZone for many of one source, such as the
// members of a catalog.
func (c *Control) AddTransferZones(ctx context.Context, actor skein.Actor, zones []skein.TransferZone) (created int, err error) {
	if len(zones) == 0 {
		return 0, nil
	}
	change := c.aside(actor, transferAdd, fmt.Sprintf("%d zones", len(zones)))
	defer func() { err = c.recorded(ctx, change, err) }()
	return c.addTransferZones(ctx, actor, zones)
}

func (c *Control) addTransferZones(ctx context.Context, actor skein.Actor, zones []skein.TransferZone) (created int, err error) {
	k, err := c.admitZones(ctx, actor, zones)
	if err != nil {
		return 0, err
	}
	c.Heard(actor.Source)
	zones = slices.Clone(zones)
	for i := range zones {
		if zones[i], err = c.checkTransferZone(k, actor, zones[i]); err != nil {
			return 0, err
		}
	}
	if len(zones) == 1 {
		done, err := c.Store.PutTransferZone(ctx, zones[0])
		if err != nil {
			return 0, err
		}
		if done {
			created = 1
		}
	} else if created, err = c.Store.PutTransferZones(ctx, zones); err != nil {
		return created, err
	}
	if err := c.listedAgain(ctx, zones[0].Source, zones); err != nil {
		return created, err
	}
	for _, z := range zones {
		if err := c.intakeZone(z); err != nil {
			return created, err
		}
	}
	return created, nil
}

// mayBeTaken says whether the intake, which knows the keys of the source,
// would take a zone: what it refuses must not stay in the store.
func (c *Control) mayBeTaken(z skein.TransferZone) error {
	if c.Intake == nil {
		return nil
	}
	if err := c.Intake.CheckZone(z); err != nil {
		return &skein.Error{Kind: skein.KindInvalid, Cause: err,
			What: fmt.Sprintf("zone %s cannot be transferred so", z.Name), Mend: "correct its primaries, or give the source the key"}
	}
	return nil
}

// intakeZone hands a zone to the intake.
func (c *Control) intakeZone(z skein.TransferZone) error {
	if c.Intake == nil {
		return nil
	}
	if err := c.Intake.SetZone(z); err != nil {
		return &skein.Error{Kind: skein.KindInvalid, Cause: err,
			What: fmt.Sprintf("zone %s cannot be transferred so", z.Name), Mend: "correct its primaries"}
	}
	return nil
}

func (c *Control) checkTransferZone(k auth.Known, actor skein.Actor, z skein.TransferZone) (skein.TransferZone, error) {
	fill(&z.Source, actor.Source)
	if auth.Panel(actor) && z.Source != actor.Source {
		return z, &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("%s may not ask for zones of the source %.200q", actor.Name, z.Source), Mend: "use a key or token of that source"}
	}
	if err := checkZoneName(z.Name); err != nil {
		return z, err
	}
	s, there := k.Sources[z.Source]
	if !there || !hasSource(k, actor, z.Source) {
		return z, noSource(z.Source)
	}
	// The keys that a source has are sealed; the intake knows them.
	keyless := slices.Clone(z.Primaries)
	for i := range keyless {
		keyless[i].Key = ""
	}
	if err := checkPrimaries(keyless, skein.SourceSecrets{}); err != nil {
		return z, err
	}
	if len(z.Primaries) == 0 && (s.Transfer == nil || len(s.Transfer.Primaries) == 0) {
		return z, invalid(fmt.Sprintf("nothing says where zone %s is to be transferred from", z.Name), "name a primary, with the zone or with its source")
	}
	if len(z.Label) > 1024 || len(z.Group) > 1024 {
		return z, invalid("the label of the zone is too long", "use a shorter one")
	}
	if err := c.mayBeTaken(z); err != nil {
		return z, err
	}
	z.At = c.Now().UTC()
	return z, nil
}

// ChangeTransferZone changes how a zone is transferred that was asked for before.
func (c *Control) ChangeTransferZone(ctx context.Context, actor skein.Actor, z skein.TransferZone) (err error) {
	change := c.aside(actor, transferChange, string(z.Name))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.admitZones(ctx, actor, []skein.TransferZone{z})
	if err != nil {
		return err
	}
	fill(&z.Source, actor.Source)
	if !hasSource(k, actor, z.Source) {
		return notAsked(z.Name)
	}
	if _, err := c.transferZone(ctx, z.Name, z.Source); err != nil {
		return err
	}
	_, err = c.addTransferZones(ctx, actor, []skein.TransferZone{z})
	return err
}

// admitZones says whether zones to be transferred are taken from an actor.
func (c *Control) admitZones(ctx context.Context, actor skein.Actor, zones []skein.TransferZone) (auth.Known, error) {
	k, err := c.admit(ctx, actor)
	if err != nil {
		return k, err
	}
	for _, z := range zones {
		if err := auth.InScope(actor, z.Name); err != nil {
			return k, err
		}
	}
	return k, k.Permit(actor, skein.PermitZones)
}

// hasSource reports whether what a source asks for is an actor's affair.
func hasSource(k auth.Known, actor skein.Actor, source string) bool {
	return auth.Panel(actor) && source == actor.Source || k.Reaches(actor, k.OwnerOf(source))
}

// TransferZone returns a zone that a source of the actor's asks for; where
// several do, the first one's.
func (c *Control) TransferZone(ctx context.Context, actor skein.Actor, name zone.Name) (skein.TransferZone, error) {
	k, err := c.named(ctx, actor, name)
	if err != nil {
		return skein.TransferZone{}, err
	}
	z, err := c.firstTransferZone(ctx, k, actor, name)
	z.Status = c.transferStatus(z.Name, z.Source)
	return z, err
}

// transferStatus tells what was observed of the transfers of a zone; nil if it
// is not transferred in.
func (c *Control) transferStatus(name zone.Name, source string) *skein.TransferStatus {
	if c.Intake == nil || name == "" {
		return nil
	}
	if s, is := c.Intake.TransferStatus(name, source); is {
		return &s
	}
	return nil
}

// transferZone returns what a source asks for.
func (c *Control) transferZone(ctx context.Context, name zone.Name, source string) (skein.TransferZone, error) {
	zones, err := c.transferZonesOf(ctx, name, func(s string) bool { return s == source })
	if err != nil {
		return skein.TransferZone{}, err
	}
	return zones[0], nil
}

// firstTransferZone returns what the first of an actor's sources asks for.
func (c *Control) firstTransferZone(ctx context.Context, k auth.Known, actor skein.Actor, name zone.Name) (skein.TransferZone, error) {
	zones, err := c.transferZonesOf(ctx, name, func(s string) bool {
		return hasSource(k, actor, s) && auth.Covers(actor.Scope, name)
	})
	if err != nil {
		return skein.TransferZone{}, err
	}
	return zones[0], nil
}

// transferZonesOf returns what some of the sources ask for; there is one.
func (c *Control) transferZonesOf(ctx context.Context, name zone.Name, of func(source string) bool) ([]skein.TransferZone, error) {
	if name == "" {
		return nil, invalid("no zone was named", "give the name of one")
	}
	zones, err := c.Store.TransferZones(ctx, store.TransferQuery{Name: name, Limit: maxLimit})
	if err != nil {
		return nil, err
	}
	zones = slices.DeleteFunc(zones, func(z skein.TransferZone) bool { return !of(z.Source) })
	if len(zones) == 0 {
		return nil, notAsked(name)
	}
	return zones, nil
}

func notAsked(name zone.Name) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("nobody asked for zone %s to be transferred", name), Mend: "look at the list of those that are"}
}

// TransferZones returns zones that the actor's sources ask for.
func (c *Control) TransferZones(ctx context.Context, actor skein.Actor, q TransferQuery) (zones []skein.TransferZone, err error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	asked := store.TransferQuery{Source: q.Source, Catalog: q.Catalog, After: q.After, Limit: limited(q.Limit)}
	switch {
	case q.Name != "":
		zones, err = c.transferZonesOf(ctx, q.Name, func(s string) bool { return hasSource(k, actor, s) && (q.Source == "" || q.Source == s) })
	case q.Source != "" && !hasSource(k, actor, q.Source):
		return nil, nil
	case q.Source == "" && !k.Whole(actor):
		asked.Sources = sourcesOf(k, actor)
		fallthrough
	default:
		zones, err = inScope(actor, asked.Limit, func(z skein.TransferZone) zone.Name { return z.Name }, func(last *skein.TransferZone) ([]skein.TransferZone, error) {
			if last != nil {
				asked.After = *last
			}
			return c.Store.TransferZones(ctx, asked)
		})
	}
	for i, z := range zones {
		zones[i].Status = c.transferStatus(z.Name, z.Source)
	}
	return zones, err
}
