package daemon

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	rndcdoor "github.com/skein-dns/skein/internal/door/rndc"
	"github.com/skein-dns/skein/internal/intake"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// holdKeys makes the rndc door, which knows the keys of sources as soon as
// control starts, and adds it to what control tells of them.
func (n *node) holdKeys(others control.Intake) control.Intake {
	n.rndc = rndcdoor.NewSources(rndcdoor.SourcesConfig{
		Refresher: transfersOf{n.intake, n.server}, Version: Version, Started: time.Now(), Log: n.log.With("part", "rndc"),
	})
	return keyHolders{others, n}
}

// keyHolders is control's intake, and the door that takes keys of sources.
type keyHolders struct {
	control.Intake
	node *node
}

func (k keyHolders) SetSource(s skein.Source, secrets skein.SourceSecrets) error {
	if err := k.Intake.SetSource(s, secrets); err != nil {
		return err
	}
	if s.Door == skein.DoorRNDC && len(k.node.RNDC) == 0 {
		k.node.log.Warn("a source has the door rndc, and this node does not listen for it; start it with --rndc ADDR:PORT", "source", s.Name)
	}
	return k.node.rndc.SetSource(s, secrets)
}

func (k keyHolders) RemoveSource(name string) error {
	return errors.Join(k.node.rndc.RemoveSource(name), k.Intake.RemoveSource(name))
}

// transfersOf is what the rndc door asks of transfers.
type transfersOf struct {
	*intake.Intake
	server interface {
		Current(zone.Name) (zone.Contents, bool)
	}
}

func (t transfersOf) State(name zone.Name, source string) (rndcdoor.State, bool) {
	s, known := t.Look(name, source)
	state := rndcdoor.State{
		Loaded: s.Served(), Serial: s.SOA.Serial,
		Since: s.Since, Refreshes: s.Refreshes, Expires: s.Expires, Problem: s.Problem,
	}
	if c, ok := t.server.Current(name); ok && state.Loaded {
		state.Nodes, _ = c.Len()
	}
	return state, known
}

// startRNDC listens as a BIND's control channel does.
func (n *node) startRNDC(ctx context.Context) (func(context.Context) error, error) {
	n.rndc.Control = n.control
	words := rate.NewLimiter(1, 10) // anybody may cause one
	server := &rndc.Server{KeysFrom: n.rndc.KeysFrom, Handler: n.rndc.Handle, Refused: func(from net.Addr, why error) {
		if words.Allow() {
			n.log.Warn("an rndc connection was refused", "part", "rndc", "peer", from, "err", why)
		}
	}}
	var listeners []net.Listener
	for _, at := range n.RNDC {
		l, err := net.Listen(network(at), at.String())
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return nil, portTaken("rndc", at.String(), err)
		}
		listeners = append(listeners, l)
	}
	stops := make([]func(context.Context) error, len(listeners))
	for i, l := range listeners {
		stops[i] = n.background(ctx, "the rndc door", func(ctx context.Context) error { return server.Serve(ctx, l) })
	}
	return func(patience context.Context) (err error) {
		for _, stop := range stops {
			err = errors.Join(err, stop(patience))
		}
		return err
	}, nil
}

// network keeps an address of one IP version to that version.
func network(at netip.AddrPort) string {
	if at.Addr().Is4() {
		return "tcp4"
	}
	return "tcp6"
}
