// Package whmapi is the door of cPanel's JSON calls as far as they are about
// DNS: WHM API 1, UAPI and the old API 2. It translates them into the calls of
// control, and zones into the numbered lines that they speak of.
//
// Its shapes are those that cPanel documents and its open clients decode. What
// is refused is answered with HTTP status 200 and the reason in the envelope:
// clients take any other status for trouble on the way.
package whmapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/zone"
)

// Control is what the door needs of control.
type Control interface {
	List(context.Context, skein.Actor, control.Page) ([]skein.Zone, error)
	Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error)
	// ZoneText returns a zone and a zone file of what is published of it: as its
	// source gave it, while that is so.
	ZoneText(context.Context, skein.Actor, zone.Name) (z skein.Zone, text []byte, given bool, err error)
	EditRecords(context.Context, skein.Actor, control.EditRecords) (control.Result, error)
	DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error)
	CreateFromTemplate(context.Context, skein.Actor, control.TemplateZone) (control.Result, error)
	ResetZone(context.Context, skein.Actor, control.ResetZone) (control.Result, error)
	Nameservers(context.Context, skein.Actor) ([]skein.PoolNameserver, error)
	Members(context.Context, skein.Actor) ([]skein.Member, error)
	CreateToken(context.Context, skein.Actor, skein.CreateToken) (control.NewToken, error)
	Tokens(context.Context, skein.Actor) ([]skein.Token, error)
	DeleteToken(ctx context.Context, actor skein.Actor, id string) error
}

// Options are what a Door is made of.
type Options struct {
	Control  Control
	Hostname string       // of this node, as it calls itself to cPanel servers
	Version  string       // of cPanel, that we answer to be
	Log      *slog.Logger // nil: silent
}

// Door is safe for concurrent use. Its handlers expect a caller.Gate in front.
type Door struct {
	Options
	calls *semaphore.Weighted
	whm1  map[string]function
	uapi  map[string]function
	api2  map[string]function
}

// function is one function of an API, whatever its envelope. The text is the
// reason in the envelope; "" stands for the usual one.
type function func(context.Context, call) (data any, text string, err error)

// call is one call of a function.
type call struct {
	args
	actor skein.Actor
}

// New makes a door.
func New(o Options) *Door {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{Options: o, calls: semaphore.NewWeighted(maxCalls)}
	d.whm1, d.uapi, d.api2 = d.whmFunctions(), d.uapiFunctions(), d.api2Functions()
	return d
}

// WHM serves /json-api/, on the port of WHM.
func (d *Door) WHM() http.Handler {
	return d.bounded(func(w http.ResponseWriter, r *http.Request) {
		switch name, ok := strings.CutPrefix(r.URL.Path, "/json-api/"); {
		case !ok:
			http.NotFound(w, r)
		case name == "cpanel":
			d.serveAPI2(w, r)
		default:
			d.serveWHM(w, r, name)
		}
	})
}

// UAPI serves /execute/ and API 2, on the port of cPanel.
func (d *Door) UAPI() http.Handler {
	return d.bounded(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/execute/")
		switch {
		case ok:
			d.serveUAPI(w, r, strings.Replace(name, "/", "::", 1))
		case r.URL.Path == "/json-api/cpanel":
			d.serveAPI2(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// The limits of calls that are being answered: each holds a zone's text.
const (
	maxCalls = 64
	silence  = time.Minute // how long a peer may neither send nor take anything
)

// bounded serves as many calls as there is memory for.
func (d *Door) bounded(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.calls.TryAcquire(1) {
			http.Error(w, "too many calls at the same time; send it again later", http.StatusServiceUnavailable)
			return
		}
		defer d.calls.Release(1)
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(silence)) // not every writer has deadlines
		serve(w, r)
	})
}

// begin reads the arguments of a call.
func begin(r *http.Request) (call, error) {
	a, err := readArgs(r)
	if err != nil {
		err = refuse("the request cannot be read: %v", err)
	}
	return call{args: a, actor: caller.Actor(r.Context())}, err
}

// run carries a call out.
func (d *Door) run(ctx context.Context, api, name string, f function, c call) (data any, text string, err error) {
	if f == nil {
		d.Log.WarnContext(ctx, "a JSON call that is not known", "api", api, "function", clip(name), "arguments", c.names(), "source", c.actor.Source)
		return nil, "", errUnknown
	}
	return f(ctx, c)
}

var errUnknown = refuse("there is no such function")

func refuse(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf(format, args...)}
}

func clip(s string) string { return s[:min(len(s), 200)] }
