package whmapi

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skein-dns/skein/zone"
)

// typeCAA is a type that package zone has no name for.
const typeCAA zone.Type = 257

// fieldNames are the names that the old calls have for the parts of record
// data, in the order of the data. Records of other types are seen there, and
// edited by mass_edit_dns_zone.
var fieldNames = map[zone.Type][]string{
	zone.TypeA:     {"address"},
	zone.TypeAAAA:  {"address"},
	zone.TypeCNAME: {"cname"},
	zone.TypeDNAME: {"dname"},
	zone.TypeNS:    {"nsdname"},
	zone.TypePTR:   {"ptrdname"},
	zone.TypeMX:    {"preference", "exchange"},
	zone.TypeTXT:   {"txtdata"},
	zone.TypeSRV:   {"priority", "weight", "port", "target"},
	typeCAA:        {"flag", "tag", "value"},
	zone.TypeSOA:   {"mname", "rname", "serial", "refresh", "retry", "expire", "minimum"},
}

// isName says which parts are domain names. They are written without the
// final dot; one that has no dot inside keeps it, and is relative without.
var isName = map[string]bool{"cname": true, "dname": true, "nsdname": true, "ptrdname": true, "exchange": true, "target": true, "mname": true, "rname": true}

// recordOf is a line as the old calls show it: what it holds under the names
// of its type. They count lines from 1, and spell that in two ways.
func recordOf(l zone.Line) map[string]any {
	r := map[string]any{"Line": l.Number, "line": l.Number}
	if l.Lines > 1 {
		r["Lines"] = l.Lines
	}
	if l.Kind != zone.LineRecord {
		r["type"], r["raw"] = ":RAW", l.Text
		if words := strings.Fields(l.Text); l.Kind == zone.LineControl && len(words) > 1 && strings.EqualFold(words[0], "$TTL") {
			r["type"], r["ttl"] = "$TTL", words[1]
		}
		return r
	}
	r["type"], r["class"], r["name"], r["ttl"] = l.Type.String(), "IN", string(l.Name), l.TTL
	r["record"] = l.Data.Text(l.Type)
	for i, text := range partsOf(l) {
		name := fieldNames[l.Type][i]
		if r[name] = shown(text); isName[name] {
			r[name] = withoutDot(text)
		}
	}
	if len(fieldNames[l.Type]) == 1 {
		r["record"] = r[fieldNames[l.Type][0]]
	}
	return r
}

// partsOf is the data of a record as the parts that have names; none if its
// type has none. The texts of a TXT record are one.
func partsOf(l zone.Line) []string {
	names, fields := fieldNames[l.Type], l.Data.Fields(l.Type)
	switch {
	case l.Type == zone.TypeTXT:
		return []string{strings.Join(fields, "")}
	case len(names) != len(fields): // none, or data in the generic form
		return nil
	}
	return fields
}

func withoutDot(name string) string {
	if cut := strings.TrimSuffix(name, "."); strings.Contains(cut, ".") {
		return cut
	}
	return name
}

// inFull is the opposite: a name with a dot inside is a whole one.
func inFull(name string) string {
	if strings.Contains(name, ".") && !strings.HasSuffix(name, ".") {
		return name + "."
	}
	return name
}

// data makes the data of a record of a type from the arguments that name its
// parts. What is not among them is as before, where there was a record of that type.
func (c call) data(t zone.Type, before *zone.Line, origin zone.Name) (zone.Rdata, error) {
	names, known := fieldNames[t]
	if !known {
		return "", refuse("records of type %s have no names for their parts here; use mass_edit_dns_zone", t)
	}
	var old []string
	if before != nil && before.Type == t {
		old = partsOf(*before)
	}
	if old != nil && !slices.ContainsFunc(names, c.values.Has) {
		return before.Data, nil
	}
	fields := make([]string, len(names))
	for i, name := range names {
		switch {
		case c.values.Has(name):
			if fields[i] = c.values.Get(name); isName[name] {
				fields[i] = inFull(fields[i])
			}
		case old != nil:
			fields[i] = old[i]
		default:
			return "", refuse("the argument %q of a record of type %s is missing", name, t)
		}
	}
	data, err := zone.RdataOfFields(t, fields, origin)
	if err != nil {
		return "", refuse("%v", err)
	}
	return data, nil
}

// shown is a text as JSON can have it: where it is no UTF-8, octets beyond
// ASCII are escaped as in a zone file.
func shown(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 0x80 {
			b.WriteString(`\` + strconv.Itoa(int(c)))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
