package plesk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// What a zone has where Plesk sends no number that can be used: Plesk's own defaults.
const (
	defaultTTL     = 86400
	defaultRefresh = 10800
	defaultRetry   = 3600
	defaultExpire  = 604800
	defaultMinimum = 10800
)

// translation is a zone on its way from Plesk's form to RRsets.
type translation struct {
	origin zone.Name
	ttl    uint32 // of records that have none of their own
	sets   []zone.RRset
	index  map[setKey]int // place in sets
	notes  []skein.Problem
	more   int // notes that are not kept

	primary  zone.Name // of the zone's own NS records the first
	pointers int       // PTR rows that belong into other zones
	markers  int       // rows that are no records
}

type setKey struct {
	name zone.Name // canonical
	t    zone.Type
}

// maxProblems bounds what is told of one zone.
const maxProblems = 50

func (t *translation) warn(name, format string, args ...any) {
	if len(t.notes) == maxProblems {
		t.more++
		return
	}
	t.notes = append(t.notes, skein.Problem{Name: clean(name), Warning: true, Text: fmt.Sprintf(format, args...)})
}

func (t *translation) problems() []skein.Problem {
	if t.more == 0 {
		return t.notes
	}
	return append(t.notes, skein.Problem{Name: string(t.origin), Warning: true, Text: fmt.Sprintf("there are %d more warnings", t.more)})
}

// leftOut tells of rows that are rightly not in the zone: no warning, since
// most zones have them and nothing is to be done.
func (t *translation) leftOut() (s string) {
	if t.pointers > 0 {
		s += fmt.Sprintf("; left out PTR rows: %d (Plesk sends createPTRs for them)", t.pointers)
	}
	if t.markers > 0 {
		s += fmt.Sprintf("; left out markers of Plesk's own: %d", t.markers)
	}
	return s
}

// zone translates the whole. A row that cannot be understood is left out with
// a warning; what would empty the zone, or leave it without a nameserver of
// its own, is refused.
func (t *translation) zone(z zoneTask) ([]zone.RRset, error) {
	if !isObject(z.SOA) {
		return nil, refuse("the zone has no soa")
	}
	if !isArray(z.Rows) {
		return nil, refuse("the zone has no rr: that would empty it")
	}
	var s soaTask
	if err := json.Unmarshal(z.SOA, &s); err != nil {
		return nil, refuse("the zone's soa cannot be read: %v", err)
	}
	t.ttl = t.seconds("TTL", s.TTL, defaultTTL)
	rows := 0
	err := each(z.Rows, maxRecords, "records", func(raw json.RawMessage) {
		rows++
		t.row(raw)
	})
	switch {
	case err != nil:
		return nil, err
	case rows == 0:
		return nil, refuse("the zone has no records: that would empty it")
	case t.primary == "":
		return nil, refuse("the zone has no NS record of its own that can be understood: without one no nameserver would take it")
	}
	t.soa(s)
	return t.sets, nil
}

// soa adds the SOA. Plesk names no primary; the serial is a wish, kept while it is ahead.
func (t *translation) soa(s soaTask) {
	soa := zone.SOA{
		MName:   t.primary,
		Refresh: t.seconds("refresh", s.Refresh, defaultRefresh),
		Retry:   t.seconds("retry", s.Retry, defaultRetry),
		Expire:  t.seconds("expire", s.Expire, defaultExpire),
		Minimum: t.seconds("minimum", s.Minimum, defaultMinimum),
	}
	if serial := strings.TrimSpace(string(s.Serial)); serial != "" {
		n, err := strconv.ParseUint(serial, 10, 32)
		if err == nil {
			soa.Serial = uint32(n)
		} else {
			t.warn(string(t.origin), "the serial %q cannot be used; Skein chooses one", shorten(serial))
		}
	}
	soa.RName = t.rname(string(s.Email))
	t.put(t.origin, zone.TypeSOA, t.ttl, soa.Rdata())
}

func (t *translation) rname(email string) zone.Name {
	if email = strings.TrimSpace(email); email != "" {
		name, err := mailbox(email)
		if err == nil {
			return name
		}
		t.warn(string(t.origin), "the SOA's e-mail address cannot be used; hostmaster is put in its place: %v", err)
	}
	return hostmaster(t.origin)
}

// hostmaster is the mailbox of RFC 2142 at a name, or the name itself where
// nothing fits in front of it.
func hostmaster(at zone.Name) zone.Name {
	if name, err := zone.ParseName("hostmaster." + string(at)); err == nil {
		return name
	}
	return at
}

// seconds reads a time of at most 2³¹-1 seconds (RFC 2181 section 8).
func (t *translation) seconds(what string, s scalar, otherwise uint32) uint32 {
	word := strings.TrimSpace(string(s))
	if word == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(word, 10, 31)
	if err != nil {
		t.warn(string(t.origin), "the SOA's %s %q is no number of seconds; %d is put in its place", what, shorten(word), otherwise)
		return otherwise
	}
	return uint32(n)
}

// row adds one row, or tells why not.
func (t *translation) row(raw json.RawMessage) {
	var r row
	if err := json.Unmarshal(raw, &r); err != nil || !isObject(raw) {
		t.warn(string(t.origin), "a row is no JSON object; left out")
		return
	}
	host, word := string(r.Host), strings.ToUpper(strings.TrimSpace(string(r.Type)))
	if word == "AXFR" || word == "MASTER" { // Plesk's own, for transfers and for the zone's role
		t.markers++
		return
	}
	name, err := owner(host, t.origin)
	if addr, notIP := parseAddress(host); word == "PTR" && notIP == nil {
		name, err = zone.Reverse(addr, addr.BitLen()), nil
		if !name.IsSubdomainOf(t.origin) {
			t.pointers++
			return
		}
	}
	if err != nil {
		t.warn(host, "%s of %q left out: %v", clean(word), shorten(host), err)
		return
	}
	if !name.IsSubdomainOf(t.origin) {
		t.warn(string(name), "%s %s is outside of zone %s; left out", name, clean(word), t.origin)
		return
	}
	t.record(name, word, r)
}

func (t *translation) record(name zone.Name, word string, r row) {
	rrtype, err := zone.ParseType(word)
	known := err == nil
	var d zone.Rdata
	if known {
		d, known, err = rdata(rrtype, string(r.Opt), string(r.Value), t.origin)
	}
	switch {
	case !known:
		t.warn(string(name), "%s: records of type %q are not known to come from Plesk; left out", name, shorten(word))
		return
	case err != nil:
		t.warn(string(name), "%s %s left out: %v", name, rrtype, err)
		return
	}
	ttl := t.ttl
	if own := strings.TrimSpace(string(r.TTL)); own != "" {
		n, err := strconv.ParseUint(own, 10, 31)
		if err != nil {
			t.warn(string(name), "%s %s: the TTL %q is no number of seconds; that of the SOA, %d, is put in its place", name, rrtype, shorten(own), t.ttl)
		} else {
			ttl = uint32(n)
		}
	}
	if rrtype == zone.TypeNS && t.primary == "" && name.Equal(t.origin) {
		t.primary, _ = d.Target(zone.TypeNS)
	}
	t.put(name, rrtype, ttl, d)
}

// put adds a record to its RRset.
func (t *translation) put(name zone.Name, rrtype zone.Type, ttl uint32, d zone.Rdata) {
	key := setKey{name.Canonical(), rrtype}
	i, there := t.index[key]
	if !there {
		t.index[key] = len(t.sets)
		t.sets = append(t.sets, zone.RRset{Name: name, Type: rrtype, TTL: ttl, Data: []zone.Rdata{d}})
		return
	}
	set := &t.sets[i]
	set.Data = append(set.Data, d)
	if set.TTL != ttl {
		t.warn(string(name), "%s %s has TTL %d here and %d before; a set has one TTL (RFC 2181 section 5.2), the lower one is taken", name, rrtype, ttl, set.TTL)
		set.TTL = min(set.TTL, ttl)
	}
}
