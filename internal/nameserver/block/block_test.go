package block_test

import (
	"slices"
	"testing"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

const (
	sOA  = "\x02ns\x01Z\x00\x01h\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01"
	mail = "\x00\x05\x04MAIL\x01z\x00"
)

// Records come out of a block as they went in, the case of names included,
// whether a tail gives them back or they lie beside it.
func TestRecordsComeBack(t *testing.T) {
	t.Parallel()
	soa := zone.RRset{Name: "Z.", Type: zone.TypeSOA, TTL: 9, Data: []zone.Rdata{sOA}}
	mx := zone.RRset{Name: "a.Z.", Type: zone.TypeMX, TTL: 60, Data: []zone.Rdata{mail}}
	a := zone.RRset{Name: "*.b.Z.", Type: zone.TypeA, TTL: 1, Data: []zone.Rdata{"\x01\x02\x03\x04", "\x05\x06\x07\x08"}}
	lossy := &block.Tail{Counts: [3]uint8{1}, Records: []byte("\xc0\x0c\x00\x0f\x00\x01\x00\x00\x00\x3c\x00\x09\x00\x05\x04MAIL\xc0\x0e")} // points to the question's Z
	whole := &block.Tail{Counts: [3]uint8{2}, Records: []byte("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x01\x02\x03\x04\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x05\x06\x07\x08")}
	b, ok := new(block.Packer).Pack(block.Zone{Origin: "Z.", Serial: 7, Nodes: []block.Node{
		{Key: "z\x00", Name: "Z.", Sets: []block.Set{{RRset: soa}}},
		{Key: "z\x00a\x00", Name: "a.Z.", Sets: []block.Set{{RRset: mx, Tails: [2]*block.Tail{lossy, lossy}}}},
		{Key: "z\x00b\x00", Name: "b.Z."},
		{Key: "z\x00b\x00*\x00", Name: "*.b.Z.", Sets: []block.Set{{RRset: a, Tails: [2]*block.Tail{whole, whole}}}},
	}})
	if !ok || b.Size() != len(b) || b.Serial() != 7 || b.Origin() != "Z." {
		t.Fatal(ok, b)
	}
	same := func(x, y zone.RRset) bool {
		return x.Name == y.Name && x.Type == y.Type && x.TTL == y.TTL && slices.Equal(x.Data, y.Data)
	}
	if got, want := b.All(), []zone.RRset{soa, mx, a}; !slices.EqualFunc(got, want, same) {
		t.Errorf("%v came out, %v went in", got, want)
	}
	if _, ok := b.Node("z\x00b\x00"); ok || !b.HasBelow("z\x00b\x00") || b.HasBelow("z\x00a\x00") {
		t.Error("the empty non-terminal is none")
	}
	for name, shift := range map[string]int{"\x01*\x01b\x01z\x00": 0, "\x03foo\x01B\x01z\x00": 2, "\x01x\x01y\x01b\x01Z\x00": 2} {
		var n block.Name
		n.Set([]byte(name))
		r, ok := b.Find(&n, n.Labels-1, zone.TypeA, false)
		if !ok || r.Shift != shift || string(r.Records) != string(whole.Records) {
			t.Errorf("%q: %v, %+v", name, ok, r)
		}
	}
}

// What does not fit is no block.
func TestLargeZonesAreNone(t *testing.T) {
	t.Parallel()
	var nodes []block.Node
	data := zone.Rdata(make([]byte, 1000))
	for i := range 70 {
		name := zone.Name(string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".z.")
		if i == 0 {
			name = "z."
		}
		nodes = append(nodes, block.Node{Key: name.Key(), Name: name, Sets: []block.Set{{RRset: zone.RRset{Name: name, Type: 65280, TTL: 1, Data: []zone.Rdata{data}}}}})
	}
	if _, ok := new(block.Packer).Pack(block.Zone{Origin: "z.", Nodes: nodes}); ok {
		t.Error("70,000 octets are a block")
	}
	if _, ok := new(block.Packer).Pack(block.Zone{Origin: "z.", Nodes: nodes[:60]}); !ok {
		t.Error("60,000 octets are none")
	}
}

// The SOA that says that there is nothing mostly differs in its TTL alone from
// the one that is asked for. It is kept once, and each comes with its own TTL.
func TestTheSOAIsKeptOnce(t *testing.T) {
	t.Parallel()
	soa := zone.RRset{Name: "z.", Type: zone.TypeSOA, TTL: 9, Data: []zone.Rdata{sOA}}
	record := func(ttl string, data zone.Rdata) []byte {
		return []byte("\xc0\x0c\x00\x06\x00\x01" + ttl + "\x00" + string(rune(len(data))) + string(data))
	}
	asked := &block.Tail{Authoritative: true, Counts: [3]uint8{1}, Records: record("\x00\x00\x00\x09", sOA)}
	size := map[string]int{}
	for situation, negative := range map[string]*block.Tail{
		"the same TTL":   {Authoritative: true, Counts: [3]uint8{0, 1}, Records: record("\x00\x00\x00\x09", sOA)},
		"another TTL":    {Authoritative: true, Counts: [3]uint8{0, 1}, Records: record("\x00\x00\x01\x02", sOA)},
		"more than that": {Authoritative: true, Counts: [3]uint8{0, 1}, Records: record("\x00\x00\x01\x02", zone.Rdata(sOA[:len(sOA)-1]+"\x07"))},
	} {
		asks := *negative // equal records with other counts, which share them
		asks.Counts = [3]uint8{0, 0, 1}
		b, ok := new(block.Packer).Pack(block.Zone{Origin: "z.", Negative: [2]*block.Tail{negative, &asks}, Nodes: []block.Node{
			{Key: "z\x00", Name: "z.", Sets: []block.Set{{RRset: soa, Tails: [2]*block.Tail{asked, asked}}}},
		}})
		if !ok {
			t.Fatal("it is no block")
		}
		size[situation] = len(b)
		for question, want := range map[string]*block.Tail{"\x01z\x00": asked, "\x03foo\x01z\x00": negative} {
			var n block.Name
			n.Set([]byte(question))
			r, ok := b.Find(&n, n.Labels-1, zone.TypeSOA, false)
			if got := r.AppendRecords(nil); !ok || !slices.Equal(got, want.Records) {
				t.Errorf("%s: %q: %x, want %x", situation, question, got, want.Records)
			}
			if r, ok = b.Find(&n, n.Labels-1, zone.TypeTXT, true); !ok || !slices.Equal(r.AppendRecords(nil), negative.Records) {
				t.Errorf("%s: %q with DO: %x, want %x", situation, question, r.AppendRecords(nil), negative.Records)
			}
		}
		if got := b.All(); len(got) != 1 || got[0].TTL != 9 {
			t.Errorf("%s: %v came out", situation, got)
		}
	}
	if same, other, more := size["the same TTL"], size["another TTL"], size["more than that"]; other > same+8 || more < other+len(sOA)/2 {
		t.Errorf("blocks of %v octets", size)
	}
}
