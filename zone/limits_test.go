package zone_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

func TestLargeZone(t *testing.T) {
	t.Parallel()
	const records = 20_000
	var b strings.Builder
	b.WriteString("$TTL 1\n")
	for i := range records {
		fmt.Fprintf(&b, "host%d A 192.0.2.1\n", i)
	}
	options := zone.Options{Origin: "example.com.", MaxRecords: records}
	sets, _, err := zone.Parse(strings.NewReader(b.String()), options)
	if err != nil || len(sets) != records {
		t.Fatalf("%d sets, %v", len(sets), err)
	}
	b.WriteString("one-more A 192.0.2.1\nand-another A 192.0.2.1\n")
	sets, _, err = zone.Parse(strings.NewReader(b.String()), options)
	found := problemsIn(t, err)
	if sets != nil || len(found) != 1 || found[0].Line != records+2 || !strings.Contains(found[0].Text, "20000 are allowed") {
		t.Errorf("one record more: %d sets, %v", len(sets), err)
	}
	generated := "$TTL 1\n$GENERATE 1-1000 a$ A 192.0.2.1\n$GENERATE 1-1000 b$ A 192.0.2.1\n"
	_, _, err = zone.Parse(strings.NewReader(generated), zone.Options{Origin: "example.com.", MaxRecords: 1500})
	if found := problemsIn(t, err); len(found) != 1 || found[0].Line != 3 || !strings.Contains(found[0].Text, "$GENERATE at 501") {
		t.Errorf("generated: %v", err)
	}
}

// A response holds 65,535 octets, and so a set must not need more.
func TestLargestSet(t *testing.T) {
	t.Parallel()
	set := func(records int, last string) string {
		var b strings.Builder
		b.WriteString(apex)
		for i := range records {
			fmt.Fprintf(&b, "a TXT %d-%s\n", i, strings.Repeat("x", 97-len(fmt.Sprint(i))))
		}
		return b.String() + last
	}
	// The header takes 12 octets, the question 19, a record here 111.
	const whole, room = 590, 65535 - 12 - 19 - 590*111
	fits := fmt.Sprintf("a TXT %s\n", strings.Repeat("y", room-13))
	sets := mustParse(t, set(whole, fits))
	c, err := zone.NewContents("example.com.", sets)
	if err != nil {
		t.Fatal(err)
	}
	tooLarge := fmt.Sprintf("a TXT %s\n", strings.Repeat("y", room-12))
	_, _, err = zone.Parse(strings.NewReader(set(whole, tooLarge)), zone.Options{Origin: "example.com."})
	if found := problemsIn(t, err); len(found) != 1 || found[0].Line != 5+whole+1 || !strings.Contains(found[0].Text, "need 65536 octets") {
		t.Errorf("a set of one octet more: %v", err)
	}
	// The same by other ways in than a zone file.
	a, _ := c.Get("a.example.com.", zone.TypeTXT)
	one := zone.RRset{Name: a.Name, Type: a.Type, TTL: a.TTL, Data: []zone.Rdata{"\x00"}}
	if _, err := c.Apply(zone.Delta{Add: []zone.RRset{one}}); !errors.Is(err, zone.ErrNotApplicable) || !strings.Contains(err.Error(), "no DNS message holds more") {
		t.Errorf("applied: %v", err)
	}
	if _, err := zone.NewContents("example.com.", []zone.RRset{a, one}); !errors.Is(err, zone.ErrRdata) || !strings.Contains(err.Error(), "no DNS message holds more") {
		t.Errorf("gathered: %v", err)
	}
}

func TestRecordOfAnEntryTooLong(t *testing.T) {
	t.Parallel()
	for situation, text := range map[string]string{
		"one word":           "a TXT " + strings.Repeat("x", 1<<18),
		"one word of quotes": "a TXT \"" + strings.Repeat("x", 1<<18) + "\"",
		"never closed":       "a TXT \"" + strings.Repeat("x", 1<<18),
		"many words":         "a TXT " + strings.Repeat("x ", 1<<18),
		"empty words":        "a TXT " + strings.Repeat(`""`, 1<<18),
		"escapes":            "a TXT " + strings.Repeat(`\x`, 1<<18),
		"65,536 octets":      "a TXT " + strings.Repeat(strings.Repeat("x", 255)+" ", 256),
		"generic":            `a TYPE65280 \# 65535 ` + strings.Repeat("00", 65535),
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			_, _, err := zone.Parse(strings.NewReader("\n"+text+"\nb A x\n"), zone.Options{Origin: "example.com."})
			found := problemsIn(t, err)
			if len(found) != 2 || found[0].Line != 2 || found[1].Line != 3 {
				t.Errorf("found %.300v", err)
			}
		})
	}
}

// A file of mistakes is not read to its end, and says no more than people read.
func TestManyMistakes(t *testing.T) {
	t.Parallel()
	_, _, err := zone.Parse(strings.NewReader(strings.Repeat("a A x\n", 1000)), zone.Options{Origin: "example.com."})
	if found := problemsIn(t, err); len(found) != 50 || found[49].Line != 50 {
		t.Errorf("%d findings", len(found))
	}
	_, warnings, err := zone.Parse(strings.NewReader(strings.Repeat("a 1 A 192.0.2.1\n", 1000)), zone.Options{Origin: "example.com."})
	if err != nil || len(warnings) != 50 {
		t.Errorf("%d warnings, %v", len(warnings), err)
	}
}

// Sets that come in pieces are joined in time that follows
// their number: a hostile transfer must not hold a node up. (With quadratic
// work this test takes minutes.)
func TestManyPiecesOfOneSet(t *testing.T) {
	t.Parallel()
	const pieces = 200_000
	all := make([]zone.RRset, pieces)
	for i := range all {
		all[i] = zone.RRset{Name: "a.example.com.", Type: zone.TypeTXT, TTL: uint32(i), Data: []zone.Rdata{zone.Rdata([]byte{4, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})}}
	}
	if _, err := zone.NewContents("example.com.", all); !errors.Is(err, zone.ErrRdata) {
		t.Errorf("%d records: %v", pieces, err)
	}
	some := all[:3000]
	c, err := zone.NewContents("example.com.", some)
	if err != nil {
		t.Fatal(err)
	}
	if set, _ := c.Get("a.example.com.", zone.TypeTXT); len(set.Data) != len(some) || set.TTL != 0 {
		t.Errorf("%d records with TTL %d", len(set.Data), set.TTL)
	}
}

func TestContentsThatCannotBe(t *testing.T) {
	t.Parallel()
	set := func(name zone.Name, t zone.Type, data ...zone.Rdata) zone.RRset {
		return zone.RRset{Name: name, Type: t, TTL: 1, Data: data}
	}
	for situation, row := range map[string]struct {
		set  zone.RRset
		want error
	}{
		"outside":             {set("example.net.", zone.TypeA, "abcd"), zone.ErrName},
		"looks inside":        {set("badexample.com.", zone.TypeA, "abcd"), zone.ErrName},
		"above":               {set("com.", zone.TypeA, "abcd"), zone.ErrName},
		"address of 3 octets": {set("a.example.com.", zone.TypeA, "abc"), zone.ErrRdata},
		"no octets":           {set("a.example.com.", zone.TypeA, ""), zone.ErrRdata},
		"one of two is wrong": {set("a.example.com.", zone.TypeA, "abcd", "abcde"), zone.ErrRdata},
		"name cut short":      {set("a.example.com.", zone.TypeNS, "\x03ns1"), zone.ErrRdata},
		"compressed name":     {set("a.example.com.", zone.TypeMX, "\x00\x01\xc0\x0c"), zone.ErrRdata},
		"65,536 octets":       {set("a.example.com.", 65280, zone.Rdata(strings.Repeat("x", 65536))), zone.ErrRdata},
		"library's type":      {set("a.example.com.", zone.TypeNSEC, "\x00\x00\x01"), zone.ErrRdata},
		"type for questions":  {set("a.example.com.", 255, "x"), zone.ErrRdata},
		"type nothing":        {set("a.example.com.", 0, "x"), zone.ErrRdata},
		"two SOA":             {zone.RRset{Name: "example.com.", Type: zone.TypeSOA, Data: []zone.Rdata{soaSet(1).Data[0], soaSet(2).Data[0]}}, zone.ErrRdata},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if c, err := zone.NewContents("example.com.", []zone.RRset{row.set}); !errors.Is(err, row.want) || !c.IsZero() {
				t.Errorf("it was made: %v", err)
			}
			c := mustContents(t, apex)
			if changed, err := c.Apply(zone.Delta{Add: []zone.RRset{row.set}}); !errors.Is(err, zone.ErrNotApplicable) || !changed.IsZero() {
				t.Errorf("it was applied: %v", err)
			}
		})
	}
}
