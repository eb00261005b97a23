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
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	rndcdoor "github.com/skein-dns/skein/internal/door/rndc"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/zonedir"
)

// alone is a nameserver without a control plane.
type alone struct {
	NameserverConfig
	log    *slog.Logger
	out    io.Writer
	server *nameserver.Server
	dir    *zonedir.Dir      // with --zones
	set    *secondary.Folder // with --secondary

	control, metrics net.Listener   // nil: not asked for
	stops            []func() error // in reverse order
}

// Nameserver runs a nameserver that serves zone files, or that is a
// secondary, until ctx ends. SIGHUP reads all files again. What its operator
// needs to know goes to out, the log to errw.
func Nameserver(ctx context.Context, c NameserverConfig, out, errw io.Writer) (err error) {
	a := &alone{NameserverConfig: c, out: out, log: slog.New(slog.NewTextHandler(errw, nil))}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	defer func() {
		for i := len(a.stops) - 1; i >= 0; i-- {
			err = errors.Join(err, a.stops[i]())
		}
	}()
	if err := a.open(); err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return a.source().Run(ctx, a.server) })
	parts.Go(func() error { return serveLoaded(ctx, a.server) })
	parts.Go(func() error { return a.whenLoaded(ctx, parts) })
	parts.Go(func() error { a.reload(ctx, hup); return nil })
	return parts.Wait()
}

// open takes all ports and reads the lists of what is to be served.
func (a *alone) open() (err error) {
	o := nameserver.Options{Listen: a.Listen, Log: a.log.With("part", "nameserver"), Version: a.VersionAnswer, Identity: a.Identity}
	if a.Zones != "" {
		a.dir, err = zonedir.Open(a.Zones, zonedir.Options{Log: a.log.With("part", "zones")})
	} else if err = a.openSecondary(); err == nil {
		o.Notify, o.Expires = a.set, a.expires
	}
	if err != nil {
		return err
	}
	if a.Metrics != "" {
		if a.metrics, err = net.Listen("tcp", a.Metrics); err != nil {
			return portTaken("metrics", a.Metrics, err)
		}
		a.stops = append(a.stops, closeQuietly(a.metrics))
	}
	a.server = nameserver.New(o)
	a.server.SetAccess(a.Access)
	if err := a.server.Listen(); err != nil {
		return portTaken("listen", listOf(a.Listen), err)
	}
	return nil
}

// closeQuietly closes a listener that may be closed already.
func closeQuietly(l net.Listener) func() error {
	return func() error {
		l.Close()
		return nil
	}
}

func (a *alone) source() nameserver.Source {
	if a.dir != nil {
		return a.dir
	}
	return a.set
}

// counts is how many zones are served, and how many should be and are not.
func (a *alone) counts() (served, failing int) {
	if a.dir != nil {
		return a.dir.Counts()
	}
	return a.set.Counts()
}

// reload reads zone files again whenever a signal asks for it. A secondary has
// nothing to read: signals do not end it.
func (a *alone) reload(ctx context.Context, hup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			if a.dir != nil {
				a.log.Info("reading the zone files again")
				a.dir.Reload()
			}
		}
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
		s := &http.Server{Handler: metrics(a.server, a.counts), ReadHeaderTimeout: 10 * time.Second}
		context.AfterFunc(ctx, func() { s.Close() })
		parts.Go(func() error {
			if err := s.Serve(a.metrics); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("showing metrics: %w", err)
			}
			return nil
		})
	}
	if a.control != nil {
		parts.Go(func() error { return a.serveRNDC(ctx) })
	}
	a.announce()
	tellSystemd("READY=1")
	return nil
}

func (a *alone) serveRNDC(ctx context.Context) error {
	zones := zonesOf{set: a.set}
	for _, k := range a.Access.Keys {
		zones.keys = append(zones.keys, k.Name)
	}
	d := &rndcdoor.Door{Zones: zones, Version: Version, Started: time.Now()}
	s := &rndc.Server{Keys: []rndc.Key{a.RNDCKey}, Handler: d.Handle, Refused: func(from net.Addr, why error) {
		a.log.Warn("an rndc connection was refused", "peer", from, "err", why)
	}}
	return s.Serve(ctx, a.control)
}

// mostBroken is how many broken files are named at the start; the log has them all.
const mostBroken = 20

// announce prints what is served and where, all at once: scripts may wait for
// its first line.
func (a *alone) announce() {
	var text strings.Builder
	defer func() { io.WriteString(a.out, text.String()) }()
	p := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	if a.dir != nil {
		served, broken := a.dir.Report()
		p("Skein %s serves %s of %s.", Version, count(served, "zone"), a.Zones)
		for _, b := range broken[:min(len(broken), mostBroken)] {
			p("  not served      %s", b)
		}
		if more := len(broken) - mostBroken; more > 0 {
			p("  not served      %d more; the log names them", more)
		}
	} else {
		served, waiting := a.set.Counts()
		p("Skein %s serves %s, kept in %s.", Version, count(served, "secondary zone"), a.Secondary)
		if waiting > 0 {
			p("  not served yet  %s", count(waiting, "zone"))
		}
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

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
