// Package whm keeps a cPanel or DNSONLY server in step, as its peers in a cPanel
// DNS cluster do: zones are given to it and read from it whole, over HTTPS.
//
// A zone has no owner there: what the server has under a name is that zone. It
// takes whatever it is given, older contents too, so that whoever calls the
// driver decides.
//
// The list of zones has no serials, and without them nothing could be told to
// have changed. So an inventory asks the server's nameserver for them, over DNS:
// many questions at a time, of some 100 octets each. Only a zone whose serial
// does not come that way, as it is not loaded, is read for it. Where the server
// answers no DNS at all, that is every zone, and still right.
//
// A version of a zone that came from another server of the cluster is passed on
// under the dnsuniqid that it came under, so that it ends where it began.
//
// After a batch of changes the server is told to reload, as cPanel servers tell
// each other. Whether one needs that no document says; it gathers what comes
// within some seconds into one.
package whm

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone, as a zone file;
	// false if nothing is published of it yet.
	Published func(ctx context.Context, name zone.Name) (text []byte, serial uint32, is bool)
	// Serials asks a nameserver for the serials of zones, and calls each for
	// those that it serves, in any order.
	Serials func(ctx context.Context, addr netip.AddrPort, names []zone.Name, each func(zone.Name, uint32))
	// Answers asks a nameserver whatever it may be; nil if it answers.
	Answers func(ctx context.Context, addr netip.AddrPort) error
	// Ids is shared with the door that changes come in through.
	Ids *dnsadmin.Ids

	Trace   member.Trace  // takes every call and answer; nil: nothing does
	Silence time.Duration // how long nothing may come from the member; 12 s by default

	Roots *x509.CertPool // authorities that vouch for certificates; nil: the machine's
}

// silence is shorter than what the caller allows a call without progress, so
// that the message tells which call it was.
const silence = 12 * time.Second

// port is WHM's, over TLS.
const port = 2087

// Driver implements member.Driver, and all that members may be asked besides.
type Driver struct {
	m      skein.Member
	opts   Options
	client *dnsadmin.Client

	fit  bool           // the member was seen to be new enough
	used map[string]int // how often ids of others were passed on
}

var (
	_ member.Driver    = (*Driver)(nil)
	_ member.Reader    = (*Driver)(nil)
	_ member.Certified = (*Driver)(nil)
	_ member.Truster   = (*Driver)(nil)
)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	addr := endpoint(m)
	if addr == "" {
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	}
	if s.Token == "" {
		return nil, fmt.Errorf("member %s has no API token yet: give one with --token-file", m.Name)
	}
	if m.Username == "" {
		m.Username = "root"
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	client, err := dnsadmin.New(dnsadmin.Options{Addr: addr, Host: certName(m), User: m.Username, Token: s.Token, Pin: m.Pin, Silence: o.Silence, Roots: o.Roots, Trace: traced(o.Trace)})
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	return &Driver{m: m, opts: o, client: client, used: map[string]int{}}, nil
}

// endpoint is where the member takes calls; "" if that is not known.
func endpoint(m skein.Member) string {
	switch {
	case m.Endpoint == "" && m.Address.IsValid():
		return netip.AddrPortFrom(m.Address, port).String()
	case m.Endpoint == "":
		return ""
	}
	if _, _, err := net.SplitHostPort(m.Endpoint); err != nil {
		return net.JoinHostPort(m.Endpoint, strconv.Itoa(port))
	}
	return m.Endpoint
}

// certName is the name that the member's certificate is to be of, unless it is
// pinned: that of its endpoint; where that is an address, its own if it is a
// host's, as members of cPanel clusters are called; else the address.
func certName(m skein.Member) string {
	host, _, _ := net.SplitHostPort(endpoint(m))
	if _, err := netip.ParseAddr(host); err == nil && strings.Contains(m.Name, ".") {
		return m.Name
	}
	return host
}

// traced shows exchanges as transactions of the member.
func traced(t member.Trace) func(dnsadmin.Exchange) {
	if t == nil {
		return nil
	}
	return func(x dnsadmin.Exchange) { t.Record(x.Began, time.Now(), x.Call, x.Request, x.Answer, x.Err) }
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what every such server is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Default: skein.RoleSynchronize,
		Roles: []skein.Role{skein.RoleWriteOnly, skein.RoleSynchronize, skein.RoleStandalone}}
}

// Close implements member.Driver.
func (d *Driver) Close() error { return d.client.Close() }

// oldest is the first version that speaks as we do: callers of older ones took
// other ways.
var oldest = dnsadmin.Version{11, 24}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (string, error) {
	v, err := d.client.Version(ctx)
	if err != nil {
		return "", failure(err)
	}
	if v.Less(oldest) {
		return "", fmt.Errorf("%w: it is cPanel %s, which is too old: update it to %d.%d or newer", member.ErrDenied, v, oldest[0], oldest[1])
	}
	d.fit = true
	return "cPanel " + v.String(), nil
}

// ready looks once whether the member is new enough for what is to come.
func (d *Driver) ready(ctx context.Context) error {
	if d.fit {
		return nil
	}
	_, err := d.Status(ctx)
	return err
}

// failure puts an error of the protocol into the kinds of drivers.
func failure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, dnsadmin.ErrAway):
		return sorted{err, member.ErrAway}
	case errors.Is(err, dnsadmin.ErrDenied), errors.Is(err, dnsadmin.ErrCertificate):
		return sorted{err, member.ErrDenied}
	}
	return err
}

// sorted is an error of the protocol that is of a kind of drivers' as well,
// whose text would say once more what its own says.
type sorted struct {
	error
	kind error
}

func (s sorted) Unwrap() []error { return []error{s.error, s.kind} }

// Certificate implements member.Certified.
func (d *Driver) Certificate(ctx context.Context) (pin string, trusted bool, err error) {
	c, err := d.client.Fingerprint(ctx)
	return c.Pin, err == nil && c.Trusted == nil, failure(err)
}

// Trust implements member.Truster.
func (d *Driver) Trust(ctx context.Context, user, host, token string) error {
	return failure(d.client.Trust(ctx, user, host, token, dnsadmin.Spoken))
}
