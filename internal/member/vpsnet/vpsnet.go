// Package vpsnet keeps DNS zones of VPS.NET in step, as far as that can be done
// without its reference, which is not public any more. It is an experiment, and off
// until a member's settings say otherwise.
//
// Known, from programs of others that use the service: the address, how one signs
// in, what errors look like, and the call that makes a record. All other calls are
// guesses, after the same convention, and can be put right with settings. Whose a
// zone is the service does not say: what is there under a name is that zone.
package vpsnet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/rest"
	"github.com/skein-dns/skein/zone"
)

// URL is where the API is.
const URL = "https://api.vps.net"

// The settings of a member. All but the first are guesses that can be put right.
const (
	SettingExperimental = "experimental"
	SettingListDomains  = "list-domains"
	SettingMakeDomain   = "make-domain"
	SettingDropDomain   = "delete-domain"
	SettingListRecords  = "list-records"
	SettingDropRecord   = "delete-record"
	SettingApexHost     = "apex-host"
)

// Guesses are the settings that are guesses, with what holds where they are not set.
func Guesses() [][3]string {
	return [][3]string{
		{SettingListDomains, "GET /domains.api10json", "lists the domains"},
		{SettingMakeDomain, "POST /domains.api10json", "makes a domain"},
		{SettingDropDomain, "DELETE /domains/{domain}.api10json", "deletes a domain"},
		{SettingListRecords, "GET /domains/{domain}/records.api10json", "lists the records of a domain"},
		{SettingDropRecord, "DELETE /domains/{domain}/records/{record}.api10json", "deletes a record"},
	}
}

// DefaultApexHost is what the host of records at the apex is taken to be.
const DefaultApexHost = "@"

// makeRecord is the one call that is known.
const makeRecord = "POST /domains/{domain}/records.api10json"

// CheckCall says what is wrong with a call in a setting: METHOD PATH.
func CheckCall(value string) error {
	method, path, is := strings.Cut(value, " ")
	u, err := url.Parse(path)
	switch {
	case !is || err != nil || !strings.HasPrefix(path, "/") || u.Host != "" || strings.Contains(path, ".."):
		return errors.New("it is no METHOD and path, as in GET /domains.api10json")
	case method != http.MethodGet && method != http.MethodPost && method != http.MethodPut && method != http.MethodDelete:
		return errors.New("its method is none of GET, POST, PUT and DELETE")
	}
	return nil
}

// CheckExperimental says what is wrong with a value of SettingExperimental.
func CheckExperimental(value string) error {
	if value != "yes" {
		return errors.New("it is yes, or not set")
	}
	return nil
}

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone; false if nothing
	// is published of it yet.
	Published func(ctx context.Context, name zone.Name) (zone.Contents, bool)
	Trace     member.Trace

	perSecond rate.Limit // of tests, as the next
	dial      func(ctx context.Context, network, at string) (net.Conn, error)
}

// Driver implements member.Driver.
type Driver struct {
	m     skein.Member
	opts  Options
	api   *rest.Client
	calls map[string]string
}

var _ member.Driver = (*Driver)(nil)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if m.Settings[SettingExperimental] != "yes" {
		return nil, fmt.Errorf("member %s: the driver vpsnet is an experiment, most of its calls are guesses: say --set %s=yes to try it", m.Name, SettingExperimental)
	}
	if m.Username == "" || s.Token == "" {
		return nil, fmt.Errorf("member %s has no API key yet: give the e-mail address with --username and the key with --token-file", m.Name)
	}
	calls := map[string]string{}
	for _, g := range Guesses() {
		calls[g[0]] = cmp.Or(m.Settings[g[0]], g[1])
		if err := CheckCall(calls[g[0]]); err != nil {
			return nil, fmt.Errorf("member %s: the setting %s: %w", m.Name, g[0], err)
		}
	}
	api, err := rest.New(rest.Options{Base: cmp.Or(m.Endpoint, URL), User: m.Username, Key: s.Token, PerSecond: o.perSecond, Dial: o.dial, Trace: o.Trace,
		Denied: []int{http.StatusNotAcceptable}, Failure: failed})
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	return &Driver{m: m, opts: o, api: api, calls: calls}, nil
}

// failed reads errors, which are lists in a list: {"errors":[["host","is invalid"]]}.
func failed(status int, body []byte) error {
	var said struct{ Errors [][]string }
	if json.Unmarshal(body, &said) != nil || len(said.Errors) == 0 {
		return nil
	}
	var all []string
	for _, e := range said.Errors {
		all = append(all, strings.Join(e, " "))
	}
	return &rest.Failed{Status: status, Text: strings.Join(all, "; ")}
}

func isGone(err error) bool {
	var f *rest.Failed
	return errors.As(err, &f) && f.Status == http.StatusNotFound
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what VPS.NET is taken to be able to do.
func Can() member.Capabilities {
	return member.Capabilities{Default: skein.RoleWriteOnly, Roles: []skein.Role{skein.RoleWriteOnly}, Own: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error {
	d.api.Close()
	return nil
}

// call makes a call that is written METHOD PATH.
func (d *Driver) call(ctx context.Context, what string, domain, record int64, in, out any) error {
	method, path, _ := strings.Cut(what, " ")
	path = strings.NewReplacer("{domain}", strconv.FormatInt(domain, 10), "{record}", strconv.FormatInt(record, 10)).Replace(path)
	return d.api.Call(ctx, method, path, in, out)
}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (string, error) {
	_, err := d.domains(ctx)
	return "VPS.NET API 1.0 (experimental)", err
}

// Test implements member.Driver. It makes nothing.
func (d *Driver) Test(ctx context.Context, _ zone.Name) []skein.Check {
	var t member.Findings
	t.Warn("driver", "watch the first zones closely (skein member debug), and put the calls right with --set", "this driver is an experiment: all calls but the one that makes a record are guesses")
	all, err := d.domains(ctx)
	switch {
	case errors.Is(err, member.ErrDenied):
		t.Bad("key", "one of these: --username is not the e-mail address of the account; the key (--token-file) is wrong", "it does not let us in: %v", err)
	case errors.Is(err, member.ErrAway):
		t.Bad("key", "one of these: a firewall here drops HTTPS; no name server here resolves the name of the API; --endpoint is not where it is", "no answer that can be read comes from %s: %v", cmp.Or(d.m.Endpoint, URL), err)
	case err != nil:
		t.Bad("zones", "the call is a guess: put it right with --set "+SettingListDomains+"='METHOD PATH'", "its domains cannot be listed: %v", err)
	default:
		t.Good("key", "it takes our key, and lists %d domains", len(all))
	}
	return t.Checks
}
