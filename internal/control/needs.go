package control

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
)

// Needs is what members of a driver are spoken to with.
type Needs struct {
	RNDC        bool      // an rndc key and port, perhaps a view
	Transfer    bool      // they fetch zones: primaries, TSIG and audit keys
	OneKey      bool      // they have one TSIG key for all that they fetch zones from
	API         uint16    // port of their API, where none is given; 0: they have none, or URL says where
	Plain       bool      // it is spoken without TLS, unless the endpoint begins with https://
	URL         string    // where the API is of a service that all share; an endpoint says otherwise
	Token       bool      // API token or key
	TokenMade   bool      // nobody gives it out there: one is made where none is given, to be put there
	Username    string    // where none is given; AnyUser: one must be; "": they have none
	Pinned      bool      // a certificate that no authority vouches for is pinned
	Certificate bool      // client certificate and private key, and what the server's is compared with
	NoAddress   bool      // nobody asks them over DNS
	Shared      bool      // they follow a list that others follow, too: nothing is deleted on one of them alone
	Root        bool      // they do something on this machine: only root's people may describe them
	Settings    []Setting // of the driver's own
	// Primary reports whether other members can fetch zones from a member; nil: they cannot.
	Primary func(skein.Member) bool
	// Others reports whether a member can fetch zones from other members as
	// well; nil: each that fetches zones can.
	Others func(skein.Member) bool
}

// AnyUser, as the Username of Needs, stands for one that must be given.
const AnyUser = "-"

// Setting is something that only one driver wants to know.
type Setting struct {
	Name    string
	Meaning string // of the value, in capitals, as in --help
	Help    string
	Default string             // what holds where it is not set
	Check   func(string) error // what is wrong with a value; nil takes any
}

const (
	maxToken   = 4096  // octets of a member's token: an access hash has about 1000
	maxPEM     = 65536 // octets of a certificate or private key
	maxSetting = 1000  // octets of a value
)

var userForm = regexp.MustCompile(`^[A-Za-z0-9_.@+-]{1,128}$`)

// needs says what members of a driver are spoken to with.
func (c *Control) needs(driver string) Needs {
	for _, d := range c.Drivers {
		if d.Name == driver {
			return d.Needs
		}
	}
	return Needs{}
}

// fillNeeds fills in the defaults of what a member is spoken to with.
func (c *Control) fillNeeds(m *skein.Member) {
	n := c.needs(m.Driver)
	m.Algorithm = strings.ToLower(m.Algorithm)
	if !n.NoAddress || m.Address.IsValid() {
		fill(&m.Port, defaultDNSPort)
	}
	if n.Username != AnyUser {
		fill(&m.Username, n.Username)
	}
	if n.API != 0 {
		m.Endpoint = endpointOf(*m, n.API)
	}
	if pin, ok := dnsadmin.ParsePin(m.Pin); ok {
		m.Pin = pin
	}
	if n.RNDC {
		fill(&m.RNDCPort, defaultRNDCPort)
	}
	if n.RNDC || n.Transfer {
		fill(&m.Algorithm, defaultAlgorithm)
	}
	if n.Transfer {
		c.fillPrimaries(m)
	}
}

// endpointOf is where the API of a member is: at its address, unless it says
// another host, and at the port of its driver, unless it says another.
func endpointOf(m skein.Member, port uint16) string {
	if m.Endpoint == "" && m.Address.IsValid() {
		return netip.AddrPortFrom(m.Address, port).String()
	}
	if addr, err := netip.ParseAddr(m.Endpoint); err == nil {
		return netip.AddrPortFrom(addr, port).String()
	}
	if m.Endpoint != "" && !strings.Contains(m.Endpoint, ":") {
		return fmt.Sprintf("%s:%d", m.Endpoint, port)
	}
	return m.Endpoint
}

// settled returns settings with some set otherwise; an empty value takes one away.
func settled(before, given map[string]string) map[string]string {
	after := maps.Clone(before)
	for name, value := range given {
		if after == nil {
			after = map[string]string{}
		}
		if after[name] = value; value == "" {
			delete(after, name)
		}
	}
	if len(after) == 0 {
		return nil
	}
	return after
}

// check says what is wrong with what a member is spoken to with. It never
// quotes a secret.
func (n Needs) check(m skein.Member, s skein.MemberSecrets) error {
	if what := n.needless(m, s); what != "" {
		return wrong("leave it out, or choose another driver", "a %s member has no %s", m.Driver, what)
	}
	for _, look := range []func(skein.Member, skein.MemberSecrets) error{
		n.checkPrimary, n.checkKeys, n.checkEndpoint, n.checkLogin, n.checkCertificate, n.checkSettings} {
		if err := look(m, s); err != nil {
			return err
		}
	}
	return nil
}

// mayDescribe refuses members that do something on this machine to whoever does
// not run Skein.
func (c *Control) mayDescribe(actor skein.Actor, m skein.Member) error {
	if !c.needs(m.Driver).Root || actor.Admin || actor.Role == skein.RoleRoot {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("a %s member runs a program on this machine", m.Driver),
		Mend: "ask those who run Skein: it takes the role " + string(skein.RoleRoot)}
}

func wrong(mend, format string, args ...any) error {
	return invalid(fmt.Sprintf(format, args...), mend)
}

// needless names something that was given and that the driver has no use for.
func (n Needs) needless(m skein.Member, s skein.MemberSecrets) string {
	for _, has := range []struct {
		needed, given bool
		what          string
	}{
		{n.RNDC, m.RNDCPort != 0 || m.RNDCAddr.IsValid() || s.RNDC != "", "rndc channel"},
		{n.RNDC, m.View != "", "view"},
		{n.Transfer, len(m.Primaries) > 0, "primaries: it fetches nothing"},
		{n.Transfer, s.TSIG+s.Audit != "", "keys of transfers: it fetches nothing"},
		{n.RNDC || n.Transfer, m.Algorithm != "", "keys, so that there is no algorithm"},
		{n.API != 0 || n.URL != "", m.Endpoint != "", "endpoint"},
		{n.Pinned, m.Pin != "", "pin"},
		{n.Token, s.Token != "", "token"},
		{n.Certificate, s.Certificate+s.PrivateKey+s.Server != "", "certificate"},
	} {
		if has.given && !has.needed {
			return has.what
		}
	}
	return ""
}

// checkKeys says what is wrong with the keys of a member, and with where it
// transfers from.
func (n Needs) checkKeys(m skein.Member, s skein.MemberSecrets) error {
	if !n.RNDC && !n.Transfer {
		return nil
	}
	if keySize(m.Algorithm) == 0 {
		return wrong("make a key of "+defaultAlgorithm+" there (rndc-confgen -A "+defaultAlgorithm+")",
			"the algorithm %.100q is not for both rndc and signed transfers, and a member has one for all its keys", m.Algorithm)
	}
	for _, p := range m.Primaries {
		if !p.Address.IsValid() || p.Address.IsUnspecified() || p.Address.IsMulticast() {
			return wrong("give the address that the member reaches this node by", "%s is no address of a primary", p.Address)
		}
	}
	for _, key := range []struct {
		needed       bool
		what, secret string
	}{{n.RNDC, "rndc", s.RNDC}, {n.Transfer, "TSIG", s.TSIG}, {n.Transfer, "audit", s.Audit}} {
		raw, err := base64.StdEncoding.DecodeString(key.secret)
		if key.needed && (err != nil || len(raw) < minKey || len(raw) > maxKey) {
			return wrong("give the key as tsig-keygen and rndc-confgen write it", "the %s key is not %d to %d octets in base64", key.what, minKey, maxKey)
		}
	}
	if n.Transfer && m.Address.IsValid() && len(m.Primaries) == 0 {
		return wrong("say --primary-address", "it is not known by which address member %s reaches this node", m.Name)
	}
	return nil
}

// checkPrimary says why others cannot transfer from a member.
func (n Needs) checkPrimary(m skein.Member, _ skein.MemberSecrets) error {
	switch {
	case !m.Primary:
		return nil
	case n.Primary == nil || !n.Primary(m):
		return wrong("choose a Skein nameserver, or a BIND that is told its zones over rndc", "other members cannot transfer from a %s member", m.Driver)
	case m.Only != "":
		return wrong("leave one of the two out", "other members cannot transfer from one that has some of the zones")
	case m.View != "" && m.View != "_default":
		return wrong("choose a member without views", "other members cannot transfer from one view of a member")
	}
	return nil
}

// checkEndpoint says what is wrong with where the API of a member is.
func (n Needs) checkEndpoint(m skein.Member, _ skein.MemberSecrets) error {
	if pin, is := dnsadmin.ParsePin(m.Pin); m.Pin != "" && (!is || pin != m.Pin) {
		return wrong("write it as SHA256: and 64 hexadecimal digits, as openssl x509 -noout -fingerprint -sha256 does", "%.100q is no fingerprint of a certificate", m.Pin)
	}
	switch {
	case n.URL != "" && m.Endpoint != "", n.Plain && strings.Contains(m.Endpoint, "://"):
		u, err := url.Parse(m.Endpoint)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return wrong("say --endpoint "+cmp.Or(n.URL, "https://HOST"), "%.300q is no address of an API", m.Endpoint)
		}
	case n.API != 0 && (m.Address.IsValid() || m.Endpoint != ""):
		host, port, err := net.SplitHostPort(m.Endpoint)
		number, notPort := strconv.ParseUint(port, 10, 16)
		_, notAddr := netip.ParseAddr(host)
		if err != nil || notPort != nil || number == 0 || notAddr != nil && !nameForm.MatchString(strings.ToLower(host)) {
			return wrong(fmt.Sprintf("say --endpoint HOST:%d", n.API), "%.300q is no host and port of an API", m.Endpoint)
		}
	}
	return nil
}

// checkLogin says what is wrong with what a member is signed in with.
func (n Needs) checkLogin(m skein.Member, s skein.MemberSecrets) error {
	switch {
	case n.Token && s.Token == "":
		return wrong("make one there and say --token-file", "a %s member needs an API token of it", m.Driver)
	case len(s.Token) > maxToken || strings.ContainsFunc(s.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return wrong("give it as it was shown, with nothing around it", "what was given is no API token")
	case n.Username == AnyUser && m.Username == "":
		return wrong("say --username NAME", "a %s member needs a user to sign in as", m.Driver)
	case n.Username != "" && !userForm.MatchString(m.Username):
		return wrong("say --username NAME", "%.100q is no user name", m.Username)
	}
	return nil
}

// checkCertificate says what is wrong with what a member knows this node by.
func (n Needs) checkCertificate(m skein.Member, s skein.MemberSecrets) error {
	switch {
	case !n.Certificate:
		return nil
	case s.Certificate == "" || s.PrivateKey == "":
		return wrong("say --certificate-file and --private-key-file", "a %s member needs a certificate that it knows, and the private key of that", m.Driver)
	case len(s.Certificate)+len(s.PrivateKey)+len(s.Server) > maxPEM:
		return wrong("give one certificate and its key", "the certificates are larger than %d octets", maxPEM)
	}
	if _, err := tls.X509KeyPair([]byte(s.Certificate), []byte(s.PrivateKey)); err != nil {
		return wrong("give the two files of one certificate, in PEM", "the certificate and the private key do not belong together, or are not in PEM")
	}
	if s.Server != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(s.Server)) {
		return wrong("give that of the server, in PEM", "what the server's certificate is to be compared with is none")
	}
	return nil
}

// checkSettings says what is wrong with the settings of the driver's own.
func (n Needs) checkSettings(m skein.Member, _ skein.MemberSecrets) error {
	for _, name := range slices.Sorted(maps.Keys(m.Settings)) {
		i := slices.IndexFunc(n.Settings, func(s Setting) bool { return s.Name == name })
		if i < 0 {
			return wrong(n.settingNames(), "a %s member has no setting %.100q", m.Driver, name)
		}
		value := m.Settings[name]
		if len(value) > maxSetting {
			return wrong("shorten it", "the setting %s has more than %d octets", name, maxSetting)
		}
		if check := n.Settings[i].Check; check != nil {
			if err := check(value); err != nil {
				return wrong(n.Settings[i].Help, "the setting %s cannot be %.100q: %v", name, value, err)
			}
		}
	}
	return nil
}

func (n Needs) settingNames() string {
	if len(n.Settings) == 0 {
		return "leave it out: there are none"
	}
	names := make([]string, len(n.Settings))
	for i, s := range n.Settings {
		names[i] = s.Name
	}
	return "there is: " + strings.Join(names, ", ")
}
