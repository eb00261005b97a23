package whmapi

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// zoneLines is a zone as its lines, at one revision.
type zoneLines struct {
	skein.Zone
	lines []zone.Line
}

// linesOf reads the zone that a call is about. One that the caller may not
// read does not exist for it.
func (d *Door) linesOf(ctx context.Context, c call, argument ...string) (zoneLines, error) {
	z, text, err := d.textOf(ctx, c, argument...)
	if err != nil {
		return zoneLines{}, err
	}
	lines, err := zone.Lines(string(text), z.Name)
	if err != nil {
		return zoneLines{}, fmt.Errorf("the text of %s: %w", z.Name, err) // ours is always right
	}
	return zoneLines{z, lines}, nil
}

func (d *Door) textOf(ctx context.Context, c call, argument ...string) (skein.Zone, []byte, error) {
	name, err := c.zone(argument...)
	if err != nil {
		return skein.Zone{}, nil, err
	}
	z, text, _, err := d.Control.ZoneText(ctx, c.actor, name)
	return z, text, notYours(name, err)
}

// notYours words what is missing as cPanel does.
func notYours(name zone.Name, err error) error {
	if skein.KindOf(err) == skein.KindNotFound {
		return &skein.Error{Kind: skein.KindNotFound, What: fmt.Sprintf("You do not control a DNS zone named %s.", plain(name)), Cause: err}
	}
	return err
}

// at returns the record of a line; the number is as a person counts, from 1.
func (z zoneLines) at(number uint64) (zone.Line, error) {
	for _, l := range z.lines {
		if uint64(l.Number) <= number && number < uint64(l.Number+l.Lines) {
			if l.Kind == zone.LineRecord && uint64(l.Number) == number {
				return l, nil
			}
			if l.Kind == zone.LineRecord {
				return l, refuse("the record of line %d of %s begins in line %d", number, z.Name, l.Number)
			}
			return l, refuse("line %d of %s is no record but a %s line, which cannot be edited", number, z.Name, l.Kind)
		}
	}
	return zone.Line{}, refuse("%s has no line %d", z.Name, number)
}

// hasSerial says whether an editor has seen the zone as it is.
func (z zoneLines) hasSerial(text string) error {
	serial, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return refuse("the serial %.40q is not a number; %s has %d", text, z.Name, z.Serial)
	}
	if uint32(serial) != z.Serial {
		return &skein.Error{Kind: skein.KindConflict, Cause: skein.ErrChanged,
			What: fmt.Sprintf("the serial %d is not that of %s, which is %d now", serial, z.Name, z.Serial), Mend: "read the zone again, then edit it"}
	}
	return nil
}

// item is a line in the answer of parse_dns_zone.
type item struct {
	LineIndex  int      `json:"line_index"` // from 0
	Type       string   `json:"type"`
	Text       string   `json:"text_b64,omitempty"`
	DName      string   `json:"dname_b64,omitempty"`
	TTL        *uint32  `json:"ttl,omitempty"`
	RecordType string   `json:"record_type,omitempty"`
	Data       []string `json:"data_b64,omitempty"`
}

// parseZone is parse_dns_zone and DNS::parse_zone: every line of a zone, its
// owner names as written, below the zone, but in full for the apex, where
// clients look for the SOA. Names in data are absolute, texts are what is in
// their quotation marks. A blank line is a comment without text.
func (d *Door) parseZone(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "zone")
	if err != nil {
		return nil, "", err
	}
	items := make([]item, len(z.lines))
	for i, l := range z.lines {
		it := item{LineIndex: l.Number - 1, Type: string(l.Kind)}
		switch l.Kind {
		case zone.LineRecord:
			it.DName, it.TTL, it.RecordType = base64Of(l.Owner), &l.TTL, l.Type.String()
			for _, field := range l.Data.Fields(l.Type) {
				it.Data = append(it.Data, base64Of(field))
			}
		case zone.LineBlank:
			it.Type = string(zone.LineComment)
		default:
			it.Text = base64Of(l.Text)
		}
		items[i] = it
	}
	return items, "", nil
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// exportZones is export_zone_files.
func (d *Door) exportZones(ctx context.Context, c call) (any, string, error) {
	zones := c.list("zone")
	if len(zones) == 0 {
		return nil, "", refuse(`the argument "zone" is missing`)
	}
	names := make([]zone.Name, len(zones))
	for i, text := range zones {
		var err error
		if names[i], err = zoneName(text); err != nil {
			return nil, "", err
		}
		if _, err := d.Control.Zone(ctx, c.actor, names[i]); err != nil { // before the answer has begun
			return nil, "", notYours(names[i], err)
		}
	}
	return stream{"payload", func(w *writer) error {
		for i, name := range names {
			_, text, _, err := d.Control.ZoneText(ctx, c.actor, name)
			if err != nil {
				return notYours(name, err)
			}
			if i > 0 {
				w.text(",")
			}
			w.value(map[string]string{"zone": plain(name), "text_b64": base64Of(string(text))})
		}
		return nil
	}}, "", nil
}

// fetchZone is ZoneEdit::fetchzone: the lines as they stand, and the records.
func (d *Door) fetchZone(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "domain")
	if err != nil {
		return nil, "", err
	}
	records := make([]map[string]any, len(z.lines))
	for i, l := range z.lines {
		records[i] = recordOf(l)
	}
	return []any{map[string]any{"status": 1, "statusmsg": "Zone fetched", "domain": plain(z.Name), "serialnum": strconv.FormatUint(uint64(z.Serial), 10), "record": records}}, "", nil
}

// listDomains is DomainInfo::list_domains. Skein has no accounts with a main
// domain: the first zone stands for it, so that clients find all in one place.
func (d *Door) listDomains(ctx context.Context, c call) (any, string, error) {
	names, err := d.zoneNames(ctx, c)
	if err != nil {
		return nil, "", err
	}
	main, addon := "", []string{}
	for i, name := range names {
		if i == 0 {
			main = plain(name)
			continue
		}
		addon = append(addon, plain(name))
	}
	return map[string]any{"main_domain": main, "addon_domains": addon, "parked_domains": []string{}, "sub_domains": []string{}}, "", nil
}

// maxNames bounds a list of zones that is built up in memory.
const maxNames = 20_000

// zoneNames returns the names of all zones that a caller sees, deep ones
// first: clients that take the first name which ends like theirs so find the
// right zone.
func (d *Door) zoneNames(ctx context.Context, c call) (names []zone.Name, err error) {
	err = d.eachZone(ctx, c.actor, func(z skein.Zone) error {
		if names = append(names, z.Name); len(names) > maxNames {
			return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("there are more than %d zones, too many for this call", maxNames),
				Mend: "use a token that is limited to zones, or listzones of WHM API 1"}
		}
		return nil
	})
	slices.SortStableFunc(names, func(a, b zone.Name) int { return len(b.Labels()) - len(a.Labels()) })
	return names, err
}
