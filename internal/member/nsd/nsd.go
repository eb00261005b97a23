// Package nsd keeps an NSD secondary in step as nsd-control does: zones are
// added with addzones and deleted with delzones, many at a time, and have a
// pattern that says where they are fetched from; contents come by zone transfer.
// A zone on the member is Skein's if, and only if, it has the pattern that is
// named after the member; everything else is left alone.
package nsd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/nsdctl"
	"github.com/skein-dns/skein/zone"
)

// Options are what a driver needs from around it.
type Options struct {
	// Serial asks a nameserver for the serial of a zone; any other answer is an
	// error. It waits for an answer until ctx ends, or for more than 2 seconds.
	// Tests of the member need it.
	Serial func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)
	// Signature asks a nameserver what it makes of a TSIG key: good, BADKEY,
	// BADSIG or BADTIME (RFC 8945 section 5.2). Tests of the member need it to
	// tell what is wrong with a key.
	Signature func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error)

	Trace    member.Trace  // takes every command and answer; nil: nothing does
	Transfer time.Duration // how long a test may wait for its zone; 8 s by default
	Control  nsdctl.Options
}

// Driver implements member.Driver.
type Driver struct {
	m       skein.Member
	tsig    string // secret of the TSIG key
	pattern string // that its zones are to have
	opts    Options
	client  *nsdctl.Client
	zones   int // there were when all were listed last; 0: they never were
}

var (
	_ member.Driver  = (*Driver)(nil)
	_ member.Counter = (*Driver)(nil)
)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if m.Endpoint == "" {
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	}
	identity, err := nsdctl.ParseIdentity(s.Certificate, s.PrivateKey, s.Server)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	pattern, err := patternOf(m)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	if o.Transfer == 0 {
		o.Transfer = 8 * time.Second
	}
	o.Serial, o.Signature = o.Trace.Serial(o.Serial), o.Trace.Signature(o.Signature)
	return &Driver{m: m, tsig: s.TSIG, pattern: pattern, opts: o, client: nsdctl.NewClient(m.Endpoint, identity, o.Control)}, nil
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what every NSD is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: true, Batch: 256}
}

// Close implements member.Driver.
func (d *Driver) Close() error { return d.client.Close() }

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (version string, err error) {
	answer, err := d.call(ctx, "status")
	if err != nil {
		return "", err
	}
	version, err = nsdctl.Version(answer)
	return "NSD " + version, err
}

// Count implements member.Counter.
func (d *Driver) Count(ctx context.Context) (zones int, err error) {
	return d.count(ctx, func(nsdctl.Zone) {})
}

// Apply implements member.Driver. Steps of one kind that follow each other are
// carried out together.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && to-from < nsdctl.MaxList && steps[to].Action == steps[from].Action {
			to++
		}
		names := make([]zone.Name, 0, to-from)
		for _, step := range steps[from:to] {
			names = append(names, step.Zone)
		}
		if err := d.run(ctx, steps[from].Action, names, func(i int, err error) { done(from+i, err) }); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// run carries out one action on zones. It returns an error if the member went away.
func (d *Driver) run(ctx context.Context, action member.Action, names []zone.Name, done func(i int, err error)) error {
	var each []error
	var err error
	switch action {
	case member.ActionAdd:
		each, err = d.add(ctx, names)
	case member.ActionDelete:
		each, err = d.delete(ctx, names)
	case member.ActionRetransfer:
		return d.retransfer(ctx, names, done)
	default:
		each = same(fmt.Errorf("driver nsd cannot %s", action), len(names))
	}
	if err != nil {
		return err
	}
	for i := range names {
		done(i, each[i])
	}
	return nil
}

func same(err error, n int) []error {
	all := make([]error, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// call runs a command; an error means that no answer came.
func (d *Driver) call(ctx context.Context, command string) (string, error) {
	answer, err := d.traced(ctx, command)
	if err != nil {
		return "", d.away(err)
	}
	return answer, nil
}

func (d *Driver) away(err error) error {
	if errors.Is(err, nsdctl.ErrTooLong) {
		return err
	}
	return fmt.Errorf("%w: nsd-control to %s: %w", member.ErrAway, d.m.Endpoint, err)
}
