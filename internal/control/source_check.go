package control

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/zone"
)

// The limits of a source's description.
const (
	maxNetworks  = 1000
	maxPrimaries = 16
	maxCatalogs  = 100
	maxKeys      = 100
	maxSilence   = 366 * 24 * time.Hour
	minSilence   = time.Minute
	maxAuthority = 64 << 10 // octets of PEM
)

// The algorithms of the keys of sources. MD5 and SHA-1 are what panels of
// today still sign rndc commands with; the intake takes no MD5 for TSIG.
var keyAlgorithms = []string{"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}

// checkSource says what is wrong with a description. It never quotes a secret.
func checkSource(s skein.Source, secrets skein.SourceSecrets) error {
	if err := checkSourceName(s.Name); err != nil {
		return err
	}
	doors := []string{skein.DoorAPI, skein.DoorPlesk, skein.DoorRNDC, skein.DoorTransfer}
	switch {
	case !slices.Contains(doors, s.Door):
		return invalid(fmt.Sprintf("there is no door %.100q", s.Door), "there is: "+strings.Join(doors, ", "))
	case s.Door == skein.DoorPlesk && s.Mode != skein.ModePush && s.Mode != skein.ModeTransfer, s.Door != skein.DoorPlesk && s.Mode != "":
		return invalid(fmt.Sprintf("a source of the door %s has no mode %.100q", s.Door, s.Mode), "the door plesk has push and transfer, others have none")
	case len(s.Networks) > maxNetworks:
		return invalid(fmt.Sprintf("%d networks are more than %d", len(s.Networks), maxNetworks), "name wider ones")
	case s.Silence != 0 && (s.Silence < minSilence || s.Silence > maxSilence):
		return invalid(fmt.Sprintf("%s is no time of silence", s.Silence), "a minute is the least, a year the most, 0 ends the alarm")
	case s.Paused && s.Name == auth.Administrators:
		return invalid("administrators cannot be paused", "delete the token of the one who is not to act any more")
	}
	for _, n := range s.Networks {
		if !n.IsValid() || n != n.Masked() {
			return invalid(fmt.Sprintf("%s is no network", n), "write it as 192.0.2.0/24 or 2001:db8::/48, with nothing behind its length")
		}
	}
	if err := checkKeys(secrets); err != nil {
		return err
	}
	return checkTransfer(s, secrets)
}

func checkSourceName(name string) error {
	if err := checkToken("-", name, true); err != nil {
		return invalid(fmt.Sprintf("the name of a source is 1 to %d octets of text, without spaces around it and control characters, and not %q", maxTokenName, auth.Reverse), "choose another name")
	}
	return nil
}

func checkKeys(secrets skein.SourceSecrets) error {
	if len(secrets.Keys) > maxKeys {
		return invalid(fmt.Sprintf("%d keys are more than %d", len(secrets.Keys), maxKeys), "keep those that are in use")
	}
	names := map[string]bool{}
	for _, key := range secrets.Keys {
		raw, err := base64.StdEncoding.DecodeString(key.Secret)
		name, bad := zone.ParseName(key.Name)
		switch {
		case bad != nil || name == zone.Root || names[name.Key()]:
			return invalid(fmt.Sprintf("%.100q is no name for a key, or names two", key.Name), "keys are named like hosts, each once")
		case !slices.Contains(keyAlgorithms, key.Algorithm):
			return invalid(fmt.Sprintf("there is no algorithm %.100q", key.Algorithm), "there is: "+strings.Join(keyAlgorithms, ", "))
		case err != nil || len(raw) == 0 || len(raw) > maxKey:
			return invalid(fmt.Sprintf("the secret of key %s is not 1 to %d octets in base64", key.Name, maxKey), "give the key as rndc-confgen and tsig-keygen write it")
		}
		names[name.Key()] = true
	}
	return nil
}

func checkTransfer(s skein.Source, secrets skein.SourceSecrets) error {
	t := s.Transfer
	if t == nil {
		return nil
	}
	switch {
	case s.Door == skein.DoorAPI || s.Door == skein.DoorPlesk && s.Mode != skein.ModeTransfer:
		return invalid(fmt.Sprintf("nothing is transferred of a source of the door %s", s.Door), "use the door transfer or rndc, or the door plesk in mode transfer")
	case len(t.Catalogs) > maxCatalogs:
		return invalid(fmt.Sprintf("%d catalogs are more than %d", len(t.Catalogs), maxCatalogs), "make two sources of it")
	case len(t.Authority) > maxAuthority:
		return invalid("the authority is too long", "give the certificates of who signs for the primaries, and nothing else")
	case (len(t.Catalogs) > 0 || t.Auto) && len(t.Primaries) == 0:
		return invalid("catalogs and autosecondary need primaries", "name one")
	}
	for _, name := range t.Catalogs {
		if parsed, err := zone.ParseName(string(name)); err != nil || parsed != name {
			return invalid(fmt.Sprintf("%.100q is no name of a catalog", name), "give an absolute name")
		}
	}
	return checkPrimaries(t.Primaries, secrets)
}

func checkPrimaries(primaries []skein.TransferPrimary, secrets skein.SourceSecrets) error {
	if len(primaries) > maxPrimaries {
		return invalid(fmt.Sprintf("%d primaries are more than %d", len(primaries), maxPrimaries), "name those that are asked first")
	}
	for _, p := range primaries {
		known := slices.ContainsFunc(secrets.Keys, func(k skein.TransferKey) bool { return sameKey(k.Name, p.Key) })
		switch addr := p.Address.Addr(); {
		case !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || p.Address.Port() == 0:
			return invalid(fmt.Sprintf("%s is no address of a primary", p.Address), "give address and port, as 192.0.2.1:53")
		case p.Key != "" && !known:
			return invalid(fmt.Sprintf("there is no key %.100q of this source", p.Key), "give it with its secret")
		case p.TLS != "" && p.TLS != skein.OpportunisticTLS && !hostName(p.TLS):
			return invalid(fmt.Sprintf("%.100q is no name of a certificate", p.TLS), "give the host name that the primary's certificate has, or opportunistic")
		}
	}
	return nil
}

func hostName(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := zone.ParseName(s)
	return err == nil
}

// sameKey compares names of keys, which are domain names.
func sameKey(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
