package cli

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

// sourceFlags describe a source, or what is to change of one.
type sourceFlags struct {
	networks  []string
	silence   time.Duration
	mode      string
	primaries []string
	catalogs  []string
	auto      bool
	authority string
	keyFiles  []string
	newKey    string
	zones     zoneFlags
}

func (s *sourceFlags) on(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&s.networks, "network", nil, "network that it may come from, such as 192.0.2.0/24, or any; give one flag for each")
	f.DurationVar(&s.silence, "silence", 0, "raise an alarm when it was not heard for so long, such as 24h; 0 for never")
	f.StringVar(&s.mode, "mode", "", "of the plesk door: push (the panel sends contents), or transfer (they come from its nameserver)")
	f.StringArrayVar(&s.primaries, "primary", nil, "nameserver to transfer from: ADDR or ADDR:PORT, then ,key=NAME, ,tls=NAME or ,pin=SHA256 if need be; in the order in which they are asked")
	f.StringArrayVar(&s.catalogs, "catalog", nil, "catalog zone (RFC 9432) of its primaries whose members are to come")
	f.BoolVar(&s.auto, "auto", false, "its NOTIFY of a zone that is not known creates the zone (autosecondary)")
	f.StringVar(&s.authority, "tls-ca-file", "", "authority, in PEM, that signs the certificates of its primaries (default: the system's)")
	f.StringArrayVar(&s.keyFiles, "tsig-key-file", nil, "keys that it signs with, TSIG or rndc, in the format of rndc.key (- is standard input); a single one is for every primary that names none")
	f.StringVar(&s.newKey, "new-key", "", "make a key named as the source, and write it to this file, mode 0600")
	takes(f, "network", "PREFIX", "silence", "DURATION", "mode", "MODE", "primary", "ADDR", "catalog", "NAME", "tls-ca-file", "FILE", "tsig-key-file", "FILE", "new-key", "FILE")
	s.zones.on(c)
}

// apply changes a source as the flags that were given say.
func (s *sourceFlags) apply(a *app, c *cobra.Command, body *skein.NewSource) (err error) {
	given := c.Flags().Changed
	if given("network") {
		if body.Networks, err = parseNetworks(s.networks); err != nil {
			return err
		}
	}
	if given("silence") {
		body.Silence = s.silence
	}
	if given("mode") {
		body.Mode = s.mode
	}
	keys, err := s.keys(a, body.Name)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		body.Secrets = &skein.SourceSecrets{Keys: keys}
	}
	if given("primary") || given("catalog") || given("auto") || given("tls-ca-file") {
		return s.applyTransfer(a, c, body, keys)
	}
	return nil
}

func (s *sourceFlags) applyTransfer(a *app, c *cobra.Command, body *skein.NewSource, keys []skein.TransferKey) (err error) {
	given := c.Flags().Changed
	setup := skein.TransferSetup{}
	if body.Transfer != nil {
		setup = *body.Transfer
	}
	if given("primary") {
		setup.Primaries = nil
		for _, text := range s.primaries {
			p, err := parseTransferPrimary(text)
			if err != nil {
				return usage("--primary: %s", err)
			}
			if p.Key == "" && len(keys) == 1 {
				p.Key = keys[0].Name // there is no other that it could be
			}
			setup.Primaries = append(setup.Primaries, p)
		}
	}
	if given("catalog") {
		setup.Catalogs = nil
		for _, text := range s.catalogs {
			name, err := zoneName(text)
			if err != nil {
				return err
			}
			setup.Catalogs = append(setup.Catalogs, name)
		}
	}
	if given("auto") {
		setup.Auto = s.auto
	}
	if given("tls-ca-file") {
		if setup.Authority, err = a.readAll(s.authority); err != nil {
			return err
		}
	}
	body.Transfer = &setup
	return nil
}

// keys reads those of the files, and makes the new one.
func (s *sourceFlags) keys(a *app, source string) (keys []skein.TransferKey, err error) {
	for _, file := range s.keyFiles {
		more, err := a.readKeys(file)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	if s.newKey == "" {
		return keys, nil
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	key := skein.TransferKey{Name: source, Algorithm: "hmac-sha256", Secret: base64.StdEncoding.EncodeToString(secret)}
	text := fmt.Sprintf("key %q {\n\talgorithm %s;\n\tsecret %q;\n};\n", key.Name, key.Algorithm, key.Secret)
	return append(keys, key), writeFile(s.newKey, []byte(text), 0o600)
}

// parseNetworks reads prefixes; any is all of them.
func parseNetworks(texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		if text == "any" {
			if len(texts) > 1 {
				return nil, usage("--network any stands alone")
			}
			return nil, nil
		}
		network, err := parseNetwork("--network", text)
		if err != nil {
			return nil, err
		}
		list = append(list, network)
	}
	return list, nil
}

// parseNetwork reads a prefix; a lone address is a network of its own.
func parseNetwork(flag, text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if addr, lone := netip.ParseAddr(text); lone == nil && addr.Zone() == "" {
		prefix, err = addr.Prefix(addr.BitLen())
	}
	if err != nil {
		return prefix, usage("%s %q is no network; say it as 192.0.2.0/24 or 2001:db8::/32", flag, text)
	}
	return prefix.Masked(), nil
}

// parseTransferPrimary reads ADDR[:PORT][,key=NAME][,tls=NAME][,pin=SHA256].
func parseTransferPrimary(text string) (p skein.TransferPrimary, err error) {
	at, options, _ := strings.Cut(text, ",")
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch {
		case option == "":
		case key == "key" && value != "":
			p.Key = value
		case key == "tls" && value != "":
			p.TLS = value
		case key == "pin" && value != "":
			p.Pin = value
		default:
			return p, fmt.Errorf("%q is not key=NAME, tls=NAME or pin=SHA256", option)
		}
	}
	where, err := parsePrimary(at)
	if err != nil {
		return p, err
	}
	p.Address = netip.AddrPortFrom(where.Address, portOf(where.Port, p.TLS != "" || p.Pin != ""))
	return p, nil
}

// portOf is the port that is meant where none is said (RFC 9103 section 7.1).
func portOf(port uint16, tls bool) uint16 {
	switch {
	case port != 0:
		return port
	case tls:
		return 853
	}
	return 53
}

// primaryText is what parseTransferPrimary reads.
func primaryText(p skein.TransferPrimary) string {
	text := p.Address.String()
	if p.Key != "" {
		text += ",key=" + p.Key
	}
	if p.TLS != "" {
		text += ",tls=" + p.TLS
	}
	if p.Pin != "" {
		text += ",pin=" + p.Pin
	}
	return text
}
