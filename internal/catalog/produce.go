package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/skein-dns/skein/zone"
)

// soa has no use but to be there: nobody queries a catalog (RFC 9432 section
// 4), consumers are told of changes, and one that was away for long should
// rather go on with what it has than drop every zone.
var soa = zone.SOA{MName: "invalid.", RName: "invalid.", Refresh: 3600, Retry: 600, Expire: 1<<31 - 2}

// idSize is the octets of an ID: as many as the customary SHA-1 has.
const idSize = 20

// ID returns the label of a zone in its life so named: the same whenever it is
// made, another one for every other zone and life. To consumers another label
// means that the zone begins anew, so life is what tells a zone that was
// deleted and made again from one that stayed; it may be empty.
func ID(name zone.Name, life string) string {
	sum := sha256.Sum256(append(name.Canonical().AppendWire(nil), life...))
	return hex.EncodeToString(sum[:idSize])
}

// Empty returns a catalog that lists nothing yet.
func Empty(origin zone.Name, serial uint32) (zone.Contents, error) {
	at, err := under(labelVersion, origin)
	if err != nil {
		return zone.Contents{}, err
	}
	top := soa
	top.Serial = serial
	return zone.NewContents(origin, []zone.RRset{
		{Name: origin, Type: zone.TypeSOA, Data: []zone.Rdata{top.Rdata()}},
		{Name: origin, Type: zone.TypeNS, Data: []zone.Rdata{nameData("invalid.")}},
		{Name: at, Type: zone.TypeTXT, Data: []zone.Rdata{textData(schema)}},
	})
}

// Edit returns the difference that makes a catalog list what changes say. A
// change says how it is to be: what is so already makes no difference. The
// cost follows the changes. The serial is the caller's.
func Edit(c zone.Contents, changes ...Change) (d zone.Delta, err error) {
	zones, err := under(labelZones, c.Origin())
	if err != nil {
		return d, err
	}
	want := map[string]Member{} // by ID, which may go from one zone to another
	for _, change := range changes {
		if change.Before != nil && want[change.Before.ID].Zone == "" {
			want[change.Before.ID] = Member{ID: change.Before.ID}
		}
		if change.After != nil {
			want[change.After.ID] = *change.After
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if err := list(c, zones, want[id], &d); err != nil {
			return zone.Delta{}, err
		}
	}
	return d, nil
}

// list adds the difference between what a catalog has of an ID and what it is to have.
func list(c zone.Contents, zones zone.Name, m Member, d *zone.Delta) error {
	at, err := under(m.ID, zones)
	if err != nil {
		return err
	}
	member := zone.RRset{Name: at, Type: zone.TypePTR}
	if m.Zone != "" {
		member.Data = []zone.Rdata{nameData(m.Zone)}
	}
	replace(c, member, d)
	if len(m.Groups) == 0 && m.Owner == "" && !c.HasBelow(at.Key()) {
		return nil // nor had it properties
	}
	groups, owner := zone.RRset{Type: zone.TypeTXT}, zone.RRset{Type: zone.TypePTR}
	if groups.Name, err = under(labelGroup, at); err != nil {
		return err
	}
	if owner.Name, err = under(labelOwner, at); err != nil {
		return err
	}
	for _, group := range m.Groups {
		groups.Data = append(groups.Data, textData(group))
	}
	if m.Owner != "" {
		owner.Data = []zone.Rdata{nameData(m.Owner)}
	}
	replace(c, groups, d)
	replace(c, owner, d)
	return nil
}

// replace adds the difference between a set that contents may have and the one
// that they are to have, which is empty if they are to have none.
func replace(c zone.Contents, want zone.RRset, d *zone.Delta) {
	have, there := c.Get(want.Name, want.Type)
	if there && have.Equal(want) {
		return
	}
	if there {
		d.Del = append(d.Del, have)
	}
	if len(want.Data) > 0 {
		d.Add = append(d.Add, want)
	}
}

func nameData(n zone.Name) zone.Rdata { return zone.Rdata(n.Canonical().AppendWire(nil)) }

// textData is a TXT record's data, in as many strings as it takes.
func textData(s string) zone.Rdata {
	var data []byte
	for first := true; first || len(s) > 0; first = false {
		n := min(len(s), 255)
		data = append(append(data, byte(n)), s[:n]...)
		s = s[n:]
	}
	return zone.Rdata(data)
}
