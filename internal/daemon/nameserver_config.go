package daemon

import (
	"bufio"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// NameserverFlags is what the command line says of a nameserver on its own.
type NameserverFlags struct {
	Zones, Secondary, Image string
	Lasting                 bool
	Listen                  []string
	TLS                     []string
	TLSCert, TLSKey         string
	AllowTransfer           []string
	AllowUpdate             []string
	Notify                  []string
	Catalog                 string
	Follow, Primaries       []string
	CookieSecrets           string
	TSIGKeys                string
	RNDC, RNDCKey           string
	Metrics                 string
	Identity, VersionAnswer string
}

// NameserverConfig is the same, read and checked.
type NameserverConfig struct {
	Zones     string // folder of zone files; or
	Image     string // file that they are kept in as they are served; "" for none
	Secondary string // folder of a secondary's zones
	Lasting   bool   // that never expire
	Listen    []netip.AddrPort
	TLS       []netip.AddrPort
	Access    nameserver.Access
	Tell      []nameserver.Target // of every change
	Catalog   zone.Name           // "" makes none
	Follow    []zone.Name         // catalogs of others, with --secondary
	Primaries []secondary.Primary // of those, and of what they list

	certificate      *certificate // nil without TLS
	cookieSecretFile string
	cookieSecrets    []nameserver.CookieSecret

	RNDC    netip.AddrPort
	RNDCKey rndc.Key
	Metrics string

	Identity      string // id.server and NSID; "" refuses
	VersionAnswer string // version.bind; "" refuses
}

// Config reads files and addresses.
func (f NameserverFlags) Config() (c NameserverConfig, err error) {
	c.Lasting = f.Lasting
	c.Zones, c.Image, c.Secondary, c.Metrics, c.Identity, c.VersionAnswer = f.Zones, f.Image, f.Secondary, f.Metrics, f.Identity, f.VersionAnswer
	if (f.Zones == "") == (f.Secondary == "") {
		return c, errors.New("say what to serve: --zones DIR or --secondary DIR")
	}
	if f.Image != "" && (f.Zones == "" || len(f.AllowUpdate) > 0) {
		return c, errors.New("--image is for --zones without --allow-update: updates are in memory alone, and would come back with it")
	}
	if len(f.Listen) == 0 {
		return c, errors.New("say where to answer: --listen ADDR:PORT")
	}
	if c.Listen, err = parseDNS(f.Listen); err != nil {
		return c, fmt.Errorf("--listen: %w", err)
	}
	if c.Access, err = f.access(); err != nil {
		return c, err
	}
	if c.Tell, err = notifyTargets(f.Notify, c.Access.Keys); err != nil {
		return c, fmt.Errorf("--notify: %w", err)
	}
	if err = f.encryption(&c); err != nil {
		return c, err
	}
	if c.cookieSecretFile = f.CookieSecrets; f.CookieSecrets != "" {
		if c.cookieSecrets, err = readCookieSecrets(f.CookieSecrets); err != nil {
			return c, fmt.Errorf("--cookie-secret-file: %w", err)
		}
	}
	if f.Catalog != "" {
		if c.Catalog, err = zone.ParseName(f.Catalog); err != nil {
			return c, fmt.Errorf("--catalog: %w", err)
		}
	}
	if f.Secondary == "" {
		if f.Lasting {
			return c, errors.New("--never-expire is for a --secondary: zone files do not expire")
		}
		if f.RNDC != "" || f.RNDCKey != "" {
			return c, errors.New("--rndc is for a --secondary; zone files are read again when they change")
		}
		if len(f.Follow) > 0 || len(f.Primaries) > 0 {
			return c, errors.New("--follow and --primary are for a --secondary")
		}
		return c, nil
	}
	if len(f.AllowUpdate) > 0 {
		return c, errors.New("--allow-update is for --zones: a secondary has its contents from its primaries")
	}
	if f.Catalog != "" {
		return c, errors.New("--catalog is for --zones: the zones of a secondary are listed by whoever gave them to it")
	}
	return c, f.orders(&c)
}

// orders reads who tells a secondary its zones.
func (f NameserverFlags) orders(c *NameserverConfig) (err error) {
	switch {
	case (f.RNDC == "") != (f.RNDCKey == ""):
		return errors.New("--rndc ADDR:PORT and --rndc-key-file FILE belong together")
	case len(f.Follow) > 0 != (len(f.Primaries) > 0):
		return errors.New("--follow CATALOG and --primary ADDR belong together")
	case f.RNDC == "" && len(f.Follow) == 0:
		return errors.New("say who tells the --secondary its zones: --follow CATALOG with --primary ADDR, or --rndc ADDR:PORT with --rndc-key-file FILE")
	}
	for _, name := range f.Follow {
		catalog, err := zone.ParseName(name)
		if err != nil {
			return fmt.Errorf("--follow: %w", err)
		}
		c.Follow = append(c.Follow, catalog.Canonical())
	}
	if c.Primaries, err = primaries(f.Primaries, c.Access.Keys); err != nil {
		return fmt.Errorf("--primary: %w", err)
	}
	if f.RNDC == "" {
		return nil
	}
	if c.RNDC, err = parseListen(f.RNDC); err != nil {
		return fmt.Errorf("--rndc: %w", err)
	}
	if c.RNDCKey, err = readRNDCKey(f.RNDCKey); err != nil {
		return fmt.Errorf("--rndc-key-file: %w", err)
	}
	return nil
}

// encryption reads where to answer over TLS, and with which certificate.
func (f NameserverFlags) encryption(c *NameserverConfig) (err error) {
	if c.TLS, err = parseDNS(f.TLS); err != nil {
		return fmt.Errorf("--tls: %w", err)
	}
	if (f.TLSCert == "") != (f.TLSKey == "") || len(f.TLS) > 0 != (f.TLSCert != "") {
		return errors.New("--tls, --tls-cert and --tls-key belong together; give all or none")
	}
	if len(f.TLS) > 0 {
		c.certificate, err = openCertificate(f.TLSCert, f.TLSKey)
	}
	return err
}

// access reads who may do what. Whoever has a key may transfer; updates need
// more, since a key for transfers is on every secondary.
func (f NameserverFlags) access() (a nameserver.Access, err error) {
	var keys []nameserver.Key
	if f.TSIGKeys != "" {
		if keys, err = readTSIGKeys(f.TSIGKeys); err != nil {
			return a, fmt.Errorf("--tsig-key: %w", err)
		}
	}
	if a, err = transferAccess(f.AllowTransfer, keys); err != nil {
		return a, fmt.Errorf("--allow-transfer: %w", err)
	}
	for _, who := range f.AllowUpdate {
		if key, ok := strings.CutPrefix(who, "key:"); ok {
			if !known(keys, key) {
				return a, fmt.Errorf("--allow-update: the file of --tsig-key has no key %q", key)
			}
			a.UpdateKeys = append(a.UpdateKeys, key)
			continue
		}
		net, err := parseNet(who)
		if err != nil {
			return a, fmt.Errorf("--allow-update: %w", err)
		}
		a.UpdateNets = append(a.UpdateNets, net)
	}
	return a, nil
}

// parseNet reads a network, or one address.
func parseNet(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a network such as 192.0.2.0/24", s)
	}
	return prefix.Masked(), nil
}

// printedRNDC begins the name of the key of commands in what Skein prints for a
// member, where keys of transfers are beside it.
const printedRNDC = "skein-rndc-"

// readTSIGKeys reads lines of name, algorithm and secret, or key statements as
// Skein prints them for a member. Errors name the line and never quote it.
func readTSIGKeys(path string) (keys []nameserver.Key, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if printed, err := rndc.ParseKeys(string(text)); err == nil {
		for _, k := range printed {
			if !strings.HasPrefix(k.Name, printedRNDC) {
				keys = append(keys, nameserver.Key{Name: k.Name, Algorithm: k.Algorithm, Secret: k.Secret})
			}
		}
		return keys, nil
	}
	err = eachLine(path, func(words []string) error {
		if len(words) != 3 {
			return errors.New("wants three words: name algorithm base64")
		}
		key := nameserver.Key{Name: words[0], Algorithm: words[1], Secret: words[2]}
		if err := xfr.Key(key).Check(); err != nil {
			return err
		}
		if slices.ContainsFunc(keys, func(k nameserver.Key) bool { return xfr.Key(k).OwnerName() == xfr.Key(key).OwnerName() }) {
			return fmt.Errorf("there is a key %s already", key.Name)
		}
		keys = append(keys, key)
		return nil
	})
	return keys, err
}

// eachLine calls f with the words of each line of a file that has any before
// its comment. An error of f gets the file's name and the line's number, and
// what is returned quotes nothing: such files hold secrets.
func eachLine(path string, f func(words []string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if err := f(words); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return lines.Err()
}

// readRNDCKey reads the key of the control channel: of a file that holds one,
// or of what Skein prints for a member.
func readRNDCKey(path string) (rndc.Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return rndc.Key{}, err
	}
	keys, err := rndc.ParseKeys(string(text))
	if err != nil {
		return rndc.Key{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, k := range keys {
		if len(keys) > 1 && strings.HasPrefix(k.Name, printedRNDC) {
			return k, nil
		}
	}
	if len(keys) != 1 {
		return rndc.Key{}, fmt.Errorf(`%s should hold one key "name" { algorithm hmac-sha256; secret "…"; }; but holds %d`, path, len(keys))
	}
	return keys[0], nil
}
