package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// ZonesOf lists every zone that a member has, whoever put it there, with a
// connection of its own.
func (l *Loop) ZonesOf(ctx context.Context, m skein.Member, s skein.MemberSecrets, each func(skein.ListedZone) error) error {
	d, err := l.cfg.Driver(m, s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	switch d := d.(type) {
	case member.Lister:
		err = d.List(ctx, each)
	case interface {
		Inventory(context.Context, func(skein.Held) error) error
	}:
		err = d.Inventory(ctx, func(h skein.Held) error { return each(skein.ListedZone{Held: h}) })
	default:
		return &skein.Error{Kind: skein.KindConflict, What: "a " + m.Driver + " member cannot list its zones",
			Mend: "name them: on the command line, or with --zones-file, --named-conf or --zone-dir"}
	}
	return unavailable(err, m.Name)
}

// unavailable words what a member that does not answer comes to.
func unavailable(err error, name string) error {
	if errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied) {
		return &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: "member " + name + " cannot be asked: " + err.Error(),
			Mend: "see that `skein member test " + name + "` passes"}
	}
	return err
}

// Examine calls each once, in order, for each of the names with what a member
// has of it: whose it is there and what is in it. An error is why that cannot be
// had, member.ErrAbsent (wrapped) where there is no such zone. Contents come by
// the driver's word or, where that has none, by transfer with the audit key.
func (l *Loop) Examine(ctx context.Context, m skein.Member, s skein.MemberSecrets, names []zone.Name, each func(i int, has skein.ListedZone, c zone.Contents, err error)) error {
	v, err := l.newSurvey(m, s)
	if err != nil {
		return err
	}
	defer v.close()
	there, err := v.driver.Has(ctx, names)
	if err != nil {
		return unavailable(err, m.Name)
	}
	for i, name := range names {
		has := skein.ListedZone{Held: skein.Held{Zone: name}, Ours: there[i].Ours}
		if !there[i].Present {
			each(i, has, zone.Contents{}, member.ErrAbsent)
			continue
		}
		c, err := v.contents(ctx, name)
		if errors.Is(err, member.ErrAway) || ctx.Err() != nil {
			return unavailable(errors.Join(err, ctx.Err()), m.Name)
		}
		if soa, is := c.SOA(); is {
			has.Serial = soa.Serial
		}
		each(i, has, c, err)
	}
	return nil
}

// contents reads what the member has of a zone.
func (v *survey) contents(ctx context.Context, name zone.Name) (c zone.Contents, err error) {
	r, reads := v.driver.(contentsReader)
	if !reads {
		c, err = v.w.served(ctx, name)
		if err != nil {
			err = fmt.Errorf("it cannot be transferred from the member: %w; allow that there to the key %s (BIND: allow-transfer { key %[2]q; }), or put the zone in with skein zone import", err, v.w.member.AuditKey)
		}
		return c, err
	}
	failed := r.Read(ctx, []zone.Name{name}, func(_ int, there zone.Contents, why error) { c, err = there, why })
	return c, errors.Join(failed, err)
}

// beforeTaking is how long a zone that was just made may take until it is served here.
const beforeTaking = 10 * time.Second

// TakeZones makes zones on a member Skein's that are not, once they are served
// here, and calls done for each, in order, with nil or why not.
func (l *Loop) TakeZones(ctx context.Context, m skein.Member, s skein.MemberSecrets, names []zone.Name, done func(i int, err error)) error {
	d, err := l.cfg.Driver(m, s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	t, can := d.(member.Taker)
	if !can {
		return &skein.Error{Kind: skein.KindConflict, What: "zones of a " + m.Driver + " member cannot be taken over",
			Mend: "leave --take-over out; a zone that is not Skein's there can be removed by its maker's own means: then Skein adds it"}
	}
	for i, name := range names {
		err := l.served(ctx, name)
		if err == nil {
			err = t.Take(ctx, name)
		}
		if errors.Is(err, member.ErrAway) {
			return unavailable(err, m.Name)
		}
		done(i, err)
	}
	return nil
}

// served waits until a zone is served here.
func (l *Loop) served(ctx context.Context, name zone.Name) error {
	ctx, cancel := context.WithTimeout(ctx, beforeTaking)
	defer cancel()
	for {
		if _, is := l.cfg.Announcer.Serial(name); is {
			return nil
		}
		select {
		case <-time.After(recheckPoll):
		case <-ctx.Done():
			return fmt.Errorf("zone %s is not served here yet: %w", name, ctx.Err())
		}
	}
}
