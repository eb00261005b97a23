package whmapi

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// The old calls, which name the parts of a record, and know records by a line
// that is counted from 1.

// dumpZone is dumpzone.
func (d *Door) dumpZone(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "domain", "zone")
	records := make([]map[string]any, len(z.lines))
	for i, l := range z.lines {
		records[i] = recordOf(l)
	}
	return map[string]any{"zone": []any{map[string]any{"record": records}}}, "Zone Serialized", err
}

// getRecord is getzonerecord.
func (d *Door) getRecord(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "domain", "zone")
	if err != nil {
		return nil, "", err
	}
	l, err := c.line(z)
	return map[string]any{"record": []any{recordOf(l)}}, "Record obtained.", err
}

// fetchRecords is ZoneEdit::fetchzone_records: the lines of which everything
// that is asked for is so.
func (d *Door) fetchRecords(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "domain")
	if err != nil {
		return nil, "", err
	}
	records := []map[string]any{}
	for _, l := range z.lines {
		if r := recordOf(l); c.selects(r) {
			records = append(records, r)
		}
	}
	return records, "", nil
}

// filters are the arguments of fetchzone_records that choose records.
var filters = []string{"line", "type", "name", "class", "ttl", "address", "cname", "nsdname", "ptrdname", "exchange", "preference", "txtdata", "target", "priority", "weight", "port", "record"}

func (c call) selects(r map[string]any) bool {
	return !slices.ContainsFunc(filters, func(name string) bool {
		want := c.get(name)
		have, there := r[name]
		return want != "" && (!there || !strings.EqualFold(fmt.Sprint(have), want))
	})
}

// line returns the record that a call is about.
func (c call) line(z zoneLines) (zone.Line, error) {
	n, given, err := c.number("line", math.MaxInt32)
	switch {
	case err != nil:
		return zone.Line{}, err
	case !given:
		return zone.Line{}, refuse(`the argument "line" is missing`)
	}
	return z.at(n)
}

// addRecord is addzonerecord and ZoneEdit::add_zone_record.
func (d *Door) addRecord(ctx context.Context, c call) (skein.Zone, error) {
	name, err := c.zone("domain", "zone")
	if err != nil {
		return skein.Zone{}, err
	}
	e := control.Edit{Op: control.OpAdd}
	if e.Set.Type, err = typeOf(c.get("type")); err != nil {
		return skein.Zone{}, err
	}
	if e.Set.Name, err = below(c.get("name"), name); err != nil {
		return skein.Zone{}, err
	}
	ttl, given, err := c.number("ttl", math.MaxInt32)
	if err != nil {
		return skein.Zone{}, err
	}
	e.Set.TTL, e.KeepTTL = uint32(ttl), !given
	data, err := c.data(e.Set.Type, nil, name)
	if err != nil {
		return skein.Zone{}, err
	}
	e.Set.Data = []zone.Rdata{data}
	z, err := d.edit(ctx, c, control.EditRecords{Zone: name, Edits: []control.Edit{e}})
	return z, notYours(name, err)
}

// editRecord is editzonerecord and ZoneEdit::edit_zone_record: what is not
// given stays as it is.
func (d *Door) editRecord(ctx context.Context, c call) (skein.Zone, error) {
	z, err := d.linesOf(ctx, c, "domain", "zone")
	if err != nil {
		return skein.Zone{}, err
	}
	l, err := c.line(z)
	if err != nil {
		return skein.Zone{}, err
	}
	become := l
	if text := c.get("type"); text != "" {
		if become.Type, err = typeOf(text); err != nil {
			return skein.Zone{}, err
		}
	}
	if text := c.get("name"); text != "" {
		if become.Name, err = below(text, z.Name); err != nil {
			return skein.Zone{}, err
		}
	}
	ttl, given, err := c.number("ttl", math.MaxInt32)
	if err != nil {
		return skein.Zone{}, err
	}
	if given {
		become.TTL = uint32(ttl)
	}
	if become.Data, err = c.data(become.Type, &l, z.Name); err != nil {
		return skein.Zone{}, err
	}
	if err := stays(l, become); err != nil {
		return skein.Zone{}, err
	}
	return d.edit(ctx, c, control.EditRecords{Zone: z.Name, Edits: replacing(l, become), Expect: &z.Revision})
}

// removeRecord is removezonerecord and ZoneEdit::remove_zone_record.
func (d *Door) removeRecord(ctx context.Context, c call) (skein.Zone, error) {
	z, err := d.linesOf(ctx, c, "zone", "domain")
	if err != nil {
		return skein.Zone{}, err
	}
	if serial := c.get("serialnum"); serial != "" {
		if err := z.hasSerial(serial); err != nil {
			return skein.Zone{}, err
		}
	}
	l, err := c.line(z)
	if err == nil {
		err = stays(l, zone.Line{})
	}
	if err != nil {
		return skein.Zone{}, err
	}
	return d.edit(ctx, c, control.EditRecords{Zone: z.Name, Edits: []control.Edit{removing(l)}, Expect: &z.Revision})
}
