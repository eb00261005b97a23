package daemon

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"

	"github.com/skein-dns/skein/internal/memberlog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// askSerial asks a nameserver for the serial that it serves.
func (n *node) askSerial(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error) {
	r, err := n.prober.Serial(ctx, addr, name)
	if err != nil {
		return 0, err
	}
	if r.Outcome != probe.Serves {
		return 0, errors.New(r.Text())
	}
	return r.Serial, nil
}

// askSerials asks a nameserver for the serials of zones, many at a time, and
// tells of those that it serves.
func (n *node) askSerials(ctx context.Context, addr netip.AddrPort, names []zone.Name, each func(zone.Name, uint32)) {
	for r := range n.prober.Serials(ctx, addr, slices.Values(names)) {
		if r.Outcome == probe.Serves {
			each(r.Zone, r.Serial)
		}
	}
}

// askAnything asks a nameserver for a zone that it hardly has: nil if it answers.
func (n *node) askAnything(ctx context.Context, addr netip.AddrPort) error {
	r, err := n.prober.Serial(ctx, addr, selfTest)
	if err == nil && r.Outcome == probe.NoAnswer {
		err = errors.New("it " + r.Text())
	}
	return err
}

// askSignature asks a nameserver what it makes of a TSIG key.
func (n *node) askSignature(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error) {
	verdict, err := n.prober.Signature(ctx, addr, zone.Root, probe.Key{Name: key, Algorithm: algorithm, Secret: secret})
	return string(verdict), err
}

// startReconcile starts the loop that keeps members in step.
func (n *node) startReconcile(ctx context.Context) (func(context.Context) error, error) {
	n.prober = probe.New(probe.Options{})
	n.memberLogs = memberlog.New(filepath.Join(n.Data, "log", "members"))
	loop, err := reconcile.New(reconcile.Config{
		Feed: n.store, Zones: n.store, Driver: n.driver, Own: n.answersItself, Prober: n.prober,
		Announcer: announcer{n.server}, Observed: n.observed, SelfTest: selfTest, AuditPeriod: n.Audit, ContentsPeriod: n.AuditContents,
		Crossed:   func(member string, failures int, last string) { n.control.ThresholdCrossed(member, failures, last) },
		Recovered: func(member string) { n.control.ThresholdRecovered(member) },
		Ahead: func(member string, name zone.Name, serial uint32, over bool) {
			n.control.Ahead(member, name, serial, over)
		},
		Trace: n.memberLogs.Trace,
		Log:   n.log.With("part", "reconcile"),
	})
	if err != nil {
		n.prober.Close()
		return nil, err
	}
	n.cluster = &cluster{Loop: loop, access: n.access, inventory: n.inventory, logs: n.memberLogs, signature: n.askSignature}
	stop := n.background(ctx, "reconcile", func(ctx context.Context) error { return n.reconcile(ctx, loop) })
	return func(patience context.Context) error {
		err := stop(patience)
		n.prober.Close()
		return errors.Join(err, n.memberLogs.Close())
	}, nil
}

// reconcile runs the loop once what the image has is served: it reads through all
// zones first, and questions are not to wait for that.
func (n *node) reconcile(ctx context.Context, loop *reconcile.Loop) error {
	select {
	case <-n.restored:
	case <-ctx.Done():
		return nil
	}
	return loop.Run(ctx)
}

// announcer lets reconcile speak through the nameserver.
type announcer struct{ server *nameserver.Server }

func (a announcer) Serial(name zone.Name) (uint32, bool) { return a.server.Serial(name) }

// publisher feeds the nameserver, and tells reconcile at once what it serves:
// members are notified of nothing that it does not. What comes from the image
// it need not tell: reconcile begins after that.
type publisher struct {
	*nameserver.Server
	cluster *cluster
}

// Put implements nameserver.Updater.
func (p publisher) Put(c zone.Contents) {
	p.Server.Put(c)
	if soa, ok := c.SOA(); ok {
		p.cluster.Published(c.Origin(), soa.Serial)
	}
}

// transferred passes the nameserver's hint on: the member that fetched a zone
// is about to serve it.
func (n *node) transferred(t nameserver.Transfer) {
	if t.Key == "" {
		t.Key = n.access.keyOf(t.Peer.Addr())
	}
	n.fetched.note(t, n.list.Has(t.Zone))
	n.cluster.Transferred(t.Key, t.Zone, t.Serial)
}

func (a announcer) Notify(to reconcile.Target, name zone.Name) {
	a.server.Notify(nameserver.Target{Addr: to.Addr, Key: to.Key, Source: to.Source}, name)
}
