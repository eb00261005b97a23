package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fresh(t *testing.T) *Store { return open(t, filepath.Join(t.TempDir(), "skein.db")) }

// execute runs a statement as a job of the writer.
func execute(t *testing.T, s *Store, query string, args ...any) {
	t.Helper()
	err := s.write.submit(t.Context(), func(tx *txn) error {
		_, err := tx.exec(query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, s *Store, w store.Write) skein.Zone {
	t.Helper()
	c, err := s.Commit(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return c.Zone
}

func creation(name zone.Name, sets ...zone.RRset) store.Write {
	return store.Write{Change: skein.Change{Action: "zone.create"}, Zone: skein.Zone{Name: name, Origin: "test"}, Serial: 1, Delta: zone.Delta{Add: sets}}
}

func edit(z skein.Zone, d zone.Delta) store.Write {
	return store.Write{Change: skein.Change{Action: "record.set"}, Zone: z, Expect: z.Revision, Serial: z.Serial + 1, Delta: d}
}

// host is the A set of the nth host of a zone.
func host(apex zone.Name, n int) zone.RRset {
	return zone.RRset{Name: zone.Name(fmt.Sprintf("host%06d.%s", n, apex)), Type: zone.TypeA, TTL: 300,
		Data: []zone.Rdata{zone.Rdata([]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})}}
}

func hosts(apex zone.Name, from, to int) (sets []zone.RRset) {
	for i := from; i < to; i++ {
		sets = append(sets, host(apex, i))
	}
	return sets
}
