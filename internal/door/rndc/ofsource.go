package rndc

import (
	"context"
	"errors"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/zone"
)

// ofSource is the zones of one source, for one command.
type ofSource struct {
	*Sources
	holder *holder
	actor  skein.Actor
}

// told is what may be told of an error: one without a kind is for the log.
func (z ofSource) told(ctx context.Context, err error) error {
	var e *skein.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	z.Log.ErrorContext(ctx, "rndc command", "source", z.actor.Source, "err", err)
	return &skein.Error{Kind: skein.KindInternal, What: "this is an error of Skein's own", Mend: "its log says more"}
}

// found sorts an error out that says that there is no such zone.
func (z ofSource) found(ctx context.Context, err error) (known bool, _ error) {
	if skein.KindOf(err) == skein.KindNotFound {
		return false, nil
	}
	return err == nil, z.told(ctx, err)
}

func (z ofSource) Add(ctx context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	_, err := z.Control.TransferZone(ctx, z.actor, name)
	if there, err := z.found(ctx, err); there || err != nil {
		return false, err
	}
	created, err := z.Control.AddTransferZone(ctx, z.actor, z.asked(name, setup))
	return created, z.told(ctx, err)
}

func (z ofSource) Change(ctx context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	return z.found(ctx, z.Control.ChangeTransferZone(ctx, z.actor, z.asked(name, setup)))
}

func (z ofSource) Delete(ctx context.Context, name zone.Name) (bool, error) {
	return z.found(ctx, z.Control.DeleteTransferZone(ctx, z.actor, name))
}

func (z ofSource) Refresh(ctx context.Context, name zone.Name, whole bool) (bool, error) {
	_, err := z.Control.TransferZone(ctx, z.actor, name)
	if known, err := z.found(ctx, err); !known || err != nil {
		return false, err
	}
	if !z.Refresher.Refresh(name, z.actor.Source, whole) {
		return false, &skein.Error{Kind: skein.KindUnavailable, What: "the zone is known and not being transferred yet", Mend: "try again in a moment"}
	}
	return true, nil
}

func (z ofSource) Look(ctx context.Context, name zone.Name) (Status, bool, error) {
	t, err := z.Control.TransferZone(ctx, z.actor, name)
	if known, err := z.found(ctx, err); !known || err != nil {
		return Status{}, false, err
	}
	if own := z.holder.source.Transfer; len(t.Primaries) == 0 && own != nil {
		t.Primaries = own.Primaries
	}
	state, _ := z.Refresher.State(name, z.actor.Source)
	return Status{Zone: shown(t), State: state}, true, nil
}

func (z ofSource) Len(ctx context.Context) (int, error) {
	s, err := z.Control.Source(ctx, z.actor, z.actor.Source)
	if err != nil || s.Status == nil {
		return 0, z.told(ctx, err)
	}
	return s.Status.Zones, nil
}

func (z ofSource) Keys(context.Context) ([]string, error) { return z.holder.names, nil }

// The ports of primaries that are named without one.
const (
	dnsPort = 53
	tlsPort = 853
)

func defaultPort(tls string) uint16 {
	if tls != "" {
		return tlsPort
	}
	return dnsPort
}

// asked is a zone as control knows it. Where neither the zone nor its source
// says where to transfer from, it is whoever asks for it.
func (z ofSource) asked(name zone.Name, setup namedconf.Zone) skein.TransferZone {
	t := skein.TransferZone{Name: name, Source: z.actor.Source, Label: setup.File}
	for _, p := range setup.Primaries {
		port := p.Port
		if port == 0 {
			port = defaultPort(p.TLS)
		}
		t.Primaries = append(t.Primaries, skein.TransferPrimary{Address: netip.AddrPortFrom(p.Address, port), Key: p.Key, TLS: p.TLS})
	}
	if own := z.holder.source.Transfer; len(t.Primaries) == 0 && (own == nil || len(own.Primaries) == 0) && z.actor.Addr.IsValid() {
		t.Primaries = []skein.TransferPrimary{{Address: netip.AddrPortFrom(z.actor.Addr, dnsPort)}}
	}
	return t
}

// shown is a zone as rndc shows it: a port that goes without saying is left out.
func shown(t skein.TransferZone) namedconf.Zone {
	z := namedconf.Zone{Type: "secondary", File: t.Label}
	for _, p := range t.Primaries {
		one := namedconf.Primary{Address: p.Address.Addr(), Key: p.Key, TLS: p.TLS}
		if port := p.Address.Port(); port != defaultPort(p.TLS) {
			one.Port = port
		}
		z.Primaries = append(z.Primaries, one)
	}
	return z
}
