package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// same compares sets octet by octet, case and order too.
func same(a, b []zone.RRset) bool {
	return slices.EqualFunc(a, b, func(x, y zone.RRset) bool {
		return x.Name == y.Name && x.Type == y.Type && x.TTL == y.TTL && slices.Equal(x.Data, y.Data)
	})
}

func TestStoredSetsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(sets(), 0, 10).Draw(t, "sets")
		for i := range all {
			if rapid.Bool().Draw(t, "any name") {
				all[i].Name = wireNames().Draw(t, "name")
			}
			if rapid.Bool().Draw(t, "any TTL") {
				all[i].TTL = rapid.Uint32().Draw(t, "ttl")
			}
		}
		prefix := []byte("before")
		stored := zone.EncodeRRsets(prefix, all)
		if !strings.HasPrefix(string(stored), "before") {
			t.Fatal("what was in front is gone")
		}
		back, err := zone.DecodeRRsets(stored[len(prefix):])
		if err != nil || !same(back, all) {
			t.Fatalf("came back as %v, %v", back, err)
		}
		half := rapid.IntRange(0, len(all)).Draw(t, "half")
		d := zone.Delta{Del: all[:half], Add: all[half:]}
		delta, err := zone.DecodeDelta(zone.EncodeDelta(nil, d))
		if err != nil || !same(delta.Del, d.Del) || !same(delta.Add, d.Add) {
			t.Fatalf("the delta came back as %v, %v", delta, err)
		}
	})
}

func TestStoredFormIsWrittenDown(t *testing.T) {
	t.Parallel()
	all := []zone.RRset{
		{Name: "A.b.", Type: zone.TypeA, TTL: 300, Data: []zone.Rdata{"\xc0\x00\x02\x01", "\xc0\x00\x02\x02"}},
		{Name: "A.b.", Type: zone.TypeTXT, TTL: 0, Data: []zone.Rdata{"\x01x"}},
		{Name: "a.b.", Type: 65280, TTL: 4294967295, Data: []zone.Rdata{""}},
	}
	const want = "\x01" +
		"\x05\x01A\x01b\x00" + "\x01" + "\xac\x02" + "\x02" + "\x04\xc0\x00\x02\x01" + "\x04\xc0\x00\x02\x02" +
		"\x00" + "\x10" + "\x00" + "\x01" + "\x02\x01x" +
		"\x05\x01a\x01b\x00" + "\x80\xfe\x03" + "\xff\xff\xff\xff\x0f" + "\x01" + "\x00"
	if got := string(zone.EncodeRRsets(nil, all)); got != want {
		t.Errorf("stored as\n%q\nwant\n%q", got, want)
	}
	delta := "\x01" + "\x01" + want[1:21] + "\x05\x01A\x01b\x00" + want[22:]
	if got := string(zone.EncodeDelta(nil, zone.Delta{Del: all[:1], Add: all[1:]})); got != delta {
		t.Errorf("a delta is stored as\n%q\nwant\n%q", got, delta)
	}
}

func TestDamagedBytesAreRefused(t *testing.T) {
	t.Parallel()
	const name = "\x03\x01a\x00"
	for situation, stored := range map[string]string{
		"nothing":                     "",
		"another version":             "\x02",
		"only a name":                 "\x01" + name,
		"only a name and a type":      "\x01" + name + "\x01",
		"no count":                    "\x01" + name + "\x01\x05",
		"fewer records than said":     "\x01" + name + "\x01\x05\x02\x01x",
		"data cut short":              "\x01" + name + "\x01\x05\x01\x04abc",
		"first set without name":      "\x01\x00\x01\x05\x00",
		"name cut short":              "\x01\x09\x01a\x00",
		"name without root label":     "\x01\x02\x01a\x01\x05\x00",
		"name with more behind it":    "\x01\x04\x01a\x00\x00\x01\x05\x00",
		"name with a pointer":         "\x01\x04\x01a\xc0\x00\x01\x05\x00",
		"name too long":               "\x01\x80\x02" + strings.Repeat("\x01a", 127) + "\x00\x00",
		"type of 17 bits":             "\x01" + name + "\x80\x80\x04\x05\x00",
		"TTL of 33 bits":              "\x01" + name + "\x01\x80\x80\x80\x80\x10\x00",
		"number without end":          "\x01" + name + strings.Repeat("\x80", 20),
		"number written too long":     "\x01" + name + "\x81\x00\x05\x00",
		"number that runs over":       "\x01" + name + "\x01" + "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02" + "\x00",
		"more records than octets":    "\x01" + name + "\x01\x05\xff\xff\xff\xff\x07",
		"data longer than it can be":  "\x01" + name + "\x01\x05\x01\x80\x80\x04" + strings.Repeat("x", 1<<16),
		"delta of more than there is": "\x01\x7f" + name + "\x01\x05\x00",
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got, err := zone.DecodeRRsets([]byte(stored)); !errors.Is(err, zone.ErrCodec) || got != nil {
				t.Errorf("read as sets: %v, %v", got, err)
			}
			if len(stored) > 1 && situation != "delta of more than there is" {
				stored = "\x01\x01" + stored[1:]
			}
			if got, err := zone.DecodeDelta([]byte(stored)); !errors.Is(err, zone.ErrCodec) || !got.IsZero() {
				t.Errorf("read as a delta: %v, %v", got, err)
			}
		})
	}
}

// Whatever octet is changed or cut off: an error, or sets that can be stored.
func TestAnyDamage(t *testing.T) {
	t.Parallel()
	stored := zone.EncodeRRsets(nil, mustParse(t, typical))
	for i := range stored {
		if got, err := zone.DecodeRRsets(stored[:i]); err == nil && len(got) >= 11 {
			t.Errorf("cut at %d all came back", i)
		}
		for _, x := range []byte{0x01, 0x80, 0xff} {
			damaged := slices.Clone(stored)
			damaged[i] ^= x
			got, err := zone.DecodeRRsets(damaged)
			if err != nil {
				if !errors.Is(err, zone.ErrCodec) {
					t.Errorf("octet %d: %v", i, err)
				}
				continue
			}
			if back, err := zone.DecodeRRsets(zone.EncodeRRsets(nil, got)); err != nil || !same(back, got) {
				t.Errorf("octet %d: what was read does not come back: %v", i, err)
			}
		}
	}
}
