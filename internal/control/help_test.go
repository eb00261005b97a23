package control_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// The people and programs of the stories.
var (
	anna   = skein.Actor{Name: "anna", Door: "cli", Source: "admin", Admin: true}
	plesk1 = skein.Actor{Name: "plesk1", Door: "plesk", Source: "plesk1"}
	plesk2 = skein.Actor{Name: "plesk2", Door: "plesk", Source: "plesk2"}
	nobody = skein.Actor{}
)

// world is a control over a real store and a fake cluster.
type world struct {
	*control.Control
	t       testing.TB
	dir     string
	store   *spying
	cluster *cluster
	sealer  *secret.Sealer
	config  func(*control.Config)
	log     strings.Builder
	hosts   byte // members that were enrolled

	mu  sync.Mutex // owns now
	now time.Time
}

// start of the clock.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world { return newWorldWith(t, nil) }

func newWorldWith(t testing.TB, config func(*control.Config)) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: start, config: config}
	var err error
	w.sealer, err = secret.Load(filepath.Join(w.dir, "key"), true)
	w.must(err)
	w.open()
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) open() {
	w.t.Helper()
	db, err := sqlite.Open(context.Background(), filepath.Join(w.dir, "skein.db"), sqlite.Options{Now: w.clock})
	w.must(err)
	w.store, w.cluster = &spying{Store: db}, newCluster()
	cfg := control.Config{
		Store: w.store, Cluster: w.cluster, Sealer: w.sealer, Now: w.clock,
		Policy: zone.SerialIncrement, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		MemberConfig: func(m skein.Member, s skein.MemberSecrets, _ control.PairKeys, _ skein.ConfigStyle) string {
			return fmt.Sprintf("%s %s %s %s %s", m.Name, m.TSIGKey, s.RNDC, s.TSIG, s.Audit)
		},
		Primaries: func(netip.Addr) []skein.Primary {
			return []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 5300}}
		},
		Own: func(at netip.AddrPort) bool { return at == netip.MustParseAddrPort("192.0.2.1:53") },
	}
	if w.config != nil {
		w.config(&cfg)
	}
	w.Control, err = control.New(cfg)
	w.must(err)
	w.must(w.Start(w.ctx()))
}

// reopen ends the node and starts another over what is on disk.
func (w *world) reopen() {
	w.t.Helper()
	w.must(w.store.Close())
	w.open()
}

func (w *world) ctx() context.Context { return context.Background() }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// sets reads a zone file whose origin is name.
func (w *world) sets(name zone.Name, text string) []zone.RRset {
	w.t.Helper()
	sets, _, err := zone.Parse(strings.NewReader("$TTL 300\n"+text), zone.Options{Origin: name})
	w.must(err)
	return sets
}

// apex is a SOA with a serial and two NS.
func apex(serial uint32) string {
	return fmt.Sprintf("@ SOA ns1.example.net. hostmaster.example.net. %d 10800 3600 1209600 600\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n", serial)
}

// put puts a zone of an apex and more records, and wants it done.
func (w *world) put(actor skein.Actor, name zone.Name, serial uint32, records string) control.Result {
	w.t.Helper()
	r, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: name, Sets: w.sets(name, apex(serial)+records)})
	w.must(err)
	return r
}

// edit makes edits out of lines "set NAME TTL TYPE DATA" in a zone.
func (w *world) edits(name zone.Name, lines ...string) (edits []control.Edit) {
	w.t.Helper()
	for _, line := range lines {
		op, rest, _ := strings.Cut(line, " ")
		e := control.Edit{Op: control.Op(op)}
		fields := strings.Fields(rest)
		owner := zone.Name(fields[0])
		if !strings.HasSuffix(fields[0], ".") {
			owner = zone.Name(fields[0] + "." + string(name))
		}
		if fields[0] == "@" {
			owner = name
		}
		switch len(fields) {
		case 1:
			e.Set.Name = owner
		case 2:
			t, err := zone.ParseType(fields[1])
			w.must(err)
			e.Set = zone.RRset{Name: owner, Type: t}
		default:
			sets := w.sets(name, rest+"\n")
			if len(sets) != 1 {
				w.t.Fatalf("%q is not one RRset", line)
			}
			e.Set = sets[0]
		}
		edits = append(edits, e)
	}
	return edits
}

// edit edits a zone and wants it done.
func (w *world) edit(actor skein.Actor, name zone.Name, lines ...string) control.Result {
	w.t.Helper()
	r, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: name, Edits: w.edits(name, lines...)})
	w.must(err)
	return r
}

// holds wants a zone to hold these records beside SOA and NS at the apex, as
// "name TYPE data" relative to the zone, and the head to fit them.
func (w *world) holds(name zone.Name, want ...string) skein.Zone {
	w.t.Helper()
	z, c, err := w.Contents(w.ctx(), anna, name)
	w.must(err)
	if got := lines(c); !slices.Equal(got, want) {
		w.t.Errorf("%s holds\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if _, records := c.Len(); records != z.Records {
		w.t.Errorf("%s has %d records, its head says %d", name, records, z.Records)
	}
	if soa, ok := c.SOA(); !ok || soa.Serial != z.Serial {
		w.t.Errorf("%s is published with serial %d, its head says %d", name, soa.Serial, z.Serial)
	}
	return z
}

func lines(c zone.Contents) (all []string) {
	for set := range c.All() {
		if set.Name.Equal(c.Origin()) && (set.Type == zone.TypeSOA || set.Type == zone.TypeNS) {
			continue
		}
		for _, d := range set.Data {
			all = append(all, fmt.Sprintf("%s %s %s", zone.Relative(set.Name, c.Origin()), set.Type, d.Text(set.Type)))
		}
	}
	return all
}

// wants looks at the kind of an error, the words in it, and the causes in its chain.
func (w *world) wants(err error, kind skein.Kind, words string, causes ...error) {
	w.t.Helper()
	var e *skein.Error
	if !errors.As(err, &e) || e.Kind != kind {
		w.t.Errorf("error %v (%s), want kind %s", err, skein.KindOf(err), kind)
		return
	}
	text := e.Error()
	for _, p := range e.Problems {
		text += "; " + p.Text
	}
	if !strings.Contains(text, words) {
		w.t.Errorf("error %q does not say %q", text, words)
	}
	if e.Mend == "" {
		w.t.Errorf("error %q has no mend", text)
	}
	for _, cause := range causes {
		if !errors.Is(err, cause) {
			w.t.Errorf("%v is not in the chain of %v", cause, err)
		}
	}
}

// everything is all that a refusal must not change.
func (w *world) everything() string {
	w.t.Helper()
	var b strings.Builder
	zones, err := w.store.List(w.ctx(), store.ListQuery{})
	w.must(err)
	for _, z := range zones {
		c, at, err := w.store.Contents(w.ctx(), z.ID)
		w.must(err)
		fmt.Fprintf(&b, "%+v at %d %x\n", z, at, c.Digest())
	}
	members, err := w.store.Members(w.ctx())
	w.must(err)
	for _, m := range members {
		fmt.Fprintf(&b, "%+v %x\n", m.Member, m.Sealed)
	}
	tokens, err := w.store.Tokens(w.ctx())
	w.must(err)
	fmt.Fprintf(&b, "%+v\n%s", tokens, w.cluster)
	_, newest, err := w.store.Totals(w.ctx())
	w.must(err)
	fmt.Fprint(&b, newest)
	return b.String()
}

// newestAudit returns the newest entry of the audit log.
func (w *world) newestAudit() skein.AuditEntry {
	w.t.Helper()
	entries, err := w.Audit(w.ctx(), anna, skein.AuditQuery{Limit: 1})
	w.must(err)
	if len(entries) == 0 {
		return skein.AuditEntry{}
	}
	return entries[0]
}

// refused runs what must be refused, and wants a fitting entry in the audit
// log and nothing changed.
func (w *world) refused(actor skein.Actor, action string, do func() error, kind skein.Kind, words string, causes ...error) {
	w.t.Helper()
	before, last := w.everything(), w.newestAudit()
	err := do()
	w.wants(err, kind, words, causes...)
	if after := w.everything(); after != before {
		w.t.Errorf("the refusal %v changed\n%s\nto\n%s", err, before, after)
	}
	entry := w.newestAudit()
	if entry.Seq != last.Seq+1 {
		w.t.Errorf("the refusal %v made %d audit entries, want 1", err, entry.Seq-last.Seq)
	}
	if entry.Refused == "" || entry.Revision != 0 || entry.Actor.Name != actor.Name || entry.Actor.Door != actor.Door ||
		entry.Actor.Source != actor.Source || !strings.HasPrefix(entry.Action, action) || !entry.At.Equal(w.clock()) {
		w.t.Errorf("the refusal %v is recorded as %+v, want action %s", err, entry.Change, action)
	}
}
