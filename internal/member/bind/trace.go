package bind

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// exchange runs a command and reports it. Commands and answers hold names of
// keys and never a secret: what signs them is not part of their text.
func (d *Driver) exchange(ctx context.Context, command string) (rndc.Answer, error) {
	began := time.Now()
	a, err := d.client.Call(ctx, command)
	outcome := err
	if err == nil && a.Result != 0 {
		outcome = fmt.Errorf("result %d: %s", a.Result, a.Err)
	}
	d.opts.Trace.Record(began, time.Now(), "rndc", command, a.Text, outcome)
	return a, err
}

func (o Options) tracedSerial() func(context.Context, netip.AddrPort, zone.Name) (uint32, error) {
	if o.Serial == nil || o.Trace == nil {
		return o.Serial
	}
	return func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error) {
		began := time.Now()
		serial, err := o.Serial(ctx, addr, name)
		o.Trace.Record(began, time.Now(), "dns", "SOA "+string(name), fmt.Sprintf("serial %d", serial), err)
		return serial, err
	}
}

func (o Options) tracedSignature() func(context.Context, netip.AddrPort, string, string, string) (string, error) {
	if o.Signature == nil || o.Trace == nil {
		return o.Signature
	}
	return func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error) {
		began := time.Now()
		verdict, err := o.Signature(ctx, addr, key, algorithm, secret)
		o.Trace.Record(began, time.Now(), "dns", "a question signed with "+key, verdict, err)
		return verdict, err
	}
}
