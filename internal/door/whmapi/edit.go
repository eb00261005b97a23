package whmapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// lineEdit is an item of add or edit in mass_edit_dns_zone.
type lineEdit struct {
	LineIndex *number `json:"line_index"` // from 0; of edit alone
	DName     *string `json:"dname"`
	TTL       *number `json:"ttl"`
	Type      string  `json:"record_type"`
	Data      fields  `json:"data"`
}

// Whoever writes JSON in Perl or PHP may send "300" for 300, and 10 for "10".
type (
	number uint64
	fields []string
)

func (n *number) UnmarshalJSON(text []byte) error {
	var digits json.Number // takes both
	if err := json.Unmarshal(text, &digits); err != nil {
		return err
	}
	v, err := strconv.ParseUint(digits.String(), 10, 64)
	*n = number(v)
	return err
}

func (f *fields) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	*f = make([]string, len(parts))
	for i, part := range parts {
		var digits json.Number
		to := any(&(*f)[i])
		if part[0] != '"' {
			to = &digits
		}
		if err := json.Unmarshal(part, to); err != nil {
			return err
		}
		(*f)[i] += digits.String()
	}
	return nil
}

// massEdit is mass_edit_dns_zone and DNS::mass_edit_zone. All lines are those
// of the zone as it is, and all edits are made in one change, or none.
func (d *Door) massEdit(ctx context.Context, c call) (any, string, error) {
	z, err := d.linesOf(ctx, c, "zone")
	if err != nil {
		return nil, "", err
	}
	if err := z.hasSerial(c.get("serial")); err != nil {
		return nil, "", err
	}
	edits, err := z.edits(c)
	if err != nil {
		return nil, "", err
	}
	after, err := d.edit(ctx, c, control.EditRecords{Zone: z.Name, Edits: edits, Expect: &z.Revision})
	// lego decodes the serial into a string, whatever the documentation's schema says.
	return map[string]string{"new_serial": serialText(after)}, "", err
}

func serialText(z skein.Zone) string { return strconv.FormatUint(uint64(z.Serial), 10) }

// edits are what a call does to a zone: first everything that goes, so that
// what comes may take its place.
func (z zoneLines) edits(c call) ([]control.Edit, error) {
	var gone, come []control.Edit
	touched := map[int]bool{}
	line := func(index uint64) (zone.Line, error) {
		if index >= math.MaxInt32 {
			return zone.Line{}, refuse("there is no line_index %d", index)
		}
		l, err := z.at(index + 1)
		if err == nil && touched[l.Number] {
			err = refuse("it is named twice")
		}
		touched[l.Number] = true
		if err != nil {
			err = refuse("line_index %d: %s", index, sentence(err))
		}
		return l, err
	}
	for _, text := range c.list("remove") {
		index, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, refuse("remove is %.40q, and not a line_index", text)
		}
		l, err := line(index)
		if err == nil {
			err = stays(l, zone.Line{})
		}
		if err != nil {
			return nil, err
		}
		gone = append(gone, removing(l))
	}
	for _, text := range c.list("edit") {
		e, become, err := z.read("edit", text)
		if err != nil {
			return nil, err
		}
		if e.LineIndex == nil {
			e.LineIndex = new(number) // lego leaves it out where it is 0
		}
		l, err := line(uint64(*e.LineIndex))
		if err == nil {
			err = stays(l, become)
		}
		if err != nil {
			return nil, err
		}
		both := replacing(l, become)
		gone, come = append(gone, both[:len(both)-1]...), append(come, both[len(both)-1])
	}
	for _, text := range c.list("add") {
		_, become, err := z.read("add", text)
		if err != nil {
			return nil, err
		}
		come = append(come, adding(become))
	}
	if len(gone)+len(come) == 0 {
		return nil, refuse("there is nothing to do: add, edit and remove are all missing")
	}
	return append(gone, come...), nil
}

// read reads an item of add or edit as the record that it asks for.
func (z zoneLines) read(what, text string) (e lineEdit, l zone.Line, err error) {
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, l, refuse("%s is %.60q, and not JSON such as {\"dname\":\"www\",\"ttl\":300,\"record_type\":\"A\",\"data\":[\"192.0.2.1\"]}", what, text)
	}
	switch {
	case e.DName == nil:
		return e, l, refuse("%s has no dname: %.60q", what, text)
	case e.TTL == nil || *e.TTL > math.MaxInt32:
		return e, l, refuse("%s has no ttl, or one above %d: %.60q", what, math.MaxInt32, text)
	}
	if l.Type, err = typeOf(e.Type); err != nil {
		return e, l, err
	}
	if l.Name, err = below(*e.DName, z.Name); err != nil {
		return e, l, err
	}
	l.TTL = uint32(*e.TTL)
	if l.Data, err = zone.RdataOfFields(l.Type, e.Data, z.Name); err != nil {
		return e, l, refuse("%s of %s: %v", what, l.Name, err)
	}
	return e, l, nil
}

func typeOf(text string) (zone.Type, error) {
	t, err := zone.ParseType(text)
	if err != nil {
		return 0, refuse("%.40q is not a type of records that a zone can have", text)
	}
	return t, nil
}

// below makes the owner name of a record absolute: it is below the zone, or
// ends in a dot.
func below(name string, origin zone.Name) (zone.Name, error) {
	switch {
	case name == "" || name == "@":
		return origin, nil
	case !strings.HasSuffix(name, ".") || strings.HasSuffix(name, `\.`):
		name += "." + string(origin)
	}
	n, err := zone.ParseName(name)
	if err != nil {
		return "", refuse("%v", err)
	}
	return n, nil
}

// removing, adding and replacing are edits of a line. There is always one SOA:
// it is set, as its serial is not that of what was put in.

func removing(l zone.Line) control.Edit {
	return control.Edit{Op: control.OpDelete, Set: zone.RRset{Name: l.Name, Type: l.Type, Data: []zone.Rdata{l.Data}}}
}

func adding(l zone.Line) control.Edit {
	return control.Edit{Op: control.OpAdd, Set: zone.RRset{Name: l.Name, Type: l.Type, TTL: l.TTL, Data: []zone.Rdata{l.Data}}}
}

func replacing(l, become zone.Line) []control.Edit {
	come := adding(become)
	if l.Type == zone.TypeSOA {
		come.Op = control.OpSet
		return []control.Edit{come}
	}
	return []control.Edit{removing(l), come}
}

// stays refuses to edit the SOA away.
func stays(l, become zone.Line) error {
	if l.Type == zone.TypeSOA && (become.Type != zone.TypeSOA || !become.Name.Equal(l.Name)) {
		return refuse("a zone has one SOA record, which can be edited, but not removed")
	}
	return nil
}

// edit carries edits out and returns the zone as it is then.
func (d *Door) edit(ctx context.Context, c call, in control.EditRecords) (skein.Zone, error) {
	in.Tolerant = true // TTLs above the most there is are lowered, as for panels
	res, err := d.Control.EditRecords(ctx, c.actor, in)
	if errors.Is(err, skein.ErrChanged) {
		err = &skein.Error{Kind: skein.KindConflict, Cause: err, What: fmt.Sprintf("%s was changed meanwhile, and its lines are others now", in.Zone), Mend: "read the zone again, then edit it"}
	}
	return res.Zone, err
}
