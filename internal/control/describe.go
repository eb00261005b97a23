package control

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/pki"
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
	m.Primaries, m.Settings = slices.Clone(m.Primaries), maps.Clone(m.Settings)
	m.Others = nil
	m.Status, m.State, m.Created = nil, skein.MemberPending, c.Now().UTC()
	m.DisabledBy, m.DisabledAt, m.DisabledWhy, m.Version, m.Trust = "", time.Time{}, "", 0, false
	if before != nil {
		m.State, m.Created, m.Version = before.State, before.Created, before.Version
		m.DisabledBy, m.DisabledAt, m.DisabledWhy = before.DisabledBy, before.DisabledAt, before.DisabledWhy
		m.Shares, m.Trust = before.Shares, before.Trust
		m.Debug, m.Primary = m.Debug || before.Debug, m.Primary || before.Primary
		fill(&m.Pool, before.Pool)
		fill(&m.Username, before.Username)
		fill(&m.Address, before.Address)
		fill(&m.RNDCAddr, before.RNDCAddr)
		fill(&m.Driver, before.Driver)
		fill(&m.Role, before.Role)
		fill(&m.Port, before.Port)
		fill(&m.RNDCPort, before.RNDCPort)
		fill(&m.View, before.View)
		fill(&m.Only, before.Only)
		fill(&m.Repair, before.Repair)
		m.Settings = settled(before.Settings, m.Settings)
		if m.Endpoint == "" && m.Address == before.Address {
			m.Endpoint = before.Endpoint
		}
		if m.Endpoint == before.Endpoint {
			fill(&m.Pin, before.Pin)
		}
		fill(&m.Algorithm, before.Algorithm)
		if len(m.Primaries) == 0 && m.Address == before.Address {
			m.Primaries = slices.Clone(before.Primaries)
		}
	}
	fill(&m.Driver, c.Drivers[0].Name)
	if roles := c.rolesOf(m.Driver); len(roles) > 0 {
		fill(&m.Role, roles[0])
	}
	fill(&m.Pool, skein.DefaultPool)
	c.fillNeeds(&m)
	given := in.Secrets
	keepSecrets(&given, secrets)
	needs := c.needs(m.Driver)
	if needs.RNDC && given.RNDC == "" {
		given.RNDC = newKey(m.Algorithm)
	}
	if needs.TokenMade && given.Token == "" {
		given.Token = newKey(defaultAlgorithm)
	}
	if needs.Certificate && given.Certificate == "" && given.PrivateKey == "" && given.Server == "" {
		if certificate, key, err := pki.Pair("skein", c.Now()); err == nil { // else it is asked for
			given.Certificate, given.PrivateKey, given.Server = certificate, key, certificate
		}
	}
	if needs.Transfer {
		m.TSIGKey, m.AuditKey = keyName(tsigKeyPrefix, m.Name), keyName(auditKeyPrefix, m.Name)
		for _, s := range []*string{&given.TSIG, &given.Audit} {
			if *s == "" {
				*s = newKey(m.Algorithm)
			}
		}
	}
	return m, given
}

// keepSecrets has secrets that are not given stay what they were.
func keepSecrets(given *skein.MemberSecrets, before skein.MemberSecrets) {
	fill(&given.RNDC, before.RNDC)
	fill(&given.TSIG, before.TSIG)
	fill(&given.Audit, before.Audit)
	fill(&given.Token, before.Token)
	fill(&given.Certificate, before.Certificate)
	fill(&given.PrivateKey, before.PrivateKey)
	fill(&given.Server, before.Server)
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
	roles := c.rolesOf(m.Driver)
	longLabel := slices.ContainsFunc(strings.Split(m.Name, "."), func(label string) bool { return len(label) > 63 })
	switch {
	case len(m.Name) > maxMemberName || longLabel:
		return wrong("choose a shorter name", "the name of a member has at most %d octets, and 63 between two dots", maxMemberName)
	case !nameForm.MatchString(m.Name):
		return wrong("use the server's host name, such as ns2.example.net", "%.100q is no name for a member: letters, digits, hyphens, underscores and dots make one", m.Name)
	case roles == nil:
		return wrong("there is: "+c.driverNames(), "there is no driver %.100q", m.Driver)
	case !slices.Contains(roles, m.Role):
		return wrong(fmt.Sprintf("its roles are: %s", joined(roles)), "a %s member cannot have the role %.100q", m.Driver, m.Role)
	case m.View != "" && !viewForm.MatchString(m.View):
		return wrong("letters, digits, hyphens, underscores and dots make one", "%.100q is no name of a view", m.View)
	case m.Only != "" && m.Only != skein.OnlyPresent:
		return wrong("say "+skein.OnlyPresent+", or nothing", "it cannot be only zones that are %.100q", m.Only)
	case m.Repair != "" && m.Repair != skein.RepairReport:
		return wrong("say "+skein.RepairReport+", or nothing", "what drifted on it cannot be %.100q", m.Repair)
	}
	for _, addr := range []netip.Addr{m.Address, m.RNDCAddr} {
		if addr.IsValid() && (addr.IsUnspecified() || addr.IsMulticast()) {
			return wrong("give the address that it is reached at from here", "%s is no address of a member", addr)
		}
	}
	return c.needs(m.Driver).check(m, s)
}

// rolesOf returns what members of a driver can be, the default first; nil if
// there is no such driver.
func (c *Control) rolesOf(driver string) []skein.Role {
	for _, d := range c.Drivers {
		if d.Name == driver {
			return d.Roles
		}
	}
	return nil
}

func (c *Control) driverNames() string {
	names := make([]string, len(c.Drivers))
	for i, d := range c.Drivers {
		names[i] = d.Name
	}
	return strings.Join(names, ", ")
}

func joined(roles []skein.Role) string {
	return strings.Trim(fmt.Sprint(roles), "[]")
}

// sameSetup reports whether two descriptions are of the same server, driven
// in the same way.
func sameSetup(a, b skein.Member) bool {
	return a.Name == b.Name && a.Driver == b.Driver && a.Role == b.Role && a.DNS() == b.DNS() && a.RNDC() == b.RNDC() &&
		a.View == b.View && a.Algorithm == b.Algorithm && slices.Equal(a.Primaries, b.Primaries) && a.Primary == b.Primary &&
		a.Endpoint == b.Endpoint && a.Pin == b.Pin && a.Only == b.Only && a.Username == b.Username && maps.Equal(a.Settings, b.Settings)
}
