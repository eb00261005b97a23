package whm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

func (d *Door) saveZone(ctx context.Context, c *call) error {
	o, err := d.saveOne(ctx, c)
	if err != nil {
		return err
	}
	return c.say("%s", c.tell(o))
}

func (d *Door) quickZoneAdd(ctx context.Context, c *call) error {
	o, err := d.saveOne(ctx, c)
	if err != nil {
		return err
	}
	o.said = dnsadmin.Added(o.zone)
	return c.say("%s", c.tell(o))
}

func (d *Door) saveOne(ctx context.Context, c *call) (outcome, error) {
	name, refusal, err := c.theZone()
	if err != nil || refusal.refused != "" {
		return refusal, err
	}
	if c.args.wrong != nil {
		return outcome{zone: plain(name), refused: clean(c.args.wrong.Error())}, nil
	}
	return d.save(ctx, c, name, c.args.data)
}

// theZone is the one that a call is about. A name that is none is refused by a
// line; a call without a name is not right as a whole.
func (c *call) theZone() (zone.Name, outcome, error) {
	if c.args.zone == "" {
		return "", outcome{}, &skein.Error{Kind: skein.KindInvalid, What: "no zone is named", Mend: "send zone=NAME"}
	}
	name, err := parseName(c.args.zone)
	if err != nil {
		return "", outcome{zone: shorten(c.args.zone), refused: err.Error()}, nil
	}
	c.zone = plain(name)
	return name, outcome{}, nil
}

func (d *Door) removeZone(ctx context.Context, c *call) error {
	name, o, err := c.theZone()
	if err == nil && o.refused == "" {
		o, err = d.remove(ctx, c, name)
	}
	if err != nil {
		return err
	}
	return c.say("%s", c.tell(o))
}

// removeZones removes one zone after the other: control counts them, and keeps
// what would be too many for a person.
func (d *Door) removeZones(ctx context.Context, c *call) error {
	var answer strings.Builder
	for _, text := range dnsadmin.SplitZones(c.args.zones) {
		o := outcome{zone: shorten(text)}
		name, err := parseName(text)
		if err != nil {
			o.refused = err.Error()
		} else if o, err = d.remove(ctx, c, name); err != nil {
			return fmt.Errorf("%s: %w", o.zone, err)
		}
		answer.WriteString(c.tell(o))
	}
	return c.say("%s", answer.String())
}

// syncZones saves what a batch brings: many at a time, so that they share what
// a commit costs, and few in memory. A zone that is refused is a line.
func (d *Door) syncZones(ctx context.Context, c *call) error {
	from, err := c.body.open()
	if err != nil {
		return err
	}
	b := &batch{door: d, call: c, room: semaphore.NewWeighted(maxInFlight)}
	b.begin(ctx)
	query := dnsadmin.NewForm(strings.NewReader(c.query), dnsadmin.Small)
	for _, form := range []*dnsadmin.Form{query, dnsadmin.NewForm(from, d.form)} {
		if err := b.takeAll(ctx, form); err != nil {
			return errors.Join(unreadable(err), b.group.Wait())
		}
	}
	if err := b.group.Wait(); err != nil {
		return err
	}
	return b.answer()
}

// batch is a call that saves many zones.
type batch struct {
	door *Door
	call *call
	room *semaphore.Weighted // octets of texts

	group *errgroup.Group
	ctx   context.Context        // of the group
	busy  map[zone.Name]struct{} // canonical names of the zones that the group was given
	taken int                    // pairs

	mu   sync.Mutex // owns what follows, and the tallies of call
	said []said
}

// said is a line, and which zone of the batch it is about.
type said struct {
	number int
	line   string
}

func (b *batch) begin(ctx context.Context) {
	b.group, b.ctx = errgroup.WithContext(ctx)
	b.group.SetLimit(parallel)
	b.busy = map[zone.Name]struct{}{}
}

// takeAll has the zones of a form saved. The error is that of the form.
func (b *batch) takeAll(ctx context.Context, form *dnsadmin.Form) error {
	for {
		key, text, err := form.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, dnsadmin.ErrPair) {
			return err
		}
		if name, is := dnsadmin.ZoneKey(key); !is {
			continue
		} else if err := b.take(ctx, name, text, err); err != nil {
			return nil // it is the group's, which says why
		}
	}
}

// take has a zone saved. What is wrong with its pair of the form comes with it.
// An error ends the batch.
func (b *batch) take(ctx context.Context, text string, contents []byte, wrong error) error {
	b.taken++
	number := b.taken
	name, err := parseName(text)
	if err == nil {
		err = wrong
	}
	if err != nil {
		b.tell(number, outcome{zone: shorten(text), refused: clean(err.Error())})
		return nil
	}
	if _, twice := b.busy[name.Canonical()]; twice || len(b.busy) == maxBusy { // what comes later counts
		if err := b.group.Wait(); err != nil {
			return err
		}
		b.begin(ctx)
	}
	b.busy[name.Canonical()] = struct{}{}
	size := min(int64(len(contents)), maxInFlight)
	if err := b.room.Acquire(b.ctx, size); err != nil {
		return err
	}
	contents = bytes.Clone(contents)
	b.group.Go(func() error {
		defer b.room.Release(size)
		o, err := b.door.save(b.ctx, b.call, name, contents)
		if err == nil {
			b.tell(number, o)
		}
		return err
	})
	return nil
}

// maxBusy bounds the names that are remembered, to see one that comes twice.
const maxBusy = 1000

func (b *batch) tell(number int, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	line := b.call.tell(o)
	if o.refused != "" && len(b.said) < maxRefusals {
		b.said = append(b.said, said{number, line})
	}
}

// answer says what was refused, and counts the rest.
func (b *batch) answer() error {
	slices.SortFunc(b.said, func(x, y said) int { return x.number - y.number })
	var text strings.Builder
	for _, s := range b.said {
		text.WriteString(s.line)
	}
	if more := b.call.refused - len(b.said); more > 0 {
		fmt.Fprintf(&text, "%d more were refused; Skein's log names the first\n", more)
	}
	fmt.Fprintf(&text, "%d zones were taken by %s, %d were refused\n", b.call.zones-b.call.refused, b.door.Hostname, b.call.refused)
	return b.call.say("%s", text.String())
}

// addZoneConf answers as if the zone were there. There is nothing to register:
// its contents, which come next, make it.
func (d *Door) addZoneConf(_ context.Context, c *call) error {
	name, o, err := c.theZone()
	if err != nil {
		return err
	}
	if o.refused == "" {
		d.registered.add(c.actor.Source, name)
		o = outcome{zone: plain(name), said: fmt.Sprintf("%s => added to %s as soon as its contents come\n", plain(name), d.Hostname)}
	}
	return c.say("%s", c.tell(o))
}
