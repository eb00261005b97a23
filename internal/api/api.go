// Package api serves the REST API: it decodes, calls control, encodes. The
// rules are control's; what HTTP adds (who asks, revisions as ETags, problem
// documents, limits) exists once, around the handlers.
package api

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/attempts"
	"github.com/skein-dns/skein/internal/web"
)

// Config is what the API needs. Control and Log are required.
type Config struct {
	Control Control
	Log     *slog.Logger
	Version string
	// PleskDoor takes what Plesk's custom DNS backend sends.
	PleskDoor func(ctx context.Context, actor skein.Actor, changeID string, body []byte) (skein.DoorReport, error)
	// LocalActor knows callers that need no token: those of the unix socket,
	// whose credentials the listener has checked. It may be nil.
	LocalActor func(*http.Request) (skein.Actor, bool)
	// Console is the built web console; nil if there is none.
	Console fs.FS
	// Metrics writes what there is to know of the node, as Prometheus reads it.
	// It may be nil.
	Metrics func(context.Context, io.Writer) error
	// MaxRecords bounds one zone that is put in as text; two million if zero.
	// ($GENERATE makes many records of few octets.)
	MaxRecords int
	// Stopping ends when the server goes down: event streams and waits, which
	// would hold it up, end with it. It may be nil.
	Stopping context.Context
	// Now is the clock of the limits; time.Now if nil.
	Now func() time.Time
}

// prefix is where every operation lies.
const prefix = "/api/v1"

// server carries the handlers; it has no state but its limits.
type server struct {
	Config
	api      huma.API
	failures *attempts.Limit[netip.Prefix] // of authentication, by address
	limits   limits
	sources  sync.Mutex // one edit of a source at a time
}

// New returns the handler of the API, its documentation and the first pages.
func New(c Config) http.Handler { return newServer(c).handler() }

func newServer(c Config) *server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxRecords == 0 {
		c.MaxRecords = 2_000_000
	}
	if c.Metrics == nil {
		c.Metrics = func(context.Context, io.Writer) error { return nil }
	}
	if c.Stopping == nil {
		c.Stopping = context.Background()
	}
	return &server{Config: c, failures: attempts.New[netip.Prefix](failureBurst, failurePeriod, maxAddresses, c.Now), limits: newLimits()}
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	s.api = humago.New(mux, s.describe())
	s.api.UseMiddleware(s.authenticate)
	s.routes()
	s.serveDocs(mux)
	metricsAt(mux)
	web.Register(mux, s.Console)
	return s.around(mux)
}

// routes is the table of all operations, by subject.
func (s *server) routes() {
	s.zoneRoutes()
	s.recordRoutes()
	s.historyRoutes()
	s.ownershipRoutes()
	s.sourceRoutes()
	s.transferZoneRoutes()
	s.waitingRoutes()
	s.memberRoutes()
	s.clusterRoutes()
	s.syncRoutes()
	s.poolRoutes()
	s.templateRoutes()
	s.noticeRoutes()
	s.tenantRoutes()
	s.userRoutes()
	s.sessionRoutes()
	s.accessRoutes()
	s.statusRoutes()
	s.metricsRoutes()
}

// NewServer returns an HTTP server with the limits that the API counts on:
// handlers set their own deadlines for bodies and answers, since a zone of a
// million records and a sign of life differ too much for one number.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // TLS handshakes of strangers
	}
}
