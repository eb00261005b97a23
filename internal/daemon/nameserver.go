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
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	rndcdoor "github.com/skein-dns/skein/internal/door/rndc"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/zonedir"
	"github.com/skein-dns/skein/zone"
)

// alone is a nameserver without a control plane.
type alone struct {
	NameserverConfig
	log    *slog.Logger
	out    io.Writer
	server *nameserver.Server
	dir    *zonedir.Dir      // with --zones
	set    *secondary.Folder // with --secondary
	list   *listing.Set      // with --catalog
	legacy legacy

	control, metrics net.Listener   // nil: not asked for
	stops            []func() error // in reverse order
}

// Nameserver runs a nameserver that serves zone files, or that is a
// secondary, until ctx ends. SIGHUP reads all files again; SIGUSR2 has a
// successor take over, which may be a newer program. What its operator needs
// to know goes to out, the log to errw.
func Nameserver(ctx context.Context, c NameserverConfig, out, errw io.Writer) (err error) {
	a := &alone{NameserverConfig: c, out: out, log: slog.New(slog.NewTextHandler(errw, nil)), legacy: inherited()}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR2)
	defer signal.Stop(signals)
	defer func() { err = errors.Join(err, a.release()) }()
	if err := a.open(); err != nil {
		return err
	}
	// It answers on while a successor is being started, so it is none of the parts.
	answering, stop := context.WithCancel(ctx)
	defer stop()
	answered := make(chan error, 1)
	go func() { answered <- serveLoaded(answering, a.server) }()
	if err = a.run(ctx, signals); errors.Is(err, errHandOver) {
		err = a.handOver(ctx)
	}
	if err != nil {
		stop()
	}
	return errors.Join(err, <-answered)
}

// run runs everything but the answering.
func (a *alone) run(ctx context.Context, signals <-chan os.Signal) error {
	parts, ctx := errgroup.WithContext(ctx)
	into := nameserver.Updater(a.server)
	if a.list != nil {
		into = listingUpdater{a.server, a.list, a.Catalog, a.log}
		parts.Go(func() error { return a.list.Run(ctx, a.server.Loaded()) })
	}
	parts.Go(func() error { return a.source().Run(ctx, into) })
	parts.Go(func() error { return a.whenLoaded(ctx, parts) })
	parts.Go(func() error { return a.attend(ctx, signals) })
	return parts.Wait()
}

// release gives back what open took, but for the sockets that are answered on.
func (a *alone) release() (err error) {
	for ; len(a.stops) > 0; a.stops = a.stops[:len(a.stops)-1] {
		err = errors.Join(err, a.stops[len(a.stops)-1]())
	}
	return err
}

// handOver has a successor take over.
func (a *alone) handOver(ctx context.Context) error {
	sockets, err := a.server.Sockets()
	if err != nil {
		return err
	}
	defer legacy{sockets: sockets}.close()
	if err := a.release(); err != nil {
		return err
	}
	if handOver(ctx, sockets, a.log) {
		a.server.Yield()
	}
	return nil
}

// open takes all ports and reads the lists of what is to be served.
func (a *alone) open() (err error) {
	o := nameserver.Options{
		Listen: a.Listen, TLS: a.TLS, Sockets: a.legacy.sockets, Tell: a.Tell, CookieSecrets: a.cookieSecrets,
		Log: a.log.With("part", "nameserver"), Version: a.VersionAnswer, Identity: a.Identity,
	}
	if a.certificate != nil {
		o.TLSConfig = a.certificate.config()
	}
	if a.Catalog != "" {
		o.Private = []zone.Name{a.Catalog}
	}
	if a.Zones != "" {
		a.dir, err = zonedir.Open(a.Zones, zonedir.Options{Log: a.log.With("part", "zones"), ImagePath: a.Image, Image: a})
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
	if a.Catalog != "" {
		a.list = folderListing(a.Catalog, a.server, a.log.With("part", "catalog"))
	}
	a.server.SetAccess(a.Access)
	err = a.server.Listen()
	a.legacy.close()
	if err != nil {
		return portTaken("listen", listOf(slices.Concat(a.Listen, a.TLS)), err)
	}
	return nil
}

// Export implements zonedir.Image.
func (a *alone) Export(to []byte, name zone.Name) ([]byte, bool) { return a.server.Export(to, name) }

// Import implements zonedir.Image.
func (a *alone) Import(zones []nameserver.Exported) {
	for i, z := range zones {
		if a.list != nil && z.Name.Equal(a.Catalog) {
			zones[i].Octets = nil // none of ours: its file says so
		}
	}
	a.server.Import(zones)
	for _, z := range zones {
		if z.Served {
			a.list.Changed(z.Name, listing.Life{}, fileLife)
		}
	}
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

// attend does what signals ask for.
func (a *alone) attend(ctx context.Context, signals <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-signals:
			if s == syscall.SIGHUP {
				a.reload()
			} else if mayHandOver(ctx, a.server, a.log) {
				return errHandOver
			}
		}
	}
}

// reload reads all files again. What cannot be read stays as it was.
func (a *alone) reload() {
	if a.certificate != nil {
		if err := a.certificate.reload(); err != nil {
			a.log.Error("the certificate before stays in use", "err", err)
		}
	}
	if a.cookieSecretFile != "" {
		if secrets, err := readCookieSecrets(a.cookieSecretFile); err != nil {
			a.log.Error("the cookie secrets before stay in use", "err", err)
		} else {
			a.server.SetCookieSecrets(secrets)
		}
	}
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
		s := &http.Server{Handler: nameserverMetrics(a.server, a.counts), ReadHeaderTimeout: 10 * time.Second}
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
	a.legacy.serves()
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
	for _, at := range a.server.TLSAddrs() {
		p("  DNS over TLS    %s", at)
	}
	if a.Catalog != "" {
		p("  catalog         %s", a.Catalog)
	}
	for _, name := range a.Follow {
		p("  follows         %s", name)
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
