package plesk

import (
	"path/filepath"
	"testing"

	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store/sqlite"
)

// newReal is the control of a node, over a store of its own and a cluster
// without members.
func newReal(t *testing.T) Control {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "skein.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	sealer, err := secret.Load(filepath.Join(dir, "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	c, err := control.New(control.Config{Store: db, Cluster: memberless{}, Sealer: sealer})
	if err == nil {
		err = c.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// memberless is a cluster without members: nobody is there whom a setting
// could be about. What else it is asked for panics.
type memberless struct{ control.Cluster }

func (memberless) SetThreshold(int, bool) {}
