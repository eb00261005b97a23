package membertest

import (
	"testing"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Apply carries out one action on one zone, and returns what was told of it and
// of the whole call.
func Apply(t *testing.T, d member.Driver, action member.Action, name zone.Name) (told, err error) {
	t.Helper()
	err = d.Apply(t.Context(), []member.Step{{Action: action, Zone: name}}, func(_ int, e error) { told = e })
	return told, err
}

// Add adds one zone, which must succeed.
func Add(t *testing.T, d member.Driver, name zone.Name) {
	t.Helper()
	if told, err := Apply(t, d, member.ActionAdd, name); told != nil || err != nil {
		t.Fatal(told, err)
	}
}

// Has looks for one zone.
func Has(t *testing.T, d member.Driver, name zone.Name) member.Presence {
	t.Helper()
	there, err := d.Has(t.Context(), []zone.Name{name})
	if err != nil {
		t.Fatal(err)
	}
	return there[0]
}
