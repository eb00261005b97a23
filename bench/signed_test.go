package bench

import (
	"cmp"
	"crypto"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// signer signs zones with one key, and NSEC (RFC 4034, RFC 4035 section 2).
type signer struct {
	key     *dns.DNSKEY
	private crypto.Signer
}

// writeSigned writes zone files 0 … n-1, signed, into a folder and returns it with their names.
func writeSigned(b *testing.B, n int) (folder string, names []string) {
	b.Helper()
	key := &dns.DNSKEY{Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	private, err := key.Generate(256)
	if err != nil {
		b.Fatal(err)
	}
	s := signer{key, private.(crypto.Signer)}
	folder = b.TempDir()
	for i := range n {
		name := zoneName(i)
		text, err := s.sign(name, zoneText(i))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name+"zone"), []byte(text), 0o644)
		}
		if err != nil {
			b.Fatal(err)
		}
		names = append(names, name)
	}
	if out, err := exec.Command("dnssec-verify", "-q", "-z", "-o", names[0], filepath.Join(folder, names[0]+"zone")).CombinedOutput(); err != nil {
		b.Fatalf("the zones are not signed well: %v\n%s", err, out)
	}
	return folder, names
}

// sign returns the text of a zone with keys, signatures and proofs.
func (s signer) sign(origin, text string) (string, error) {
	sets := map[string]map[uint16][]dns.RR{} // by owner and type
	add := func(rr dns.RR) {
		h := rr.Header()
		if sets[h.Name] == nil {
			sets[h.Name] = map[uint16][]dns.RR{}
		}
		sets[h.Name][h.Rrtype] = append(sets[h.Name][h.Rrtype], rr)
	}
	in := dns.NewZoneParser(strings.NewReader(text), origin, "")
	for rr, ok := in.Next(); ok; rr, ok = in.Next() {
		add(rr)
	}
	if err := in.Err(); err != nil {
		return "", err
	}
	key := dns.Copy(s.key).(*dns.DNSKEY)
	key.Hdr = dns.RR_Header{Name: origin, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 14400}
	add(key)
	owners := chain(sets)
	for i, owner := range owners {
		nsec := &dns.NSEC{
			Hdr:        dns.RR_Header{Name: owner, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 3600},
			NextDomain: owners[(i+1)%len(owners)], TypeBitMap: []uint16{dns.TypeRRSIG, dns.TypeNSEC},
		}
		for t := range sets[owner] {
			nsec.TypeBitMap = append(nsec.TypeBitMap, t)
		}
		slices.Sort(nsec.TypeBitMap)
		add(nsec)
	}
	var signed strings.Builder
	for _, owner := range owners {
		types := sets[owner]
		for _, t := range slices.SortedFunc(maps.Keys(types), soaFirst) {
			signature, err := s.signature(origin, types[t])
			if err != nil {
				return "", err
			}
			for _, rr := range append(types[t], signature) {
				signed.WriteString(rr.String() + "\n")
			}
		}
	}
	return signed.String(), nil
}

func (s signer) signature(origin string, set []dns.RR) (*dns.RRSIG, error) {
	now := time.Now()
	sig := &dns.RRSIG{
		Hdr:       dns.RR_Header{Name: set[0].Header().Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: set[0].Header().Ttl},
		Algorithm: s.key.Algorithm, KeyTag: s.key.KeyTag(), SignerName: origin,
		Inception: uint32(now.Add(-time.Hour).Unix()), Expiration: uint32(now.Add(30 * 24 * time.Hour).Unix()),
	}
	return sig, sig.Sign(s.private, set)
}

// chain returns owners in canonical order (RFC 4034 section 6.1).
func chain(sets map[string]map[uint16][]dns.RR) []string {
	return slices.SortedFunc(maps.Keys(sets), func(a, b string) int { return zone.Name(a).Compare(zone.Name(b)) })
}

// soaFirst has the file of a zone begin as zone files do.
func soaFirst(a, b uint16) int {
	switch {
	case a == dns.TypeSOA:
		return -1
	case b == dns.TypeSOA:
		return 1
	}
	return cmp.Compare(a, b)
}
