package observed

import (
	"bytes"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

func reopen(t *testing.T, path string) (f *File, log string) {
	t.Helper()
	var said bytes.Buffer
	f, err := Open(t.Context(), path, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, said.String()
}

func load(t *testing.T, f *File, member string) string {
	t.Helper()
	b, err := f.Load(t.Context(), member)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSnapshotsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd name?#%.db")
	f, log := reopen(t, path)
	if log != "" {
		t.Errorf("a first start is no loss: %s", log)
	}
	if b, err := f.Load(t.Context(), "ns2"); b != nil || err != nil {
		t.Errorf("nothing saved: %q, %v", b, err)
	}
	for _, s := range []string{"one", "two"} {
		if err := f.Save(t.Context(), "ns2", []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Save(t.Context(), "ns3", []byte("three")); err != nil {
		t.Fatal(err)
	}
	f.Close()
	f, _ = reopen(t, path)
	if got := load(t, f, "ns2"); got != "two" {
		t.Errorf("ns2: %q", got)
	}
	if err := f.Forget(t.Context(), "ns2"); err != nil {
		t.Fatal(err)
	}
	if a, b := load(t, f, "ns2"), load(t, f, "ns3"); a != "" || b != "three" {
		t.Errorf("after forgetting ns2: %q and %q", a, b)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestTransfersOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "observed.db")
	f, _ := reopen(t, path)
	for _, all := range [][]Transfer{
		nil,
		{{"ns-old", "a.example.", []byte("1")}, {"ns-old", "b.example.", []byte("2")}, {"plesk", "a.example.", []byte("3")}},
		{{"ns-old", "a.example.", nil}, {"ns-old", "b.example.", []byte("4")}, {"ns-old", "nosuch.example.", nil}},
	} {
		if err := f.SaveTransfers(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	f, _ = reopen(t, path)
	got := map[string]string{}
	if err := f.LoadTransfers(t.Context(), func(x Transfer) { got[x.Zone+" of "+x.Source] = string(x.Data) }); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"b.example. of ns-old": "4", "a.example. of plesk": "3"}; !maps.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
}

func TestABrokenFileCostsOnlyWhatItHeld(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"overwritten": func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("no database "), 1000))
		},
		"cut short": func(t *testing.T, path string) {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		},
		"of another layout": func(t *testing.T, path string) {
			f, _ := reopen(t, path)
			if _, err := f.db.Exec(`PRAGMA user_version = 99`); err != nil {
				t.Fatal(err)
			}
			f.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "observed.db")
			f, _ := reopen(t, path)
			if err := f.Save(t.Context(), "ns2", bytes.Repeat([]byte("x"), 50_000)); err != nil {
				t.Fatal(err)
			}
			f.Close()
			spoil(t, path)
			f, log := reopen(t, path)
			if !strings.Contains(log, "looked at again") {
				t.Errorf("the loss was not logged: %q", log)
			}
			if got := load(t, f, "ns2"); got != "" {
				t.Errorf("it still holds %d octets", len(got))
			}
			if err := f.Save(t.Context(), "ns2", []byte("new")); err != nil || load(t, f, "ns2") != "new" {
				t.Errorf("it does not work again: %v", err)
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a member was given is kept by zone, for each member, until it is forgotten.
func TestWhatMembersWereGiven(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	f, err := Open(ctx, filepath.Join(t.TempDir(), "observed.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zones := []zone.Name{"Example.com.", "example.net."}
	if err := f.Give(ctx, "a", zones, [][]byte{{1}, {2}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Give(ctx, "a", zones[1:], [][]byte{nil}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		member string
		want   []byte
	}{{"a", []byte{1}}, {"b", nil}} {
		got, err := f.Given(ctx, c.member, []zone.Name{"example.COM.", "example.net."})
		if err != nil || !bytes.Equal(got[0], c.want) || got[1] != nil {
			t.Errorf("%s: %v, %v", c.member, got, err)
		}
	}
	if err := f.Forget(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Given(ctx, "a", zones); err != nil || got[0] != nil {
		t.Errorf("forgotten: %v, %v", got, err)
	}
}
