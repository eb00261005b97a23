package route53

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Apply implements member.Driver, one step after the other: AWS allows an account
// few calls a second, however many are under way.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	return member.InTurn(ctx, "route53", steps, d.save, d.remove, done)
}

// save brings a hosted zone to what is published.
func (d *Driver) save(ctx context.Context, name zone.Name) error {
	for range 2 { // once more if what was known of the zone is not so any more
		h, there, err := d.ours(ctx, name)
		if err != nil {
			return err
		}
		c, is := d.opts.Published(ctx, name)
		if !is {
			return fmt.Errorf("nothing is published of %s yet", name)
		}
		if soa, _ := c.SOA(); !there {
			if h, err = d.make(ctx, name, soa.Serial); err != nil {
				return err
			}
		}
		listed, is, err := d.records(ctx, name, h.id)
		if err != nil {
			return err
		}
		if !is {
			continue
		}
		has, err := heldOf(listed)
		if err != nil {
			return err
		}
		return d.send(ctx, name, h.id, diff(c, has, d.apex()).changes)
	}
	return fmt.Errorf("the hosted zone of %s is listed, and is not there", name)
}

// send has changes made.
func (d *Driver) send(ctx context.Context, name zone.Name, id string, changes []types.Change) error {
	for _, batch := range batches(changes) {
		var out *route53.ChangeResourceRecordSetsOutput
		err := d.call(ctx, "ChangeResourceRecordSets", said(name, batch), func(ctx context.Context) (err error) {
			out, err = d.api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
				HostedZoneId: aws.String(id), ChangeBatch: &types.ChangeBatch{Changes: batch}})
			return err
		})
		if err != nil {
			return err
		}
		d.pends(id, out.ChangeInfo)
	}
	return nil
}

// said is a batch in the debug log.
func said(name zone.Name, batch []types.Change) string {
	text := string(name)
	for _, c := range batch {
		rs := c.ResourceRecordSet
		text += fmt.Sprintf("\n%s %s %s", c.Action, aws.ToString(rs.Name), rs.Type)
		for _, r := range rs.ResourceRecords {
			text += " " + aws.ToString(r.Value)
		}
	}
	return text
}

// remove deletes a hosted zone that is ours, with what Skein put into it.
func (d *Driver) remove(ctx context.Context, name zone.Name) error {
	h, is, err := d.ours(ctx, name)
	if err != nil || !is {
		return err
	}
	listed, is, err := d.records(ctx, name, h.id)
	if err != nil || !is {
		return err
	}
	has, err := heldOf(listed)
	if err != nil {
		return err
	}
	if len(has.others) > 0 {
		k := order(has.others)[0]
		return fmt.Errorf("it has %d records that are not Skein's, the first: %s %s, %s; delete them there, or keep the zone and take %q out of its comment", len(has.others), k.name, k.typ, has.others[k], handed)
	}
	if err := d.send(ctx, name, h.id, emptied(name, has)); err != nil {
		return err
	}
	err = d.call(ctx, "DeleteHostedZone", string(name), func(ctx context.Context) error {
		_, err := d.api.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: aws.String(h.id)})
		return err
	})
	if err == nil || errors.As(err, new(*types.NoSuchHostedZone)) {
		d.account.forget(name, h.id)
		return nil
	}
	return err
}

// emptied are the changes that leave a hosted zone with what it was born with.
func emptied(name zone.Name, has held) (changes []types.Change) {
	for _, k := range order(has.sets) {
		if !k.name.Equal(name) || k.typ != types.RRTypeSoa && k.typ != types.RRTypeNs {
			changes = append(changes, change(types.ChangeActionDelete, k, has.sets[k]))
		}
	}
	return changes
}

// Take implements member.Taker: it says so in the comment of the hosted zone.
func (d *Driver) Take(ctx context.Context, name zone.Name) error {
	h, is, err := d.ours(ctx, name)
	switch {
	case is && h.kept:
		return fmt.Errorf("%w: a service of AWS made the hosted zone %s, and keeps it", member.ErrForeign, h.id)
	case is && !h.ours:
		err = d.call(ctx, "UpdateHostedZoneComment", string(name), func(ctx context.Context) error {
			_, err := d.api.UpdateHostedZoneComment(ctx, &route53.UpdateHostedZoneCommentInput{Id: aws.String(h.id), Comment: aws.String(comment)})
			return err
		})
		if err == nil {
			h.ours = true
			d.account.add(name, h)
		}
	}
	if err != nil {
		return err
	}
	return d.save(ctx, name)
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	for i, name := range names {
		var err error
		if all[i], err = d.presence(ctx, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (d *Driver) presence(ctx context.Context, name zone.Name) (p member.Presence, err error) {
	h, is, err := d.find(ctx, name)
	switch {
	case err != nil || !is:
		return p, err
	case !h.ours:
		return member.Presence{Present: true}, nil
	}
	in, err := d.inForce(ctx, h.id)
	if err != nil {
		return p, err
	}
	listed, is, err := d.records(ctx, name, h.id)
	if err != nil || !is {
		return p, err
	}
	p = member.Presence{Present: true, Ours: true, Pending: !in}
	if c, is := d.opts.Published(ctx, name); is {
		has, err := heldOf(listed)
		if err != nil {
			return p, err
		}
		diff := diff(c, has, d.apex())
		p.Current, p.Lacks = len(diff.changes) == 0, diff.lacks
	}
	p.Pending = p.Pending && p.Current // what is not so yet is told again, wanted or not
	return p, nil
}

// Read returns what hosted zones have, ours or not, without what only Route 53 knows.
func (d *Driver) Read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error {
	for i, name := range names {
		h, is, err := d.find(ctx, name)
		var listed []types.ResourceRecordSet
		if err == nil && is {
			listed, is, err = d.records(ctx, name, h.id)
		}
		switch {
		case errors.Is(err, member.ErrAway):
			return err
		case err != nil:
			each(i, zone.Contents{}, err)
		case !is:
			each(i, zone.Contents{}, member.ErrAbsent)
		default:
			c, err := contentsOf(name, listed)
			each(i, c, err)
		}
	}
	return nil
}

func contentsOf(name zone.Name, listed []types.ResourceRecordSet) (zone.Contents, error) {
	has, err := heldOf(listed)
	if err != nil {
		return zone.Contents{}, err
	}
	var sets []zone.RRset
	for _, k := range order(has.sets) {
		t, err := zone.ParseType(string(k.typ))
		if err != nil {
			return zone.Contents{}, err
		}
		rs := zone.RRset{Name: k.name, Type: t, TTL: uint32(has.sets[k].ttl)}
		for _, v := range has.sets[k].values {
			data, err := zone.ParseRdata(t, decimal(v), zone.Root)
			if err != nil {
				return zone.Contents{}, fmt.Errorf("%s %s: %w", k.name, k.typ, err)
			}
			rs.Data = append(rs.Data, data)
		}
		sets = append(sets, rs)
	}
	return zone.NewContents(name, sets)
}
