package softlayer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/flat"
	"github.com/skein-dns/skein/zone"
)

// Apply implements member.Driver, one step after the other.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	return member.InTurn(ctx, "softlayer", steps, d.save, d.remove, done)
}

// save brings a zone to what is published.
func (d *Driver) save(ctx context.Context, name zone.Name) error {
	c, is := d.opts.Published(ctx, name)
	if !is {
		return fmt.Errorf("nothing is published of %s yet", name)
	}
	z, is, err := d.find(ctx, name)
	if err == nil && !is {
		z, err = d.make(ctx, c)
	}
	if err != nil {
		return err
	}
	entries, is, err := d.entries(ctx, z)
	switch {
	case err != nil:
		return err
	case !is:
		return fmt.Errorf("the zone %s is found, and has no records to list", name)
	}
	return d.send(ctx, z, name, diff(c, entries))
}

// make makes a zone. It is born with an address of its own: SoftLayer makes none
// without.
func (d *Driver) make(ctx context.Context, c zone.Contents) (z domain, err error) {
	text, fits := plain(c.Origin())
	if !fits {
		return z, fmt.Errorf("SoftLayer has no zones of such names: only letters, digits, hyphens, underscores and dots")
	}
	all := flat.Of(c)
	i := slices.IndexFunc(all, func(r flat.Record) bool {
		_, why := entryOf(c.Origin(), r)
		return why == "" && (r.Type == zone.TypeA || r.Type == zone.TypeAAAA)
	})
	if i < 0 {
		return z, errors.New("SoftLayer makes no zone without an A or AAAA record, and this one has none: put one in, or leave the zone out of the member's pool")
	}
	first, _ := entryOf(c.Origin(), all[i])
	in := struct {
		Name    string  `json:"name"`
		Records []entry `json:"resourceRecords"`
	}{text, []entry{first}}
	err = d.api.Call(ctx, http.MethodPost, "/SoftLayer_Dns_Domain/createObject.json", args{[]any{in}}, nil)
	if err != nil {
		return z, err
	}
	z, is, err := d.find(ctx, c.Origin()) // the reference says that the answer is no more than true
	if err == nil && !is {
		err = errors.New("SoftLayer says that it made the zone, and does not find it")
	}
	return z, err
}

// batch is how many records go in one call.
const batch = 100

// send makes changes. A record that is refused keeps none from the others.
func (d *Driver) send(ctx context.Context, z domain, name zone.Name, diff difference) error {
	var refused []error
	for _, part := range []struct {
		method  string
		records []flat.Record
	}{{"deleteObjects", diff.Delete}, {"editObjects", diff.Edit}, {"createObjects", diff.Create}} {
		for some := range slices.Chunk(part.records, batch) {
			if err := d.change(ctx, z, name, part.method, some, &refused); err != nil {
				return err
			}
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("it refused %d records, the first: %w", len(refused), refused[0])
	}
	return nil
}

// change makes one kind of change. Where it fails, one of the records may be to
// blame: then they are sent in halves.
func (d *Driver) change(ctx context.Context, z domain, name zone.Name, method string, records []flat.Record, refused *[]error) error {
	entries := make([]entry, len(records))
	for i, r := range records {
		entries[i], _ = entryOf(name, r)
		entries[i].DomainID = z.ID
	}
	err := d.api.Call(ctx, http.MethodPost, "/SoftLayer_Dns_Domain_ResourceRecord/"+method+".json", args{[]any{entries}}, nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, member.ErrAway), errors.Is(err, member.ErrDenied):
		return err
	case len(records) == 1:
		if method != "deleteObjects" || !isGone(err) {
			*refused = append(*refused, fmt.Errorf("%s: %w", records[0], err))
		}
		return nil
	}
	half := len(records) / 2
	if err := d.change(ctx, z, name, method, records[:half], refused); err != nil {
		return err
	}
	return d.change(ctx, z, name, method, records[half:], refused)
}

func (d *Driver) remove(ctx context.Context, name zone.Name) error {
	z, is, err := d.find(ctx, name)
	if err != nil || !is {
		return err
	}
	if err = d.api.Call(ctx, http.MethodDelete, fmt.Sprintf("/SoftLayer_Dns_Domain/%d.json", z.ID), nil, nil); isGone(err) {
		return nil
	}
	return err
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	for i, name := range names {
		z, is, err := d.find(ctx, name)
		var entries []entry
		if err == nil && is {
			entries, is, err = d.entries(ctx, z)
		}
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		all[i] = member.Presence{Present: true, Ours: true}
		if c, published := d.opts.Published(ctx, name); published {
			diff := diff(c, entries)
			all[i].Current, all[i].Lacks = diff.IsZero(), diff.lacks
		}
	}
	return all, nil
}
