package plesk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// end is what the hook sends at the end of a pass.
func end(del bool, names ...string) string {
	return fmt.Sprintf(`[{"command":"skein.endPass","pass":{"begun":%q,"zones":["%s"],"delete":%v}}]`,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339), strings.Join(names, `","`), del)
}

func TestEndOfAPass(t *testing.T) {
	t.Parallel()
	const a, b, c = "a.example.", "b.example.", "c.example."
	has := func(source string, names ...string) (all []step) {
		for _, name := range names {
			all = append(all, step{source, put("create", name, "192.0.2.1"), "create " + name + ": applied"})
		}
		return all
	}
	for situation, s := range map[string]struct {
		before []step
		end    string
		want   string
		left   string // of a, b and c
	}{
		"everything came":                     {has("plesk-1", a, b), end(false, a, b), "skein.endPass plesk-1: unchanged", "a b"},
		"one did not come":                    {has("plesk-1", a, b), end(false, a), "skein.endPass plesk-1: unchanged\nskein.endPass b.example.: forgotten", "a b"},
		"it is to be deleted":                 {has("plesk-1", a, b), end(true, a), "skein.endPass plesk-1: applied\nskein.endPass b.example.: applied", "a"},
		"more came than is here":              {has("plesk-1", a), end(true, a, b), "skein.endPass plesk-1: unchanged", "a"},
		"in another case, without final dots": {has("plesk-1", a, b), end(true, "A.Example", "b.EXAMPLE."), "skein.endPass plesk-1: unchanged", "a b"},
		"other sources' are none of it":       {append(has("plesk-2", b, c), has("plesk-1", a)...), end(true, a), "skein.endPass plesk-1: unchanged", "a b c"},
		"a name that no zone can have":        {has("plesk-1", a), end(true, a, "-..-"), "skein.endPass plesk-1: unchanged", "a"},
		"it names none":                       {has("plesk-1", a), `[{"command":"skein.endPass","pass":{"begun":"2026-01-01T00:00:00Z","zones":[]}}]`, "skein.endPass : refused", "a"},
		"it is broken":                        {has("plesk-1", a), `[{"command":"skein.endPass","pass":{"begun":7}}]`, "skein.endPass : refused", "a"},
		"it is empty":                         {has("plesk-1", a), `[{"command":"skein.endPass"}]`, "skein.endPass : refused", "a"},
		"a zone that came after it began": {has("plesk-1", a, b), strings.Replace(end(true, a), fmt.Sprint(time.Now().Add(time.Hour).Year()), "2001", 1),
			"skein.endPass plesk-1: unchanged", "a b"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			worlds(t, func(t *testing.T, control Control) {
				for i, step := range s.before {
					if got := outcomes(deliver(t, control, step.source, fmt.Sprintf("push-%d", i), step.push)); got != step.want {
						t.Fatalf("%s\nwant\n%s", got, step.want)
					}
				}
				for range 2 { // delivered again, it comes to the same end
					report := deliver(t, control, "plesk-1", "end", s.end)
					if got := outcomes(report); got != s.want && !strings.Contains(s.want, "applied") {
						t.Errorf("%s\nwant\n%s", got, s.want)
					}
				}
				var left []string
				for _, name := range []string{a, b, c} {
					_, err1 := control.Zone(t.Context(), skein.Actor{Source: "plesk-1"}, zone.Name(name))
					_, err2 := control.Zone(t.Context(), skein.Actor{Source: "plesk-2"}, zone.Name(name))
					if err1 == nil || err2 == nil {
						left = append(left, name[:1])
					}
				}
				if got := strings.Join(left, " "); got != s.left {
					t.Errorf("left are %s, want %s", got, s.left)
				}
			})
		})
	}
}

// Many zones are forgotten at once: the list is bounded, the count is not.
func TestManyForgotten(t *testing.T) {
	t.Parallel()
	f := newFake()
	const many = 2500
	for i := range many {
		name := zone.Name(fmt.Sprintf("z%d.example.", i))
		f.zones[name] = &fakeZone{head: skein.Zone{Name: name, Origin: "plesk-1"}}
	}
	report := deliver(t, f, "plesk-1", "end", end(false, "other.example."))
	if len(report.Tasks) != 1+maxForgotten || !strings.Contains(report.Tasks[0].Text, "it did not send 2500") {
		t.Errorf("%d tasks: %+v", len(report.Tasks), report.Tasks[0])
	}
}

// Many deletions at once wait for a person: ten of them go, the others are held.
func TestManyMissingAreHeld(t *testing.T) {
	t.Parallel()
	c := newReal(t)
	const many = 25
	for i := range many {
		name := fmt.Sprintf("z%d.example.", i)
		deliver(t, c, "plesk-1", name, put("create", name, "192.0.2.1"))
	}
	report := deliver(t, c, "plesk-1", "end", end(true, "z0.example."))
	count := map[string]int{}
	for _, r := range report.Tasks[1:] {
		if count[r.Outcome]++; (r.Outcome == waiting) != (r.Waiting != 0) {
			t.Errorf("%+v", r)
		}
	}
	if count[applied] != 10 || count[waiting] != many-1-10 || !strings.Contains(report.Tasks[0].Text, "did not send 24 (10 are deleted, 14 are not)") {
		t.Errorf("%v: %s", count, report.Tasks[0].Text)
	}
}

// Plesk's own nameserver tells a domain that was switched off from one that is gone.
func TestForgottenZonesAreAskedForAtPlesk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		for _, name := range []zone.Name{"a.example.", "b.example.", "c.example."} {
			f.zones[name] = &fakeZone{head: skein.Zone{Name: name, Origin: "plesk-1"}}
		}
		theirs := Nameservers{Serial: func(ctx context.Context, name zone.Name, at netip.AddrPort) (uint32, error) {
			switch {
			case at.String() != "192.0.2.7:53":
				t.Errorf("asked %s", at)
			case name == "a.example.":
				return 2026112501, nil
			case name == "b.example.":
				return 0, errors.New("REFUSED")
			}
			<-ctx.Done() // it does not answer
			return 0, ctx.Err()
		}}
		hook := skein.Actor{Source: "plesk-1", Addr: netip.MustParseAddr("192.0.2.7")}
		report, err := New(f, theirs, nil).Handle(t.Context(), hook, "end", []byte(end(false, "other.example.")))
		if err != nil || len(report.Tasks) != 4 {
			t.Fatalf("%+v, %v", report, err)
		}
		for i, want := range []string{"1 that it sent are not its here", "192.0.2.7:53 has it, serial 2026112501", "does not have it: REFUSED", "it is served on"} {
			if text := report.Tasks[i].Text; !strings.Contains(text, want) || i == 3 && !strings.HasSuffix(text, want) {
				t.Errorf("%s; want %q", text, want)
			}
		}
	})
}

// Trouble while zones are deleted keeps the whole mark for another try.
func TestEndOfAPassMeetsTrouble(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{false, true} {
		t.Run(fmt.Sprintf("failed but done %v", done), func(t *testing.T) {
			t.Parallel()
			f := newFake()
			for _, name := range []string{"a.example.", "b.example.", "c.example."} {
				deliver(t, f, "plesk-1", name, put("create", name, "192.0.2.1"))
			}
			c := &faulty{Control: f, failAt: 2, done: done, failWith: errTrouble}
			mark := end(true, "a.example.")
			if _, err := New(c, Nameservers{}, nil).Handle(t.Context(), skein.Actor{Source: "plesk-1"}, "end", []byte(mark)); !errors.Is(err, errTrouble) {
				t.Errorf("%v, want the trouble", err)
			}
			deliver(t, c, "plesk-1", "end", mark)
			if len(f.zones) != 1 {
				t.Errorf("%d zones are left\n%s", len(f.zones), f.text())
			}
		})
	}
}
