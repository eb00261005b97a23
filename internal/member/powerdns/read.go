package powerdns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/stream"
	"github.com/skein-dns/skein/zone"
)

// mostElement is more than a set takes of all the records that DNS can carry.
const mostElement = 64 << 20

// List implements member.Lister.
func (d *Driver) List(ctx context.Context, tell func(skein.ListedZone) error) error {
	return d.client.stream(ctx, http.MethodGet, "/zones?dnssec=false", nil, func(r io.Reader) error {
		list := stream.New(r, mostElement)
		return list.Elements(func() error {
			var s setup
			if err := list.Value(&s); err != nil {
				return err
			}
			name, err := zone.ParseName(s.Name)
			if err != nil {
				return nil // nobody could be asked for it
			}
			return tell(skein.ListedZone{Held: skein.Held{Zone: name, Serial: s.Serial}, Ours: s.Account == account(d.m), Owner: s.Account})
		})
	})
}

// Inventory implements member.Reader.
func (d *Driver) Inventory(ctx context.Context, tell func(skein.Held) error) error {
	return d.List(ctx, func(l skein.ListedZone) error { return tell(l.Held) })
}

// Read implements member.Reader.
func (d *Driver) Read(ctx context.Context, names []zone.Name, tell func(i int, c zone.Contents, err error)) error {
	for i, name := range names {
		c, odd, err := d.contents(ctx, name)
		switch {
		case refused(err, http.StatusNotFound):
			err = member.ErrAbsent
		case errors.Is(err, member.ErrAway), errors.Is(err, member.ErrDenied):
			return err
		case err == nil && len(odd) > 0:
			err = fmt.Errorf("%d sets of records of it cannot be read, such as %s %s", len(odd), odd[0].Name, odd[0].Type)
		}
		tell(i, c, err)
	}
	return nil
}

// contents reads what the member has of a zone. Odd are the sets that are not
// served as they are there: of a type that only PowerDNS knows, or disabled.
func (d *Driver) contents(ctx context.Context, name zone.Name) (c zone.Contents, odd []rrset, err error) {
	err = d.client.stream(ctx, http.MethodGet, zonePath(name), nil, func(r io.Reader) error {
		c, odd, err = readZone(name, r)
		return err
	})
	return c, odd, err
}

func readZone(name zone.Name, r io.Reader) (c zone.Contents, odd []rrset, err error) {
	var sets []zone.RRset
	in := stream.New(r, mostElement)
	err = in.Field("rrsets", func() error {
		return in.Elements(func() error {
			var s rrset
			if err := in.Value(&s); err != nil {
				return err
			}
			if set, ok := taken(name, s); ok {
				sets = append(sets, set)
			} else {
				odd = append(odd, s)
			}
			return nil
		})
	})
	if err == nil {
		c, err = zone.NewContents(name, sets)
	}
	return c, odd, err
}

// taken is a set as the API gives it; false if it is none of a zone.
func taken(origin zone.Name, s rrset) (set zone.RRset, ok bool) {
	name, err := zone.ParseName(s.Name)
	if err != nil || !name.IsSubdomainOf(origin) {
		return set, false
	}
	t, err := zone.ParseType(s.Type)
	if err != nil {
		return set, false
	}
	set = zone.RRset{Name: name, Type: t, TTL: s.TTL}
	for _, r := range s.Records {
		data, err := zone.ParseRdata(t, named(t, r.Content), zone.Root)
		if err != nil || r.Disabled {
			return set, false
		}
		set.Data = append(set.Data, data)
	}
	return set, len(set.Data) > 0
}
