package memberlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/memberlog"
)

func debugged(name string) skein.Member { return skein.Member{Name: name, Debug: true} }

// read returns what was said in a member's log.
func read(t *testing.T, d *memberlog.Dir, name string) (requests []string) {
	t.Helper()
	err := d.Read(t.Context(), name, false, func(line []byte) error {
		var x member.Transaction
		if err := json.Unmarshal(line, &x); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
		requests = append(requests, x.Request)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return requests
}

func TestEachMemberHasALogOfItsOwnWhileItsDebugModeIsOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := memberlog.New(filepath.Join(dir, "members"))
	defer d.Close()
	if got := read(t, d, "ns1"); len(got) > 0 {
		t.Errorf("a log that was never written: %q", got)
	}
	if d.Trace(skein.Member{Name: "ns1"}, skein.MemberSecrets{}) != nil {
		t.Error("a member whose debug mode is off is logged")
	}
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for i, name := range []string{"ns1", "ns1-two", "ns1"} {
		d.Trace(debugged(name), skein.MemberSecrets{}).Record(at, at.Add(time.Millisecond), "rndc", fmt.Sprint("status ", i), "up", nil)
	}
	if got := read(t, d, "ns1"); !slices.Equal(got, []string{"status 0", "status 2"}) {
		t.Errorf("ns1: %q", got)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "members", "ns1-two.log"))
	want := `{"at":"2026-11-26T12:00:00Z","what":"rndc","request":"status 1","answer":"up","took_ns":1000000,"outcome":"done"}` + "\n"
	if err != nil || string(raw) != want {
		t.Errorf("%v\ngot  %swant %s", err, raw, want)
	}
	if err := d.Remove("ns1"); err != nil {
		t.Error(err)
	}
	if got, other := read(t, d, "ns1"), read(t, d, "ns1-two"); len(got) > 0 || len(other) != 1 {
		t.Errorf("after the removal of ns1: %q %q", got, other)
	}
}

func TestNoSecretIsEverWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := memberlog.New(dir)
	defer d.Close()
	s := skein.MemberSecrets{RNDC: "cm5kYw==", TSIG: "dHNpZw==", Audit: "YXVkaXQ="}
	all := s.RNDC + " " + s.TSIG + " " + s.Audit
	d.Trace(debugged("ns1"), s).Record(time.Now(), time.Now(), "what "+all, "request "+all, "answer "+all, errors.New("failed with "+all))
	raw, err := os.ReadFile(filepath.Join(dir, "ns1.log"))
	if err != nil || len(raw) == 0 {
		t.Fatal(err)
	}
	for _, secret := range strings.Fields(all) {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s is in %s", secret, raw)
		}
	}
}

func TestALongAnswerIsCutAndTheFileRotated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := memberlog.New(dir)
	defer d.Close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	followed := make(chan string, 100_000)
	ended := make(chan error)
	go func() {
		ended <- d.Read(ctx, "ns1", true, func(line []byte) error {
			var x member.Transaction
			err := json.Unmarshal(line, &x)
			followed <- x.Request
			return err
		})
	}()
	const lines = 2700
	trace := d.Trace(debugged("ns1"), skein.MemberSecrets{})
	long := strings.Repeat("ü", 10_000)
	for i := range lines { // 4 kB each: more than one file
		trace.Record(time.Now(), time.Now(), "rndc", fmt.Sprint(i), long, nil)
	}
	for i := range lines {
		if got := <-followed; got != fmt.Sprint(i) {
			t.Fatalf("line %d was followed by %s", i-1, got)
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := read(t, d, "ns1"); len(got) != lines || got[0] != "0" || got[lines-1] != fmt.Sprint(lines-1) {
		t.Errorf("%d lines are read", len(got))
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > 10<<20 || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
	}
}

func TestANameThatLeadsElsewhereHasNoLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "other.log")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := memberlog.New(filepath.Join(dir, "members"))
	for _, name := range []string{"../other", "", ".", "..", "/etc/passwd", `..\other`} {
		if d.Trace(debugged(name), skein.MemberSecrets{}) != nil {
			t.Errorf("%q is logged", name)
		}
		if got := read(t, d, name); len(got) > 0 {
			t.Errorf("%q: %q", name, got)
		}
		if err := d.Remove(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error(err)
	}
}
