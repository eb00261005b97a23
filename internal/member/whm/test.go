package whm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Test implements member.Driver. It looks in the order in which things build on
// each other, stops where the next look could tell nothing, and changes nothing:
// a server whose zones people see is given none for a test.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	t := &tester{driver: d}
	for _, look := range []func(context.Context) bool{t.certificate, t.token, t.zones, t.kind} {
		if !look(ctx) {
			return t.Checks
		}
	}
	t.dns(ctx)
	return t.Checks
}

// tester collects findings about one member.
type tester struct {
	member.Findings
	driver *Driver
	some   []zone.Name // that it has
}

// certificate looks at who answers, before the token is shown to anybody.
func (t *tester) certificate(ctx context.Context) bool {
	at, m := endpoint(t.driver.m), t.driver.m
	c, err := t.driver.client.Fingerprint(ctx)
	switch {
	case errors.Is(err, dnsadmin.ErrAnswer):
		return t.Bad("certificate", "give the port of WHM over TLS with --endpoint HOST:2087; 2086 is the one without TLS", "what listens at %s does not speak TLS", at)
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.Bad("certificate", "start cpsrvd there (`/scripts/restartsrv_cpsrvd`), or give the right --endpoint HOST:PORT", "nothing listens at %s: the connection was refused", at)
	case errors.As(err, new(*net.DNSError)):
		return t.Bad("certificate", "correct the name in --endpoint HOST:PORT, or give an address there", "the host of %s cannot be found: %v", at, err)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return t.Bad("certificate", "look at the address, and at the routes between the two machines", "there is no way to %s: %v", at, err)
	case err != nil:
		return t.Bad("certificate", "one of these: a firewall there drops TCP to that port (csf, firewalld: allow our address, and look whether it is banned: `csf -g`, cPHulk); "+
			"the address is wrong; the machine is down; it hangs", "no answer from %s: %v", at, err)
	}
	of := fmt.Sprintf("its certificate is %s, of %s, until %s", c.Pin, strings.Join(c.Names, ", "), c.Until.UTC().Format("2006-01-02"))
	pin, _ := dnsadmin.ParsePin(m.Pin)
	switch {
	case m.Pin != "" && pin == c.Pin:
		return t.Good("certificate", "%s; it is pinned", of)
	case m.Pin != "" && c.Trusted == nil:
		return t.Bad("certificate", "this one is trusted without a pin: if the server got a new certificate, take the old one's pin out with `skein member edit "+m.Name+" --pin ''`",
			"%s, and %s is pinned", of, m.Pin)
	case m.Pin != "":
		return t.Bad("certificate", fmt.Sprintf("either the server got a new certificate: compare the fingerprint there (`openssl x509 -in /var/cpanel/ssl/cpanel/cpanel.pem -noout -fingerprint -sha256`) and pin it with `skein member edit %s --pin %s`; "+
			"or somebody between us answers in its place: then do not", m.Name, c.Pin), "%s, and %s is pinned", of, m.Pin)
	case c.Trusted != nil:
		return t.Bad("certificate", fmt.Sprintf("one of these: give the name that the certificate is of in --endpoint NAME:PORT; let the server get one that is signed (Manage Service SSL Certificates); "+
			"or compare the fingerprint there (`openssl x509 -in /var/cpanel/ssl/cpanel/cpanel.pem -noout -fingerprint -sha256`) and pin it with --pin %s", c.Pin), "%s, and not trusted: %v", of, c.Trusted)
	}
	return t.Good("certificate", "%s; it is trusted", of)
}

// token looks whether we are let in, and to which version.
func (t *tester) token(ctx context.Context) bool {
	m := t.driver.m
	v, err := t.driver.client.Version(ctx)
	switch {
	case errors.Is(err, dnsadmin.ErrDenied):
		return t.Bad("token", fmt.Sprintf("one of these, and it does not say which: the token is wrong, was revoked or has expired (Manage API Tokens; give a new one with --token-file); "+
			"it is not a token of %q (--username); it may be used from other addresses alone; our address is banned there (cPHulk, Security Policies)", m.Username), "it does not let us in: %v", err)
	case errors.Is(err, dnsadmin.ErrAnswer):
		return t.Bad("token", "one of these: it is no WHM that listens there (--endpoint HOST:2087); something between us answers in its place; cpsrvd has no licence: open WHM there in a browser",
			"what answers at %s is no WHM: %v", endpoint(m), err)
	case err != nil:
		return t.Bad("token", "try again; if it stays so, look at /usr/local/cpanel/logs/error_log there", "it showed its certificate and then did not answer: %v", err)
	}
	t.Good("token", "it takes our token, for %s", m.Username)
	if v.Less(oldest) {
		return t.Bad("version", fmt.Sprintf("update it (`/scripts/upcp`) to %d.%d or newer", oldest[0], oldest[1]), "it is cPanel %s, which is too old", v)
	}
	return t.Good("version", "it is cPanel %s", v)
}

// someZones are enough to see that its nameserver answers.
const someZones = 5

// zones looks whether zones can be listed, which needs more rights than the version.
func (t *tester) zones(ctx context.Context) bool {
	n := 0
	err := t.driver.client.ZoneList(ctx, dnsadmin.UniqID(), func(text string) error {
		n++
		if name, err := zone.ParseName(text); err == nil && len(t.some) < someZones {
			t.some = append(t.some, name)
		}
		return nil
	})
	switch {
	case errors.Is(err, dnsadmin.ErrDenied):
		return t.Bad("zones", fmt.Sprintf("give the token, or the user %s, the privilege DNS Clustering (clustering), and those to add, change and remove zones: create-dns, edit-dns, kill-dns; or use a token of root", t.driver.m.Username),
			"it does not let us list its zones: %v", err)
	case err != nil:
		return t.Bad("zones", "one of these: the user has no privilege DNS Clustering; dnsadmin does not run there (`/scripts/restartsrv_dnsadmin`); DNS is disabled there (Service Manager)", "its zones cannot be listed: %v", err)
	}
	return t.Good("zones", "it has %d zones", n)
}

// kind tells a web server from a DNSONLY server. One that is written gets all
// zones of the pool, which on a web server is seldom meant.
func (t *tester) kind(ctx context.Context) bool {
	accounts, panel, err := t.driver.client.Accounts(ctx)
	m := t.driver.m
	writes := m.Only == "" && (m.Role != skein.RoleStandalone || slices.ContainsFunc(m.Shares, func(s skein.Share) bool { return s.Role != skein.RoleStandalone }))
	const name, mend = skein.CheckKind, "it would be given every zone of its pool. If that is not what you want: --only-present writes only those that it has, --role standalone none"
	switch {
	case err == nil && !panel:
		return t.Good(name, "it is a DNSONLY server, without accounts")
	case err == nil && !writes:
		return t.Good(name, "it is a panel server, with %d accounts", accounts)
	case err == nil:
		return t.Warn(name, mend, "it is a panel server, with %d accounts", accounts)
	case writes:
		return t.Warn(name, mend, "it does not say whether it is a panel server or DNSONLY: %v", err)
	}
	return t.Good(name, "it does not say whether it is a panel server or DNSONLY")
}

// dns looks whether its nameserver can be asked, which all that is shown of
// zones on it rests on.
func (t *tester) dns(ctx context.Context) bool {
	served, at := 0, t.driver.m.DNS()
	mend := fmt.Sprintf("one of these: a firewall there drops UDP to port %d; --address and --port are not where it answers DNS; its nameserver does not run (Service Manager; `/scripts/restartsrv_named`, `/scripts/restartsrv_pdns`)", at.Port())
	if err := t.driver.opts.Answers(ctx, at); err != nil {
		return t.Bad("dns", mend, "nothing at %s answers DNS questions: %v", at, err)
	}
	if len(t.some) == 0 {
		return t.Warn("dns", "", "its nameserver at %s answers, and there is no zone yet that it could be asked for", at)
	}
	t.driver.opts.Serials(ctx, at, t.some, func(zone.Name, uint32) { served++ })
	if served == 0 {
		return t.Bad("dns", "one of these: --address and --port are those of another nameserver; its own has not loaded them: look at its log there (`journalctl -u named`, `journalctl -u pdns`)",
			"its nameserver at %s answers for none of %d of its zones", at, len(t.some))
	}
	return t.Good("dns", "its nameserver at %s answers for %d of %d of its zones that it was asked for", at, served, len(t.some))
}
