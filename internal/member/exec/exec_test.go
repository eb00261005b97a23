package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// stage is a script, with the zones that it is to be given.
type stage struct {
	dir    string
	member skein.Member
	zones  map[zone.Name]zone.Contents
	given  memory
	traced []member.Transaction
}

// newStage makes a script that appends its input to the file "input" and then
// does what is said.
func newStage(t *testing.T, does string) *stage {
	t.Helper()
	s := &stage{dir: t.TempDir(), zones: map[zone.Name]zone.Contents{}, given: memory{}}
	s.member = skein.Member{Name: "script", Driver: "exec", Settings: map[string]string{Program: s.script(t, "#!/bin/sh\ncat >>"+s.dir+"/input\n"+does+"\n", 0o755)}}
	return s
}

// script writes a program. A child does, so that no other child of ours has the
// file open while it is run.
func (s *stage) script(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(s.dir, "program")
	cmd := osexec.Command("sh", "-c", "cat >"+path)
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *stage) driver(t *testing.T) *Driver {
	t.Helper()
	d, err := New(s.member, Options{
		Published: func(_ context.Context, name zone.Name) (zone.Contents, bool) { c, is := s.zones[name]; return c, is },
		Memory:    s.given, Trace: func(x member.Transaction) { s.traced = append(s.traced, x) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s *stage) put(t *testing.T, name zone.Name, text string) {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		t.Fatal(err)
	}
	if s.zones[name], err = zone.NewContents(name, sets); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) putSerial(t *testing.T, name zone.Name, serial int) {
	t.Helper()
	s.put(t, name, fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n", serial))
}

// apply does one action to zones and returns what became of each.
func (s *stage) apply(t *testing.T, d *Driver, action member.Action, names ...zone.Name) (told []error, err error) {
	t.Helper()
	var steps []member.Step
	for _, name := range names {
		steps = append(steps, member.Step{Action: action, Zone: name})
	}
	err = d.Apply(t.Context(), steps, func(i int, err error) {
		if i != len(told) {
			t.Errorf("step %d after %d others", i, len(told))
		}
		told = append(told, err)
	})
	return told, err
}

func (s *stage) must(t *testing.T, action member.Action, names ...zone.Name) {
	t.Helper()
	told, err := s.apply(t, s.driver(t), action, names...)
	if err = errors.Join(append(told, err)...); err != nil || len(told) != len(names) {
		t.Fatalf("%s: %d of %d, %v", action, len(told), len(names), err)
	}
}

// input returns what the program got since it was asked last, as commands with
// the names of their zones, one line a run.
func (s *stage) input(t *testing.T) string {
	t.Helper()
	path := filepath.Join(s.dir, "input")
	text, _ := os.ReadFile(path) // none: it was not run
	_ = os.Remove(path)
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		var tasks []task
		if err := json.Unmarshal([]byte(line), &tasks); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		for _, task := range tasks {
			fmt.Fprintf(&b, "%s %s ", task.Command, task.Zone.Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (s *stage) has(t *testing.T, want member.Presence, names ...zone.Name) {
	t.Helper()
	has, err := s.driver(t).Has(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if has[i].Present != want.Present || has[i].Ours != want.Ours || has[i].Current != want.Current {
			t.Errorf("%s: %+v, want %+v", name, has[i], want)
		}
	}
}

var (
	absent  = member.Presence{}
	current = member.Presence{Present: true, Ours: true, Current: true}
	dated   = member.Presence{Present: true, Ours: true}
)

// memory remembers in a map.
type memory map[string]string

func (m memory) Given(_ context.Context, member string, zones []zone.Name) ([][]byte, error) {
	digests := make([][]byte, len(zones))
	for i, name := range zones {
		if d, is := m[member+" "+string(name.Canonical())]; is {
			digests[i] = []byte(d)
		}
	}
	return digests, nil
}

func (m memory) Give(_ context.Context, member string, zones []zone.Name, digests [][]byte) error {
	for i, name := range zones {
		if key := member + " " + string(name.Canonical()); digests[i] == nil {
			delete(m, key)
		} else {
			m[key] = string(digests[i])
		}
	}
	return nil
}

func TestAZoneComesChangesAndGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t, "")
	const name zone.Name = "example.com."
	s.has(t, absent, name)
	if told, err := s.apply(t, s.driver(t), member.ActionAdd, name); err != nil || told[0] == nil || s.input(t) != "" {
		t.Errorf("before it is published: %v, %v", told, err)
	}
	for _, step := range []struct {
		serial int
		action member.Action
		runs   string
		has    member.Presence
	}{
		{1, member.ActionAdd, "create example.com. \n", current},
		{1, member.ActionAdd, "", current}, // it has that already
		{1, member.ActionRetransfer, "update example.com. \n", current},
		{2, member.ActionAdd, "update example.com. \n", current},
		{2, member.ActionDelete, "delete example.com. \n", absent},
		{2, member.ActionDelete, "", absent},
		{2, member.ActionAdd, "create example.com. \n", current},
	} {
		s.putSerial(t, name, step.serial)
		s.must(t, step.action, name)
		if got := s.input(t); got != step.runs {
			t.Errorf("%+v: it got %q", step, got)
		}
		s.has(t, step.has, name)
	}
	s.putSerial(t, name, 3)
	s.has(t, dated, name)
}

// Many zones are few runs, and one that fails is found out and keeps none from
// the others.
func TestOneBadZoneIsFoundOut(t *testing.T) {
	t.Parallel()
	s := newStage(t, `if tail -n1 `+"$(dirname $0)/input"+` | grep -q bad.example; then echo "no room for
  bad.example" >&2; exit 3; fi`)
	var names []zone.Name
	for i := range 70 {
		names = append(names, zone.Name(fmt.Sprintf("z%d.example.", i)))
	}
	names[40] = "bad.example."
	for _, name := range names {
		s.putSerial(t, name, 1)
	}
	told, err := s.apply(t, s.driver(t), member.ActionAdd, names...)
	if err != nil || len(told) != len(names) {
		t.Fatal(err)
	}
	for i, err := range told {
		if bad := names[i] == "bad.example."; bad != (err != nil) || bad && !strings.Contains(err.Error(), "exit status 3: no room for bad.example") {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	if runs := strings.Count(s.input(t), "\n"); runs != 1+1+32+1 {
		t.Errorf("%d runs", runs)
	}
	s.has(t, absent, "bad.example.")
	s.has(t, current, names[0], names[41], names[69])
}

// What did not end by itself may have been done or not: nothing is told of, and
// it is given again.
func TestAProgramThatDoesNotEndWell(t *testing.T) {
	t.Parallel()
	for situation, does := range map[string]string{
		"it hangs":                        "sleep 600",
		"it hangs, and what it started":   "sleep 600 & sleep 600",
		"it is killed":                    "kill -9 $$",
		"it writes without end and hangs": "yes | head -c 5000000; yes >&2 | head -c 5000000; sleep 600",
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "test -e "+"$(dirname $0)/well && exit 0\n"+does)
			s.member.Settings[Timeout] = "300ms"
			s.putSerial(t, "example.com.", 1)
			told, err := s.apply(t, s.driver(t), member.ActionAdd, "example.com.")
			if !errors.Is(err, member.ErrAway) || len(told) > 0 {
				t.Errorf("%v, %v", told, err)
			}
			s.has(t, absent, "example.com.")
			s.input(t)
			if err := os.WriteFile(filepath.Join(s.dir, "well"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			s.member.Settings[Timeout] = ""
			s.must(t, member.ActionAdd, "example.com.")
			if got := s.input(t); got != "create example.com. \n" {
				t.Errorf("it got %q", got)
			}
		})
	}
	t.Run("nobody waits for it any more", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "sleep 600")
		s.putSerial(t, "example.com.", 1)
		ctx, cancel := context.WithCancel(t.Context())
		var once sync.WaitGroup
		once.Go(func() {
			for { // until it has begun
				if _, err := os.Stat(filepath.Join(s.dir, "input")); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			cancel()
		})
		err := s.driver(t).Apply(ctx, []member.Step{{Action: member.ActionAdd, Zone: "example.com."}}, func(int, error) { t.Error("told of") })
		once.Wait()
		if !errors.Is(err, member.ErrAway) {
			t.Errorf("%v", err)
		}
	})
}

// A program that reads nothing, says much, and leaves something running did
// what it was told if it says so.
func TestAProgramThatEndsWellEnough(t *testing.T) {
	t.Parallel()
	for situation, text := range map[string]string{
		"it reads nothing": "#!/bin/sh\nexit 0\n",
		"it says much":     "#!/bin/sh\ncat >/dev/null\nyes | head -c 3000000\nyes | head -c 3000000 >&2\n",
	} {
		s := newStage(t, "")
		s.script(t, text, 0o755)
		s.putSerial(t, "example.com.", 1)
		s.must(t, member.ActionAdd, "example.com.")
		s.has(t, current, "example.com.")
		if n := len(s.traced[0].Answer); n > 2*maxOutput+20 {
			t.Errorf("%s: %d octets of output were kept", situation, n)
		}
	}
}

// What others could change is never run.
func TestProgramsThatAreNotRun(t *testing.T) {
	t.Parallel()
	for situation, edit := range map[string]func(t *testing.T, s *stage, path string){
		"it is not there":          func(t *testing.T, _ *stage, path string) { os.Remove(path) },
		"it is a folder":           func(_ *testing.T, s *stage, _ string) { s.member.Settings[Program] = s.dir },
		"it may not be run":        func(_ *testing.T, _ *stage, path string) { os.Chmod(path, 0o644) },
		"the group can write it":   func(_ *testing.T, _ *stage, path string) { os.Chmod(path, 0o775) },
		"all can write it":         func(_ *testing.T, _ *stage, path string) { os.Chmod(path, 0o757) },
		"all can write its folder": func(_ *testing.T, s *stage, _ string) { os.Chmod(s.dir, 0o777) },
		"it is a link to what all can write": func(t *testing.T, s *stage, path string) {
			os.Chmod(path, 0o777)
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			s.member.Settings[Program] = link
		},
		"there is no such interpreter": func(t *testing.T, s *stage, _ string) { s.script(t, "#!/nowhere/sh\n", 0o755) },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "")
			edit(t, s, s.member.Settings[Program])
			s.putSerial(t, "example.com.", 1)
			told, err := s.apply(t, s.driver(t), member.ActionAdd, "example.com.")
			if err != nil || len(told) != 1 || !errors.Is(told[0], member.ErrDenied) {
				t.Errorf("%v, %v", told, err)
			}
			if got := s.input(t); got != "" {
				t.Errorf("it was run, with %q", got)
			}
			checks := s.driver(t).Test(t.Context(), "self.invalid.")
			if last := checks[len(checks)-1]; last.OK || last.Mend == "" {
				t.Errorf("%+v", checks)
			}
		})
	}
	for _, path := range []string{"", "program", "./program", "/usr/bin/../bin/true", "/bin/sh -c x/", "/bin/x\ny"} {
		m := skein.Member{Name: "script", Settings: map[string]string{Program: path}}
		if _, err := New(m, Options{}); err == nil && path != "/bin/sh -c x/" {
			t.Errorf("%q makes a driver", path)
		}
	}
}

func TestTheTestRunsItWithoutTasks(t *testing.T) {
	t.Parallel()
	for does, want := range map[string]string{"": "", "exit 1": "exit status 0 where that is empty", "sleep 600": "--set timeout"} {
		s := newStage(t, does)
		s.member.Settings[Timeout] = "300ms"
		if does == "" {
			s.member.Settings[Timeout] = "1m"
		}
		checks := s.driver(t).Test(t.Context(), "self.invalid.")
		last := checks[len(checks)-1]
		if last.OK != (want == "") || !strings.Contains(last.Mend, want) {
			t.Errorf("%s: %+v", does, checks)
		}
		if got := s.input(t); got != "\n" {
			t.Errorf("%s: it got %q", does, got)
		}
	}
}
