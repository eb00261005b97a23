package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein/internal/door/rndcsecondary"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/internal/zonedir"
)

// alone is a nameserver without a control plane.
type alone struct {
	NameserverConfig
	log    *slog.Logger
	out    io.Writer
	server *nameserver.Server
	dir    *zonedir.Dir   // with --zones
	set    *secondary.Set // with --secondary

	control, metrics net.Listener // nil: not asked for
}

// Nameserver runs a nameserver that serves zone files, or that is a
// secondary, until ctx ends. What its operator needs to know goes to out, the
// log to errw.
func Nameserver(ctx context.Context, c NameserverConfig, out, errw io.Writer) error {
	a := &alone{NameserverConfig: c, out: out, log: slog.New(slog.NewTextHandler(errw, nil))}
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	if err := a.open(); err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return a.source().Run(ctx, a.server) })
	parts.Go(func() error { return serveLoaded(ctx, a.server) })
	parts.Go(func() error { return a.whenLoaded(ctx, parts) })
	parts.Go(func() error {
		for {
			select {
			case <-reload:
				a.reload()
			case <-ctx.Done():
				return nil
			}
		}
	})
	return parts.Wait()
}

// open takes all ports before anything is read.
func (a *alone) open() (err error) {
	o := nameserver.Options{Listen: a.Listen, Log: a.log.With("part", "nameserver"), Version: "Skein " + Version}
	if a.Zones != "" {
		if a.dir, err = zonedir.Open(a.Zones, zonedir.Options{Log: a.log.With("part", "zones")}); err != nil {
			return err
		}
	} else {
		keys := make([]xfr.Key, len(a.Access.Keys))
		for i, k := range a.Access.Keys {
			keys[i] = xfr.Key(k)
		}
		if a.set, err = secondary.Open(secondary.Options{Dir: a.Secondary, Keys: keys, Log: a.log.With("part", "secondary")}); err != nil {
			return err
		}
		o.Notify = a.set
		if a.control, err = net.Listen("tcp", a.RNDC.String()); err != nil {
			return portTaken("rndc", a.RNDC.String(), err)
		}
	}
	if a.Metrics != "" {
		if a.metrics, err = net.Listen("tcp", a.Metrics); err != nil {
			return portTaken("metrics", a.Metrics, err)
		}
	}
	a.server = nameserver.New(o)
	a.server.SetAccess(a.Access)
	if err := a.server.Listen(); err != nil {
		return portTaken("listen", listOf(a.Listen), err)
	}
	return nil
}

func (a *alone) source() nameserver.Source {
	if a.dir != nil {
		return a.dir
	}
	return a.set
}

func (a *alone) reload() {
	if a.dir != nil {
		a.log.Info("reading the zone files again")
		a.dir.Reload()
	}
}

// whenLoaded opens the other doors, and says so.
func (a *alone) whenLoaded(ctx context.Context, parts *errgroup.Group) error {
	select {
	case <-a.server.Loaded():
	case <-ctx.Done():
		return nil
	}
	if a.metrics != nil {
		s := &http.Server{Handler: metrics(a.server), ReadHeaderTimeout: 10 * time.Second}
		parts.Go(func() error {
			if err := s.Serve(a.metrics); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("showing metrics: %w", err)
			}
			return nil
		})
		context.AfterFunc(ctx, func() { s.Close() })
	}
	if a.control != nil {
		d := &rndcsecondary.Door{Zones: zonesOf{a.set}, Version: Version, Started: time.Now()}
		for _, k := range a.Access.Keys {
			d.Keys = append(d.Keys, k.Name)
		}
		s := &rndc.Server{Keys: []rndc.Key{a.RNDCKey}, Handler: d.Handle, Refused: func(from net.Addr, why error) {
			a.log.Warn("an rndc connection was refused", "peer", from, "err", why)
		}}
		parts.Go(func() error { return s.Serve(ctx, a.control) })
	}
	a.announce()
	tellSystemd("READY=1")
	return nil
}

// announce prints where it answers and what.
func (a *alone) announce() {
	p := func(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }
	if a.dir != nil {
		served, broken := a.dir.Report()
		p("Skein %s serves %d zones of %s.", Version, served, a.Zones)
		const most = 20
		for i, b := range broken {
			if i == most {
				p("  not served      %d more; the log names them", len(broken)-most)
				break
			}
			p("  not served      %s", b)
		}
	} else {
		p("Skein %s serves %d secondary zones, kept in %s.", Version, a.set.Len(), a.Secondary)
	}
	for _, at := range a.server.Addrs() {
		p("  DNS             %s", at)
	}
	if a.control != nil {
		p("  rndc            %s", a.control.Addr())
	}
	if a.metrics != nil {
		p("  metrics         http://%s/metrics", a.metrics.Addr())
	}
}
