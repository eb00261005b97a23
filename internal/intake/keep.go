package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

// Recall implements secondary.Keeper: what was observed of a zone may be lost,
// and the zone be there all the same.
func (i *Intake) Recall(ctx context.Context, z secondary.Ref) secondary.State {
	if i.list(z) != nil {
		return secondary.State{}
	}
	head, err := i.gate.Zone(ctx, actorOf(z.Source), z.Name)
	if err != nil || head.Origin != z.Source {
		return secondary.State{}
	}
	_, contents, err := i.gate.Contents(ctx, actorOf(z.Source), z.Name)
	soa, ok := contents.SOA()
	if err != nil || !ok {
		return secondary.State{}
	}
	return secondary.State{Loaded: true, SOA: soa, Since: head.Changed}
}

// wholeEvery is how often zones of an autosecondary come whole: panels that are
// used so change records and leave the serial as it is.
const wholeEvery = 24 * time.Hour

func (i *Intake) believes(z secondary.Ref) time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s := i.sources[z.Source]; s != nil && s.Transfer != nil && s.Transfer.Auto && i.lists[z] == nil {
		return wholeEvery
	}
	return 0
}

// Have implements secondary.Keeper. Where others have overlays in a zone, what
// is in the store is not what the primary gave.
func (i *Intake) Have(ctx context.Context, z secondary.Ref, serial uint32) zone.Contents {
	if l := i.list(z); l != nil {
		return l.have(serial)
	}
	actor := actorOf(z.Source)
	overlays, err := i.gate.Overlays(ctx, actor, z.Name)
	if err != nil || len(overlays) > 0 {
		return zone.Contents{}
	}
	_, contents, err := i.gate.Contents(ctx, actor, z.Name)
	if soa, ok := contents.SOA(); err != nil || !ok || soa.Serial != serial {
		return zone.Contents{}
	}
	return contents
}

// Take implements secondary.Keeper: contents go through the gate.
func (i *Intake) Take(ctx context.Context, t secondary.Taken) error {
	i.gate.Heard(t.Source)
	if l := i.list(t.Ref); l != nil {
		return i.takeList(ctx, l, t)
	}
	// A zone that was there and is not any more was deleted, perhaps just now:
	// a transfer does not bring it back.
	in := control.PutZone{Name: t.Name, Tolerant: true, Exact: true, Listed: true, MustExist: t.Before.Loaded}
	if t.Before.Loaded && t.Before.SOA.Serial == t.State.SOA.Serial {
		in.Exact = false // if it changed all the same, members need a serial that tells
	}
	for set := range t.Contents.All() {
		in.Sets = append(in.Sets, set)
	}
	_, err := i.gate.PutZone(ctx, actorOf(t.Source), in)
	if decided(err) || skein.KindOf(err) == skein.KindNotFound {
		return fmt.Errorf("%w: %s", secondary.ErrNotTaken, told(err))
	}
	if err != nil {
		return err
	}
	i.states.note(t.Ref, t.State, false)
	i.expiry.spoken(t.Ref, true)
	return nil
}

// told is what people are told of an error, with the first of its findings.
func told(err error) string {
	var e *skein.Error
	if errors.As(err, &e) && len(e.Problems) > 0 {
		return e.What + ": " + e.Problems[0].Text
	}
	return err.Error()
}

// decided reports whether the gate would say the same again: it judged what
// came, and has no trouble of its own.
func decided(err error) bool {
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindConflict, skein.KindForbidden:
		return true
	}
	return false
}

// Settled implements secondary.Keeper: a person who released what waited has
// changed the zone.
func (i *Intake) Settled(ctx context.Context, z secondary.Ref, s secondary.State) bool {
	head, err := i.gate.Zone(ctx, actorOf(z.Source), z.Name)
	return err == nil && head.Origin == z.Source && head.Changed.After(s.OfferedAt)
}

// Confirm implements secondary.Keeper.
func (i *Intake) Confirm(ctx context.Context, z secondary.Ref, s secondary.State) error {
	i.gate.Heard(z.Source)
	if l := i.list(z); l != nil {
		return i.tryAgain(ctx, l)
	}
	i.states.note(z, s, false)
	i.expiry.spoken(z, false)
	return nil
}

// Expire implements secondary.Keeper.
func (i *Intake) Expire(z secondary.Ref) { i.expiry.add(z) }
