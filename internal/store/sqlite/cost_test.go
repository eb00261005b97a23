package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// chunkRows reads all chunks: number of the row to what it holds.
func chunkRows(t *testing.T, s *Store) map[int64]string {
	t.Helper()
	chunks := map[int64]string{}
	err := s.read(t.Context(), "test", func(r reader) error {
		return r.each(func(row scanner) error {
			var num int64
			var data []byte
			err := row.Scan(&num, &data)
			chunks[num] = string(data)
			return err
		}, `SELECT num, first || data FROM chunk`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}

func (s *Store) totalChanges(t *testing.T) (n int) {
	t.Helper()
	err := s.write.submit(t.Context(), func(tx *txn) error {
		_, err := tx.row(`SELECT total_changes()`, nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The cost of a change follows the change, also in a zone of 100,000 records.
func TestAnEditTouchesFewRows(t *testing.T) {
	t.Parallel()
	const n = 100_000
	s := fresh(t)
	apex := zone.Name("large.example.")
	z := commit(t, s, creation(apex, hosts(apex, 0, n)...))
	if chunks := len(chunkRows(t, s)); chunks < n*20/maxChunk {
		t.Fatalf("only %d chunks", chunks)
	}
	long := zone.RRset{Name: host(apex, 5).Name, Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{zone.Rdata("\xff" + strings.Repeat("x", 255))}}
	for _, row := range []struct {
		name  string
		delta zone.Delta
		most  int
	}{
		{"one record comes at the apex", zone.Delta{Add: []zone.RRset{{Name: apex, Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{"\x01x"}}}}, 1},
		{"one record comes in the middle", zone.Delta{Add: []zone.RRset{long}}, 1},
		{"one record goes", zone.Delta{Del: []zone.RRset{host(apex, n/2)}}, 1},
		{"one record is replaced", zone.Delta{Del: []zone.RRset{long}, Add: []zone.RRset{{Name: long.Name, Type: long.Type, TTL: 61, Data: long.Data}}}, 1},
		{"a name comes at the end", zone.Delta{Add: hosts(apex, n, n+1)}, 1},
		{"first and last name go", zone.Delta{Del: []zone.RRset{host(apex, 0), host(apex, n)}}, 2},
		{"300 neighbours come: a chunk splits", zone.Delta{Add: hosts(apex, n+100, n+400)}, 4},
	} {
		before, rows := chunkRows(t, s), s.totalChanges(t)
		z = commit(t, s, edit(z, row.delta))
		after := chunkRows(t, s)
		changed := 0
		for num, data := range after {
			if before[num] != data {
				changed++
			}
		}
		if changed == 0 || changed > row.most {
			t.Errorf("%s: %d chunks changed, want 1 to %d", row.name, changed, row.most)
		}
		if written := s.totalChanges(t) - rows; written > changed+4 { // head, version, audit, position
			t.Errorf("%s: %d rows written for %d chunks", row.name, written, changed)
		}
	}
}

// Chunks stay of a good size however a zone shrinks and grows.
func TestChunksSplitAndJoin(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	apex := zone.Name("a.example.")
	z := commit(t, s, creation(apex))
	total := func() int { return len(chunkRows(t, s)) }
	if total() != 0 {
		t.Error("an empty zone has chunks")
	}
	const n, step = 6000, 50
	for i := 0; i < n; i += step {
		z = commit(t, s, edit(z, zone.Delta{Add: hosts(apex, i, i+step)}))
	}
	most := total()
	if most < n*30/maxChunk || most > 4*n*40/maxChunk {
		t.Errorf("%d chunks for %d names that came one after the other", most, n)
	}
	for i := 0; i < n; i += step { // leave every tenth
		var d zone.Delta
		for j := i; j < i+step; j++ {
			if j%10 != 0 {
				d.Del = append(d.Del, host(apex, j))
			}
		}
		z = commit(t, s, edit(z, d))
	}
	if now := total(); now > most/3 {
		t.Errorf("%d chunks for a tenth of the names, there were %d", now, most)
	}
	for i := 0; i < n; i += 10 {
		z = commit(t, s, edit(z, zone.Delta{Del: []zone.RRset{host(apex, i)}}))
	}
	if now := total(); now != 0 || z.Records != 0 {
		t.Errorf("%d chunks, %d records are left of nothing", now, z.Records)
	}
}

// Whatever the store asks, it asks an index. The statements are those that
// were really prepared while everything was used once.
func TestNothingIsScanned(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	useEverything(t, s)
	allowed := map[string]string{ // part of a statement: why it may scan
		"FROM position":                            "one row",
		"UPDATE position":                          "one row",
		"FROM member ORDER BY name":                "the list of all members",
		"FROM token ORDER BY created":              "the list of all tokens",
		"FROM version WHERE at >= ?":               "purge walks what it is about to drop, in order, up to the first to keep",
		"FROM change WHERE at >= ?":                "purge, likewise",
		"FROM source ORDER BY name":                "the list of all sources",
		"FROM tenant ORDER BY name":                "the list of all tenants",
		"FROM user ORDER BY name":                  "the list of all users",
		"FROM user WHERE tenant IN":                "sorts the users of some tenants",
		"FROM rule ORDER BY kind":                  "the list of all rules",
		"INDEXED BY change_at WHERE true ORDER BY": "a page of the whole log, the newest first",
		"INDEXED BY change_refused WHERE true AND refused <> '' ORDER BY": "a page of all refusals, the newest first",
		"json_each":                                      "the tenants that are asked for",
		"FROM holding GROUP BY":                          "the list of all that have something",
		"FROM tally WHERE zones > 0":                     "the list of all that have something",
		"FROM transfer_zone ORDER BY":                    "a page of all, in the order of the table",
		"FROM waiting WHERE id > ? AND key = ? ORDER BY": "sorts the few that wait for one zone",
		"SELECT count(*) FROM (SELECT 1 FROM change":     "counts what an index found, up to a limit",
	}
	queries := map[string]bool{}
	for range cap(s.readers.free) {
		r := <-s.readers.free
		for q := range r.stmts {
			queries[q] = true
		}
		s.readers.free <- r
	}
	for q := range s.write.session.stmts { // the writer is idle: all jobs are done
		queries[q] = true
	}
	if len(queries) < 50 {
		t.Errorf("only %d statements were prepared", len(queries))
	}
	for q := range queries {
		if strings.HasPrefix(q, "SAVEPOINT") || strings.HasPrefix(q, "RELEASE") || strings.HasPrefix(q, "ROLLBACK") || q == "COMMIT" || strings.HasPrefix(q, "BEGIN") || strings.HasPrefix(q, "EXPLAIN") {
			continue
		}
		plan := explain(t, s, q)
		if strings.Contains(q, "SELECT count(*)") && !strings.Contains(plan, "COVERING INDEX change_gone") {
			t.Errorf("counting deletions reads more than an index:\n%s\n%s", q, plan)
		}
		if (strings.Contains(q, "deleted = 1 AND") || strings.Contains(q, "AND zone.deleted = 1")) && !strings.Contains(plan, "zone_dead") {
			t.Errorf("looking for tombstones looks at live zones:\n%s\n%s", q, plan)
		}
		for part, index := range map[string]string{"deleted = 1 AND revision > (SELECT floor FROM position) AND key": "zone_dead_key (", "FROM position) AND origin": "zone_dead_origin (",
			"FROM position) AND owner": "zone_dead_owner (", "key > ? AND owner": "zone_owner (owner=? AND key>?)", "key > ? AND pool": "zone_pool (pool=? AND key>?)",
			"INDEXED BY change_about": "change_about (key=?", "INDEXED BY change_tenant": "change_tenant (tenant=?", "INDEXED BY change_actor": "change_actor (actor=?",
			"INDEXED BY change_source": "change_source (source=?", "NOT INDEXED": "PRIMARY KEY (rowid>?)", "(at, seq) <": "at<?)"} {
			if strings.Contains(q, part) && !strings.Contains(plan, index) {
				t.Errorf("an index that was made for it is not used:\n%s\n%s", q, plan)
			}
		}
		if !strings.Contains(plan, "SCAN") && !strings.Contains(plan, "TEMP B-TREE") {
			continue
		}
		excused := false
		for part := range allowed {
			excused = excused || strings.Contains(q, part)
		}
		if !excused {
			t.Errorf("%s\n%s", q, plan)
		}
	}
}

func explain(t *testing.T, s *Store, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	var plan strings.Builder
	err := s.read(t.Context(), "test", func(r reader) error {
		return r.each(func(row scanner) error {
			var id, parent, unused int
			var detail string
			err := row.Scan(&id, &parent, &unused, &detail)
			if !strings.Contains(detail, "CONSTANT ROW") {
				fmt.Fprintf(&plan, "\t%s\n", detail)
			}
			return err
		}, "EXPLAIN QUERY PLAN "+query, args...)
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return plan.String()
}

func useEverything(t *testing.T, s *Store) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	apex := zone.Name("a.example.")
	z := commit(t, s, creation(apex, hosts(apex, 0, 2000)...))
	z = commit(t, s, edit(z, zone.Delta{Del: hosts(apex, 1, 1999)})) // joins
	stamped := edit(z, zone.Delta{Add: hosts(apex, 5, 8)})
	stamped.Stamps = []store.Stamp{{Name: host(apex, 5).Name, Type: zone.TypeA, Source: "x"}}
	z = commit(t, s, stamped)
	stamped = edit(z, zone.Delta{Del: hosts(apex, 5, 6)})
	stamped.Stamps, stamped.Origin = []store.Stamp{{Name: host(apex, 5).Name, Type: zone.TypeA}}, "x"
	z = commit(t, s, stamped)
	b := commit(t, s, creation("b.example."))
	must(s.Import(ctx, func(yield func(store.Write) bool) { yield(creation("c.example.")) }, func(store.Commit) {}))
	gone := edit(b, zone.Delta{})
	gone.Delete = true
	commit(t, s, gone)
	_, _, err := s.Contents(ctx, z.ID)
	must(err)
	_, _, err = s.Nodes(ctx, z.ID, []zone.Name{apex, "host000001.a.example."})
	must(err)
	_, err = s.ContentsAt(ctx, z.ID, 1)
	must(err)
	_, err = s.DeltaSince(ctx, z.ID, 1)
	must(err)
	stamped = edit(z, zone.Delta{})
	stamped.Stamps = []store.Stamp{{Name: apex, Type: zone.TypeA, Source: "x"}}
	z = commit(t, s, stamped)
	_, err = s.Owners(ctx, z.ID, []zone.Name{host(apex, 6).Name}, 0)
	must(err)
	_, err = s.Owners(ctx, z.ID, nil, 10)
	must(err)
	_, err = s.StampsOf(ctx, store.StampQuery{Source: "x", After: store.ZoneStamp{ZoneID: z.ID}, Limit: 10})
	must(err)
	for _, q := range []store.DeletionQuery{{Origin: "test", Limit: 10}, {Actor: "x", Limit: 10}} {
		_, err = s.Deletions(ctx, q)
		must(err)
	}
	for _, q := range []store.ChangesQuery{{Source: "x", Limit: 10}, {Source: "x", After: 1, Limit: 10}} {
		_, err = s.ChangesBy(ctx, q)
		must(err)
	}
	useSources(t, s)
	useAccess(t, s)
	_, err = s.Zone(ctx, apex)
	must(err)
	_, _, err = s.SerialFloor(ctx, apex)
	must(err)
	handed := edit(z, zone.Delta{})
	handed.Owner, handed.Pool = "x", "y"
	z = commit(t, s, handed)
	_, err = s.OwnerTallies(ctx)
	must(err)
	_, err = s.PoolTallies(ctx)
	must(err)
	for _, q := range []store.ListQuery{{}, {After: "a."}, {Origin: "test"}, {Origin: "test", After: "a."}, {Owners: []string{"x", "y"}, Limit: 10}, {Pools: []string{"y"}}, {Pools: []string{"y"}, After: "a."}, {Pools: []string{"x", "y"}, Limit: 10}, {Owners: []string{"x"}, Pools: []string{"x", "y"}, Limit: 10}} {
		_, err = s.List(ctx, q)
		must(err)
	}
	for _, q := range []store.DeletedQuery{{}, {Before: 9}, {Name: apex}, {Name: apex, Origin: "test"}, {Origin: "test"}, {Origin: "test", Before: 9}, {Owners: []string{"x", "y"}}, {Owners: []string{"x"}, Before: 9}} {
		_, err = s.Deleted(ctx, q)
		must(err)
	}
	again := creation("b.example.")
	again.Revive = b.ID
	again.Serial = 1000
	commit(t, s, again)
	_, err = s.History(ctx, apex, 10)
	must(err)
	yes := true
	for _, q := range []skein.AuditQuery{{}, {Zone: apex}, {Tenants: []string{"x", "y"}}, {Zone: apex, Tenants: []string{"x", "y"}}, {Actor: "x"}, {Source: "x"}, {Refused: &yes}} {
		for _, when := range []skein.AuditQuery{{}, {Since: time.Now()}, {Until: time.Now()}, {Since: time.Now(), Until: time.Now()}} {
			for _, page := range []skein.AuditQuery{{}, {Before: 2}, {After: 2}} {
				q.Since, q.Until, q.Before, q.After, q.Limit = when.Since, when.Until, page.Before, page.After, 10
				_, err = s.Audit(ctx, q)
				must(err)
			}
		}
	}
	_, err = s.ChangeByID(ctx, "x")
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	_, _, err = s.Totals(ctx)
	must(err)
	must(s.Refused(ctx, skein.Change{Action: "x", Refused: "y"}))
	_, page, err := s.Entries(ctx, "", 1)
	must(err)
	_, _, err = s.Entries(ctx, page, 1)
	must(err)
	must(s.PutMember(ctx, store.MemberRow{Member: skein.Member{Name: "m"}}, true))
	_, err = s.Members(ctx)
	must(err)
	must(s.DeleteMember(ctx, "m"))
	must(s.PutToken(ctx, store.Token{ID: "t", Hash: []byte("h")}))
	_, err = s.Tokens(ctx)
	must(err)
	_, err = s.TokenByHash(ctx, []byte("h"))
	must(err)
	must(s.DeleteToken(ctx, "t"))
	must(s.PutSetting(ctx, "k", []byte("v")))
	_, err = s.Setting(ctx, "k")
	must(err)
	must(s.Purge(ctx, time.Now().Add(-time.Hour)))
	must(s.Purge(ctx, time.Now().Add(time.Hour)))
}

func useSources(t *testing.T, s *Store) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(s.PutSource(ctx, store.SourceRow{Source: skein.Source{Name: "x"}}, true))
	_, err := s.Sources(ctx)
	must(err)
	_, err = s.Tallies(ctx)
	must(err)
	must(s.DeleteSource(ctx, "x"))
	must(s.PutRule(ctx, skein.SourceRule{Kind: skein.RuleOverlay, From: "x", To: "y"}))
	_, err = s.Rules(ctx)
	must(err)
	must(s.DeleteRule(ctx, skein.RuleOverlay, "x", "y"))
	asked := skein.TransferZone{Name: "a.example.", Source: "x", Catalog: "catalog.example."}
	_, err = s.PutTransferZone(ctx, asked)
	must(err)
	for _, q := range []store.TransferQuery{{}, {After: asked}, {Source: "x"}, {Source: "x", After: asked}, {Name: asked.Name}, {Name: asked.Name, Source: "x"},
		{Source: "x", Catalog: asked.Catalog}, {Source: "x", Catalog: asked.Catalog, After: asked}} {
		_, err = s.TransferZones(ctx, q)
		must(err)
	}
	must(s.DeleteTransferZone(ctx, asked.Name, "x"))
	waits := store.WaitingRow{Waiting: skein.Waiting{Kind: skein.WaitingHold, Zone: "a.example.", Source: "x"}}
	for range 2 {
		waits.ID, err = s.PutWaiting(ctx, waits)
		must(err)
	}
	for _, q := range []store.WaitingQuery{{}, {Kinds: []string{skein.WaitingHold}}, {Source: "x"}, {Zone: "a.example."}} {
		_, err = s.Waiting(ctx, q)
		must(err)
	}
	_, err = s.WaitingByID(ctx, waits.ID)
	must(err)
	must(s.DropWaiting(ctx, waits.ID))
}

func useAccess(t *testing.T, s *Store) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	must(s.PutTenant(ctx, skein.Tenant{Name: "x"}, true))
	_, err := s.Tenants(ctx)
	must(err)
	must(s.DeleteTenant(ctx, "x"))
	must(s.PutUser(ctx, store.UserRow{User: skein.User{Name: "u", Tenant: "x"}}, true))
	_, err = s.Users(ctx, nil)
	must(err)
	_, err = s.Users(ctx, []string{"x", "y"})
	must(err)
	_, err = s.User(ctx, "u")
	must(err)
	must(s.PutSession(ctx, store.SessionRow{Session: skein.Session{ID: "s", User: "u"}, Hash: []byte("h")}))
	_, err = s.SessionByHash(ctx, []byte("h"))
	must(err)
	_, err = s.Sessions(ctx, "u")
	must(err)
	must(s.DeleteSession(ctx, "s"))
	must(s.DeleteSessionsOf(ctx, "u", ""))
	must(s.DropSessions(ctx, time.Now()))
	must(s.DeleteUser(ctx, "u"))
}

func TestPackedValuesUnpack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, worthwhile - 1, worthwhile, 1 << 20} {
		b := bytes.Repeat([]byte("skein "), n/6+1)[:n]
		packed := pack(b)
		got, err := unpack(packed)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d octets: %v", n, err)
		}
		if n > worthwhile && len(packed) > n/2 {
			t.Errorf("%d octets packed into %d", n, len(packed))
		}
	}
	for _, bad := range [][]byte{nil, {2, 0}, {compressed, 1, 2, 3}} {
		if _, err := unpack(bad); err == nil {
			t.Errorf("%v unpacks", bad)
		}
	}
}
