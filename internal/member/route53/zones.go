package route53

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	reference = "skein/" // what caller references of zones that Skein made begin with
	comment   = "skein: kept in step by Skein; what is changed here is changed back"
	handed    = "skein" // what the comment of a zone begins with that a person handed over

	listAge = 5 * time.Minute // how old a list may be that says that a zone is not there
)

// find returns the hosted zone of a name.
func (d *Driver) find(ctx context.Context, name zone.Name) (h hosted, is bool, err error) {
	if h, is, known := d.account.find(name, d.opts.Now().Add(-listAge)); known {
		return h, is, nil
	}
	d.account.reading.Lock()
	defer d.account.reading.Unlock()
	h, is, known := d.account.find(name, d.opts.Now().Add(-listAge))
	if known { // somebody else has read it meanwhile
		return h, is, nil
	}
	if err := d.list(ctx); err != nil {
		return h, false, err
	}
	h, is, _ = d.account.find(name, time.Time{})
	return h, is, nil
}

// list reads the list of all zones.
func (d *Driver) list(ctx context.Context) error {
	began := d.opts.Now()
	zones := map[zone.Name]hosted{}
	var marker *string
	for {
		var out *route53.ListHostedZonesOutput
		err := d.call(ctx, "ListHostedZones", aws.ToString(marker), func(ctx context.Context) (err error) {
			out, err = d.api.ListHostedZones(ctx, &route53.ListHostedZonesInput{Marker: marker})
			return err
		})
		if err != nil {
			return err
		}
		for _, z := range out.HostedZones {
			put(zones, z)
		}
		if !out.IsTruncated {
			d.account.replace(zones, began)
			return nil
		}
		if marker = out.NextMarker; aws.ToString(marker) == "" {
			return errors.New("Route 53 says that its list of zones goes on, and not where")
		}
	}
}

// put notes a zone of a list, if it is public. Of several of one name, ours counts.
func put(zones map[zone.Name]hosted, z types.HostedZone) {
	name, err := nameIn(aws.ToString(z.Name))
	if err != nil || z.Config != nil && z.Config.PrivateZone {
		return
	}
	h := hosted{id: strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/")}
	if h.kept = z.LinkedService != nil; !h.kept {
		h.ours = strings.HasPrefix(aws.ToString(z.CallerReference), reference) ||
			z.Config != nil && strings.HasPrefix(strings.ToLower(aws.ToString(z.Config.Comment)), handed)
	}
	before, twice := zones[name]
	if twice && (before.ours && !h.ours || before.ours == h.ours && before.id < h.id) {
		h = before
	}
	h.twice = twice
	zones[name] = h
}

// look asks for the zone of exactly this name, before it is made or missed.
func (d *Driver) look(ctx context.Context, name zone.Name) (h hosted, is bool, err error) {
	zones := map[zone.Name]hosted{}
	text := nameOut(name)
	var from, id *string = aws.String(text), nil
	for {
		var out *route53.ListHostedZonesByNameOutput
		err := d.call(ctx, "ListHostedZonesByName", text, func(ctx context.Context) (err error) {
			out, err = d.api.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: from, HostedZoneId: id, MaxItems: aws.Int32(10)})
			return err
		})
		if err != nil {
			return h, false, err
		}
		beyond := false
		for _, z := range out.HostedZones {
			if aws.ToString(z.Name) != text {
				beyond = true
				break
			}
			put(zones, z)
		}
		if beyond || !out.IsTruncated || aws.ToString(out.NextDNSName) != text {
			break
		}
		from, id = out.NextDNSName, out.NextHostedZoneId
	}
	if h, is = zones[name.Canonical()]; is {
		d.account.add(name, h)
	}
	return h, is, nil
}

// ours returns the hosted zone of a name; an error that is ErrForeign if it is
// somebody else's.
func (d *Driver) ours(ctx context.Context, name zone.Name) (h hosted, is bool, err error) {
	h, is, err = d.find(ctx, name)
	if err == nil && !is {
		h, is, err = d.look(ctx, name)
	}
	if err == nil && is && !h.ours {
		err = fmt.Errorf("%w: the hosted zone %s has no comment that begins with %q", member.ErrForeign, h.id, handed)
	}
	return h, is, err
}

// make makes a hosted zone. Its reference is the same for a minute, unless
// one went meanwhile: a call that was done and failed all the same makes no
// second zone.
func (d *Driver) make(ctx context.Context, name zone.Name, serial uint32) (h hosted, err error) {
	in := &route53.CreateHostedZoneInput{
		Name:             aws.String(nameOut(name)),
		CallerReference:  aws.String(fmt.Sprintf("%s%.8x/%d/%d/%d", reference, sha256.Sum256([]byte(name.Canonical())), serial, d.opts.Now().Unix()/60, d.account.deletions())),
		HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String(comment)},
	}
	if set := d.m.Settings[SettingDelegationSet]; set != "" {
		in.DelegationSetId = aws.String(set)
	}
	var out *route53.CreateHostedZoneOutput
	err = d.call(ctx, "CreateHostedZone", aws.ToString(in.Name), func(ctx context.Context) (err error) {
		out, err = d.api.CreateHostedZone(ctx, in)
		return err
	})
	if errors.As(err, new(*types.HostedZoneAlreadyExists)) {
		return h, fmt.Errorf("a zone of that name was made a moment ago, and is not listed: it is tried again: %w", err)
	}
	if err != nil {
		return h, err
	}
	h = hosted{id: strings.TrimPrefix(aws.ToString(out.HostedZone.Id), "/hostedzone/"), ours: true, made: d.opts.Now()}
	d.account.add(name, h)
	d.pends(h.id, out.ChangeInfo)
	return h, nil
}

// pends notes a change that was taken.
func (d *Driver) pends(id string, c *types.ChangeInfo) {
	if c != nil && c.Status == types.ChangeStatusPending {
		d.account.wait(id, strings.TrimPrefix(aws.ToString(c.Id), "/change/"))
	}
}

// inForce reports whether all changes of a zone that we know of are.
func (d *Driver) inForce(ctx context.Context, id string) (bool, error) {
	change := d.account.waits(id)
	if change == "" {
		return true, nil
	}
	var out *route53.GetChangeOutput
	err := d.call(ctx, "GetChange", change, func(ctx context.Context) (err error) {
		out, err = d.api.GetChange(ctx, &route53.GetChangeInput{Id: aws.String(change)})
		return err
	})
	if err != nil && !errors.As(err, new(*types.NoSuchChange)) {
		return false, err
	}
	if err == nil && (out.ChangeInfo == nil || out.ChangeInfo.Status != types.ChangeStatusInsync) {
		return false, nil
	}
	d.account.settle(id, change)
	return true, nil
}

// records lists what a hosted zone has; is is false if there is none any more.
func (d *Driver) records(ctx context.Context, name zone.Name, id string) (all []types.ResourceRecordSet, is bool, err error) {
	in := &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(id)}
	for {
		var out *route53.ListResourceRecordSetsOutput
		err := d.call(ctx, "ListResourceRecordSets", string(name)+" from "+aws.ToString(in.StartRecordName), func(ctx context.Context) (err error) {
			out, err = d.api.ListResourceRecordSets(ctx, in)
			return err
		})
		switch {
		case errors.As(err, new(*types.NoSuchHostedZone)):
			d.account.forget(name, id)
			return nil, false, nil
		case err != nil:
			return nil, false, err
		}
		all = append(all, out.ResourceRecordSets...)
		if !out.IsTruncated {
			return all, true, nil
		}
		if aws.ToString(out.NextRecordName) == "" {
			return nil, false, errors.New("Route 53 says that its list of records goes on, and not where")
		}
		in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
	}
}
