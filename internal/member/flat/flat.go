// Package flat is for members that have the records of a zone one by one, each
// with an id of its own: what has to be made, edited and deleted of them. Pure.
package flat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// Record is one record of a zone.
type Record struct {
	ID   string // the member's; "" of one that is wanted
	Name zone.Name
	Type zone.Type
	TTL  uint32
	Data zone.Rdata
}

// String returns the record as text, without its TTL.
func (r Record) String() string { return fmt.Sprintf("%s %s %s", r.Name, r.Type, r.Data.Text(r.Type)) }

// Of returns the records of a zone, but for the SOA and NS records of its apex,
// which such members have their own of.
func Of(c zone.Contents) (all []Record) {
	for rs := range c.All() {
		if rs.Name.Equal(c.Origin()) && (rs.Type == zone.TypeSOA || rs.Type == zone.TypeNS) {
			continue
		}
		for _, d := range rs.Data {
			all = append(all, Record{Name: rs.Name, Type: rs.Type, TTL: rs.TTL, Data: d})
		}
	}
	return all
}

// Text returns what a TXT or SPF record says, its strings put together.
func Text(d zone.Rdata) string {
	var b strings.Builder
	for len(d) > 0 {
		n := min(int(d[0]), len(d)-1)
		b.WriteString(string(d[1 : 1+n]))
		d = d[1+n:]
	}
	return b.String()
}

// OfText returns the data of a TXT or SPF record that says something, in strings
// as long as may be.
func OfText(text string) zone.Rdata {
	var b strings.Builder
	for {
		n := min(len(text), 255)
		b.WriteByte(byte(n))
		b.WriteString(text[:n])
		if text = text[n:]; text == "" {
			return zone.Rdata(b.String())
		}
	}
}

// Difference is what leads from what a member has to what it is to have. What is
// deleted comes first: an address may make way for a CNAME.
type Difference struct {
	Delete, Edit, Create []Record // Edit has the ids of what is there, and is what it shall be
	Stay                 []Record // ought to be deleted, and cannot be
}

// IsZero reports whether nothing is to be done.
func (d Difference) IsZero() bool { return len(d.Delete)+len(d.Edit)+len(d.Create) == 0 }

// Diff compares. Records of one name and type that differ are edited into each
// other as far as they go, so that those which cannot be deleted find a use.
func Diff(want, has []Record, deletable func(zone.Type) bool) (d Difference) {
	want, has = slices.Clone(want), slices.Clone(has)
	slices.SortFunc(want, compare)
	slices.SortFunc(has, compare)
	for len(want)+len(has) > 0 {
		first := slices.MinFunc(append(want[:min(1, len(want)):min(1, len(want))], has[:min(1, len(has))]...), compareSet)
		var w, h []Record
		w, want = split(want, first)
		h, has = split(has, first)
		d.set(w, h, deletable(first.Type))
	}
	return d
}

// split cuts off the records of one name and type that stand first.
func split(all []Record, of Record) (some, rest []Record) {
	n := 0
	for n < len(all) && compareSet(all[n], of) == 0 {
		n++
	}
	return all[:n], all[n:]
}

// set compares the records of one name and type: what is there as it is, then
// what is there with another TTL, then the rest.
func (d *Difference) set(want, has []Record, deletable bool) {
	for _, same := range []func(a, b Record) bool{func(a, b Record) bool { return a.TTL == b.TTL && sameData(a, b) }, sameData} {
		for i := 0; i < len(want); {
			at := slices.IndexFunc(has, func(h Record) bool { return same(h, want[i]) })
			if at < 0 {
				i++
				continue
			}
			if has[at].TTL != want[i].TTL {
				d.edit(has[at], want[i])
			}
			want, has = without(want, i), without(has, at)
		}
	}
	for ; len(want) > 0 && len(has) > 0; want, has = want[1:], has[1:] {
		d.edit(has[0], want[0])
	}
	d.Create = append(d.Create, want...)
	if deletable {
		d.Delete = append(d.Delete, has...)
	} else {
		d.Stay = append(d.Stay, has...)
	}
}

func without(all []Record, i int) []Record { return slices.Delete(slices.Clone(all), i, i+1) }

func (d *Difference) edit(has, want Record) {
	want.ID = has.ID
	d.Edit = append(d.Edit, want)
}

func sameData(a, b Record) bool { return a.Data.Canonical(a.Type) == b.Data.Canonical(b.Type) }

func compareSet(a, b Record) int {
	return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.Type, b.Type))
}

func compare(a, b Record) int {
	return cmp.Or(compareSet(a, b), cmp.Compare(a.Data, b.Data), cmp.Compare(a.ID, b.ID))
}
