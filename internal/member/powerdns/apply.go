package powerdns

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein/internal/member"
)

const (
	atOnce   = 4  // calls
	together = 16 // steps that are told of together
)

// Apply implements member.Driver. Some steps are carried out at a time.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for from := 0; from < len(steps); {
		some := steps[from : from+apart(steps[from:])]
		errs := make([]error, len(some))
		each(len(some), func(i int) { errs[i] = d.step(ctx, some[i]) })
		for i, err := range errs {
			if errors.Is(err, member.ErrAway) {
				d.forget()
				return err
			}
			done(from+i, err)
		}
		from += len(some)
	}
	return nil
}

// apart counts the first steps that are of a zone each.
func apart(steps []member.Step) int {
	seen := map[string]bool{}
	for i, s := range steps {
		if key := s.Zone.Key(); i == together || seen[key] {
			return i
		} else {
			seen[key] = true
		}
	}
	return len(steps)
}

// each calls a function for each of n, some at a time.
func each(n int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error { do(i); return nil })
	}
	_ = g.Wait()
}

func (d *Driver) step(ctx context.Context, s member.Step) error {
	switch {
	case s.Action == member.ActionDelete:
		return d.delete(ctx, s.Zone)
	case s.Action != member.ActionAdd && s.Action != member.ActionRetransfer:
		return fmt.Errorf("driver powerdns cannot %s", s.Action)
	case native(d.m): // contents are brought whole, however they got behind
		return d.write(ctx, s.Zone)
	case s.Action == member.ActionAdd:
		return d.add(ctx, s.Zone)
	}
	return d.retransfer(ctx, s.Zone)
}
