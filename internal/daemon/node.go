// Package daemon puts a node together: it reads the configuration, makes the
// parts and connects them. It is the only place that names engines, drivers
// and doors.
package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/plesk"
	rndcdoor "github.com/skein-dns/skein/internal/door/rndc"
	"github.com/skein-dns/skein/internal/intake"
	"github.com/skein-dns/skein/internal/inventory"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member/route53"
	"github.com/skein-dns/skein/internal/memberlog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/notice"
	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store/observed"
	"github.com/skein-dns/skein/internal/store/sqlite"
)

// stopPatience is how long a node drains before it ends anyway.
const stopPatience = 15 * time.Second

// node is a control node under construction: each component's start fills in
// what the later ones need.
type node struct {
	Config
	log *slog.Logger

	store      *sqlite.Store
	observed   *observed.File
	memberLogs *memberlog.Dir
	sealer     *secret.Sealer
	keyFrom    string // where the sealer's key came from, for people
	tls        *tls.Config
	authority  *pki.Authority // nil with certificates from files
	apiAt      net.Listener
	localAt    net.Listener
	server     *nameserver.Server
	access     *access
	prober     *probe.Prober
	cluster    *cluster
	inventory  *inventory.Inventory
	control    *control.Control
	intake     *intake.Intake
	service    *service      // the nameserver, but for zones that expired
	serving    *serving      // what feeds it
	restored   chan struct{} // closed once it has what its image has
	plesk      *plesk.Door
	rndc       *rndcdoor.Sources
	aws        *route53.Accounts
	ids        *dnsadmin.Ids  // of what cPanel servers sent, for those that it is passed on to
	outbox     *notice.Outbox // nil where no notices are sent
	news       chan struct{}  // holds a value when people may want to know something at once

	certificate    *certificate // nil with the own authority
	whmCertificate *certificate // nil where it is that of the API
	list           *listing.Set // the catalogs
	fetched        fetched      // who has which version of those

	legacy    legacy
	answering context.CancelFunc // ends the answering of DNS, which outlives all parts
	answered  chan error         // its end

	failed chan error // a component that ended by itself
}

// component is one part of a node. Its stop undoes start; nil if there is nothing to undo.
type component struct {
	name  string
	start func(ctx context.Context) (stop func(context.Context) error, err error)
}

// components are all parts, each after those that it needs.
func (n *node) components() []component {
	return []component{
		{"the data directory", n.startData},
		{"the listeners", n.startListening},
		{"the store", n.startStore},
		{"the secrets", n.startSecrets},
		{"the certificates", n.startCertificates},
		{"the cookies", n.startCookies},
		{"the inventory", n.startInventory},
		{"reconcile", n.startReconcile},
		{"the intake", n.startIntake},
		{"control", n.startControl},
		{"the pool", n.startPool},
		{"the reading of members", n.startReading},
		{"transfers", n.startTransfers},
		{"the nameserver", n.startNameserver},
		{"notices", n.startNotices},
		{"the API", n.startAPI},
		{"the rndc door", n.startRNDC},
		{"the door of cPanel servers", n.startWHM},
		{"the door of cPanel's clients", n.startCPanel},
		{"the spool", n.startSpool},
		{"housekeeping", n.startPurge},
	}
}

// Run runs a node until ctx ends or a part of it fails. It calls started once
// everything runs and all zones are loaded, and logs to errw. SIGHUP reads
// certificate and cookie secrets again; SIGUSR2 has a successor take over,
// which may be a newer program.
func Run(ctx context.Context, c Config, started func(Started), errw io.Writer) (err error) {
	n := &node{Config: c, access: newAccess(), legacy: inherited(), aws: route53.NewAccounts(), ids: dnsadmin.NewIds(rememberedActions, rememberedFor, time.Now), failed: make(chan error, 8), restored: make(chan struct{}), news: make(chan struct{}, 1)}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR2)
	defer signal.Stop(signals)
	n.log = slog.New(slog.NewTextHandler(errw, &slog.HandlerOptions{Level: c.LogLevel}))
	// Parts outlive ctx: they are stopped in order, not all at once.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var stops []func(context.Context) error
	defer func() { err = n.endAnswering(ctx, err) }()
	defer func() {
		drain, done := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer done()
		for i := len(stops) - 1; i >= 0; i-- {
			err = errors.Join(err, stops[i](drain))
		}
	}()
	for _, part := range n.components() {
		stop, err := part.start(work)
		if stop != nil {
			stops = append(stops, stop)
		}
		if err != nil {
			return fmt.Errorf("starting %s: %w", part.name, err)
		}
	}
	loaded := n.server.Loaded()
	for {
		select {
		case <-loaded: // from now on it answers
			loaded = nil
			started(n.started(ctx))
			n.legacy.serves()
		case <-ctx.Done():
			n.log.Info("stopping")
			tellSystemd("STOPPING=1")
			return nil
		case s := <-signals:
			if s == syscall.SIGHUP {
				n.reload()
			} else if mayHandOver(ctx, n.server, n.log) {
				return errHandOver
			}
		case err := <-n.failed:
			return err
		}
	}
}

// background runs a part that works until its context ends. The returned
// function ends it and waits for it.
func (n *node) background(ctx context.Context, name string, run func(context.Context) error) (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && ctx.Err() == nil {
			n.failed <- fmt.Errorf("%s ended: %w", name, err)
		}
	}()
	return func(patience context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-patience.Done():
			return fmt.Errorf("%s did not stop in time", name)
		}
	}
}
