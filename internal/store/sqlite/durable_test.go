package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The tests of this file watch another process: this test binary, which
// TestMain turns into a writer when childPath is set in its environment.
const (
	childPath = "SKEIN_STORE_CHILD"         // database to write to
	childRush = "SKEIN_STORE_CHILD_AT_ONCE" // commits made at once
	childRuns = "SKEIN_STORE_CHILD_ROUNDS"  // rounds of them; 0: without end
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child commits and prints "ack NAME REVISION", one write a line, for each
// commit of a round after all of them were acknowledged.
func child(path string) error {
	var atOnce, rounds int
	fmt.Sscan(os.Getenv(childRush), &atOnce)
	fmt.Sscan(os.Getenv(childRuns), &rounds)
	s, err := Open(context.Background(), path, Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	head, err := s.Head(context.Background())
	if err != nil {
		return err
	}
	c, err := parseCursor(head)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for round := 0; rounds == 0 || round < rounds; round++ {
		acks := make([]string, atOnce)
		release := holdUp(s)
		var group sync.WaitGroup
		for i := range atOnce {
			group.Go(func() {
				name := zone.Name(fmt.Sprintf("r%d-%d-%d.example.", c.position, round, i))
				c, err := s.Commit(context.Background(), creation(name, hosts(name, 0, 20)...))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				acks[i] = fmt.Sprintf("ack %s %d\n", name, c.Revision)
			})
		}
		for len(s.write.queue) < atOnce { // so that they share a group, however fast the disk is
			runtime.Gosched()
		}
		release()
		group.Wait()
		for _, ack := range acks {
			if _, err := os.Stdout.WriteString(ack); err != nil {
				return err
			}
		}
	}
	return s.Close()
}

// holdUp keeps the writer from taking anything until it is released.
func holdUp(s *Store) (release func()) {
	taken, free := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.write.submit(context.Background(), func(*txn) error {
			close(taken)
			<-free
			return nil
		})
	}()
	<-taken
	return func() { close(free) }
}

func childEnv(path string, atOnce, rounds int) []string {
	return append(os.Environ(), childPath+"="+path, fmt.Sprintf("%s=%d", childRush, atOnce), fmt.Sprintf("%s=%d", childRuns, rounds))
}

func wantSound(t *testing.T, s *Store) {
	t.Helper()
	err := s.read(t.Context(), "test", func(r reader) error {
		var verdict string
		if _, err := r.row(`PRAGMA integrity_check`, nil, &verdict); err != nil || verdict != "ok" {
			return fmt.Errorf("integrity check: %s, %w", verdict, err)
		}
		return r.each(func(scanner) error { return errors.New("a foreign key points nowhere") }, `PRAGMA foreign_key_check`)
	})
	if err != nil {
		t.Error(err)
	}
}

// Promise 1, first half: what was acknowledged survives kill -9.
func TestPromise1_AcknowledgedChangesSurviveKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "skein.db")
	acked := map[string]skein.Revision{}
	for round := range 4 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = childEnv(path, 1+round*10, 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			var name string
			var at skein.Revision
			if _, err := fmt.Sscanf(lines.Text(), "ack %s %d", &name, &at); err == nil {
				acked[name] = at
			}
			if n == 100 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			} // lines that are in the pipe already were acknowledged too
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child was not killed: %v", err)
		}
		s := open(t, path)
		wantSound(t, s)
		for name, at := range acked {
			z, err := s.Zone(t.Context(), zone.Name(name))
			if err != nil || z.Revision != at {
				t.Errorf("round %d: acknowledged %s at %d; now %d, %v", round, name, at, z.Revision, err)
				continue
			}
			c, _, err := s.Contents(t.Context(), z.ID)
			if _, records := c.Len(); err != nil || records != 20 {
				t.Errorf("%s has %d records, %v", name, records, err)
			}
		}
		entries, _, err := s.Entries(t.Context(), "", 1<<20)
		if err != nil || len(entries) < len(acked) || entries[len(entries)-1].Revision != skein.Revision(len(entries)) {
			t.Errorf("%d entries for %d acknowledged zones, %v; revisions are dense", len(entries), len(acked), err)
		}
		s.Close()
	}
	if len(acked) < 400 {
		t.Errorf("only %d changes were acknowledged", len(acked))
	}
}

// Promise 1, second half: it survives loss of power. kill -9 cannot show
// that, the kernel keeps what was written; so the system calls must: between
// a commit's writes to the WAL and its ack lies a sync that began after the
// writes and ended before the ack.
func TestPromise1_AcknowledgedChangesAreSynced(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing, and nothing else shows that commits are synced: apt-get install strace")
	}
	for name, row := range map[string]struct{ atOnce, rounds, syncs int }{
		"one after the other": {1, 20, 20},
		"in groups":           {64, 5, 5}, // all acks of a round share a sync
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			trace, path := filepath.Join(dir, "trace"), filepath.Join(dir, "skein.db")
			cmd := exec.CommandContext(t.Context(), strace, "-f", "-y", "-s", "16", "-o", trace,
				"-e", "trace=fdatasync,fsync,pwrite64,pwritev,write,writev,msync", os.Args[0])
			cmd.Env = childEnv(path, row.atOnce, row.rounds)
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("strace: %v\n%s", err, &complaints)
			}
			if acks := bytes.Count(out, []byte("ack ")); acks != row.atOnce*row.rounds {
				t.Fatalf("%d acks", acks)
			}
			f, err := os.Open(trace)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			acks, syncs, err := checkTrace(f)
			if err != nil {
				t.Error(err)
			}
			if acks != row.atOnce*row.rounds || syncs == 0 || syncs > row.syncs {
				t.Errorf("%d acks, %d syncs of the WAL; want %d acks and at most %d syncs", acks, syncs, row.atOnce*row.rounds, row.syncs)
			}
		})
	}
}

var (
	called  = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>(?:, "([^"]*)")?`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>`)
)

// checkTrace reads strace's lines and finds the first ack that was printed
// while something written to the WAL was not synced, or without any write.
// It counts acks, and syncs of the WAL between the child being ready and the last ack.
func checkTrace(r io.Reader) (acks, syncs int, err error) {
	type call struct{ name, file, data string }
	pending := map[string]call{}   // by thread
	writes, synced, all := 0, 0, 0 // writes to the WAL begun; how many of them are known to be synced; syncs
	covers := map[string]int{}     // by thread: writes that a sync under way covers
	atReady, atAck := -1, 0        // writes when the child was ready, and at the last ack of the round before
	began := func(pid string, c call) {
		pending[pid] = c
		switch {
		case strings.HasSuffix(c.file, "-wal") && strings.Contains(c.name, "write"):
			writes++
		case strings.HasSuffix(c.file, "-wal") && strings.HasSuffix(c.name, "sync"):
			covers[pid] = writes
		case c.name == "write" && c.data == `ready\n`:
			atReady, atAck, all = writes, writes, 0
		case c.name == "write" && strings.HasPrefix(c.data, "ack "):
			acks++
			syncs = all
			if synced < writes && err == nil {
				err = fmt.Errorf("ack %d: %d writes to the WAL, %d synced", acks, writes, synced)
			}
			if writes == atAck && acks == 1 && err == nil {
				err = fmt.Errorf("ack %d, but nothing was written", acks)
			}
		}
	}
	ended := func(pid string, ok bool) {
		c := pending[pid]
		if ok && strings.HasSuffix(c.file, "-wal") && strings.HasSuffix(c.name, "sync") {
			synced = max(synced, covers[pid])
			all++
		}
		delete(pending, pid)
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := resumed.FindStringSubmatch(line); m != nil {
			ended(m[1], strings.HasSuffix(line, "= 0"))
		} else if m := called.FindStringSubmatch(line); m != nil {
			began(m[1], call{m[2], m[3], m[4]})
			if !strings.HasSuffix(line, "<unfinished ...>") {
				ended(m[1], strings.HasSuffix(line, "= 0"))
			}
		}
	}
	if atReady < 0 || writes == atReady {
		return acks, syncs, fmt.Errorf("the trace shows no write to the WAL: it proves nothing")
	}
	if err == nil {
		err = lines.Err()
	}
	return acks, syncs, err
}

// The check of the trace must be able to fail.
func TestTraceWithoutSyncIsNoticed(t *testing.T) {
	t.Parallel()
	const ready = `7 write(1<pipe:[1]>, "ready\n", 6) = 6` + "\n"
	const written = `8 pwrite64(5</d/skein.db-wal>, "\1"..., 4096, 0) = 4096` + "\n"
	const sync = `8 fdatasync(5</d/skein.db-wal>) = 0` + "\n"
	const ack = `7 write(1<pipe:[1]>, "ack a.example. 1\n", 17) = 17` + "\n"
	for name, row := range map[string]struct {
		trace string
		good  bool
	}{
		"write, sync, ack":        {ready + written + sync + ack, true},
		"no sync":                 {ready + written + ack, false},
		"sync after the ack":      {ready + written + ack + sync, false},
		"sync before the write":   {ready + sync + written + ack, false},
		"sync of another file":    {ready + written + `8 fdatasync(5</d/skein.db>) = 0` + "\n" + ack, false},
		"sync failed":             {ready + written + `8 fdatasync(5</d/skein.db-wal>) = -1 EIO` + "\n" + ack, false},
		"sync not ended":          {ready + written + `8 fdatasync(5</d/skein.db-wal> <unfinished ...>` + "\n" + ack + `8 <... fdatasync resumed>) = 0` + "\n", false},
		"sync ended in time":      {ready + written + `8 fdatasync(5</d/skein.db-wal> <unfinished ...>` + "\n" + `8 <... fdatasync resumed>) = 0` + "\n" + ack, true},
		"written during the sync": {ready + written + `8 fdatasync(5</d/skein.db-wal> <unfinished ...>` + "\n" + strings.ReplaceAll(written, "8 ", "9 ") + `8 <... fdatasync resumed>) = 0` + "\n" + ack, false},
		"nothing written":         {ready + ack, false},
	} {
		if _, _, err := checkTrace(strings.NewReader(row.trace)); (err == nil) != row.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A full disk refuses changes with a mend, keeps what was, and needs no restart.
func TestPromise7_AFullDiskRefusesAndChangesNothing(t *testing.T) {
	t.Parallel()
	t.Run("a limit on pages", func(t *testing.T) {
		s := fresh(t)
		// SQLite itself says "full": works for every user.
		pragma(t, s, `PRAGMA max_page_count = 300`)
		fill(t, s, func() { pragma(t, s, `PRAGMA max_page_count = 100000`) })
	})
	if os.Getuid() != 0 {
		return // only root may mount; the limit above shows the same error
	}
	t.Run("a small tmpfs", func(t *testing.T) {
		dir := t.TempDir()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir).CombinedOutput(); err != nil {
			t.Fatalf("mounting a small tmpfs as root: %v\n%s", err, out)
		}
		t.Cleanup(func() {
			if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
				t.Errorf("umount: %v\n%s", err, out)
			}
		})
		ballast := filepath.Join(dir, "ballast")
		if err := os.WriteFile(ballast, make([]byte, 3<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, filepath.Join(dir, "skein.db"))
		fill(t, s, func() {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// fill commits from several sides until the disk is full, checks what is
// there, makes room, and goes on.
func fill(t *testing.T, s *Store, makeRoom func()) {
	t.Helper()
	var mu sync.Mutex // owns acked and refusals
	var acked []store.Commit
	var refusals []error
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range 2000 {
				name := zone.Name(fmt.Sprintf("z%d-%d.example.", w, i))
				c, err := s.Commit(t.Context(), creation(name, hosts(name, 0, 50)...))
				mu.Lock()
				if err != nil {
					refusals = append(refusals, err)
				} else {
					acked = append(acked, c)
				}
				stop := len(refusals) > 0
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	group.Wait()
	if len(acked) == 0 || len(refusals) == 0 {
		t.Fatalf("%d acknowledged, %d refused", len(acked), len(refusals))
	}
	for _, err := range refusals {
		if skein.KindOf(err) != skein.KindUnavailable || !strings.Contains(err.Error(), "make room") {
			t.Errorf("the refusal: %v", err)
		}
	}
	wantAll(t, s, acked)
	z := acked[0].Zone
	if _, err := s.Commit(t.Context(), edit(z, zone.Delta{Add: hosts(z.Name, 50, 5000)})); skein.KindOf(err) != skein.KindUnavailable {
		t.Errorf("still full: %v", err)
	}
	wantAll(t, s, acked)
	makeRoom()
	c, err := s.Commit(t.Context(), edit(z, zone.Delta{Add: hosts(z.Name, 50, 60)}))
	if err != nil {
		t.Fatalf("there is room again: %v", err)
	}
	acked[0] = c
	wantAll(t, s, acked)
	wantSound(t, s)
}

func wantAll(t *testing.T, s *Store, commits []store.Commit) {
	t.Helper()
	for _, c := range commits {
		z, err := s.ZoneByID(t.Context(), c.Zone.ID)
		if err != nil || z != c.Zone {
			t.Fatalf("%+v, %v; acknowledged was %+v", z, err, c.Zone)
		}
		contents, _, err := s.Contents(t.Context(), z.ID)
		if _, n := contents.Len(); err != nil || n != z.Records {
			t.Fatalf("%s has %d records, %v; want %d", z.Name, n, err, z.Records)
		}
	}
	entries, _, err := s.Entries(t.Context(), "", 1<<20)
	if err != nil || len(entries) != len(commits) {
		t.Fatalf("%d zones, %v; %d were acknowledged", len(entries), err, len(commits))
	}
}

// pragma runs a pragma that answers.
func pragma(t *testing.T, s *Store, query string) {
	t.Helper()
	err := s.write.submit(t.Context(), func(tx *txn) error {
		var answer int
		_, err := tx.row(query, nil, &answer)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
