package whm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// A call with zones is bounded in their number and in octets, so that the member
// answers soon; one zone alone may be larger.
const (
	batchZones  = 100
	batchOctets = 2 << 20
)

// part is a zone in a call, and the step that it is there for.
type part struct {
	step int
	name zone.Name
	form []byte // as a call brings it
}

// save gives the member what is published of zones. What it refuses is told of
// each; an error is what no other call would fare better with.
func (d *Driver) save(ctx context.Context, steps []member.Step, errs []error) error {
	var b []part
	id, size := "", 0
	send := func() error {
		err := d.sync(ctx, id, b, errs)
		b, size = nil, 0
		return err
	}
	for i, step := range steps {
		text, serial, is := d.opts.Published(ctx, step.Zone)
		if !is {
			errs[i] = d.register(ctx, step.Zone)
			if hopeless(errs[i]) {
				return errs[i]
			}
			continue
		}
		of, form := d.opts.Ids.Of(key(step.Zone), serial), formOf(step.Zone, text)
		if len(b) > 0 && (of != id || len(b) == batchZones || size+len(form) > batchOctets) {
			if err := send(); err != nil {
				return err
			}
		}
		b, id, size = append(b, part{i, step.Zone, form}), of, size+len(form)
	}
	if err := send(); err != nil {
		return err
	}
	return d.load(ctx, errs)
}

func formOf(name zone.Name, text []byte) []byte {
	var b bytes.Buffer
	w := dnsadmin.NewZoneWriter(&b)
	_ = w.Write(plain(name), text) // a Buffer takes everything
	_ = w.Flush()
	return b.Bytes()
}

// register has the member know of a zone that nothing is published of yet.
func (d *Driver) register(ctx context.Context, name zone.Name) error {
	_, err := d.client.AddConf(ctx, d.action("", dnsadmin.ActionSave, name), plain(name))
	return failure(err)
}

// sync saves some zones. Where the answer is none, one of them may be to blame:
// then they are sent in halves.
func (d *Driver) sync(ctx context.Context, id string, b []part, errs []error) error {
	if len(b) == 0 {
		return nil
	}
	var form []byte
	names := make([]zone.Name, len(b))
	for i, p := range b {
		form, names[i] = append(form, p.form...), p.name
	}
	said, err := d.client.Sync(ctx, d.action(id, dnsadmin.ActionSave, names...), form)
	if err = failure(err); hopeless(err) {
		return err
	}
	if err != nil && len(b) > 1 {
		if err := d.sync(ctx, id, b[:len(b)/2], errs); err != nil {
			return err
		}
		return d.sync(ctx, id, b[len(b)/2:], errs)
	}
	outcomes := outcomesOf(said)
	for _, p := range b {
		errs[p.step] = err
		if o := outcomes[key(p.name)]; o.Refused {
			errs[p.step] = fmt.Errorf("the member did not take it: %s", o.Reason)
		}
	}
	return nil
}

// remove removes zones. Of what the answer does not say to be gone the member is
// asked: it may not have been there.
func (d *Driver) remove(ctx context.Context, steps []member.Step, errs []error) error {
	for from := 0; from < len(steps); {
		id := d.opts.Ids.Of(key(steps[from].Zone), removal)
		to := from
		var names []zone.Name
		for ; to < len(steps) && len(names) < batchZones && d.opts.Ids.Of(key(steps[to].Zone), removal) == id; to++ {
			names = append(names, steps[to].Zone)
		}
		said, err := d.client.RemoveAll(ctx, d.action(id, dnsadmin.ActionRemove, names...), plainAll(names))
		if err = failure(err); hopeless(err) {
			return err
		}
		outcomes := outcomesOf(said)
		for i, name := range names {
			switch o := outcomes[key(name)]; {
			case err != nil:
				errs[from+i] = err
			case o.Refused:
				errs[from+i] = fmt.Errorf("the member did not remove it: %s", o.Reason)
			case !o.Deleted:
				if errs[from+i] = d.isGone(ctx, name, said); hopeless(errs[from+i]) {
					return errs[from+i]
				}
			}
		}
		from = to
	}
	return d.load(ctx, errs)
}

// removal stands for the serial of a zone that was removed (dnsadmin.Ids.Mark).
const removal = 0

func (d *Driver) isGone(ctx context.Context, name zone.Name, said string) error {
	is, err := d.client.ZoneExists(ctx, dnsadmin.UniqID(), plain(name))
	if err == nil && is {
		err = fmt.Errorf("the member still has it, and says: %.200q", said)
	}
	return failure(err)
}

// Up to hasOneByOne zones are asked for one by one, some at a time, since such
// servers take their time; beyond that the whole list costs less.
const (
	hasOneByOne = 20
	hasAtOnce   = 4
)

// Has implements member.Driver. Zones are read, which tells of all that have
// contents; of the others it is asked whether they are registered.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	var bare []zone.Name
	var at []int // of each bare one in names
	err := d.Read(ctx, names, func(i int, c zone.Contents, err error) {
		if errors.Is(err, member.ErrAbsent) {
			bare, at = append(bare, names[i]), append(at, i)
			return
		}
		all[i] = member.Presence{Present: true, Ours: true, Current: err == nil && d.current(ctx, c)}
	})
	if err != nil {
		return nil, err
	}
	has := d.hasEach
	if len(bare) > hasOneByOne {
		has = d.hasOf
	}
	there, err := has(ctx, bare)
	if err != nil {
		return nil, failure(err)
	}
	for i, is := range there { // without contents that we are shown: nothing of ours, if there is anything
		_, _, published := d.opts.Published(ctx, bare[i])
		all[at[i]] = member.Presence{Present: is, Ours: is, Current: is && !published}
	}
	return all, nil
}

// current reports whether what the member has of a zone is what is published,
// as far as its serial does not tell already.
func (d *Driver) current(ctx context.Context, theirs zone.Contents) bool {
	text, serial, is := d.opts.Published(ctx, theirs.Origin())
	soa, _ := theirs.SOA()
	if !is || soa.Serial != serial {
		return true
	}
	ours, err := parse(theirs.Origin(), text)
	return err == nil && ours.Equal(theirs)
}

func (d *Driver) hasEach(ctx context.Context, names []zone.Name) ([]bool, error) {
	there := make([]bool, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(hasAtOnce)
	for i, name := range names {
		group.Go(func() (err error) {
			there[i], err = d.client.ZoneExists(ctx, dnsadmin.UniqID(), plain(name))
			return err
		})
	}
	return there, group.Wait()
}

// hasOf looks for zones in the list of all.
func (d *Driver) hasOf(ctx context.Context, names []zone.Name) ([]bool, error) {
	at := make(map[string][]int, len(names))
	for i, name := range names {
		at[key(name)] = append(at[key(name)], i)
	}
	there := make([]bool, len(names))
	err := d.client.ZoneList(ctx, dnsadmin.UniqID(), func(text string) error {
		name, err := zone.ParseName(text)
		if err != nil {
			return nil // nobody asks for that
		}
		for _, i := range at[key(name)] {
			there[i] = true
		}
		return nil
	})
	return there, err
}
