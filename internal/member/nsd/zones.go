package nsd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/nsdctl"
	"github.com/skein-dns/skein/zone"
)

// add makes the member a secondary of zones, or mends how it is one. It returns
// what became of each, or that the member went away.
func (d *Driver) add(ctx context.Context, names []zone.Name) ([]error, error) {
	each, there, err := d.list(ctx, nsdctl.AddZones, names, " "+d.pattern)
	if err != nil || len(there) == 0 {
		return each, err
	}
	has, err := d.Has(ctx, pick(names, there))
	if err != nil {
		return nil, err
	}
	for n, i := range there {
		switch {
		case !has[n].Ours:
			each[i] = fmt.Errorf("%w: %s", member.ErrForeign, names[i])
		case !has[n].Current:
			if each[i], err = d.change(ctx, names[i]); err != nil {
				return nil, err
			}
		}
	}
	return each, nil
}

// change gives a zone the right pattern. It goes on being served, once its
// contents are written where the new one finds them.
func (d *Driver) change(ctx context.Context, name zone.Name) (refused, away error) {
	for _, command := range []string{"write " + text(name), "changezone " + text(name) + " " + d.pattern} {
		answer, err := d.call(ctx, command)
		if errors.Is(err, nsdctl.ErrTooLong) {
			return err, nil
		}
		if err != nil {
			return nil, err
		}
		if err := nsdctl.Done(answer); err != nil {
			return d.refusal("changing", name, err), nil
		}
	}
	return nil, nil
}

func (d *Driver) delete(ctx context.Context, names []zone.Name) ([]error, error) {
	has, err := d.Has(ctx, names)
	if err != nil {
		return nil, err
	}
	each := make([]error, len(names))
	var ours []int
	for i, there := range has {
		switch {
		case there.Ours:
			ours = append(ours, i)
		case there.Present:
			each[i] = fmt.Errorf("%w: %s", member.ErrForeign, names[i])
		}
	}
	if len(ours) == 0 {
		return each, nil
	}
	some, _, err := d.list(ctx, nsdctl.DelZones, pick(names, ours), "")
	if err != nil {
		return nil, err
	}
	for n, i := range ours {
		each[i] = some[n]
	}
	return each, nil
}

func pick(names []zone.Name, which []int) []zone.Name {
	picked := make([]zone.Name, len(which))
	for n, i := range which {
		picked[n] = names[i]
	}
	return picked
}

// retransfer has zones fetched whole. NSD takes one a command.
func (d *Driver) retransfer(ctx context.Context, names []zone.Name, done func(i int, err error)) error {
	for i, name := range names {
		refused, err := d.fetch(ctx, name)
		if err != nil {
			return err
		}
		done(i, refused)
	}
	return nil
}

func (d *Driver) fetch(ctx context.Context, name zone.Name) (refused, away error) {
	if len(text(name)) > nsdctl.MaxName {
		return tooLong(name), nil
	}
	answer, err := d.call(ctx, "force_transfer "+text(name))
	if err != nil {
		return nil, err
	}
	err = nsdctl.Done(answer)
	var said *nsdctl.Refusal
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &said) && said.Says(nsdctl.NoSuchZone):
		each, err := d.add(ctx, []zone.Name{name})
		if err != nil {
			return nil, err
		}
		return each[0], nil
	}
	return d.refusal("transferring", name, err), nil
}

// list sends names as a list, each with something behind it. It returns what
// became of each, and which were there before they could be added. Nothing is
// taken for done before the whole answer is there.
func (d *Driver) list(ctx context.Context, command string, names []zone.Name, behind string) (each []error, there []int, err error) {
	each = make([]error, len(names))
	var sent []int
	var texts, lines []string
	for i, name := range names {
		if t := text(name); len(t) > nsdctl.MaxName {
			each[i] = tooLong(name)
		} else {
			sent, texts, lines = append(sent, i), append(texts, t), append(lines, t+behind)
		}
	}
	if len(sent) == 0 {
		return each, nil, nil
	}
	results := nsdctl.NewResults(texts, func(n int, r nsdctl.Result) {
		switch i := sent[n]; r.Outcome {
		case nsdctl.There:
			there = append(there, i)
		case nsdctl.Refused:
			each[i] = d.refusal(strings.TrimSuffix(command, "zones")+"ing", names[i], &nsdctl.Refusal{Text: r.Text})
		}
	})
	if err := d.exchange(ctx, nsdctl.Request{Command: command, List: lines}, results); err != nil {
		return nil, nil, err
	}
	return each, there, nil
}

// refusal makes an error of what NSD said.
func (d *Driver) refusal(doing string, name zone.Name, err error) error {
	var said *nsdctl.Refusal
	if errors.As(err, &said) && said.Says(nsdctl.NoSuchPattern) {
		return fmt.Errorf("%w: it has no pattern %s; paste what `skein member config nsd --name %s` prints there, and run `nsd-control reconfig`",
			member.ErrDenied, d.pattern, d.m.Name)
	}
	return fmt.Errorf("%s %s was refused (%w); the member's own log says more", doing, name, err)
}

func tooLong(name zone.Name) error {
	return fmt.Errorf("NSD can be told of no zone whose name takes more than %d octets to write; this one takes %d", nsdctl.MaxName, len(text(name)))
}
