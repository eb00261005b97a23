package catalog_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// Zones that were deleted while Knot was down, and that it comes to serve again
// though the catalog that it has does not list them.
func TestZonesThatAreKeptThoughNoCatalogListsThem(t *testing.T) {
	t.Parallel()
	s := newStage(t, "knot")
	s.start(t, "")
	d := s.driver(t, nil)
	var names []zone.Name
	for i := range 40 {
		name := zone.Name(fmt.Sprintf("z%d.example.", i))
		names = append(names, name)
		s.put(t, name, 1)
		s.must(t, d, member.ActionAdd, name)
	}
	for _, name := range names {
		s.awaits(t, name, true)
	}
	s.server.Kill()
	for _, name := range names[:10] {
		s.wants(name, false)
		s.primary.Drop(name)
	}
	s.server.Start()
	servertest.Eventually(t, "they are gone", func() error {
		for _, name := range names[:10] {
			if _, err := s.serial(t.Context(), name); err == nil {
				s.must(t, d, member.ActionDelete, name)
				return fmt.Errorf("%s is served", name)
			}
		}
		return nil
	})
	for _, name := range names[10:] {
		if _, err := s.serial(t.Context(), name); err != nil {
			t.Errorf("%s went with them: %v", name, err)
		}
	}
}

// A zone of the name that is the server's own is left alone, and is no reason to
// tell the member for ever.
func TestAZoneThatIsNoCatalogs(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	s.server.File("own.zone", "@ 60 SOA own.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 NS ns.invalid.\n")
	s.start(t, `zone "own.example" { type primary; file "own.zone"; };`)
	d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *catalog.Options) { o.Patience = time.Second })
	servertest.Eventually(t, "it is found to be another's", func() error {
		if err := s.step(t, d, member.ActionDelete, "own.example."); !errors.Is(err, member.ErrForeign) {
			return fmt.Errorf("it is told of again: %v", err)
		}
		return nil
	})
	if _, err := s.serial(t.Context(), "own.example."); err != nil {
		t.Error(err)
	}
}
