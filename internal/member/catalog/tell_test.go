package catalog

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/zone"
)

// versions makes versions of a catalog, and nothing else.
type versions struct {
	Listing
	serial uint32
}

func (v *versions) Renew(context.Context, zone.Name, bool) (uint32, error) {
	v.serial++
	return v.serial, nil
}

// What a member is told of a zone that it does not serve, step after step.
func TestTellingAMember(t *testing.T) {
	t.Parallel()
	const list, name zone.Name = "catalog.invalid.", "a.example."
	for situation, c := range map[string]struct {
		busy time.Duration // how long it goes on fetching other zones
		want map[time.Duration]string
	}{
		"one that does nothing is told again, and gets another version": {0, map[time.Duration]string{
			0: "catalog.invalid. 1", time.Second: "a.example. 1", 4 * time.Second: "a.example. 1", 6 * time.Second: "catalog.invalid. 2", 12 * time.Second: "catalog.invalid. 3"}},
		"one that is busy is left alone": {20 * time.Second, map[time.Duration]string{
			0: "catalog.invalid. 1", 4 * time.Second: "", 15 * time.Second: "", 23 * time.Second: "catalog.invalid. 2"}},
		"one that never comes to it gets another version, however busy": {time.Hour, map[time.Duration]string{
			0: "catalog.invalid. 1", 59 * time.Second: "", 61 * time.Second: "catalog.invalid. 2", 100 * time.Second: "", 122 * time.Second: "catalog.invalid. 3"}},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, said, begun := &versions{serial: 1}, "", time.Now()
				d := &Driver{told: map[zone.Name]*told{}, opts: Options{Listing: v,
					Notify: func(name zone.Name) { said = fmt.Sprint(name, " ", v.serial) },
					Busy: func() time.Time {
						if end := begun.Add(c.busy); time.Now().After(end) {
							return end
						}
						return time.Now()
					}}}
				if c.busy == 0 {
					d.opts.Busy = func() (never time.Time) { return never }
				}
				var at []time.Duration
				for when := range c.want {
					at = append(at, when)
				}
				slices.Sort(at)
				for _, when := range at {
					time.Sleep(time.Until(begun.Add(when)))
					said = ""
					if err := d.tell(t.Context(), list, name, v.serial); err != nil {
						t.Fatal(err)
					}
					if said != c.want[when] {
						t.Errorf("after %v it is told %q, not %q", when, said, c.want[when])
					}
				}
			})
		})
	}
}
