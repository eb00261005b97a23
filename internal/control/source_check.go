package control

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
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
	doors := []string{skein.DoorAPI, skein.DoorPlesk, skein.DoorRNDC, skein.DoorWHM, skein.DoorTransfer, skein.DoorPeople}
	_, of := memberOf(s.Name)
	switch {
	case of != (s.Door == skein.DoorMember):
		return invalid("sources of the door member are made with their members, and called so", "choose another name and door")
	case of:
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

// settleTenant says whose the zones of a source are to be: the actor's, if
// nothing is said. The source of a tenant's people is for those above it to change.
func settleTenant(k auth.Known, actor skein.Actor, s *skein.Source, before *store.SourceRow) error {
	if tenant, is := k.Tenants[s.Name]; is && k.ByPeople(s.Name) {
		if s.Tenant != "" && s.Tenant != s.Name || s.Door != skein.DoorPeople {
			return invalid(fmt.Sprintf("the source %s is where the people of the tenant put zones in, and stays that", s.Name), "leave its tenant and its door as they are")
		}
		s.Tenant = s.Name
		if !k.Reaches(actor, tenant.Parent) {
			return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("where the people of %s may come from is up to those above", s.Name), Mend: "ask them"}
		}
		return nil
	}
	if s.Door == skein.DoorPeople {
		return invalid("a source of the door people is made with its tenant", "make the tenant: skein tenant add")
	}
	if before != nil {
		fill(&s.Tenant, before.Source.Tenant)
	} else if mine := k.TenantOf(actor); mine != skein.RootTenant {
		fill(&s.Tenant, mine)
	}
	if k.Kind(s.Tenant) == "" || !k.Reaches(actor, s.Tenant) {
		return auth.NoTenant(s.Tenant)
	}
	return nil
}

// nameTaken says of a name that it cannot be had, and nothing of who has it.
func nameTaken(what, name string) error {
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
		What: fmt.Sprintf("the name %q is taken, so no %s can have it", name, what), Mend: "choose another name"}
}

func checkSourceName(name string) error { return checkSourceOf(name, true) }

// checkSourceOf says whether a source can have a name; that of root's people
// is for them alone.
func checkSourceOf(name string, people bool) error {
	if err := checkText("name of a source", name); err != nil {
		return err
	}
	return auth.Source(name, people)
}

// maxText is the length of names of sources and tokens in octets.
const maxText = 200

// checkText says whether something can be a name that people read.
func checkText(what, text string) error {
	if text == "" || len(text) > maxText || !utf8.ValidString(text) || strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl) {
		return invalid(fmt.Sprintf("the %s is 1 to %d octets of text, without spaces around it and control characters", what, maxText), "choose another name")
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
	case s.Door == skein.DoorAPI || s.Door == skein.DoorPeople || s.Door == skein.DoorWHM || s.Door == skein.DoorPlesk && s.Mode != skein.ModeTransfer:
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
