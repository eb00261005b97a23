package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/bind"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// drivers is the table of all: the name that members have it under, and how it is made.
func (n *node) drivers() map[string]func(skein.Member, skein.MemberSecrets) (member.Driver, error) {
	return map[string]func(skein.Member, skein.MemberSecrets) (member.Driver, error){
		"bind": func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
			return bind.New(m, s, bind.Options{Serial: n.askSerial, Signature: n.askSignature})
		},
	}
}

func (n *node) driver(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
	make, ok := n.drivers()[m.Driver]
	if !ok {
		return nil, fmt.Errorf("there is no driver %q", m.Driver)
	}
	return make(m, s)
}

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

// askSignature asks a nameserver what it makes of a TSIG key.
func (n *node) askSignature(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error) {
	verdict, err := n.prober.Signature(ctx, addr, zone.Root, probe.Key{Name: key, Algorithm: algorithm, Secret: secret})
	return string(verdict), err
}

// startReconcile starts the loop that keeps members in step.
func (n *node) startReconcile(ctx context.Context) (func(context.Context) error, error) {
	n.prober = probe.New(probe.Options{})
	loop, err := reconcile.New(reconcile.Config{
		Feed: n.store, Zones: n.store, Driver: n.driver, Prober: n.prober,
		Announcer: announcer{n.server}, Observed: n.observed, SelfTest: selfTest,
		Log: n.log.With("part", "reconcile"),
	})
	if err != nil {
		n.prober.Close()
		return nil, err
	}
	n.cluster = &cluster{Loop: loop, access: n.access}
	stop := n.background(ctx, "reconcile", loop.Run)
	return func(patience context.Context) error {
		err := stop(patience)
		n.prober.Close()
		return err
	}, nil
}

// announcer lets reconcile speak through the nameserver.
type announcer struct{ server *nameserver.Server }

func (a announcer) Serial(name zone.Name) (uint32, bool) { return a.server.Serial(name) }

// publisher feeds the nameserver, and tells reconcile at once what it serves:
// members are notified of nothing that it does not.
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
func (n *node) transferred(t nameserver.Transfer) { n.cluster.Transferred(t.Key, t.Zone, t.Serial) }

func (a announcer) Notify(to reconcile.Target, name zone.Name) {
	a.server.Notify(nameserver.Target{Addr: to.Addr, Key: to.Key, Source: to.Source}, name)
}
