package publish_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/zone"
)

// noon of the first of November 2026 is 1793534400 in unix time.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestSerial(t *testing.T) {
	t.Parallel()
	last := func(serial uint32) publish.Past { return publish.Past{Last: serial, Had: true} }
	never := publish.Past{}
	for situation, row := range map[string]struct {
		past   publish.Past
		wanted uint32
		policy zone.SerialPolicy
		want   uint32
	}{
		"new zone, with a serial":               {never, 2026110107, zone.SerialDate, 2026110107},
		"new zone, with an odd serial":          {never, 4294967295, zone.SerialDate, 4294967295},
		"new zone, without, by date":            {never, 0, zone.SerialDate, 2026110100},
		"new zone, without, by unix time":       {never, 0, zone.SerialUnix, 1793534400},
		"new zone, without, by increment":       {never, 0, zone.SerialIncrement, 1},
		"new zone, without a policy":            {never, 0, "", 1},
		"wanted is ahead":                       {last(7), 9, zone.SerialDate, 9},
		"wanted is just ahead":                  {last(7), 8, zone.SerialIncrement, 8},
		"wanted is what there is":               {last(7), 7, zone.SerialIncrement, 8},
		"wanted is behind":                      {last(7), 6, zone.SerialIncrement, 8},
		"wanted is behind, by date":             {last(2026110107), 2026110101, zone.SerialDate, 2026110108},
		"panel sends unix time after dates":     {last(2026110107), 1793534400, zone.SerialDate, 2026110108},
		"panel sends dates after unix time":     {last(1793534400), 2026110100, zone.SerialUnix, 2026110100},
		"nothing is wanted":                     {last(7), 0, zone.SerialIncrement, 8},
		"nothing is wanted, a new day":          {last(2026103199), 0, zone.SerialDate, 2026110100},
		"made again after it was deleted":       {last(2026110150), 1, zone.SerialDate, 2026110151},
		"as far ahead as can be":                {last(7), 7 + 1<<31 - 1, zone.SerialIncrement, 7 + 1<<31 - 1},
		"exactly half the ring away":            {last(7), 7 + 1<<31, zone.SerialIncrement, 8},
		"beyond half the ring":                  {last(7), 7 + 1<<31 + 1, zone.SerialIncrement, 8},
		"wanted is ahead over the end":          {last(4294967290), 5, zone.SerialIncrement, 5},
		"last of all serials":                   {last(4294967295), 0, zone.SerialIncrement, 1},
		"last of all serials, 0 is wanted":      {last(4294967295), 0, zone.SerialDate, 2026110100},
		"0 was published by another":            {last(0), 0, zone.SerialIncrement, 1},
		"half the ring before the end, by unix": {last(1793534400 + 1<<31), 0, zone.SerialUnix, 1793534401 + 1<<31},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := publish.Serial(row.past, row.wanted, row.policy, noon); got != row.want {
				t.Errorf("serial %d, want %d", got, row.want)
			}
		})
	}
}

// Never back, never 0, and the author's serial wherever that can be.
func TestSerialIsAlwaysAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.SampledFrom([]uint32{0, 1, 1<<31 - 1, 1 << 31, 1<<31 + 1, 1<<32 - 1}).Draw(t, "near") // where serials turn
		past := publish.Past{Last: near + rapid.Uint32Max(3).Draw(t, "last"), Had: rapid.Bool().Draw(t, "had")}
		if rapid.Bool().Draw(t, "any last") {
			past.Last = rapid.Uint32().Draw(t, "any last")
		}
		wanted := past.Last + rapid.SampledFrom([]uint32{0, 1, 2, 1<<31 - 1, 1 << 31, 1<<31 + 1, 1<<32 - 1}).Draw(t, "step")
		if rapid.Bool().Draw(t, "nothing wanted") {
			wanted = 0
		}
		policy := rapid.SampledFrom([]zone.SerialPolicy{zone.SerialDate, zone.SerialUnix, zone.SerialIncrement, "", "other"}).Draw(t, "policy")
		now := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "now"), 0)
		got := publish.Serial(past, wanted, policy, now)
		ahead := func(serial uint32) bool { return !past.Had || zone.SerialLess(past.Last, serial) }
		switch {
		case got == 0:
			t.Error("it is 0")
		case !ahead(got):
			t.Errorf("%d is not ahead of %d", got, past.Last)
		case wanted != 0 && ahead(wanted) && got != wanted:
			t.Errorf("%d was wanted and is ahead, and %d was taken", wanted, got)
		}
		if again := publish.Serial(publish.Past{Last: got, Had: true}, got, policy, now); again == got || again == 0 {
			t.Errorf("the next change has %d after %d", again, got)
		}
	})
}

// After January 2038 unix time is half the ring away from 0, and still the
// first serial of a new zone.
func TestFirstSerialAfter2038(t *testing.T) {
	t.Parallel()
	later := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	first := publish.Serial(publish.Past{}, 0, zone.SerialUnix, later)
	if first != 2208988800 {
		t.Errorf("the first serial is %d", first)
	}
	if next := publish.Serial(publish.Past{Last: first, Had: true}, 0, zone.SerialUnix, later.Add(time.Hour)); next != 2208992400 {
		t.Errorf("an hour later it is %d", next)
	}
	turn := time.Unix(1<<32, 0) // in 2106 unix time is 0 again
	if next := publish.Serial(publish.Past{Last: 1<<31 + 1, Had: true}, 0, zone.SerialUnix, turn); next != 1<<31+2 {
		t.Errorf("at the turn it is %d", next)
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	sets, _, err := zone.Parse(strings.NewReader("@ 1 SOA ns h 7 1 2 3 4\n@ 1 NS ns.example.\na 1 A 192.0.2.1\n"), zone.Options{Origin: "example.com."})
	if err != nil {
		t.Fatal(err)
	}
	authored, err := zone.NewContents("example.com.", sets)
	if err != nil {
		t.Fatal(err)
	}
	published := publish.Contents(authored, 2026110100)
	soa, _ := published.SOA()
	if d := zone.Diff(authored, published).Without("example.com.", zone.TypeSOA); soa.Serial != 2026110100 || !d.IsZero() {
		t.Errorf("serial %d, and beside it %v changed", soa.Serial, d)
	}
	if soa, _ := authored.SOA(); soa.Serial != 7 {
		t.Errorf("the authored contents have serial %d now", soa.Serial)
	}
	if same := publish.Contents(authored, 7); !same.Equal(authored) {
		t.Error("the same serial changed something")
	}
}
