package whm

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"log/slog"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/zone"
)

// fake is control in memory, as far as the door sees it, for many zones and for
// trouble.
type fake struct {
	mu      sync.Mutex
	zones   map[zone.Name][]byte // by canonical name
	done    map[string]bool      // change ids
	trouble func(zone.Name) error
	busy    int
	most    int // that were at work at once
	trusted control.TrustMember
	value   int // octets of a field's value at most; 0: as many as ever
}

func newFake() *fake {
	return &fake{zones: map[zone.Name][]byte{}, done: map[string]bool{}, trouble: func(zone.Name) error { return nil }}
}

func (f *fake) enter(d int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy += d
	f.most = max(f.most, f.busy)
}

func (f *fake) PutZone(_ context.Context, _ skein.Actor, in control.PutZone) (control.Result, error) {
	f.enter(1)
	defer f.enter(-1)
	if err := f.trouble(in.Name); err != nil {
		return control.Result{}, err
	}
	contents, err := zone.NewContents(in.Name, in.Sets)
	if err == nil {
		contents, _, err = zone.Validate(contents, zone.Tolerant)
	}
	if err != nil {
		return control.Result{}, skein.InvalidZone(in.Name, err)
	}
	soa, _ := contents.SOA()
	res := control.Result{Zone: skein.Zone{Name: in.Name, Serial: soa.Serial}}
	f.mu.Lock()
	defer f.mu.Unlock()
	if in.ChangeID != "" && f.done[in.ChangeID] {
		return res, nil
	}
	f.done[in.ChangeID] = true
	f.zones[in.Name.Canonical()] = slices.Clone(in.Text)
	res.Changed = true
	return res, nil
}

func (f *fake) DeleteZone(_ context.Context, _ skein.Actor, in control.DeleteZone) (control.Result, error) {
	if err := f.trouble(in.Name); err != nil {
		return control.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.zones[in.Name.Canonical()] == nil {
		return control.Result{}, &skein.Error{Kind: skein.KindNotFound, What: "there is no zone"}
	}
	delete(f.zones, in.Name.Canonical())
	return control.Result{Changed: true}, nil
}

func (f *fake) Taken(_ context.Context, _ skein.Actor, name zone.Name) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.zones[name.Canonical()] != nil, f.trouble(name)
}

func (f *fake) names() (all []zone.Name) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.zones {
		all = append(all, name)
	}
	slices.Sort(all) // not the order of a store, but one
	return all
}

func (f *fake) List(_ context.Context, _ skein.Actor, page control.Page) (list []skein.Zone, err error) {
	for _, name := range f.names() {
		if len(list) < page.Limit && (page.After == "" || name > zone.Name(page.After)) {
			list = append(list, skein.Zone{Name: name})
		}
	}
	return list, nil
}

func (f *fake) ZoneText(_ context.Context, _ skein.Actor, name zone.Name) (skein.Zone, []byte, bool, error) {
	if err := f.trouble(name); err != nil {
		return skein.Zone{}, nil, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	text := f.zones[name.Canonical()]
	if text == nil {
		return skein.Zone{}, nil, false, &skein.Error{Kind: skein.KindNotFound, What: "there is no zone"}
	}
	return skein.Zone{Name: name}, text, true, nil
}

func (f *fake) Nameservers(context.Context, skein.Actor) ([]skein.PoolNameserver, error) {
	return nil, nil
}

func (f *fake) TrustMember(_ context.Context, _ skein.Actor, in control.TrustMember) (skein.Member, error) {
	f.trusted = in
	return skein.Member{Name: in.Host, Role: skein.RoleStandalone}, f.trouble("")
}

// door is a door in front of it, and everybody is the source web1.
func (f *fake) door(scratch string) http.Handler {
	d := New(Options{Control: f, Ids: dnsadmin.NewIds(100_000, time.Hour, time.Now), Hostname: "skein.example.net", Scratch: scratch, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if f.value > 0 {
		d.form.Value = f.value
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.ServeHTTP(w, r.WithContext(caller.With(r.Context(), skein.Actor{Name: "token", Source: "web1"})))
	})
}

// world is a server of it that stories can call.
func (f *fake) world(w *world) *world {
	w.Helper()
	w.server = httptest.NewTLSServer(f.door(w.TempDir()))
	w.Cleanup(w.server.Close)
	return w
}
