package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

const ownText = "@ 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 IN NS ns.invalid.\n"

// The suite of every driver against consumers of each make, set up as printed.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("BIND", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "bind")
		s.server.File("own.zone", ownText)
		s.start(t, "zone \"own.example\" { type primary; file \"own.zone\"; };\n")
		subject := s.subject()
		subject.Foreign = map[string]zone.Name{"of its named.conf": "own.example."}
		membertest.Run(t, subject)
	})
	t.Run("Knot", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "knot")
		s.server.File("own.zone", ownText)
		s.start(t, "  - domain: own.example\n    storage: \""+s.server.Dir+"\"\n    file: own.zone\n")
		subject := s.subject()
		subject.Foreign = map[string]zone.Name{"of its knot.conf": "own.example."}
		membertest.Run(t, subject)
	})
	t.Run("Skein", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "skein")
		s.start(t, " --rndc "+s.server.Control.String()+" --rndc-key-file "+s.server.Key)
		own := servertest.New(t, "the primary of its own zone")
		own.File("own.zone", ownText)
		own.Named("zone \"own.example\" { type primary; file \"own.zone\"; };\n")
		setup := fmt.Sprintf("{ type secondary; file \"own\"; primaries { %s port %d; }; };", own.DNS.Addr(), own.DNS.Port())
		if _, err := s.server.RNDC("addzone", "own.example", setup); err != nil {
			t.Fatal(err)
		}
		subject := s.subject()
		subject.Foreign = map[string]zone.Name{"told over rndc": "own.example."}
		membertest.Run(t, subject)
	})
	t.Run("PowerDNS", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "powerdns")
		s.start(t, "INSERT INTO domains (name, type) VALUES ('own.example', 'NATIVE');\n"+
			"INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, 'own.example', 'SOA', 'ns.invalid hostmaster.invalid 1 3600 600 86400 60', 60 FROM domains;\n")
		subject := s.subject()
		subject.Foreign = map[string]zone.Name{"of its database": "own.example."}
		subject.Hides, subject.Stranger = true, nil
		subject.Unfit = func(name zone.Name) bool { // it answers SERVFAIL for others, or not at all
			return strings.ContainsFunc(string(name), func(r rune) bool {
				return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
			})
		}
		membertest.Run(t, subject)
	})
}
