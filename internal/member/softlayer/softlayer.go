// Package softlayer keeps DNS zones of SoftLayer in step, which is IBM Cloud
// Classic Infrastructure, over its REST API.
//
// Serials, SOA and the nameservers of the apex are SoftLayer's own. It has no mark
// of whose a zone is: what is in the account under a name is that zone. What it
// cannot hold is told of, record by record.
package softlayer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/rest"
	"github.com/skein-dns/skein/zone"
)

// URL is where the API is.
const URL = "https://api.softlayer.com/rest/v3.1"

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone; false if nothing
	// is published of it yet.
	Published func(ctx context.Context, name zone.Name) (zone.Contents, bool)
	Trace     member.Trace
	Silence   time.Duration // how long a call may take; 30 s by default

	perSecond rate.Limit // of tests, as the next
	dial      func(ctx context.Context, network, at string) (net.Conn, error)
}

// Driver implements member.Driver.
type Driver struct {
	m    skein.Member
	opts Options
	api  *rest.Client
}

var _ member.Driver = (*Driver)(nil)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if m.Username == "" || s.Token == "" {
		return nil, fmt.Errorf("member %s has no API key yet: give the user's name with --username and the key with --token-file", m.Name)
	}
	api, err := rest.New(rest.Options{Base: cmp.Or(m.Endpoint, URL), User: m.Username, Key: s.Token, Silence: o.Silence, PerSecond: o.perSecond, Dial: o.dial, Trace: o.Trace, Failure: failed})
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	return &Driver{m: m, opts: o, api: api}, nil
}

// failed reads what the API says went wrong.
func failed(status int, body []byte) error {
	var said struct{ Error, Code string }
	if json.Unmarshal(body, &said) != nil || said.Error == "" {
		return nil
	}
	return &rest.Failed{Status: status, Code: said.Code, Text: said.Error}
}

// isGone reports whether a call failed since what it was about is not there.
func isGone(err error) bool {
	var f *rest.Failed
	return errors.As(err, &f) && (f.Status == http.StatusNotFound || strings.HasSuffix(f.Code, "ObjectNotFound"))
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what SoftLayer is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Default: skein.RoleWriteOnly, Roles: []skein.Role{skein.RoleWriteOnly}, Own: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error {
	d.api.Close()
	return nil
}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (string, error) {
	var account struct{ ID int64 }
	err := d.api.Call(ctx, http.MethodGet, "/SoftLayer_Account.json?objectMask="+url.QueryEscape("mask[id]"), nil, &account)
	return "SoftLayer REST 3.1", err
}

// Test implements member.Driver. It makes nothing.
func (d *Driver) Test(ctx context.Context, _ zone.Name) []skein.Check {
	var t member.Findings
	_, err := d.Status(ctx)
	switch {
	case errors.Is(err, member.ErrDenied):
		t.Bad("key", "one of these: --username is not the user's name as the portal shows it (for an IBMid: the VPN or API user name); the key (--token-file) is wrong or was replaced; the user may sign in from other addresses alone", "it does not let us in: %v", err)
		return t.Checks
	case err != nil:
		t.Bad("key", "one of these: a firewall here drops HTTPS; no name server here resolves the name of the API; --endpoint is not where it is", "no answer comes from %s: %v", cmp.Or(d.m.Endpoint, URL), err)
		return t.Checks
	}
	t.Good("key", "it takes our key, for %s", d.m.Username)
	var some []domain
	if err := d.api.Call(ctx, http.MethodGet, "/SoftLayer_Account/getDomains.json?objectMask="+url.QueryEscape("mask[id,name]")+"&resultLimit=0,1", nil, &some); err != nil {
		t.Bad("zones", "give the user the permission to manage DNS (Manage DNS, in the portal's Classic infrastructure permissions)", "its zones cannot be listed: %v", err)
		return t.Checks
	}
	t.Good("zones", "its zones can be listed")
	t.Warn("owner", "use an account, or zones of it, that only Skein changes; `skein member enable NAME --plan` says what would be replaced", "SoftLayer has no mark of whose a zone is: one of the name of a zone here is taken for it")
	return t.Checks
}

// domain is a zone, as the API has it.
type domain struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// args are the parameters of a call.
type args struct {
	Parameters []any `json:"parameters"`
}

// plain is how SoftLayer has a name of a zone; false if it can have none so.
func plain(name zone.Name) (text string, is bool) {
	text = strings.TrimSuffix(string(name.Canonical()), ".")
	return text, text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// find returns a zone. The API looks for all whose names contain this one.
func (d *Driver) find(ctx context.Context, name zone.Name) (found domain, is bool, err error) {
	text, fits := plain(name)
	if !fits {
		return found, false, nil
	}
	var all []domain
	err = d.api.Read(ctx, "/SoftLayer_Dns_Domain/getByDomainName.json?objectMask="+url.QueryEscape("mask[id,name]"), args{[]any{text}}, &all)
	all = slices.DeleteFunc(all, func(z domain) bool { return !strings.EqualFold(strings.TrimSuffix(z.Name, "."), text) })
	if err != nil || len(all) == 0 {
		return found, false, err
	}
	return slices.MinFunc(all, func(a, b domain) int { return cmp.Compare(a.ID, b.ID) }), true, nil
}

const page = 500 // records that are listed in one call

// entries lists the records of a zone; is is false if there is no such zone any more.
func (d *Driver) entries(ctx context.Context, z domain) (all []entry, is bool, err error) {
	mask := url.QueryEscape("mask[id,host,data,ttl,type,mxPriority,service,protocol,priority,weight,port]")
	seen := map[int64]bool{}
	for from := 0; ; from += page {
		var some []entry
		err := d.api.Call(ctx, http.MethodGet, fmt.Sprintf("/SoftLayer_Dns_Domain/%d/getResourceRecords.json?objectMask=%s&resultLimit=%d,%d", z.ID, mask, from, page), nil, &some)
		if isGone(err) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		for _, e := range some {
			if !seen[e.ID] { // pages may shift
				seen[e.ID] = true
				all = append(all, e)
			}
		}
		if len(some) < page {
			return all, true, nil
		}
	}
}
