package whm

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// add applies a step for each of some zones.
func add(t *testing.T, d *Driver, names ...zone.Name) (told []error, err error) {
	t.Helper()
	return apply(t, d, member.ActionAdd, names...)
}

func apply(t *testing.T, d *Driver, action member.Action, names ...zone.Name) (told []error, err error) {
	t.Helper()
	steps := make([]member.Step, len(names))
	for i, name := range names {
		steps[i] = member.Step{Action: action, Zone: name}
	}
	err = d.Apply(t.Context(), steps, func(_ int, err error) { told = append(told, err) })
	return told, err
}

func many(t *testing.T, s *stage, n, octets int) (names []zone.Name) {
	t.Helper()
	for i := range n {
		name := zone.Name(fmt.Sprintf("z%d.example.", i))
		s.publish(t, name, 1, octets)
		names = append(names, name)
	}
	return names
}

// Many zones go in few calls, each bounded in zones and octets.
func TestBatches(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		zones, octets int
		calls         int
	}{
		"small zones":                  {2*batchZones + 1, 0, 3},
		"zones of some size":           {5, batchOctets / 4, 3}, // encoded they are longer
		"a zone larger than any batch": {2, 2 * batchOctets, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			names := many(t, s, row.zones, row.octets)
			d := s.driver(t)
			told, err := add(t, d, names...)
			if err != nil || len(told) != len(names) || slices.ContainsFunc(told, func(err error) bool { return err != nil }) {
				t.Fatalf("%d told of, %v", len(told), err)
			}
			counts := map[string]int{}
			for _, call := range s.took() {
				what, _, _ := strings.Cut(call, " ")
				counts[what]++
			}
			if counts["synczones"] != row.calls || counts["reloadbind"] != 1 {
				t.Errorf("%v", counts)
			}
			if got := len(s.Zones()); got != row.zones {
				t.Errorf("%d zones are there", got)
			}
		})
	}
}

// A change that came from another server goes on under its id, once; what it
// makes us do besides gets ids of its own.
func TestPassesIdsOn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	names := many(t, s, 4, 0)
	s.ids.Mark("z0.example", 1, "ofA")
	s.ids.Mark("z1.example", 1, "ofA")
	s.ids.Mark("z2.example", 1, "ofB")
	s.ids.Mark("z3.example", 2, "older")
	d := s.driver(t)
	changes := func() (calls []string) {
		for _, call := range s.took() {
			if strings.HasPrefix(call, "synczones") || strings.HasPrefix(call, "removezones") {
				calls = append(calls, ofOurs.ReplaceAllString(call, " new "))
			}
		}
		return calls
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := changes(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", what, got)
		}
	}
	if _, err := add(t, d, names...); err != nil {
		t.Fatal(err)
	}
	expect("saved", "synczones ofA [z0.example z1.example]", "synczones ofB [z2.example]", "synczones new [z3.example]")
	if _, err := add(t, d, names[0]); err != nil {
		t.Fatal(err)
	}
	expect("saved again", "synczones ofA_1 [z0.example]")
	s.ids.Mark("z0.example", removal, "ofC")
	if _, err := apply(t, d, member.ActionDelete, names[0], names[1]); err != nil {
		t.Fatal(err)
	}
	expect("removed", "removezones ofC [z0.example]", "removezones new [z1.example]")
	for _, c := range []struct{ action, zone, id string }{{dnsadmin.ActionSave, "z2.example", "ofB"}, {dnsadmin.ActionRemove, "z0.example", "ofC"}} {
		if s.ids.First("ns1", c.action, c.zone, c.id) {
			t.Errorf("%s of %s is taken when it comes back", c.action, c.zone)
		}
	}
}

// ofOurs is an id that the driver made up.
var ofOurs = regexp.MustCompile(` [A-Z2-7]{32} `)

// One zone that makes the member fail as a whole keeps none from the others.
func TestPoisonedBatch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	names := many(t, s, 9, 0)
	s.fault(dnsadmin.SyncZones, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	})
	d := s.driver(t)
	told, err := add(t, d, names[:2]...)
	if err != nil || len(told) != 2 || told[0] == nil || told[1] == nil {
		t.Errorf("all fail: %v, %v", told, err)
	}
	s.poison(dnsadmin.SyncZones, "z4%2eexample")
	told, err = add(t, d, names...)
	if err != nil || len(told) != len(names) {
		t.Fatalf("%v, %v", told, err)
	}
	for i, err := range told {
		_, there := s.Contents(names[i])
		if bad := i == 4; (err != nil) != bad || there == bad {
			t.Errorf("%s: there %v, %v", names[i], there, err)
		}
	}
}

// poison has calls fail whose body has a text in it.
func (s *server) poison(path, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, path)
	s.poisoned = text
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	for version, old := range map[string]bool{"11.23.2": true, "10.0.0": true, "11.24.0": false, "11.24.4": false, "110.0.1": false} {
		s := newStage(t)
		s.version = version
		s.publish(t, "a.example.", 1, 0)
		d := s.driver(t)
		told, err := add(t, d, "a.example.")
		if err != nil || len(told) != 1 || (told[0] != nil) != old {
			t.Errorf("%s: %v, %v", version, told, err)
			continue
		}
		if old && (!errors.Is(told[0], member.ErrDenied) || !strings.Contains(told[0].Error(), version)) {
			t.Errorf("%s: %v", version, told[0])
		}
		if got := len(s.Zones()); (got == 0) != old {
			t.Errorf("%s: %d zones were written", version, got)
		}
	}
}
