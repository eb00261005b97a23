package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// shown is a nameserver that remembers what it was told.
type shown struct {
	mu     sync.Mutex // owns the group
	zones  map[zone.Name]zone.Contents
	broken map[zone.Name]bool
	puts   []string // NAME SERIAL, in order
}

func (s *shown) Put(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	soa, _ := c.SOA()
	s.zones[c.Origin()] = c
	delete(s.broken, c.Origin())
	s.puts = append(s.puts, fmt.Sprint(c.Origin(), " ", soa.Serial))
}

func (s *shown) Drop(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.zones, name)
	delete(s.broken, name)
}

func (s *shown) Fail(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[name] = true
}

func (s *shown) Current(name zone.Name) (zone.Contents, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.zones[name]
	return c, ok
}

func (s *shown) SetAccess(nameserver.Access) {}
func (s *shown) Ready()                      {}

// faulty is a store whose zones cannot be loaded while fault says so.
type faulty struct {
	*sqlite.Store
	fault func(skein.ZoneID) error
}

func (f *faulty) Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error) {
	if f.fault != nil {
		if err := f.fault(id); err != nil {
			return zone.Contents{}, 0, err
		}
	}
	return f.Store.Contents(ctx, id)
}

// stage is a store, and a nameserver that is fed from it.
type stage struct {
	t       *testing.T
	path    string
	db      *faulty
	serving *serving
	shown   *shown
	cursor  store.Cursor
	heads   map[zone.Name]skein.Zone
	has     map[zone.Name]byte // the address of www
	frozen  time.Time          // when it was
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, path: filepath.Join(t.TempDir(), "skein.db"), heads: map[zone.Name]skein.Zone{}, has: map[zone.Name]byte{},
		shown: &shown{zones: map[zone.Name]zone.Contents{}, broken: map[zone.Name]bool{}}}
	db, err := sqlite.Open(t.Context(), s.path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s.db = &faulty{Store: db}
	s.serving = newServing(s.db, newAccess(), slog.New(slog.DiscardHandler))
	return s
}

func (s *stage) commit(action string, w store.Write) {
	s.t.Helper()
	head := s.heads[w.Zone.Name]
	w.Zone.ID, w.Expect, w.Serial = head.ID, head.Revision, head.Serial+1
	w.Change = skein.Change{ID: fmt.Sprint(w.Zone.Name, action, time.Now().UnixNano()), At: time.Now(), Action: action}
	done, err := s.db.Commit(s.t.Context(), w)
	if err != nil {
		s.t.Fatal(err)
	}
	s.heads[w.Zone.Name] = done.Zone
}

// put makes a zone with one address, or gives it another one.
func (s *stage) put(name zone.Name, address byte) {
	s.t.Helper()
	www := func(a byte) []zone.RRset {
		return []zone.RRset{{Name: "www." + name, Type: zone.TypeA, TTL: 60, Data: []zone.Rdata{zone.Rdata([]byte{192, 0, 2, a})}}}
	}
	w := store.Write{Zone: skein.Zone{Name: name, Pool: "default", Created: time.Now()}, Delta: zone.Delta{Add: www(address)}}
	if old, ok := s.has[name]; ok {
		w.Delta.Del = www(old)
	} else {
		soa := zone.SOA{MName: "ns.", RName: "h.", Serial: 1, Refresh: 1, Retry: 1, Expire: 1, Minimum: 1}
		w.Delta.Add = append(w.Delta.Add, zone.RRset{Name: name, Type: zone.TypeSOA, TTL: 60, Data: []zone.Rdata{soa.Rdata()}})
	}
	s.commit("put", w)
	s.has[name] = address
}

func (s *stage) remove(name zone.Name) {
	s.t.Helper()
	s.commit("delete", store.Write{Zone: skein.Zone{Name: name}, Delete: true})
	s.heads[name] = skein.Zone{Serial: s.heads[name].Serial}
	delete(s.has, name)
}

func (s *stage) follow() {
	s.t.Helper()
	next, err := s.serving.follow(s.t.Context(), s.shown, s.cursor)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cursor = next
}

// inStep demands that the nameserver has what the store has, and nothing else.
func (s *stage) inStep() {
	s.t.Helper()
	for name := range s.has {
		authored, _, err := s.db.Store.Contents(s.t.Context(), s.heads[name].ID)
		if err != nil {
			s.t.Fatal(err)
		}
		have, ok := s.shown.zones[name]
		if !ok || !have.Equal(publish.Contents(authored, s.heads[name].Serial)) {
			s.t.Errorf("%s is not served as it is stored (served at all: %v)", name, ok)
		}
	}
	if len(s.shown.zones) != len(s.has) {
		s.t.Errorf("%d zones are served, %d are there", len(s.shown.zones), len(s.has))
	}
}

func TestTheNameserverFollowsTheStore(t *testing.T) {
	t.Parallel()
	const a, b zone.Name = "a.example.", "b.example."
	for name, story := range map[string]func(s *stage){
		"made, changed, deleted": func(s *stage) {
			s.put(a, 1)
			s.put(b, 1)
			s.follow()
			s.put(a, 2)
			s.follow()
			s.remove(a)
		},
		"deleted and made again between two looks": func(s *stage) {
			s.put(a, 1)
			s.follow()
			s.remove(a)
			s.put(a, 2)
		},
		"made, deleted and made again before the first look": func(s *stage) {
			s.put(a, 1)
			s.remove(a)
			s.put(a, 2)
		},
		"deleted, made again and deleted again between two looks": func(s *stage) {
			s.put(a, 1)
			s.follow()
			s.remove(a)
			s.put(a, 2)
			s.remove(a)
		},
		"read twice, as after a lost place": func(s *stage) {
			s.put(a, 1)
			s.remove(a)
			s.put(a, 2)
			s.put(b, 1)
			s.follow()
			s.cursor = ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			story(s)
			s.follow()
			s.inStep()
		})
	}
}

// A secondary that is a few versions behind can be brought forward step by step.
func TestEachVersionIsAStep(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a.example.", 1)
	s.follow()
	for address := byte(2); address < 5; address++ {
		s.put("a.example.", address)
	}
	s.follow()
	s.inStep()
	want := []string{"a.example. 1", "a.example. 2", "a.example. 3", "a.example. 4"}
	if !slices.Equal(s.shown.puts, want) {
		t.Errorf("the nameserver was given %q, want %q", s.shown.puts, want)
	}
}

// A zone that cannot be read does not hold up the others, and is there as
// soon as it can.
func TestABrokenZoneHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("broken.example.", 1)
	s.put("good.example.", 1)
	bad := s.heads["broken.example."].ID
	s.db.fault = func(id skein.ZoneID) error {
		if id == bad {
			return errors.New("a page is torn")
		}
		return nil
	}
	s.follow()
	if !s.shown.broken["broken.example."] {
		t.Error("a zone that is there and cannot be loaded does not answer SERVFAIL")
	}
	if _, ok := s.shown.zones["good.example."]; !ok {
		t.Error("the other one is not served")
	}
	s.db.fault = nil
	s.serving.serve(t.Context(), s.shown, inTurn(s.serving.failures()))
	s.inStep()
}

// What is served does not survive its zone, even where the feed has forgotten it.
func TestZonesThatWentWithoutATrace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("stays.example.", 1)
	s.put("goes.example.", 1)
	s.follow()
	s.remove("goes.example.")
	if err := s.db.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.serving.follow(t.Context(), s.shown, s.cursor); !errors.Is(err, store.ErrCursor) {
		t.Fatalf("the feed goes on where it was forgotten: %v", err)
	}
	if err := s.serving.dropDeleted(t.Context(), s.shown); err != nil {
		t.Fatal(err)
	}
	s.cursor = ""
	s.follow()
	s.inStep()
}
