// Package powerdns keeps a PowerDNS authoritative server in step over its HTTP
// API, zone by zone. There are two modes. As a secondary, the server fetches
// zones from its primaries, signed with a TSIG key that is put there over the
// API as well. Natively, their records are written into its database: for
// servers that cannot reach a primary, or whose database is replicated.
//
// A zone on the server is Skein's if, and only if, its account says so;
// everything else is left alone.
package powerdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone; false if nothing
	// is published of it yet. Needed natively.
	Published func(ctx context.Context, name zone.Name) (c zone.Contents, is bool)
	// Serial asks a nameserver for the serial of a zone; any other answer is an
	// error. Tests of the member need it.
	Serial func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)

	Trace    member.Trace  // takes every call and answer; nil: nothing does
	Silence  time.Duration // how long nothing may come from the member; 12 s by default
	Transfer time.Duration // how long a test may wait for its zone; 8 s by default
}

// silence is shorter than what the caller allows a call without progress, so
// that the message tells which call it was.
const silence = 12 * time.Second

// The modes, as the setting has them.
const (
	Mode      = "mode"
	Secondary = "secondary"
	Native    = "native"

	Server    = "server"    // the setting that names a server of the API
	Localhost = "localhost" // the only one that PowerDNS itself has
)

// Port is that of the API.
const Port = 8081

// Driver implements member.Driver.
type Driver struct {
	m      skein.Member
	tsig   string // secret of the TSIG key
	audit  string // likewise
	opts   Options
	client *client

	mu      sync.Mutex // owns the rest
	hasKeys time.Time  // when the member was last seen to have our TSIG keys
}

var (
	_ member.Driver   = (*Driver)(nil)
	_ member.Reader   = (*Driver)(nil)
	_ member.Lister   = (*Driver)(nil)
	_ member.Taker    = (*Driver)(nil)
	_ member.Prompter = (*Driver)(nil)
)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	switch {
	case s.Token == "":
		return nil, fmt.Errorf("member %s has no API key yet: give the one of api-key in its pdns.conf with --token-file", m.Name)
	case m.Endpoint == "" && !m.Address.IsValid():
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	case !native(m) && len(m.Primaries) == 0:
		return nil, fmt.Errorf("member %s has no primary to transfer from yet", m.Name)
	}
	base, err := endpoint(m)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	if o.Transfer <= 0 {
		o.Transfer = 8 * time.Second
	}
	web := &http.Client{
		Transport:     &http.Transport{MaxConnsPerHost: atOnce, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: o.Silence},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key is for one server
	}
	audit := s.Audit
	if m.AuditKey == "" {
		audit = ""
	}
	return &Driver{m: m, tsig: s.TSIG, audit: audit, opts: o,
		client: &client{base: base, key: s.Token, http: web, silence: o.Silence, trace: o.Trace}}, nil
}

// CheckMode says what is wrong with a value of that setting.
func CheckMode(mode string) error {
	if mode != Secondary && mode != Native {
		return fmt.Errorf("it is %s or %s", Secondary, Native)
	}
	return nil
}

// Fetches reports whether a member fetches its zones.
func Fetches(m skein.Member) bool { return !native(m) }

func native(m skein.Member) bool { return m.Settings[Mode] == Native }

// endpoint is where the API of a member is, to the server in it.
func endpoint(m skein.Member) (string, error) {
	at := m.Endpoint
	if at == "" {
		at = netip.AddrPortFrom(m.Address, Port).String()
	}
	scheme, host, is := strings.Cut(at, "://")
	if !is {
		scheme, host = "http", at
	}
	if scheme != "http" && scheme != "https" {
		return "", fmt.Errorf("%q is no endpoint of an API: it begins with http:// or https://", at)
	}
	host, path, _ := strings.Cut(host, "/")
	if _, _, err := net.SplitHostPort(host); err != nil && scheme == "http" {
		host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(Port))
	}
	server := m.Settings[Server]
	if server == "" {
		server = Localhost
	}
	base, err := url.Parse(scheme + "://" + host + "/")
	if err != nil {
		return "", err
	}
	return base.JoinPath(path, "api/v1/servers", url.PathEscape(server)).String(), nil
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities {
	can := Can()
	can.Transfer = !native(d.m)
	return can
}

// Can tells what every PowerDNS is able to do in the mode that is the default.
func Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error {
	d.client.http.CloseIdleConnections()
	return nil
}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (string, error) {
	s, err := d.server(ctx)
	if err != nil {
		return "", err
	}
	return "PowerDNS " + s.Version, nil
}

type server struct {
	Type    string `json:"daemon_type"`
	Version string `json:"version"`
}

// server asks who answers.
func (d *Driver) server(ctx context.Context) (s server, err error) {
	err = d.client.call(ctx, http.MethodGet, "", nil, &s)
	switch {
	case refused(err, http.StatusNotFound):
		return s, fmt.Errorf("%w: there is no API at %s: put `api=yes` into its pdns.conf and restart it, or correct --endpoint and the setting %s", member.ErrDenied, d.client.base, Server)
	case err == nil && s.Type != "authoritative":
		return s, fmt.Errorf("%w: what answers at %s is no PowerDNS Authoritative Server but %q", member.ErrDenied, d.client.base, s.Type)
	}
	return s, err
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all, errs := make([]member.Presence, len(names)), make([]error, len(names))
	each(len(names), func(i int) { all[i], errs[i] = d.presence(ctx, names[i]) })
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}
