package plesk

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/skein-dns/skein"
)

// FuzzPush: whatever comes, the door does not fall over, tells of every task
// once, in words that are fit for a log, and comes to the same twice.
func FuzzPush(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		actor := skein.Actor{Name: "plesk-1", Source: "plesk-1"}
		c := newFake()
		report, err := New(c, Nameservers{}, nil).Handle(t.Context(), actor, "push", body)
		if err != nil {
			if skein.KindOf(err) != skein.KindInvalid || len(c.changes) > 0 {
				t.Fatalf("%v, after %d changes", err, len(c.changes))
			}
			return
		}
		want := 1
		var all []json.RawMessage
		if json.Unmarshal(body, &all) == nil {
			want = len(all)
		}
		own := 0
		for _, r := range report.Tasks {
			if r.Command != endPass || r.Subject == "" || r.Subject == actor.Source {
				own++ // the others are zones that a pass did not find
			}
		}
		if own != want {
			t.Fatalf("%d tasks, %d outcomes", want, own)
		}
		for _, r := range report.Tasks {
			for _, word := range append(texts(r), r.Command, r.Subject, r.Text) {
				if strings.ContainsFunc(word, unicode.IsControl) {
					t.Errorf("not fit for a log: %q", word)
				}
			}
			switch r.Outcome {
			case applied:
				if r.Revision == 0 {
					t.Errorf("applied without a revision: %+v", r)
				}
			case refused, ignored:
				if r.Text == "" || r.Revision != 0 {
					t.Errorf("%+v", r)
				}
			case forgotten:
				if r.Command != endPass || r.Text == "" {
					t.Errorf("%+v", r)
				}
			case unchanged:
			default:
				t.Errorf("outcome %q", r.Outcome)
			}
		}
		again, err := New(newFake(), Nameservers{}, nil).Handle(t.Context(), actor, "push", body)
		if err != nil || !reflect.DeepEqual(report, again) {
			t.Errorf("another time, another outcome: %v\n%+v\n%+v", err, report, again)
		}
		before := c.text()
		if _, err := New(c, Nameservers{}, nil).Handle(t.Context(), actor, "push", body); err != nil || c.text() != before {
			t.Errorf("delivered again: %v\n%s\nwas\n%s", err, c.text(), before)
		}
	})
}
