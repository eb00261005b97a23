package cli

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
)

// memberFlags describe a member.
type memberFlags struct {
	body      skein.NewMember
	role      string
	address   string
	rndc      string
	primaries []string
	rndcKey   string
	tsigKey   string
	token     string
	present   bool
	repair    string
	settings  []string
	pem       struct{ certificate, key, server string } // files
}

func (m *memberFlags) on(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.role, "role", "", "write-only (it is told), synchronize (it is told and read) or standalone (it is read); what the driver can do, its own choice if not given")
	f.StringVar(&m.body.Username, "username", "", "user that Skein signs in as, for drivers that have users")
	f.StringVar(&m.address, "address", "", "address that the member answers DNS at, as seen from here")
	f.Uint16Var(&m.body.Port, "port", 0, "its DNS port (default: 53)")
	f.Uint16Var(&m.body.RNDCPort, "rndc-port", 0, "its rndc port (default: 953)")
	f.StringVar(&m.rndc, "rndc-address", "", "address of its rndc channel (default: --address)")
	f.StringVar(&m.body.View, "view", "", "BIND view that the zones go into")
	f.StringArrayVar(&m.primaries, "primary-address", nil, "address, or ADDR:PORT, that the member reaches this node by (default: found out)")
	f.StringVar(&m.rndcKey, "rndc-key-file", "", "rndc key of the member, in the format of rndc.key (- is standard input)")
	f.StringVar(&m.tsigKey, "tsig-key-file", "", "key that signs its transfers, in the same format (default: made)")
	f.StringVar(&m.body.Endpoint, "endpoint", "", "where its API is, for drivers that speak to one: HOST:PORT, or https://HOST… (default: its address at the usual port, or the service of the driver)")
	f.StringVar(&m.token, "token-file", "", "API token of the member, as it was shown there (- is standard input)")
	f.StringVar(&m.body.Pin, "pin", "", "fingerprint of the certificate that its API must show, as SHA256:… (default: of the one that it shows first, if no authority vouches for it)")
	f.StringVar(&m.pem.certificate, "certificate-file", "", "certificate, in PEM, that the member knows this node by, for drivers that have one")
	f.StringVar(&m.pem.key, "private-key-file", "", "private key of that certificate, in PEM (- is standard input)")
	f.StringVar(&m.pem.server, "server-certificate-file", "", "certificate, in PEM, that the member itself shows, or of the authority that made it")
	f.StringArrayVar(&m.settings, "set", nil, "a setting of the driver's own, as NAME=VALUE; skein member drivers DRIVER tells them (repeatable)")
	f.BoolVar(&m.body.Primary, "primary", false, "other members of its pools transfer from it as well, after this node; for a BIND or Skein nameserver")
	f.BoolVar(&m.present, "only-present", false, "write it only zones that it has already")
	f.StringVar(&m.repair, "repair", "", "on: put right what was changed or deleted there (the default); report: only report it")
	f.BoolVar(&m.body.Trust, "reverse-trust", false, "ask it to add this server as a member of its own, with a token for that")
	f.StringVar(&m.body.Algorithm, "algorithm", "", "of keys that are made (default: hmac-sha256)")
	takes(f, "role", "ROLE", "username", "NAME", "address", "IP", "port", "PORT", "rndc-port", "PORT", "rndc-address", "IP", "view", "NAME", "primary-address", "IP",
		"rndc-key-file", "FILE", "tsig-key-file", "FILE", "algorithm", "NAME", "endpoint", "HOST:PORT", "token-file", "FILE", "pin", "SHA256:HEX",
		"certificate-file", "FILE", "private-key-file", "FILE", "server-certificate-file", "FILE", "set", "NAME=VALUE", "repair", "HOW")
}

// onNew adds what a member is given once.
func (m *memberFlags) onNew(a *app, c *cobra.Command) {
	m.on(c)
	c.Flags().StringVar(&m.body.Pool, "pool", "", "pool whose zones it serves (default: yours)")
	takes(c.Flags(), "pool", "NAME")
	completeFlag(c, "pool", a.completePool)
}

// member returns the description once the flags are read.
func (m *memberFlags) member(a *app, driver, name string) (skein.NewMember, error) {
	body, err := m.parse(a)
	body.Driver, body.Name = driver, name
	return body, err
}

// parse returns what the flags say, which is empty where they were not given.
func (m *memberFlags) parse(a *app) (skein.NewMember, error) {
	body := m.body
	body.Role = skein.Role(m.role)
	if m.present {
		body.Only = skein.OnlyPresent
	}
	switch m.repair {
	case "", "on":
	case skein.RepairReport:
		body.Repair = skein.RepairReport
	default:
		return body, usage("--repair %q: say on, or report", m.repair)
	}
	var err error
	if m.address != "" {
		if body.Address, err = netip.ParseAddr(m.address); err != nil {
			return body, usage("--address: %s", err)
		}
	}
	if m.rndc != "" {
		if body.RNDCAddress, err = netip.ParseAddr(m.rndc); err != nil {
			return body, usage("--rndc-address: %s", err)
		}
	}
	for _, p := range m.primaries {
		primary, err := parsePrimary(p)
		if err != nil {
			return body, usage("--primary-address: %s", err)
		}
		body.Primaries = append(body.Primaries, primary)
	}
	var secrets skein.MemberSecrets
	if m.rndcKey != "" {
		if body.Algorithm, secrets.RNDC, err = a.readKey(m.rndcKey); err != nil {
			return body, err
		}
	}
	if m.tsigKey != "" {
		algorithm, secret, err := a.readKey(m.tsigKey)
		if err != nil {
			return body, err
		}
		if body.Algorithm != "" && body.Algorithm != algorithm {
			return body, usage("the keys are of two algorithms, %s and %s; a member has one for both", body.Algorithm, algorithm)
		}
		body.Algorithm, secrets.TSIG = algorithm, secret
	}
	if m.token != "" {
		if secrets.Token, err = a.readToken(m.token); err != nil {
			return body, err
		}
	}
	if secrets.Certificate, secrets.PrivateKey, secrets.Server, err = m.readPEM(a); err != nil {
		return body, err
	}
	for _, s := range m.settings {
		name, value, is := strings.Cut(s, "=")
		if !is || name == "" {
			return body, usage("--set: %q is not NAME=VALUE", s)
		}
		if body.Settings == nil {
			body.Settings = map[string]string{}
		}
		body.Settings[name] = value
	}
	if secrets != (skein.MemberSecrets{}) {
		body.Secrets = &secrets
	}
	return body, nil
}

// readPEM reads the files of a client certificate; "" for those not given.
func (m *memberFlags) readPEM(a *app) (certificate, key, server string, err error) {
	for _, file := range []struct {
		to   *string
		path string
		read func(string) (string, error)
	}{{&certificate, m.pem.certificate, a.readAll}, {&key, m.pem.key, a.readSecret}, {&server, m.pem.server, a.readAll}} {
		if file.path != "" && err == nil {
			*file.to, err = file.read(file.path)
		}
	}
	return certificate, key, server, err
}

// parsePrimary reads ADDR or ADDR:PORT; port 0 is the node's own.
func parsePrimary(s string) (skein.Primary, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return skein.Primary{Address: addr}, nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return skein.Primary{}, fmt.Errorf("%q is neither ADDR nor ADDR:PORT", s)
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return skein.Primary{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return skein.Primary{Address: addr, Port: uint16(n)}, err
}

// readSecret reads a file that holds a secret. Errors never quote the file.
func (a *app) readSecret(path string) (string, error) {
	if path != "-" {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			a.note("warning: %s can be read by others (mode %04o); chmod 600 it", path, info.Mode().Perm())
		}
	}
	return a.readAll(path)
}

// readToken reads an API token; an access hash has several lines.
func (a *app) readToken(path string) (string, error) {
	text, err := a.readSecret(path)
	token := strings.Join(strings.Fields(text), "")
	if err == nil && token == "" {
		err = &skein.Error{Kind: skein.KindInvalid, What: path + " holds no token", Mend: "put the API token of the member into it"}
	}
	return token, err
}

// readKeys reads the keys of a file.
func (a *app) readKeys(path string) ([]skein.TransferKey, error) {
	text, err := a.readSecret(path)
	if err != nil {
		return nil, err
	}
	keys := daemon.ParseKeys(text)
	if len(keys) == 0 {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: path + " holds no key", Mend: `it should say: key "name" { algorithm hmac-sha256; secret "…"; };`}
	}
	return keys, nil
}

// readKey reads the first of them.
func (a *app) readKey(path string) (algorithm, secret string, err error) {
	keys, err := a.readKeys(path)
	if err != nil {
		return "", "", err
	}
	return keys[0].Algorithm, keys[0].Secret, nil
}
