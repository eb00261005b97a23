package cli

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
)

// memberFlags describe a member.
type memberFlags struct {
	body      skein.NewMember
	address   string
	rndc      string
	primaries []string
	rndcKey   string
	tsigKey   string
}

func (m *memberFlags) on(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.address, "address", "", "address that the member answers DNS at, as seen from here")
	f.Uint16Var(&m.body.Port, "port", 0, "its DNS port (default: 53)")
	f.Uint16Var(&m.body.RNDCPort, "rndc-port", 0, "its rndc port (default: 953)")
	f.StringVar(&m.rndc, "rndc-address", "", "address of its rndc channel (default: --address)")
	f.StringVar(&m.body.View, "view", "", "BIND view that the zones go into")
	f.StringArrayVar(&m.primaries, "primary-address", nil, "address, or ADDR:PORT, that the member reaches this node by (default: found out)")
	f.StringVar(&m.rndcKey, "rndc-key-file", "", "rndc key of the member, in the format of rndc.key (- is standard input)")
	f.StringVar(&m.tsigKey, "tsig-key-file", "", "key that signs its transfers, in the same format (default: made)")
	f.StringVar(&m.body.Algorithm, "algorithm", "", "of keys that are made (default: hmac-sha256)")
	takes(f, "address", "IP", "port", "PORT", "rndc-port", "PORT", "rndc-address", "IP", "view", "NAME", "primary-address", "IP",
		"rndc-key-file", "FILE", "tsig-key-file", "FILE", "algorithm", "NAME")
}

// member returns the description once the flags are read.
func (m *memberFlags) member(a *app, driver, name string) (skein.NewMember, error) {
	body := m.body
	body.Driver, body.Name = driver, name
	var err error
	if m.address == "" {
		return body, usage("say --address IP: where %s answers DNS", name)
	}
	if body.Address, err = netip.ParseAddr(m.address); err != nil {
		return body, usage("--address: %s", err)
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
	if secrets != (skein.MemberSecrets{}) {
		body.Secrets = &secrets
	}
	return body, nil
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

// readKeys reads the keys of a file. Errors never quote the file.
func (a *app) readKeys(path string) ([]skein.TransferKey, error) {
	if path != "-" {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			a.note("warning: %s can be read by others (mode %04o); chmod 600 it", path, info.Mode().Perm())
		}
	}
	text, err := a.readAll(path)
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
