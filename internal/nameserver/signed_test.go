package nameserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// signer makes signed zones with BIND's tools, and knows their keys.
type signer struct {
	t   testing.TB
	dir string
}

func newSigner(t testing.TB) *signer {
	t.Helper()
	return &signer{t, t.TempDir()}
}

func (s *signer) run(name string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(servertest.Program(s.t, name), args...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// sign returns the text of a zone, signed; arguments choose the chain.
func (s *signer) sign(c zone.Contents, args ...string) string {
	s.t.Helper()
	origin := strings.TrimSuffix(string(c.Origin()), ".")
	s.run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", origin)
	s.run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", origin)
	unsigned := filepath.Join(s.dir, origin+".unsigned")
	if err := os.WriteFile(unsigned, []byte(print(s.t, c)), 0o600); err != nil {
		s.t.Fatal(err)
	}
	signed := filepath.Join(s.dir, origin+".signed")
	s.run("dnssec-signzone", append(args, "-q", "-S", "-P", "-o", origin, "-f", signed, unsigned)...)
	text, err := os.ReadFile(signed)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// anchor writes the key-signing key of a zone as delv wants it.
func (s *signer) anchor(origin string) (file string) {
	s.t.Helper()
	keys, err := filepath.Glob(filepath.Join(s.dir, "K"+origin+"+*.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, key := range keys {
		text, err := os.ReadFile(key)
		if err != nil {
			s.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 6 && f[3] == "257" {
				file = filepath.Join(s.dir, origin+"anchor")
				anchor := fmt.Sprintf("trust-anchors { %q static-key 257 3 %s %q; };\n", origin, f[5], strings.Join(f[6:], ""))
				if err := os.WriteFile(file, []byte(anchor), 0o600); err != nil {
					s.t.Fatal(err)
				}
			}
		}
	}
	if file == "" {
		s.t.Fatalf("no key of %s in %s", origin, s.dir)
	}
	return file
}

// chains are the ways to sign that are served: the arguments of dnssec-signzone.
var chains = map[signing][]string{
	nsec:   nil,
	nsec3:  {"-3", "AABB", "-H", "2"},
	optOut: {"-3", "-", "-H", "0", "-A"},
}

// signedCorpus signs the zones in testdata/zones in one way.
func signedCorpus(t testing.TB, how signing) (zones []zone.Contents, texts map[zone.Name]string, s *signer) {
	t.Helper()
	s, texts = newSigner(t), map[zone.Name]string{}
	for _, c := range corpus(t, "zones") {
		text := s.sign(c, chains[how]...)
		texts[c.Origin()] = text
		zones = append(zones, contents(t, c.Origin(), text))
	}
	return zones, texts, s
}

// openToOptOut are questions answered from a wildcard than which something
// unsigned might be closer.
var openToOptOut = []string{"any.wild.corpus.example A", "x.y.wild.corpus.example A", "any.cwild.corpus.example A", "any.cwild.corpus.example MX"}

// A validating resolver of another make believes what we say.
func TestDelvBelievesUs(t *testing.T) {
	t.Parallel()
	for how := range chains {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			zones, _, signer := signedCorpus(t, how)
			s := serve(t, Options{})
			for _, c := range zones {
				s.Put(c)
			}
			anchor := signer.anchor("corpus.example.")
			for _, question := range []string{
				"corpus.example SOA", "corpus.example DNSKEY", "corpus.example NSEC3PARAM",
				"www.corpus.example A", `\000\001nul.corpus.example A`, "unknown.corpus.example TYPE65400", "svcalias.corpus.example HTTPS",
				"www.corpus.example MX", "nosuch.corpus.example A", "x.y.nosuch.corpus.example A",
				"b.ent.corpus.example A", "x.b.ent.corpus.example A",
				"any.wild.corpus.example A", "x.y.wild.corpus.example A", "*.wild.corpus.example A", "any.wild.corpus.example MX",
				"x.sub.wild.corpus.example A", "any.entwild.corpus.example A", "a.*.star.corpus.example A",
				"any.cwild.corpus.example A", "any.cwild.corpus.example MX", "alias2.corpus.example A", "tonx.corpus.example A",
				"x.dname.corpus.example A", "nosuch.dname.corpus.example A",
				"secure.corpus.example DS", "child.corpus.example DS", "hosted.corpus.example DS",
			} {
				want := "fully validated"
				if how == optOut && slices.Contains(openToOptOut, question) {
					want = "unsigned answer"
				}
				t.Run(question, func(t *testing.T) {
					t.Parallel()
					words := strings.Fields(question)
					addr := s.Addrs()[0]
					out, _ := exec.Command(servertest.Program(t, "delv"), "@"+addr.Addr().String(), "-p", fmt.Sprint(addr.Port()), "-a", anchor, "+root=corpus.example", words[0], words[1]).CombinedOutput()
					if !strings.Contains(string(out), want) {
						t.Errorf("delv wants %q of\n%s", want, out)
					}
				})
			}
		})
	}
}

// What is transferred is the zone that was signed, to the last TTL.
func TestTransferredZonesVerify(t *testing.T) {
	t.Parallel()
	for how := range chains {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			zones, texts, signer := signedCorpus(t, how)
			s := serve(t, Options{})
			s.SetAccess(Access{TransferNets: loopback})
			for _, c := range zones {
				s.Put(c)
				origin := strings.TrimSuffix(string(c.Origin()), ".")
				out, err := servertest.Dig(t, s.Addrs()[0], origin, "AXFR", "+noidnout", "+onesoa", "+nocmd", "+nostats")
				if err != nil {
					t.Fatal(err, out)
				}
				file := filepath.Join(signer.dir, origin+".transferred")
				if err := os.WriteFile(file, []byte(out+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				signer.run("ldns-verify-zone", file)
				again := contents(t, c.Origin(), out)
				if !again.Equal(contents(t, c.Origin(), texts[c.Origin()])) {
					t.Errorf("%s came back different", c.Origin())
				}
			}
		})
	}
}

// print returns a zone as a file that every server reads.
func print(t testing.TB, c zone.Contents) string {
	t.Helper()
	var text strings.Builder
	if err := zone.Print(&text, c, zone.PrintOptions{Absolute: true}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
