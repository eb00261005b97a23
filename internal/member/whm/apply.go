package whm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Apply implements member.Driver. Steps that go together are carried out in a
// few calls.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	if err := d.ready(ctx); err != nil {
		return d.none(steps, err, done)
	}
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && kind(steps[to]) == kind(steps[from]) {
			to++
		}
		some := steps[from:to]
		errs := make([]error, len(some))
		var err error
		switch kind(steps[from]) {
		case member.ActionAdd:
			err = d.save(ctx, some, errs)
		case member.ActionDelete:
			err = d.remove(ctx, some, errs)
		default:
			for i := range errs {
				errs[i] = fmt.Errorf("driver whm cannot %s", some[i].Action)
			}
		}
		if err != nil {
			return d.none(steps[from:], err, func(i int, err error) { done(from+i, err) })
		}
		for i, err := range errs {
			done(from+i, err)
		}
		from = to
	}
	return nil
}

// none tells of steps that all failed alike, unless the member is away.
func (d *Driver) none(steps []member.Step, err error, done func(i int, err error)) error {
	if errors.Is(err, member.ErrAway) {
		d.fit = false // it may come back as another
		return err
	}
	for i := range steps {
		done(i, err)
	}
	return nil
}

// kind is what a step comes to: contents are brought whole, however they got behind.
func kind(s member.Step) member.Action {
	if s.Action == member.ActionRetransfer {
		return member.ActionAdd
	}
	return s.Action
}

// load has the member serve what it saved.
func (d *Driver) load(ctx context.Context, errs []error) error {
	if !slices.Contains(errs, nil) {
		return nil
	}
	_, err := d.client.ReloadBIND(ctx, dnsadmin.UniqID())
	if err = failure(err); hopeless(err) {
		return err
	}
	for i := range errs {
		if errs[i] == nil && err != nil {
			errs[i] = fmt.Errorf("the member was told and did not load it: %w", err)
		}
	}
	return nil
}

// hopeless: no other call would fare better now.
func hopeless(err error) bool {
	return errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied)
}

func outcomesOf(said string) map[string]dnsadmin.Outcome {
	all := map[string]dnsadmin.Outcome{}
	for o := range dnsadmin.Outcomes(said) {
		all[strings.ToLower(o.Zone)] = o
	}
	return all
}

// usedMost bounds the ids of others that are remembered as passed on.
const usedMost = 1000

// action returns the id for a call about zones: the one that the change came
// under, as long as it was not used, since a member does nothing twice under an
// id; then one made of it; or else a new one. What comes back under it is not
// taken again.
func (d *Driver) action(id, what string, names ...zone.Name) string {
	if id == "" {
		id = dnsadmin.UniqID()
	} else {
		if len(d.used) >= usedMost {
			clear(d.used)
		}
		n := d.used[id]
		d.used[id]++
		if n > 0 {
			id = dnsadmin.NextID(id, n)
		}
	}
	for _, name := range names {
		d.opts.Ids.First("", what, key(name), id)
	}
	return id
}

// plain is how the protocol has a name: without the dot at its end, but for the root.
func plain(name zone.Name) string {
	if name == zone.Root {
		return string(name)
	}
	return strings.TrimSuffix(string(name), ".")
}

func plainAll(names []zone.Name) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = plain(name)
	}
	return all
}

// key is a name as it is compared, and as ids know it.
func key(name zone.Name) string { return plain(name.Canonical()) }
