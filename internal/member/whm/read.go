package whm

import (
	"bytes"
	"context"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	serialPage = 500 // zones whose serials are asked for together
	readAtOnce = 50  // zones that are read in one call
	// quiet is from how many zones on a nameserver that tells of none is not
	// asked again: it would be silent for each page, for seconds.
	quiet = 20
)

// Inventory implements member.Reader. The names are taken in whole, some 40
// octets each, since no server waits with half an answer while zones are read.
func (d *Driver) Inventory(ctx context.Context, each func(skein.Held) error) error {
	if err := d.ready(ctx); err != nil {
		return err
	}
	var names []zone.Name
	err := d.client.ZoneList(ctx, dnsadmin.UniqID(), func(text string) error {
		if name, err := zone.ParseName(text); err == nil { // else nobody could be asked for it
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return failure(err)
	}
	slices.SortFunc(names, zone.Name.Compare)
	names = slices.CompactFunc(names, zone.Name.Equal)
	answers := true // DNS
	for page := range slices.Chunk(names, serialPage) {
		serials := make(map[string]uint32, len(page))
		if answers {
			d.opts.Serials(ctx, d.m.DNS(), page, func(name zone.Name, serial uint32) { serials[name.Key()] = serial })
			answers = len(serials) > 0 || len(page) < quiet
		}
		if err := d.tell(ctx, page, serials, each); err != nil {
			return err
		}
	}
	return nil
}

// tell tells of a page of the inventory: of those at once whose serial is known,
// of the others as they were read.
func (d *Driver) tell(ctx context.Context, page []zone.Name, serials map[string]uint32, each func(skein.Held) error) error {
	var unknown []zone.Name
	for _, name := range page {
		serial, is := serials[name.Key()]
		if !is {
			unknown = append(unknown, name)
			continue
		}
		if err := each(skein.Held{Zone: name, Serial: serial}); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(unknown, readAtOnce) {
		var failed error
		err := d.Read(ctx, some, func(i int, c zone.Contents, _ error) { // what cannot be read has no serial
			soa, _ := c.SOA()
			if failed == nil {
				failed = each(skein.Held{Zone: some[i], Serial: soa.Serial})
			}
		})
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Read implements member.Reader.
func (d *Driver) Read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error {
	for from := 0; from < len(names); from += readAtOnce {
		if err := d.read(ctx, names[from:min(from+readAtOnce, len(names))], func(i int, c zone.Contents, err error) { each(from+i, c, err) }); err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error {
	at := make(map[string]int, len(names))
	for i, name := range names {
		at[name.Key()] = i
	}
	err := d.client.Zones(ctx, dnsadmin.UniqID(), plainAll(names), func(text string, contents []byte, err error) error {
		name, bad := zone.ParseName(text)
		i, asked := at[name.Key()]
		if bad != nil || !asked {
			return nil // nobody asked for that
		}
		if err == nil && len(bytes.TrimSpace(contents)) == 0 { // it is registered, and that is all
			return nil
		}
		delete(at, name.Key())
		var c zone.Contents
		if err == nil {
			c, err = parse(names[i], contents)
		}
		each(i, c, err)
		return nil
	})
	if err != nil {
		return failure(err)
	}
	for _, i := range at {
		each(i, zone.Contents{}, member.ErrAbsent)
	}
	return nil
}

func parse(name zone.Name, text []byte) (zone.Contents, error) {
	sets, _, err := zone.Parse(bytes.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		return zone.Contents{}, err
	}
	return zone.NewContents(name, sets)
}
