package vpsnet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/flat"
	"github.com/skein-dns/skein/zone"
)

// domain is a zone, as the API has it.
type domain struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name"`
	TLD  string `json:"tld,omitempty"`
}

func (d domain) full() string {
	name := strings.ToLower(strings.TrimSuffix(d.Name, "."))
	if d.TLD == "" || strings.HasSuffix(name, "."+strings.ToLower(d.TLD)) {
		return name
	}
	return name + "." + strings.ToLower(d.TLD)
}

// record is a record, as the API has it.
type record struct {
	ID       int64       `json:"id,omitempty"`
	Host     string      `json:"host"`
	Type     string      `json:"type"`
	Data     string      `json:"data"`
	TTL      json.Number `json:"ttl"`
	Priority json.Number `json:"priority,omitempty"`
}

type (
	wrappedDomain struct {
		Domain domain `json:"domain"`
	}
	wrappedRecord struct {
		Record record `json:"domain_record"`
	}
)

// types are those that the service has records of, but for its own FAILOVER.
var types = []string{"a", "aaaa", "cname", "mx", "ns", "txt"}

// plain is how a zone is called there; false if it can hardly be.
func plain(name zone.Name) (text string, is bool) {
	text = strings.TrimSuffix(string(name.Canonical()), ".")
	return text, text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

func (d *Driver) domains(ctx context.Context) (all []wrappedDomain, err error) {
	return all, d.call(ctx, d.calls[SettingListDomains], 0, 0, nil, &all)
}

func (d *Driver) find(ctx context.Context, name zone.Name) (id int64, is bool, err error) {
	text, fits := plain(name)
	if !fits {
		return 0, false, nil
	}
	all, err := d.domains(ctx)
	if err != nil {
		return 0, false, err
	}
	return found(all, text)
}

func found(all []wrappedDomain, text string) (id int64, is bool, err error) {
	at := slices.IndexFunc(all, func(w wrappedDomain) bool { return w.Domain.full() == text })
	if at < 0 {
		return 0, false, nil
	}
	return all[at].Domain.ID, true, nil
}

func (d *Driver) records(ctx context.Context, id int64) (all []wrappedRecord, is bool, err error) {
	err = d.call(ctx, d.calls[SettingListRecords], id, 0, nil, &all)
	if isGone(err) {
		return nil, false, nil
	}
	return all, err == nil, err
}

// recordOf writes a record, or says why the service cannot hold it.
func (d *Driver) recordOf(origin zone.Name, r flat.Record) (out record, why string) {
	out = record{Host: zone.Relative(r.Name.Canonical(), origin.Canonical()), Type: strings.ToLower(r.Type.String()), TTL: json.Number(strconv.FormatUint(uint64(r.TTL), 10))}
	if out.Host == "@" {
		out.Host = d.apexHost()
	}
	fields := r.Data.Fields(r.Type)
	switch {
	case !slices.Contains(types, out.Type):
		return out, "VPS.NET has no records of that type"
	case r.Type == zone.TypeTXT:
		out.Data = flat.Text(r.Data)
		return out, ""
	case r.Type == zone.TypeMX:
		out.Priority = json.Number(fields[0])
	}
	out.Data = fields[len(fields)-1]
	return out, ""
}

func (d *Driver) apexHost() string { return cmp.Or(d.m.Settings[SettingApexHost], DefaultApexHost) }

// read reads a record of a zone.
func (d *Driver) read(origin zone.Name, w record) (r flat.Record, err error) {
	ttl, _ := strconv.ParseUint(w.TTL.String(), 10, 32)
	r.ID, r.TTL = strconv.FormatInt(w.ID, 10), uint32(ttl)
	if r.Type, err = zone.ParseType(w.Type); err != nil {
		return r, err
	}
	host, apex := strings.TrimSuffix(strings.ToLower(w.Host), "."), strings.TrimSuffix(string(origin.Canonical()), ".")
	switch {
	case host == "" || host == "@" || host == d.apexHost() || host == apex:
		r.Name = origin.Canonical()
	case strings.HasSuffix(host, "."+apex):
		r.Name, err = zone.ParseName(host + ".")
	default:
		r.Name, err = zone.ParseName(host + "." + apex + ".")
	}
	if err != nil {
		return r, err
	}
	text := w.Data
	switch r.Type {
	case zone.TypeTXT:
		r.Data = flat.OfText(text)
		return r, nil
	case zone.TypeCNAME, zone.TypeMX, zone.TypeNS:
		if strings.Contains(text, ".") && !strings.HasSuffix(text, ".") { // it may leave the dot out
			text += "."
		}
		if r.Type == zone.TypeMX {
			text = cmp.Or(w.Priority.String(), "0") + " " + text
		}
	}
	r.Data, err = zone.ParseRdata(r.Type, text, origin)
	return r, err
}

type difference struct {
	flat.Difference
	lacks []string
}

// diff compares. Nothing is edited: no call is known that does.
func (d *Driver) diff(c zone.Contents, there []wrappedRecord) (x difference) {
	var want, has []flat.Record
	for _, r := range flat.Of(c) {
		if _, why := d.recordOf(c.Origin(), r); why != "" {
			x.lacks = append(x.lacks, r.String()+": "+why)
			continue
		}
		if r.Type == zone.TypeTXT {
			r.Data = flat.OfText(flat.Text(r.Data))
		}
		want = append(want, r)
	}
	for _, w := range there {
		r, err := d.read(c.Origin(), w.Record)
		switch {
		case err == nil && (r.Type == zone.TypeSOA || r.Type == zone.TypeNS && r.Name.Equal(c.Origin())):
		case err != nil && strings.EqualFold(w.Record.Type, "soa"):
		case err != nil:
			x.lacks = append(x.lacks, fmt.Sprintf("%s %s: is there, and is not of a kind that Skein knows; it was left alone", w.Record.Host, w.Record.Type))
		default:
			has = append(has, r)
		}
	}
	x.Difference = flat.Diff(want, has, func(zone.Type) bool { return true })
	for _, r := range x.Edit {
		old := r
		x.Delete = append(x.Delete, old)
		r.ID = ""
		x.Create = append(x.Create, r)
	}
	x.Edit = nil
	return x
}

// Apply implements member.Driver, one step after the other.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	return member.InTurn(ctx, "vpsnet", steps, d.save, d.remove, done)
}

func (d *Driver) save(ctx context.Context, name zone.Name) error {
	c, is := d.opts.Published(ctx, name)
	if !is {
		return fmt.Errorf("nothing is published of %s yet", name)
	}
	text, fits := plain(name)
	if !fits {
		return errors.New("VPS.NET has hardly zones of such names: only letters, digits, hyphens, underscores and dots")
	}
	id, is, err := d.find(ctx, name)
	if err == nil && !is {
		if err = d.call(ctx, d.calls[SettingMakeDomain], 0, 0, wrappedDomain{domain{Name: text}}, nil); err == nil {
			id, is, err = d.find(ctx, name)
		}
		if err == nil && !is {
			err = errors.New("VPS.NET took a new domain, and does not list it")
		}
	}
	if err != nil {
		return err
	}
	there, is, err := d.records(ctx, id)
	if err == nil && !is {
		err = errors.New("the domain is listed, and has no records to list")
	}
	if err != nil {
		return err
	}
	return d.send(ctx, id, name, d.diff(c, there))
}

// send makes changes. A record that is refused keeps none from the others.
func (d *Driver) send(ctx context.Context, id int64, name zone.Name, x difference) error {
	var refused []error
	note := func(r flat.Record, err error) error {
		if errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied) {
			return err
		}
		if err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", r, err))
		}
		return nil
	}
	for _, r := range x.Delete {
		rid, _ := strconv.ParseInt(r.ID, 10, 64) // it was written from a number
		err := d.call(ctx, d.calls[SettingDropRecord], id, rid, nil, nil)
		if isGone(err) {
			err = nil
		}
		if err := note(r, err); err != nil {
			return err
		}
	}
	for _, r := range x.Create {
		out, _ := d.recordOf(name, r)
		if err := note(r, d.call(ctx, makeRecord, id, 0, wrappedRecord{out}, nil)); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("it refused %d records, the first: %w", len(refused), refused[0])
	}
	return nil
}

func (d *Driver) remove(ctx context.Context, name zone.Name) error {
	id, is, err := d.find(ctx, name)
	if err != nil || !is {
		return err
	}
	if err = d.call(ctx, d.calls[SettingDropDomain], id, 0, nil, nil); isGone(err) {
		return nil
	}
	return err
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	list, err := d.domains(ctx)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		text, fits := plain(name)
		id, is, _ := found(list, text)
		if !fits || !is {
			continue
		}
		there, is, err := d.records(ctx, id)
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		all[i] = member.Presence{Present: true, Ours: true}
		if c, published := d.opts.Published(ctx, name); published {
			x := d.diff(c, there)
			all[i].Current, all[i].Lacks = x.IsZero(), x.lacks
		}
	}
	return all, nil
}
