package softlayer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/internal/member/flat"
	"github.com/skein-dns/skein/zone"
)

// entry is a record, as the API has it.
type entry struct {
	ID       int64  `json:"id,omitempty"`
	DomainID int64  `json:"domainId,omitempty"`
	Host     string `json:"host"`
	Type     string `json:"type"`
	Data     string `json:"data"`
	TTL      uint32 `json:"ttl"`
	MX       *int   `json:"mxPriority,omitempty"`
	Service  string `json:"service,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Priority *int   `json:"priority,omitempty"`
	Weight   *int   `json:"weight,omitempty"`
	Port     *int   `json:"port,omitempty"`
	Complex  string `json:"complexType,omitempty"`
}

// types are those that SoftLayer has records of, in its own words.
var types = []string{"a", "aaaa", "cname", "mx", "ns", "ptr", "spf", "srv", "txt"}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hosts   = letters + "@_.*-" // what is left of a host
	data    = letters + ".-"    // what is left of data that is a name
)

// deletable: SoftLayer lets nobody delete records of some types.
func deletable(t zone.Type) bool { return t != zone.TypeNS && t != zone.TypePTR }

// isText: what it makes of their data is known once it is read back.
func isText(t zone.Type) bool { return t == zone.TypeTXT || t.String() == "SPF" }

// normal brings text into one form: SoftLayer has it as one string.
func normal(r flat.Record) flat.Record {
	if isText(r.Type) {
		r.Data = flat.OfText(flat.Text(r.Data))
	}
	return r
}

// entryOf writes a record, or says why SoftLayer cannot hold it.
func entryOf(origin zone.Name, r flat.Record) (e entry, why string) {
	e = entry{Host: zone.Relative(r.Name.Canonical(), origin.Canonical()), Type: strings.ToLower(r.Type.String()), TTL: r.TTL}
	if id, err := strconv.ParseInt(r.ID, 10, 64); err == nil {
		e.ID = id
	}
	fields := r.Data.Fields(r.Type)
	switch {
	case !slices.Contains(types, e.Type):
		return e, "SoftLayer has no records of that type"
	case strings.Trim(e.Host, hosts) != "":
		return e, "SoftLayer would leave characters out of its name"
	case isText(r.Type):
		e.Data = flat.Text(r.Data)
		if strings.ContainsFunc(e.Data, func(c rune) bool { return c < ' ' || c > '~' }) {
			return e, "SoftLayer takes no characters in text that are not plain"
		}
		return e, ""
	case r.Type == zone.TypeMX:
		e.MX = number(fields[0])
	case r.Type == zone.TypeSRV:
		labels := strings.SplitN(e.Host, ".", 3)
		if len(labels) < 2 || !strings.HasPrefix(labels[0], "_") || !strings.HasPrefix(labels[1], "_") {
			return e, "SoftLayer has such records only under a service and a protocol"
		}
		e.Service, e.Protocol, e.Host = labels[0], labels[1], "@"
		if len(labels) == 3 {
			e.Host = labels[2]
		}
		e.Priority, e.Weight, e.Port = number(fields[0]), number(fields[1]), number(fields[2])
		e.Complex = "SoftLayer_Dns_Domain_ResourceRecord_SrvType"
	}
	e.Data = fields[len(fields)-1]
	if r.Type != zone.TypeAAAA && strings.Trim(e.Data, data) != "" {
		return e, "SoftLayer would leave characters out of its data"
	}
	return e, ""
}

func number(text string) *int {
	n, _ := strconv.Atoi(text) // it was written from a number
	return &n
}

// recordOf reads a record of a zone.
func recordOf(origin zone.Name, e entry) (r flat.Record, err error) {
	r.ID, r.TTL = strconv.FormatInt(e.ID, 10), e.TTL
	if r.Type, err = zone.ParseType(e.Type); err != nil {
		return r, err
	}
	host := e.Host
	if r.Type == zone.TypeSRV && e.Service != "" {
		host = e.Service + "." + e.Protocol
		if e.Host != "@" && e.Host != "" {
			host += "." + e.Host
		}
	}
	switch {
	case host == "@" || host == "":
		r.Name = origin.Canonical()
	case strings.HasSuffix(host, "."):
		r.Name, err = zone.ParseName(host)
	default:
		r.Name, err = zone.ParseName(host + "." + string(origin.Canonical()))
	}
	if err != nil {
		return r, err
	}
	text := e.Data
	switch {
	case isText(r.Type):
		r.Data = flat.OfText(e.Data)
		return r, nil
	case r.Type == zone.TypeMX:
		text = fmt.Sprintf("%d %s", value(e.MX), e.Data)
	case r.Type == zone.TypeSRV:
		text = fmt.Sprintf("%d %d %d %s", value(e.Priority), value(e.Weight), value(e.Port), e.Data)
	}
	r.Data, err = zone.ParseRdata(r.Type, text, origin)
	return r, err
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// difference is what leads from what a zone has to what it is to have.
type difference struct {
	flat.Difference
	lacks []string
}

// diff compares.
func diff(c zone.Contents, entries []entry) (d difference) {
	var want, has []flat.Record
	for _, r := range flat.Of(c) {
		if _, why := entryOf(c.Origin(), r); why != "" {
			d.lacks = append(d.lacks, r.String()+": "+why)
			continue
		}
		want = append(want, normal(r))
	}
	for _, e := range entries {
		if e.Type == "soa" { // SoftLayer's own, as the nameservers of the apex
			continue
		}
		r, err := recordOf(c.Origin(), e)
		switch {
		case err != nil:
			d.lacks = append(d.lacks, fmt.Sprintf("%s %s: is there and cannot be read; it was left alone", e.Host, e.Type))
		case r.Type == zone.TypeNS && r.Name.Equal(c.Origin()):
		default:
			has = append(has, normal(r))
		}
	}
	want, has = d.scrubbed(want, has)
	d.Difference = flat.Diff(want, has, deletable)
	for _, r := range d.Stay {
		d.lacks = append(d.lacks, r.String()+": is there and ought not to be; SoftLayer lets nobody delete records of that type")
	}
	return d
}

// scrubbed takes out text that SoftLayer has in its own way: sent again it would
// come to the same.
func (d *difference) scrubbed(want, has []flat.Record) (w, h []flat.Record) {
	h = slices.Clone(has)
	for _, r := range want {
		at := slices.IndexFunc(h, func(is flat.Record) bool { return isScrubbed(is, r) })
		exact := slices.ContainsFunc(h, func(is flat.Record) bool { return is.Name.Equal(r.Name) && is.Type == r.Type && is.Data == r.Data })
		if exact || at < 0 {
			w = append(w, r)
			continue
		}
		d.lacks = append(d.lacks, fmt.Sprintf("%s: SoftLayer left characters out of it: %.60q", r, flat.Text(h[at].Data)))
		h = slices.Delete(h, at, at+1)
	}
	return w, h
}

// isScrubbed reports whether a record is another one without some characters that
// are neither letters nor digits.
func isScrubbed(is, of flat.Record) bool {
	if !isText(of.Type) || is.Type != of.Type || is.TTL != of.TTL || !is.Name.Equal(of.Name) || is.Data == of.Data {
		return false
	}
	left := flat.Text(is.Data)
	for _, c := range []byte(flat.Text(of.Data)) {
		switch {
		case left != "" && left[0] == c:
			left = left[1:]
		case strings.IndexByte(letters, c) >= 0:
			return false
		}
	}
	return left == ""
}
