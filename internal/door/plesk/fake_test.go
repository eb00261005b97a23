package plesk

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// fake is control in memory, as far as the door sees it: ownership, stamps,
// revisions, and change ids that are not applied twice.
type fake struct {
	mu      sync.Mutex
	rev     skein.Revision
	zones   map[zone.Name]*fakeZone
	changes map[string]control.Result
	waits   map[string]int64 // number of what waits, by zone and source
	saved   map[string]bool  // it is a save
	sources map[string]skein.Source
	asked   map[zone.Name]skein.TransferZone // of plesk-1
}

type fakeZone struct {
	head     skein.Zone
	contents zone.Contents
	stamps   map[setKey]string
}

const sharedOrigin = "reverse"

func newFake() *fake {
	return &fake{zones: map[zone.Name]*fakeZone{}, changes: map[string]control.Result{}, waits: map[string]int64{}, saved: map[string]bool{},
		sources: map[string]skein.Source{}, asked: map[zone.Name]skein.TransferZone{}}
}

// conflict keeps another source's change for a person, but of a shared zone,
// which is nobody's.
func (f *fake) conflict(actor skein.Actor, z *fakeZone) error {
	if z.head.Origin == sharedOrigin {
		return refusal(skein.KindConflict, "it belongs to "+z.head.Origin)
	}
	key := string(z.head.Name) + " " + actor.Source
	if f.waits[key] == 0 {
		f.waits[key] = int64(len(f.waits) + 1)
	}
	return &skein.Error{Kind: skein.KindConflict, What: "it belongs to " + z.head.Origin, Waiting: f.waits[key]}
}

func refusal(kind skein.Kind, what string) error { return &skein.Error{Kind: kind, What: what} }

func (f *fake) find(name zone.Name) (*fakeZone, error) {
	z := f.zones[name.Canonical()]
	if z == nil {
		return nil, refusal(skein.KindNotFound, "there is no zone "+string(name))
	}
	return z, nil
}

func (f *fake) Zone(_ context.Context, actor skein.Actor, name zone.Name) (skein.Zone, error) {
	z, _, err := f.Contents(context.Background(), actor, name)
	return z, err
}

func (f *fake) Contents(_ context.Context, actor skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	z, err := f.find(name)
	if err == nil && z.head.Origin != actor.Source && z.head.Origin != sharedOrigin {
		err = refusal(skein.KindNotFound, "there is no zone "+string(name))
	}
	if err != nil {
		return skein.Zone{}, zone.Contents{}, err
	}
	return z.head, z.contents, nil
}

func (f *fake) PutZone(_ context.Context, actor skein.Actor, in control.PutZone) (control.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if res, ok := f.changes[in.ChangeID]; ok {
		return res, nil
	}
	contents, err := zone.NewContents(in.Name, in.Sets)
	var found []zone.Problem
	if err == nil {
		contents, found, err = zone.Validate(contents, zone.Tolerant)
	}
	if err != nil {
		return control.Result{}, skein.InvalidZone(in.Name, err)
	}
	z, err := f.find(in.Name)
	created := err != nil
	if created {
		z = &fakeZone{head: skein.Zone{Name: in.Name, Origin: actor.Source, Created: time.Now()}, stamps: map[setKey]string{}}
		if in.Shared {
			z.head.Origin = sharedOrigin
		}
		f.zones[in.Name.Canonical()] = z
	}
	switch {
	case !created && in.Shared && z.head.Origin == sharedOrigin:
		return control.Result{Zone: z.head}, nil
	case !created && z.head.Origin != actor.Source && in.Shared:
		return control.Result{}, refusal(skein.KindConflict, "it belongs to "+z.head.Origin)
	case !created && z.head.Origin != actor.Source:
		f.saved[string(z.head.Name)+" "+actor.Source] = true
		return control.Result{}, f.conflict(actor, z)
	}
	soa, _ := z.contents.SOA()
	wish, _ := contents.SOA()
	if delta := zone.Diff(z.contents, contents.WithSerial(soa.Serial)); !created && delta.IsZero() {
		return control.Result{Zone: z.head}, nil
	}
	if z.head.Serial++; zone.SerialLess(z.head.Serial, wish.Serial) || created && wish.Serial != 0 {
		z.head.Serial = wish.Serial
	}
	res := f.commit(in.ChangeID, z, contents.WithSerial(z.head.Serial), created)
	res.Warnings = skein.ProblemsOf(found)
	return res, nil
}

func (f *fake) commit(id string, z *fakeZone, contents zone.Contents, created bool) control.Result {
	f.rev++
	delta := zone.Diff(z.contents, contents)
	z.contents, z.head.Revision = contents, f.rev
	_, z.head.Records = contents.Len()
	f.changes[id] = control.Result{Zone: z.head, Created: created, Changed: true, Delta: delta}
	return f.changes[id]
}

func (f *fake) DeleteZone(_ context.Context, actor skein.Actor, in control.DeleteZone) (control.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if res, ok := f.changes[in.ChangeID]; ok {
		return res, nil
	}
	z, err := f.find(in.Name)
	if err != nil {
		return control.Result{}, err
	}
	if key := string(z.head.Name) + " " + actor.Source; z.head.Origin != actor.Source && f.saved[key] {
		delete(f.saved, key) // what it saved only waited, and goes
		return control.Result{Zone: z.head}, nil
	}
	if z.head.Origin != actor.Source {
		return control.Result{}, f.conflict(actor, z)
	}
	delete(f.zones, in.Name.Canonical())
	return f.commit(in.ChangeID, z, z.contents, false), nil
}

func (f *fake) EditRecords(_ context.Context, actor skein.Actor, in control.EditRecords) (control.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if res, ok := f.changes[in.ChangeID]; ok {
		return res, nil
	}
	z, err := f.find(in.Zone)
	if err != nil {
		return control.Result{}, err
	}
	if len(in.Edits) != 1 || !in.Edits[0].KeepTTL || in.Stamp != actor.Source || z.head.Origin != sharedOrigin && z.head.Origin != actor.Source {
		return control.Result{}, refusal(skein.KindForbidden, "that is not for a source")
	}
	edit := in.Edits[0]
	key := setKey{edit.Set.Name.Canonical(), edit.Set.Type}
	have, there := z.contents.Get(edit.Set.Name, edit.Set.Type)
	if owner := z.stamps[key]; there && owner != actor.Source {
		return control.Result{}, refusal(skein.KindConflict, string(edit.Set.Name)+" belongs to "+owner)
	}
	soa, _ := z.contents.SOA()
	want := zone.RRset{Name: edit.Set.Name, Type: edit.Set.Type, TTL: soa.Minimum, Data: slices.Clone(have.Data)}
	for _, d := range edit.Set.Data {
		known := slices.Contains(have.Data, d)
		switch {
		case edit.Op == control.OpAdd && !known:
			want.Data = append(want.Data, d)
		case edit.Op == control.OpDelete && !known:
			return control.Result{}, refusal(skein.KindNotFound, "there is no such record")
		case edit.Op == control.OpDelete:
			want.Data = slices.DeleteFunc(want.Data, func(x zone.Rdata) bool { return x == d })
		}
	}
	if edit.Op == control.OpDelete && len(edit.Set.Data) == 0 {
		want.Data = nil
		if !there {
			return control.Result{}, refusal(skein.KindNotFound, "there is no such record")
		}
	}
	if slices.Equal(have.Data, want.Data) {
		return control.Result{Zone: z.head}, nil
	}
	delta := zone.Delta{Add: []zone.RRset{want}}
	if there {
		delta.Del = []zone.RRset{have}
	}
	contents, err := z.contents.Apply(delta)
	if err != nil {
		return control.Result{}, err
	}
	z.stamps[key] = actor.Source
	z.head.Serial++
	return f.commit(in.ChangeID, z, contents.WithSerial(z.head.Serial), false), nil
}

func (f *fake) List(_ context.Context, actor skein.Actor, page control.Page) (list []skein.Zone, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range slices.SortedFunc(maps.Keys(f.zones), zone.Name.Compare) {
		if z := f.zones[name]; z.head.Origin == actor.Source && (page.After == "" || name.Compare(zone.Name(page.After)) > 0) && len(list) < page.Limit {
			list = append(list, z.head)
		}
	}
	return list, nil
}

func (f *fake) Admit(_ context.Context, actor skein.Actor) error {
	if f.sources[actor.Source].Paused {
		return refusal(skein.KindForbidden, "the source is paused")
	}
	return nil
}

func (f *fake) Source(_ context.Context, _ skein.Actor, name string) (skein.Source, error) {
	s, ok := f.sources[name]
	if !ok {
		return s, refusal(skein.KindNotFound, "there is no source "+name)
	}
	return s, nil
}

func (f *fake) AddTransferZone(_ context.Context, actor skein.Actor, z skein.TransferZone) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, there := f.asked[z.Name.Canonical()]
	f.asked[z.Name.Canonical()] = z
	return !there, nil
}

func (f *fake) DeleteTransferZone(_ context.Context, _ skein.Actor, name zone.Name) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.asked[name.Canonical()]; !ok {
		return refusal(skein.KindNotFound, "nobody asked for it")
	}
	delete(f.asked, name.Canonical())
	delete(f.zones, name.Canonical())
	return nil
}

func (f *fake) TransferZones(_ context.Context, _ skein.Actor, q control.TransferQuery) (list []skein.TransferZone, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range slices.SortedFunc(maps.Keys(f.asked), zone.Name.Compare) {
		if (q.After.Name == "" || name.Compare(q.After.Name) > 0) && len(list) < q.Limit {
			list = append(list, f.asked[name])
		}
	}
	return list, nil
}

// faulty is a Control whose n-th call fails, in one of the two ways there are.
type faulty struct {
	Control
	calls    int
	failAt   int  // the call that fails, from 1; 0: none
	done     bool // it fails after it was done
	failWith error
}

var errTrouble = errors.New("no space left on device")

func (f *faulty) trouble(do func() (control.Result, error)) (control.Result, error) {
	f.calls++
	if f.calls != f.failAt {
		return do()
	}
	if f.done {
		if _, err := do(); err != nil {
			return control.Result{}, err
		}
	}
	return control.Result{}, f.failWith
}

func (f *faulty) PutZone(ctx context.Context, a skein.Actor, in control.PutZone) (control.Result, error) {
	return f.trouble(func() (control.Result, error) { return f.Control.PutZone(ctx, a, in) })
}

func (f *faulty) EditRecords(ctx context.Context, a skein.Actor, in control.EditRecords) (control.Result, error) {
	return f.trouble(func() (control.Result, error) { return f.Control.EditRecords(ctx, a, in) })
}

func (f *faulty) DeleteZone(ctx context.Context, a skein.Actor, in control.DeleteZone) (control.Result, error) {
	return f.trouble(func() (control.Result, error) { return f.Control.DeleteZone(ctx, a, in) })
}

// zoneText is a zone as a zone file without its SOA, one record a line; "" for none.
func zoneText(c Control, source string, name zone.Name) string {
	_, contents, err := c.Contents(context.Background(), skein.Actor{Source: source}, name)
	if err != nil {
		return ""
	}
	var b strings.Builder
	_ = zone.Print(&b, contents, zone.PrintOptions{Absolute: true})
	var lines []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "$") && !strings.Contains(line, " IN SOA ") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(lines, "\n")
}

func netAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

// text is everything that is in f.
func (f *fake) text() (s string) {
	for _, name := range slices.Sorted(maps.Keys(f.zones)) {
		s += string(name) + "\n" + zoneText(f, f.zones[name].head.Origin, name) + "\n"
	}
	return s
}
