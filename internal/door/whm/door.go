// Package whm is the door of cPanel servers: to them Skein is a "cPanel
// DNSONLY" member of their DNS cluster. It answers what one such server calls
// at another over HTTPS, as package dnsadmin names it.
//
// A sender repeats a call that was not answered with 2xx, and disables a member
// after some of those, for people to enable again. So only trouble that may go
// away by itself gets another status; a zone that is refused is a line in an
// answer that is fine otherwise, as a person at the sender reads it.
package whm

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
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/zone"
)

// Control is what the door needs of control.
type Control interface {
	PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error)
	DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error)
	Taken(context.Context, skein.Actor, zone.Name) (bool, error)
	List(context.Context, skein.Actor, control.Page) ([]skein.Zone, error)
	ZoneText(context.Context, skein.Actor, zone.Name) (z skein.Zone, text []byte, given bool, err error)
	Nameservers(context.Context, skein.Actor) ([]skein.PoolNameserver, error)
	TrustMember(context.Context, skein.Actor, control.TrustMember) (skein.Member, error)
}

// Options are what a Door is made of; all are needed.
type Options struct {
	Control  Control
	Ids      *dnsadmin.Ids // shared with the drivers, which pass changes on
	Hostname string        // as senders are to call this node
	Scratch  string        // directory for bodies that are too long for memory
	Now      func() time.Time
	Log      *slog.Logger
}

// The limits of everything that comes in at once.
const (
	maxCalls     = 256              // that are being answered
	maxBatches   = 8                // that are being taken
	maxBodies    = 2 << 30          // octets of bodies, on disk
	maxTexts     = 48 << 20         // octets of texts of zones in memory
	maxBody      = 512 << 20        // octets of a body as it is sent
	parallel     = 64               // zones of a batch at a time: they share one sync of the disk
	maxInFlight  = 8 << 20          // octets of their texts
	patience     = 10 * time.Second // for room
	silence      = time.Minute      // how long a peer may neither send nor take anything
	maxRecords   = 1_000_000        // of a zone
	maxGenerated = 10_000           // of those, beyond what its text can hold
	maxRefusals  = 1000             // lines of an answer
)

// Door is a http.Handler behind a caller.Gate. It is safe for concurrent use.
type Door struct {
	Options
	registered *registered
	form       dnsadmin.Limits // formLimits but in tests
	calls      *semaphore.Weighted
	batches    *semaphore.Weighted
	bodies     *semaphore.Weighted
	texts      *semaphore.Weighted
	actions    map[string]action
}

// action answers a call. What it returns becomes a status, if nothing was
// written yet; else the connection is cut, so that half an answer looks like one.
type action func(ctx context.Context, c *call) error

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, registered: newRegistered(o.Now), form: formLimits,
		calls: semaphore.NewWeighted(maxCalls), batches: semaphore.NewWeighted(maxBatches),
		bodies: semaphore.NewWeighted(maxBodies), texts: semaphore.NewWeighted(maxTexts)}
	d.actions = d.table()
	return d
}

func (d *Door) table() map[string]action {
	return map[string]action{
		dnsadmin.ShowVersion:  d.showVersion,
		dnsadmin.GetHostname:  d.getHostname,
		dnsadmin.GetZoneList:  d.getZoneList,
		dnsadmin.ZoneExists:   d.zoneExists,
		dnsadmin.GetZone:      d.getZone,
		dnsadmin.GetZones:     d.getZones,
		dnsadmin.GetAllZones:  d.getAllZones,
		dnsadmin.SaveZone:     d.saveZone,
		dnsadmin.QuickZoneAdd: d.quickZoneAdd,
		dnsadmin.SyncZones:    d.syncZones,
		dnsadmin.AddZoneConf:  d.addZoneConf,
		dnsadmin.RemoveZone:   d.removeZone,
		dnsadmin.RemoveZones:  d.removeZones,
		dnsadmin.ReloadZones:  d.noReload,
		dnsadmin.ReloadBIND:   d.noReload,
		dnsadmin.ReconfigBIND: d.noReload,
		dnsadmin.CleanDNS:     d.cleanDNS,
		dnsadmin.GetIPs:       d.getIPs,
		dnsadmin.GetPath:      d.getPath,
		dnsadmin.SyncKeys:     d.keys,
		dnsadmin.RevokeKeys:   d.keys,
		dnsadmin.Trust:        d.trust,
	}
}

// Known returns the paths of the calls, and whether they are served; those that
// are not are refused with a reason. The reference lists them.
func Known() map[string]bool {
	var d Door
	paths := map[string]bool{}
	for path := range d.table() {
		paths[path] = path != dnsadmin.SyncKeys && path != dnsadmin.RevokeKeys
	}
	return paths
}

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	c := &call{w: w, out: http.NewResponseController(w), actor: caller.Actor(ctx), name: r.URL.Path}
	began := d.Now()
	defer func() { d.logCall(ctx, c, r, d.Now().Sub(began)) }()
	c.err = d.answer(ctx, c, r)
	if c.err == nil {
		return
	}
	if c.status != 0 {
		panic(http.ErrAbortHandler)
	}
	c.refuse(c.err)
}

func (d *Door) answer(ctx context.Context, c *call, r *http.Request) error {
	if !d.calls.TryAcquire(1) {
		return tooMuch(nil)
	}
	defer d.calls.Release(1)
	do, known := d.actions[r.URL.Path]
	if !known {
		do, c.unknown = d.unknown, true
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return &skein.Error{Kind: skein.KindInvalid, What: r.Method + " is not a way to call this", Mend: "send GET or POST"}
	}
	return d.received(ctx, c, r, do)
}

// logCall says one line of every call. Values of arguments are not in it, but
// for names of zones.
func (d *Door) logCall(ctx context.Context, c *call, r *http.Request, took time.Duration) {
	level := slog.LevelInfo
	if c.err != nil || c.refused > 0 || c.unknown {
		level = slog.LevelWarn
	}
	attrs := []any{"call", strings.TrimPrefix(r.URL.Path, dnsadmin.Scripts), "source", c.actor.Source, "user", c.actor.Name, "peer", r.RemoteAddr,
		"status", c.status, "zones", c.zones, "refused", c.refused, "octets_in", c.received, "octets_out", c.sent, "took", took, "dnsuniqid", shorten(c.args.uniqid)}
	if c.zone != "" {
		attrs = append(attrs, "zone", c.zone)
	}
	if c.why != "" {
		attrs = append(attrs, "why", c.why)
	}
	if c.unknown {
		attrs = append(attrs, "arguments", strings.Join(c.args.names, " "))
	}
	if c.err != nil {
		attrs = append(attrs, "err", c.err)
	}
	d.Log.Log(ctx, level, "call of a cPanel server", attrs...)
}

// unknown refuses what this protocol does not have as far as it is documented.
// The names of its arguments tell what to build next.
func (d *Door) unknown(_ context.Context, c *call) error {
	return &skein.Error{Kind: skein.KindNotFound, What: fmt.Sprintf("Skein does not know the call %s", shorten(c.name)), Mend: "tell those who build it, if a cPanel server made it"}
}

func tooMuch(cause error) error {
	return &skein.Error{Kind: skein.KindUnavailable, Cause: cause, What: "too much is being sent at the same time; nothing was changed", Mend: "send it again later"}
}
