package control_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func heldZone(t *testing.T, name zone.Name, serial uint32, more string) zone.Contents {
	t.Helper()
	text := fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n%s", serial, more)
	c, _, err := zone.Read(strings.NewReader(text), name, zone.Options{Origin: name}, zone.Tolerant)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// importing returns what became of each zone.
func importing(t *testing.T, w *world, in control.ImportMember) (steps map[zone.Name]skein.ImportStep, err error) {
	t.Helper()
	steps = map[zone.Name]skein.ImportStep{}
	err = w.ImportMember(w.ctx(), anna, in, func(s skein.ImportStep) error {
		if _, twice := steps[s.Zone]; twice {
			t.Errorf("%s is told of twice", s.Zone)
		}
		steps[s.Zone] = s
		return nil
	})
	return steps, err
}

// What a member has comes in, what is here stays, and a second time there is
// nothing to do.
func TestZonesOfAMemberComeIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secondMember(t, w)
	c := w.cluster
	for _, z := range []struct {
		name zone.Name
		more string
	}{{"here.example.", ""}, {"other.example.", "www 60 A 192.0.2.1\n"}} {
		if _, err := w.PutZone(w.ctx(), anna, control.PutZone{Name: z.name, Sets: slices.Collect(heldZone(t, z.name, 7, z.more).All()), CreateOnly: true}); err != nil {
			t.Fatal(err)
		}
	}
	c.held = map[zone.Name]fakeHeld{
		"new.example.":    {contents: heldZone(t, "new.example.", 2026010101, "www 60 A 192.0.2.1\n")},
		"here.example.":   {contents: heldZone(t, "here.example.", 9, "")}, // the serial alone is no difference
		"other.example.":  {contents: heldZone(t, "other.example.", 7, "www 60 A 192.0.2.2\n")},
		"ours.example.":   {contents: heldZone(t, "ours.example.", 1, ""), ours: true},
		"closed.example.": {unread: errors.New("REFUSED")},
		"fixed.example.":  {contents: heldZone(t, "fixed.example.", 3, ""), kept: errors.New("it is in its named.conf")},
	}
	actions := map[zone.Name]string{"new.example.": skein.ImportCreate, "here.example.": skein.ImportSame, "other.example.": skein.ImportDiffers,
		"ours.example.": skein.ImportOurs, "closed.example.": skein.ImportFail, "fixed.example.": skein.ImportCreate}
	is := func(what string, steps map[zone.Name]skein.ImportStep, err error) {
		t.Helper()
		if err != nil || len(steps) != len(actions) {
			t.Errorf("%s: %d steps, %v", what, len(steps), err)
		}
		for name, action := range actions {
			if steps[name].Action != action {
				t.Errorf("%s, %s: %+v", what, name, steps[name])
			}
		}
	}

	steps, err := importing(t, w, control.ImportMember{Name: "ns2.example.net", TakeOver: true, DryRun: true})
	is("the plan", steps, err)
	if _, _, err := w.Contents(w.ctx(), anna, "new.example."); err == nil || len(c.taken) > 0 {
		t.Errorf("a plan changed something: %v, %v", err, c.taken)
	}

	steps, err = importing(t, w, control.ImportMember{Name: "ns2.example.net", TakeOver: true})
	is("the import", steps, err)
	z, got, err := w.Contents(w.ctx(), anna, "new.example.")
	if err != nil || z.Serial != 2026010101 || !got.WithSerial(2026010101).Equal(c.held["new.example."].contents) {
		t.Errorf("%+v, %v", z, err)
	}
	slices.Sort(c.taken)
	if !slices.Equal(c.taken, []zone.Name{"here.example.", "new.example."}) {
		t.Errorf("taken over: %v", c.taken)
	}
	if s := steps["fixed.example."]; s.TakeOver || s.Left == "" {
		t.Errorf("one that is not handed over: %+v", s)
	}

	for name, action := range actions {
		if action == skein.ImportCreate {
			actions[name] = skein.ImportSame
		}
	}
	c.taken = nil
	steps, err = importing(t, w, control.ImportMember{Name: "ns2.example.net"})
	is("a second time", steps, err)
	if len(c.taken) > 0 {
		t.Errorf("without consent it takes over %v", c.taken)
	}
}

func TestAnImportThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secondMember(t, w)
	for says, in := range map[string]control.ImportMember{
		"no member": {Name: "ns9.example.net"},
		"tenant":    {Name: "ns2.example.net", Owner: "nobody"},
	} {
		if _, err := importing(t, w, in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	steps, err := importing(t, w, control.ImportMember{Name: "ns2.example.net", Zones: []zone.Name{"nowhere.example."}})
	if err != nil || steps["nowhere.example."].Action != skein.ImportFail {
		t.Errorf("%v, %v", steps, err)
	}
	if _, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns2.example.net", State: skein.MemberDisabled}); err != nil {
		t.Fatal(err)
	}
	if _, err := importing(t, w, control.ImportMember{Name: "ns2.example.net", TakeOver: true}); err == nil || !strings.Contains(err.Error(), "disabled") {
		t.Errorf("a member that is not written: %v", err)
	}
}

func secondMember(t *testing.T, w *world) {
	t.Helper()
	r, err := w.AddMember(w.ctx(), anna, control.NewMember{Member: skein.Member{Name: "ns2.example.net", Address: netip.MustParseAddr("192.0.2.2")}})
	if err != nil || r.Member.State != skein.MemberEnabled {
		t.Fatal(r, err)
	}
}
