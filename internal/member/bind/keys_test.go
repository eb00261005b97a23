package bind

import (
	"net/netip"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/servertest"
)

// BIND's list of its keys ends at the first two names that share what stands
// behind a dot. A key that it does not come to may be there all the same: zones
// are added, and the transfer tells.
func TestAListOfKeysThatEndsEarly(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.named.Named(s.keys() + keyStatement("a.example.net", "AAAA") + keyStatement("b.example.net", "AAAA") + s.named.Options("allow-new-zones yes;") + s.controls())

	self := s.selfTest(t)
	judge(t, s.driver(t, nil).Test(t.Context(), self), situation{})

	s.put(t, "zone.example.", 7)
	if err := s.driver(t, nil).add(t.Context(), "zone.example."); err != nil {
		t.Errorf("a zone is refused: %v", err)
	}
	servertest.Eventually(t, "it is served", func() error {
		_, err := s.serial(t.Context(), s.named.DNS, "zone.example.")
		return err
	})

	unknown := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) { m.TSIGKey = "skein-unknown" })
	unknown.opts.Transfer = time.Second
	judge(t, unknown.Test(t.Context(), s.selfTest(t)), situation{check: "transfer", says: []string{"does not know the TSIG key skein-unknown", "rndc reconfig"}})
}
