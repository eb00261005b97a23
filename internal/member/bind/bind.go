// Package bind keeps a BIND secondary in step over rndc: zones are added with
// addzone, changed with modzone and deleted with delzone -clean; contents come
// by zone transfer. A zone on the member is Skein's if, and only if, its file
// has the name that Skein gives it; everything else is left alone.
package bind

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// Options are what a driver needs from around it.
type Options struct {
	// Serial asks a nameserver for the serial of a zone; any other answer is an
	// error. It waits for an answer until ctx ends, or for more than 2 seconds.
	// Tests of the member need it.
	Serial func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)
	// Signature asks a nameserver what it makes of a TSIG key: good, BADKEY,
	// BADSIG or BADTIME (RFC 8945 section 5.2). Without it, and when it fails,
	// only tsig-list is asked, which does not always tell.
	Signature func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error)

	Trace    member.Trace  // takes every command and answer; nil: nothing does
	Transfer time.Duration // how long a test may wait for its zone; 8 s by default
	Silence  time.Duration // how long its statistics channel may say nothing; 30 s by default
	RNDC     rndc.Options
}

// Driver implements member.Driver.
type Driver struct {
	m        skein.Member
	key      rndc.Key
	tsig     string // secret of the TSIG key
	opts     Options
	client   *rndc.Client
	text     text
	knowsKey bool // the member was seen to know our TSIG key, on this connection
}

var (
	_ member.Driver = (*Driver)(nil)
	_ member.Taker  = (*Driver)(nil)
)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if s.RNDC == "" {
		return nil, fmt.Errorf("member %s has no rndc key yet: give one with --rndc-key-file, or let skein member config make one", m.Name)
	}
	if !m.RNDC().IsValid() || m.RNDC().Port() == 0 {
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	}
	if o.Transfer == 0 {
		o.Transfer = 8 * time.Second
	}
	if o.Silence == 0 {
		o.Silence = silentMost
	}
	text, err := newText(m)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", m.Name, err)
	}
	key := rndc.Key{Name: rndcKeyName(m), Algorithm: m.Algorithm, Secret: s.RNDC}
	o.Serial, o.Signature = o.Trace.Serial(o.Serial), o.Trace.Signature(o.Signature)
	return &Driver{m: m, key: key, tsig: s.TSIG, opts: o, text: text, client: rndc.NewClient(m.RNDC(), key, o.RNDC)}, nil
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what every BIND is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error { return d.client.Close() }

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (version string, err error) {
	a, err := d.call(ctx, "status")
	if err != nil {
		return "", err
	}
	return field(a.Text, "version:"), nil
}

// Count implements member.Counter. Zones that named makes by itself, such as
// the empty ones of private addresses, are none.
func (d *Driver) Count(ctx context.Context) (zones int, err error) {
	a, err := d.call(ctx, "status")
	if err != nil {
		return 0, err
	}
	all, automatic, ok := zonesIn(a.Text)
	if !ok {
		return 0, errors.New("its status does not tell how many zones there are")
	}
	return all - automatic, nil
}

// zonesIn reads the number of zones in a status.
func zonesIn(status string) (all, automatic int, ok bool) {
	n, _ := fmt.Sscanf(field(status, "number of zones:"), "%d (%d automatic)", &all, &automatic)
	return all, automatic, n > 0
}

// field returns the rest of the line that begins with a label.
func field(text, label string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// Apply implements member.Driver.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for i, step := range steps {
		var err error
		switch step.Action {
		case member.ActionAdd:
			err = d.add(ctx, step.Zone)
		case member.ActionDelete:
			err = d.delete(ctx, step.Zone)
		case member.ActionRetransfer:
			err = d.retransfer(ctx, step.Zone)
		default:
			err = fmt.Errorf("driver bind cannot %s", step.Action)
		}
		if errors.Is(err, member.ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	for i, name := range names {
		var err error
		if all[i], err = d.presence(ctx, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// call runs a command; an error means that no answer came.
func (d *Driver) call(ctx context.Context, command string) (rndc.Answer, error) {
	a, err := d.exchange(ctx, command)
	if err != nil {
		d.knowsKey = false // it may come back with another configuration
		return a, fmt.Errorf("%w: rndc to %s: %w", member.ErrAway, d.m.RNDC(), err)
	}
	return a, nil
}
