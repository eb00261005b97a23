package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// maxRecords bounds what a template may make of itself ($GENERATE).
const maxRecords = 10_000

// Zone makes the contents of a zone from a template, by the rules of editors.
// The values are read already (Read); %domain% is the zone's name. err is
// *zone.Errors; each finding has its line in the template, and what was left
// out for want of a value is among them.
func Zone(text string, origin zone.Name, values Values) (zone.Contents, []zone.Problem, error) {
	text, left, err := Expand(text, values.and("domain", undotted(origin)))
	if err != nil {
		return zone.Contents{}, nil, err
	}
	contents, warnings, err := zone.Read(strings.NewReader(text), origin, zone.Options{MaxRecords: maxRecords}, zone.Strict)
	var list *zone.Errors
	if errors.As(err, &list) {
		err = &zone.Errors{Problems: append(slices.Clone(list.Problems), left...)}
	}
	return contents, warnings, err
}

// and returns values with one more, if it has none yet.
func (v Values) and(name, value string) Values {
	all := Values{name: value}
	for name, value := range v {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

// Check makes zones of a template for an example: one with all that a zone can
// have, and one with the least. It returns what is worth a look in them; err is
// *zone.Errors.
func Check(text string) (warnings []zone.Problem, err error) {
	for _, sample := range samples(text) {
		_, found, err := Zone(text, "example.com.", sample.values)
		for _, p := range found {
			if !slices.Contains(warnings, p) {
				warnings = append(warnings, sample.about(p))
			}
		}
		var list *zone.Errors
		if errors.As(err, &list) {
			for i, p := range list.Problems {
				list.Problems[i] = sample.about(p)
			}
		}
		if err != nil {
			return warnings, err
		}
	}
	return warnings, nil
}

// sample is values that a template is tried with.
type sample struct {
	values Values
	where  string // which zones are like this; "" for most
}

// about says of a finding in which zones it is.
func (s sample) about(p zone.Problem) zone.Problem {
	if s.where != "" && !p.Warning {
		p.Text += " (" + s.where + ")"
	}
	return p
}

func samples(text string) []sample {
	least := Values{
		"cpversion": "11.138.0.6", "maildomain": "example.com", "nameserver": "ns1.example.net", "nsttl": "86400", "reseller": "root",
		"rpemail": "hostmaster.example.com", "serial": "2026010100", "ttl": "14400", "ip": "192.0.2.10", "ftpip": "192.0.2.10",
	}
	most := least.and("ipv6", "2001:db8::10")
	domain := "example.net"
	if strings.Contains(text, "%nameserverentry") {
		domain = "example.com" // only in the zone itself do nameservers have entries
	}
	for i, number := range [...]string{"", "2", "3", "4"} {
		name := fmt.Sprintf("ns%d.%s", i+1, domain)
		most["nameserver"+number], most["nameservera"+number] = name, fmt.Sprintf("192.0.2.%d", i+1)
		if domain == "example.com" {
			most["nameserverentry"+number] = name
		}
	}
	return []sample{{most, ""}, {least, "where a zone has one nameserver, which is elsewhere, and no IPv6 address"}}
}
