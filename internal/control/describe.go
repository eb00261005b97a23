package control

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
)

const (
	defaultAlgorithm = "hmac-sha256"
	defaultDNSPort   = 53
	defaultRNDCPort  = 953

	maxMemberName = 200

	// The names of a member's keys are one label each.
	maxKeyLabel = 63 - len(auditKeyPrefix)

	tsigKeyPrefix  = "skein-"
	auditKeyPrefix = "skein-audit-"

	// Octets of a key that is brought along.
	minKey, maxKey = 16, 512
)

var (
	nameForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)
	viewForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,63}$`)
)

// memberName is the one form of a member's name: case does not count in the
// names of keys that are made of it.
func memberName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

// completed returns a description with defaults where it says nothing. What a
// pending member was before counts more than defaults; its secrets stay, so
// that what was pasted on it stays right. The primaries are found out anew if its
// address is another.
func (c *Control) completed(in NewMember, before *skein.Member, secrets skein.MemberSecrets) (skein.Member, skein.MemberSecrets) {
	m := in.Member
	m.Name = memberName(m.Name)
	m.Address, m.RNDCAddr = m.Address.Unmap(), m.RNDCAddr.Unmap()
	m.Primaries = slices.Clone(m.Primaries)
	m.Status, m.DisabledBy, m.State, m.Created = nil, "", skein.MemberPending, c.Now().UTC()
	if before != nil {
		m.State, m.DisabledBy, m.Created = before.State, before.DisabledBy, before.Created
		fill(&m.Address, before.Address)
		fill(&m.RNDCAddr, before.RNDCAddr)
		fill(&m.Driver, before.Driver)
		fill(&m.Role, before.Role)
		fill(&m.Port, before.Port)
		fill(&m.RNDCPort, before.RNDCPort)
		fill(&m.View, before.View)
		fill(&m.Algorithm, before.Algorithm)
		if len(m.Primaries) == 0 && m.Address == before.Address {
			m.Primaries = slices.Clone(before.Primaries)
		}
	}
	fill(&m.Driver, c.Drivers[0])
	fill(&m.Role, skein.RoleWriteOnly)
	fill(&m.Port, defaultDNSPort)
	fill(&m.RNDCPort, defaultRNDCPort)
	fill(&m.Algorithm, defaultAlgorithm)
	m.Algorithm = strings.ToLower(m.Algorithm)
	c.fillPrimaries(&m)
	m.TSIGKey, m.AuditKey = keyName(tsigKeyPrefix, m.Name), keyName(auditKeyPrefix, m.Name)

	given := in.Secrets
	fill(&given.RNDC, secrets.RNDC)
	fill(&given.TSIG, secrets.TSIG)
	fill(&given.Audit, secrets.Audit)
	for _, s := range []*string{&given.RNDC, &given.TSIG, &given.Audit} {
		if *s == "" {
			*s = newKey(m.Algorithm)
		}
	}
	return m, given
}

// keyName makes the name of a member's key: one label, since BIND's list of
// its keys ends where two names share what stands behind a dot.
func keyName(prefix, member string) string {
	label := strings.ReplaceAll(member, ".", "_")
	if len(label) > maxKeyLabel {
		sum := sha256.Sum256([]byte(member))
		label = label[:maxKeyLabel-9] + "_" + hex.EncodeToString(sum[:4])
	}
	return prefix + label
}

// fill sets what is not set.
func fill[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

func (c *Control) fillPrimaries(m *skein.Member) {
	own := c.Primaries(m.Address)
	if len(m.Primaries) == 0 {
		m.Primaries = own
	}
	port := uint16(defaultDNSPort)
	if len(own) > 0 {
		port = own[0].Port
	}
	for i := range m.Primaries {
		m.Primaries[i].Address = m.Primaries[i].Address.Unmap()
		fill(&m.Primaries[i].Port, port)
	}
}

// keySize is how many octets a key that is made has: as many as the hash. It
// is 0 for an algorithm that is not for both rndc and TSIG: hmac-md5 is for
// rndc alone (RFC 8945 section 6 has done with it).
func keySize(algorithm string) int {
	switch algorithm {
	case "hmac-sha1":
		return 20
	case "hmac-sha224":
		return 28
	case "hmac-sha256":
		return 32
	case "hmac-sha384":
		return 48
	case "hmac-sha512":
		return 64
	}
	return 0
}

func newKey(algorithm string) string {
	key := make([]byte, max(keySize(algorithm), minKey))
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	return base64.StdEncoding.EncodeToString(key)
}

// checkMember says what is wrong with a description. It never quotes a secret.
func (c *Control) checkMember(m skein.Member, s skein.MemberSecrets) error {
	wrong := func(mend, format string, args ...any) error {
		return invalid(fmt.Sprintf(format, args...), mend)
	}
	longLabel := slices.ContainsFunc(strings.Split(m.Name, "."), func(label string) bool { return len(label) > 63 })
	switch {
	case len(m.Name) > maxMemberName || longLabel:
		return wrong("choose a shorter name", "the name of a member has at most %d octets, and 63 between two dots", maxMemberName)
	case !nameForm.MatchString(m.Name):
		return wrong("use the server's host name, such as ns2.example.net", "%.100q is no name for a member: letters, digits, hyphens, underscores and dots make one", m.Name)
	case !slices.Contains(c.Drivers, m.Driver):
		return wrong("there is: "+strings.Join(c.Drivers, ", "), "there is no driver %.100q", m.Driver)
	case m.Role != skein.RoleWriteOnly:
		return wrong("use the role write-only", "a %s member can only be written to, so it cannot have the role %.100q", m.Driver, m.Role)
	case m.View != "" && !viewForm.MatchString(m.View):
		return wrong("letters, digits, hyphens, underscores and dots make one", "%.100q is no name of a view", m.View)
	case keySize(m.Algorithm) == 0:
		return wrong("make a key of "+defaultAlgorithm+" there (rndc-confgen -A "+defaultAlgorithm+")",
			"the algorithm %.100q is not for both rndc and signed transfers, and a member has one for all its keys", m.Algorithm)
	}
	for _, addr := range []netip.Addr{m.Address, m.RNDCAddr} {
		if addr.IsValid() && (addr.IsUnspecified() || addr.IsMulticast()) {
			return wrong("give the address that it is reached at from here", "%s is no address of a member", addr)
		}
	}
	for _, p := range m.Primaries {
		if !p.Address.IsValid() || p.Address.IsUnspecified() || p.Address.IsMulticast() {
			return wrong("give the address that the member reaches this node by", "%s is no address of a primary", p.Address)
		}
	}
	for _, key := range []struct{ what, secret string }{{"rndc", s.RNDC}, {"TSIG", s.TSIG}, {"audit", s.Audit}} {
		raw, err := base64.StdEncoding.DecodeString(key.secret)
		if err != nil || len(raw) < minKey || len(raw) > maxKey {
			return wrong("give the key as tsig-keygen and rndc-confgen write it", "the %s key is not %d to %d octets in base64", key.what, minKey, maxKey)
		}
	}
	if m.Address.IsValid() && len(m.Primaries) == 0 {
		return wrong("say --primary-address", "it is not known by which address member %s reaches this node", m.Name)
	}
	return nil
}

// sameSetup reports whether two descriptions are of the same server, driven
// in the same way.
func sameSetup(a, b skein.Member) bool {
	return a.Name == b.Name && a.Driver == b.Driver && a.Role == b.Role && a.DNS() == b.DNS() && a.RNDC() == b.RNDC() &&
		a.View == b.View && a.Algorithm == b.Algorithm && slices.Equal(a.Primaries, b.Primaries)
}
