package zone_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

func TestSerialOrder(t *testing.T) {
	t.Parallel()
	const half = 1 << 31
	for _, row := range []struct {
		a, b uint32
		want bool
	}{
		{0, 1, true}, {1, 0, false}, {5, 5, false},
		{0, half - 1, true}, {0, half, false}, {half, 0, false}, {0, half + 1, false}, {half + 1, 0, true},
		{1, half, true}, {1, half + 1, false}, {half + 1, 1, false}, {1, half + 2, false}, {half + 2, 1, true},
		{4294967295, 0, true}, {0, 4294967295, false}, {4294967295, half - 2, true}, {4294967295, half - 1, false}, {half - 1, 4294967295, false},
		{2026110199, 2026110200, true}, {2026110100, 1767225600, false},
	} {
		if got := zone.SerialLess(row.a, row.b); got != row.want {
			t.Errorf("%d before %d: %v", row.a, row.b, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, step := rapid.Uint32().Draw(t, "serial"), rapid.Uint32Range(1, half-1).Draw(t, "step") // RFC 1982 section 3.1
		if !zone.SerialLess(a, a+step) || zone.SerialLess(a+step, a) {
			t.Errorf("%d and %d beyond", a, step)
		}
		if zone.SerialLess(a, a+half) || zone.SerialLess(a+half, a) || zone.SerialLess(a, a) {
			t.Errorf("%d has an order to what is 2^31 away, or to itself", a)
		}
	})
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNextSerial(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		policy zone.SerialPolicy
		last   uint32
		now    string
		want   uint32
	}{
		"first of the day":               {zone.SerialDate, 2026103105, "2026-11-01T12:00:00Z", 2026110100},
		"second of the day":              {zone.SerialDate, 2026110100, "2026-11-01T12:00:00Z", 2026110101},
		"hundredth of the day":           {zone.SerialDate, 2026110198, "2026-11-01T12:00:00Z", 2026110199},
		"one more borrows from tomorrow": {zone.SerialDate, 2026110199, "2026-11-01T12:00:00Z", 2026110200},
		"and tomorrow goes on":           {zone.SerialDate, 2026110200, "2026-11-02T12:00:00Z", 2026110201},
		"a second before midnight":       {zone.SerialDate, 2026110107, "2026-11-01T23:59:59Z", 2026110108},
		"midnight":                       {zone.SerialDate, 2026110107, "2026-11-02T00:00:00Z", 2026110200},
		"midnight is that of UTC":        {zone.SerialDate, 2026110107, "2026-11-02T00:30:00+01:00", 2026110108},
		"end of the year":                {zone.SerialDate, 2026123199, "2027-01-01T00:00:00Z", 2027010100},
		"from a small number":            {zone.SerialDate, 7, "2026-11-01T00:00:00Z", 2026110100},
		"from unix time":                 {zone.SerialDate, 1767225600, "2026-11-01T00:00:00Z", 2026110100},
		"the clock goes back":            {zone.SerialDate, 2026110105, "2026-10-01T00:00:00Z", 2026110106},
		"from beyond half the ring":      {zone.SerialDate, 4294967290, "2026-11-01T00:00:00Z", 2026110100},
		"from just half the ring":        {zone.SerialDate, 2026110100 + 1<<31, "2026-11-01T00:00:00Z", 2026110101 + 1<<31},
		"unix":                           {zone.SerialUnix, 1793534399, "2026-11-01T12:00:00Z", 1793534400},
		"unix, twice a second":           {zone.SerialUnix, 1793534400, "2026-11-01T12:00:00.5Z", 1793534401},
		"unix, ahead of the clock":       {zone.SerialUnix, 1793534500, "2026-11-01T12:00:00Z", 1793534501},
		"unix after dates":               {zone.SerialUnix, 2026110100, "2026-11-01T12:00:00Z", 2026110101},
		"unix at the end of 31 bits":     {zone.SerialUnix, 2147483647, "2038-01-19T03:14:08Z", 2147483648},
		"unix at the end of 32 bits":     {zone.SerialUnix, 4294967295, "2106-02-07T06:28:16Z", 0},
		"unix after the end of 32 bits":  {zone.SerialUnix, 4294967295, "2106-02-07T06:28:20Z", 4},
		"increment":                      {zone.SerialIncrement, 7, "2026-11-01T12:00:00Z", 8},
		"increment at the end":           {zone.SerialIncrement, 4294967295, "2026-11-01T12:00:00Z", 0},
		"no policy":                      {"", 7, "2026-11-01T12:00:00Z", 8},
		"unknown policy":                 {"dates", 7, "2026-11-01T12:00:00Z", 8},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := row.policy.Next(row.last, at(row.now)); got != row.want {
				t.Errorf("after %d comes %d, want %d", row.last, got, row.want)
			}
		})
	}
}

func TestFirstSerial(t *testing.T) {
	t.Parallel()
	for policy, want := range map[zone.SerialPolicy]uint32{zone.SerialDate: 2040010100, zone.SerialUnix: 2208988800, zone.SerialIncrement: 1, "": 1} {
		if got := policy.First(at("2040-01-01T01:00:00+01:00")); got != want {
			t.Errorf("%s begins with %d, want %d", policy, got, want)
		}
	}
}

// Whatever the clock says, the next serial is ahead.
func TestNextSerialIsAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policy := rapid.SampledFrom([]zone.SerialPolicy{zone.SerialDate, zone.SerialUnix, zone.SerialIncrement, ""}).Draw(t, "policy")
		last := rapid.Uint32().Draw(t, "last")
		now := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "now"), 0)
		if next := policy.Next(last, now); !zone.SerialLess(last, next) {
			t.Errorf("%s: after %d comes %d", policy, last, next)
		}
	})
}

// A day of 150 changes, and the day after.
func TestBusyDays(t *testing.T) {
	t.Parallel()
	now := at("2026-11-01T00:00:00Z")
	serial := zone.SerialDate.Next(0, now)
	for range 149 {
		next := zone.SerialDate.Next(serial, now.Add(time.Hour))
		if next != serial+1 {
			t.Fatalf("after %d comes %d", serial, next)
		}
		serial = next
	}
	if next := zone.SerialDate.Next(serial, now.Add(24*time.Hour)); next != serial+1 {
		t.Errorf("the day after begins with %d", next)
	}
	if next := zone.SerialDate.Next(serial, now.Add(48*time.Hour)); next != 2026110300 {
		t.Errorf("the day after that begins with %d", next)
	}
}

func TestSOA(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := zone.SOA{MName: wireNames().Draw(t, "mname"), RName: wireNames().Draw(t, "rname"), Serial: rapid.Uint32().Draw(t, "serial"), Refresh: 1, Retry: 2, Expire: 3, Minimum: rapid.Uint32().Draw(t, "minimum")}
		d := want.Rdata()
		if got, err := zone.ParseSOA(d); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		for _, broken := range []zone.Rdata{d[1:], d[:len(d)-1], d + "x", ""} {
			if got, err := zone.ParseSOA(broken); err == nil && got == want {
				t.Errorf("%x was read as %+v", string(broken), got)
			}
		}
	})
}
