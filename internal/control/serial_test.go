package control_test

import (
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A serial is the source's while that is ahead, and never goes back.
func TestSerials(t *testing.T) {
	t.Parallel()
	type step struct {
		what string
		do   func(w *world)
		want uint32
	}
	put := func(serial uint32, records string) func(*world) {
		return func(w *world) { w.put(plesk1, example, serial, records) }
	}
	remove := func(w *world) {
		_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
		w.must(err)
	}
	edit := func(lines ...string) func(*world) {
		return func(w *world) { w.edit(plesk1, example, lines...) }
	}
	const one, two = "www A 192.0.2.1\n", "www A 192.0.2.2\n"
	for name, row := range map[string]struct {
		policy zone.SerialPolicy
		steps  []step
	}{
		"kept while ahead": {zone.SerialIncrement, []step{
			{"create", put(2026030100, one), 2026030100}, {"ahead", put(2026030105, two), 2026030105}, {"far ahead", put(3000000000, one), 3000000000}}},
		"raised when behind": {zone.SerialIncrement, []step{
			{"create", put(100, one), 100}, {"the same", put(100, two), 101}, {"behind", put(50, one), 102}, {"ahead of what it sent, not of ours", put(102, two), 103}}},
		"restored contents get a higher serial": {zone.SerialIncrement, []step{
			{"create", put(100, one), 100}, {"change", put(101, two), 101}, {"the old file again", put(100, one), 102}}},
		"wraps as RFC 1982 has it": {zone.SerialIncrement, []step{
			{"create", put(4294967295, one), 4294967295}, {"zero is no serial", put(0, two), 1}, {"behind", put(4294967290, one), 2}}},
		"none was sent": {zone.SerialUnix, []step{
			{"create", put(0, one), uint32(start.Unix())}, {"change", put(0, two), uint32(start.Unix()) + 1}}},
		"by date": {zone.SerialDate, []step{
			{"create", put(0, one), 2026030100}, {"change", put(0, two), 2026030101}, {"edit", edit("set www A 192.0.2.3"), 2026030102},
			{"the next day", func(w *world) { w.later(24 * time.Hour); w.put(plesk1, example, 0, two) }, 2026030200}}},
		"edits count on": {zone.SerialIncrement, []step{
			{"create", put(7, one), 7}, {"edit", edit("set www A 192.0.2.3"), 8}, {"edit", edit("delete www"), 9}, {"put", put(8, two), 10}}},
		"an edited SOA brings a serial": {zone.SerialIncrement, []step{
			{"create", put(7, one), 7},
			{"ahead", edit("set @ SOA ns1.example.net. hostmaster.example.net. 40 10800 3600 1209600 600"), 40},
			{"behind, other fields the same", edit("set @ SOA ns1.example.net. hostmaster.example.net. 20 10800 3600 1209600 600"), 40},
			{"behind, another refresh", edit("set @ SOA ns1.example.net. hostmaster.example.net. 20 7200 3600 1209600 600"), 41},
			{"what is served", edit("set @ SOA ns1.example.net. hostmaster.example.net. 41 7200 3600 1209600 600"), 41}}},
		"deleted and made again": {zone.SerialIncrement, []step{
			{"create", put(100, one), 100}, {"delete", remove, 0}, {"the old file", put(100, one), 101},
			{"delete", remove, 0}, {"another's zone now", func(w *world) { w.put(plesk2, example, 7, one) }, 102}}},
		"deleted, purged, started again, and made again": {zone.SerialIncrement, []step{
			{"create", put(100, one), 100}, {"delete", remove, 0},
			{"purge", func(w *world) { w.must(w.store.Purge(w.ctx(), start.AddDate(1, 0, 0))); w.reopen() }, 0}, {"the old file", put(5, one), 101}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(c *control.Config) { c.Policy = row.policy })
			for _, s := range row.steps {
				s.do(w)
				if s.want == 0 {
					continue
				}
				z, c, err := w.Contents(w.ctx(), anna, example)
				w.must(err)
				if soa, _ := c.SOA(); z.Serial != s.want || soa.Serial != s.want {
					t.Fatalf("%s: serial %d, in the SOA %d; want %d", s.what, z.Serial, soa.Serial, s.want)
				}
			}
		})
	}
}

// Whoever sets the SOA is told if its serial was not taken.
func TestASerialThatIsBehindIsWarnedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(anna, example, 10, "")
	r := w.edit(anna, example, "set @ SOA ns1.example.net. hostmaster.example.net. 9 10800 3600 1209600 600")
	if r.Changed || len(r.Warnings) != 1 || !r.Warnings[0].Warning {
		t.Errorf("%+v", r)
	}
	// The delta shows the serials that are served, not those that lie in the store.
	w.edit(anna, example, "set www A 192.0.2.1")
	r = w.edit(anna, example, "set @ SOA ns1.example.net. hostmaster.example.net. 9 10800 3600 1209600 60")
	want := "-@ SOA ns1.example.net. hostmaster.example.net. 11 10800 3600 1209600 600 +@ SOA ns1.example.net. hostmaster.example.net. 12 10800 3600 1209600 60"
	if got := delta(r.Delta); got != want {
		t.Errorf("the delta is %s, want %s", got, want)
	}
}
