package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/door/plesk"
	"github.com/skein-dns/skein/internal/spool"
	"github.com/skein-dns/skein/zone"
)

// deletions is a control that does nothing but delete, or fail as it is told.
type deletions struct {
	plesk.Control
	fail    map[zone.Name]error
	done    bool // a failure comes after it was done
	deleted []string
	ids     map[string]bool
}

func (d *deletions) DeleteZone(_ context.Context, a skein.Actor, in control.DeleteZone) (control.Result, error) {
	err := d.fail[in.Name]
	if !d.ids[in.ChangeID] && (err == nil || d.done) {
		d.ids[in.ChangeID] = true
		d.deleted = append(d.deleted, a.Source+" "+string(in.Name))
	}
	return control.Result{Changed: true, Zone: skein.Zone{Name: in.Name, Revision: 1}}, err
}

func (d *deletions) Admit(context.Context, skein.Actor) error { return nil }

// Source: none was set up, so that contents come with the push.
func (d *deletions) Source(context.Context, skein.Actor, string) (skein.Source, error) {
	return skein.Source{}, &skein.Error{Kind: skein.KindNotFound, What: "there is no such source"}
}

func deletion(name string) []byte {
	return []byte(`[{"command":"delete","zone":{"name":"` + name + `"}}]`)
}

// What the hook kept while the node was away is delivered in order once it is there.
func TestSpoolIsDeliveredInOrder(t *testing.T) {
	t.Parallel()
	trouble := errors.New("no space left on device")
	conflict := &skein.Error{Kind: skein.KindConflict, What: "it is another's"}
	for situation, c := range map[string]struct {
		fail          error // of the second of three
		done          bool
		first, second []string // deleted after the first and the second look
		refused       string
	}{
		"all is well":            {first: []string{"a.", "b.", "c."}, second: []string{"a.", "b.", "c."}},
		"trouble":                {fail: trouble, first: []string{"a."}, second: []string{"a.", "b.", "c."}},
		"trouble after all":      {fail: trouble, done: true, first: []string{"a.", "b."}, second: []string{"a.", "b.", "c."}},
		"refused":                {fail: conflict, first: []string{"a.", "c."}, second: []string{"a.", "c."}, refused: "it is another's"},
		"not a push that can be": {first: []string{"a.", "c."}, second: []string{"a.", "c."}, refused: "neither an array of tasks nor a task"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			d := &deletions{fail: map[zone.Name]error{"b.": c.fail}, done: c.done, ids: map[string]bool{}}
			n := &node{Config: Config{Data: dir}, plesk: plesk.New(d, plesk.Nameservers{}, nil), log: slog.New(slog.DiscardHandler)}
			queue, err := spool.Open(PleskSpool(dir))
			if err != nil {
				t.Fatal(err)
			}
			bodies := [][]byte{deletion("a."), deletion("b."), deletion("c.")}
			if strings.HasPrefix(situation, "not a push") {
				bodies[1] = []byte("42")
			}
			for _, body := range bodies {
				if _, err := queue.Put(body); err != nil {
					t.Fatal(err)
				}
			}
			look := func(want []string) {
				t.Helper()
				for i := range want {
					want[i] = "plesk " + want[i]
				}
				if !slices.Equal(d.deleted, want) {
					t.Errorf("deleted %q, want %q", d.deleted, want)
				}
			}
			temporary := c.fail == trouble
			if err := n.drain(t.Context(), queue); (err != nil) != temporary || temporary && !errors.Is(err, trouble) {
				t.Errorf("%v", err)
			}
			look(c.first)
			if temporary {
				d.fail = nil
			}
			if err := n.drain(t.Context(), queue); err != nil {
				t.Error(err)
			}
			look(c.second)
			if waiting, err := queue.Len(); err != nil || waiting != 0 {
				t.Errorf("%d wait, %v", waiting, err)
			}
			var reasons string
			files, _ := filepath.Glob(filepath.Join(PleskSpool(dir), "refused", "*.reason"))
			for _, f := range files {
				text, _ := os.ReadFile(f)
				reasons += string(text)
			}
			if (reasons != "") != (c.refused != "") || !strings.Contains(reasons, c.refused) {
				t.Errorf("refused for %q, want %q", reasons, c.refused)
			}
		})
	}
}

// While a hook delivers, the node does not.
func TestSpoolIsTheHooksForNow(t *testing.T) {
	t.Parallel()
	d := &deletions{ids: map[string]bool{}}
	n := &node{Config: Config{Data: t.TempDir()}, plesk: plesk.New(d, plesk.Nameservers{}, nil)}
	queue, err := spool.Open(PleskSpool(n.Data))
	if err == nil {
		_, err = queue.Put(deletion("a."))
	}
	if err != nil {
		t.Fatal(err)
	}
	turn, err := queue.TryTurn()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.drain(t.Context(), queue); err != nil || len(d.deleted) > 0 {
		t.Errorf("deleted %q, %v", d.deleted, err)
	}
	turn.Release()
	if err := n.drain(t.Context(), queue); err != nil || len(d.deleted) != 1 {
		t.Errorf("deleted %q, %v", d.deleted, err)
	}
}

// Only a verdict on the push itself takes it out of the spool.
func TestSpoolVerdict(t *testing.T) {
	t.Parallel()
	for kind, keeps := range map[skein.Kind]bool{
		skein.KindInvalid:  false,
		skein.KindInternal: true, skein.KindForbidden: true, skein.KindUnknown: true, skein.KindNotFound: true,
		skein.KindConflict: true, skein.KindUnavailable: true, skein.KindTimeout: true,
	} {
		err := SpoolVerdict(skein.DoorReport{}, &skein.Error{Kind: kind, What: "what"})
		var refused *spool.Refused
		if err == nil || errors.As(err, &refused) == keeps {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for outcome, aside := range map[string]bool{"applied": false, "unchanged": false, "ignored": false, "refused": true} {
		err := SpoolVerdict(skein.DoorReport{Tasks: []skein.TaskResult{{Outcome: "applied"}, {Outcome: outcome, Text: "why"}, {Outcome: "applied"}}}, nil)
		var refused *spool.Refused
		if errors.As(err, &refused) != aside || aside && !strings.Contains(string(refused.Report), `"why"`) {
			t.Errorf("%s: %v", outcome, err)
		}
	}
}
