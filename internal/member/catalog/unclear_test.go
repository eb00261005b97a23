package catalog_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/zone"
)

// A member may have a zone from Skein's nameserver though that does not serve it
// at the moment. So long nobody can tell whose it is, and it is not foreign.
func TestAZoneThatIsNotServedHereForAWhile(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	s.start(t, "")
	const name zone.Name = "a.example."
	s.put(t, name, 1)
	s.must(t, s.driver(t, nil), member.ActionAdd, name)
	s.awaits(t, name, true)
	life := s.Life(name)
	stored, _ := s.primary.Current(name)
	ofStore := func(zone.Name) (zone.Contents, bool) { return stored, true }
	origin := catalog.Of(s.member)[0].Origin

	for situation, c := range map[string]struct {
		is    listing.Life // of the zone, as the nameserver has it
		edit  func(*testing.T, *catalog.Options)
		wants member.Presence
	}{
		"the nameserver has not loaded it yet": {listing.Life{}, func(t *testing.T, o *catalog.Options) { o.Published = ofStore }, member.Presence{Present: true, Pending: true}},
		"there is no catalog yet": {life, func(t *testing.T, o *catalog.Options) {
			o.Listing = listing.New(s, s.primary, time.Now(), slog.New(slog.DiscardHandler))
		}, member.Presence{Present: true, Pending: true}},
		"it cannot be loaded": {life, func(t *testing.T, o *catalog.Options) {
			o.Published = func(zone.Name) (c zone.Contents, is bool) { return c, false }
		}, member.Presence{Present: true, Pending: true}},
		"it begins anew for another member": {life, func(t *testing.T, o *catalog.Options) {
			t.Cleanup(s.set.Leave(origin, []zone.Name{name}))
		}, member.Presence{Present: true, Pending: true}},
		"it is in another pool": {listing.Life{ID: life.ID, Pool: "another"}, func(t *testing.T, o *catalog.Options) {}, member.Presence{Present: true}},
		"there is no such zone": {listing.Life{}, func(t *testing.T, o *catalog.Options) {
			o.Published = func(zone.Name) (c zone.Contents, is bool) { return c, false }
		}, member.Presence{Present: true}},
		"it is served": {life, func(t *testing.T, o *catalog.Options) {}, member.Presence{Present: true, Ours: true, Current: true}},
	} {
		t.Run(situation, func(t *testing.T) {
			s.lives(name, c.is)
			d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *catalog.Options) { c.edit(t, o) })
			there, err := d.Has(t.Context(), []zone.Name{name})
			if err != nil || there[0].Present != c.wants.Present || there[0].Ours != c.wants.Ours || there[0].Pending != c.wants.Pending {
				t.Errorf("%+v, %v; want %+v", there, err, c.wants)
			}
			if c.wants.Ours {
				return
			}
			var told error
			err = d.Apply(t.Context(), []member.Step{{Action: member.ActionAdd, Zone: name}}, func(_ int, err error) { told = err })
			if err != nil || told == nil || errors.Is(told, member.ErrForeign) {
				t.Errorf("it is added: %v, %v", err, told)
			}
		})
	}
}
