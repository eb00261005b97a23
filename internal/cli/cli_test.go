package cli

import (
	"errors"
	"fmt"
	"io"

	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/skein-dns/skein/internal/servertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"skein":       func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
		"await":       helper(await),
		"dig-answers": helper(digAnswers),
		"fingerprint": helper(fingerprint),
		"shape":       helper(shape),
		"totp":        helper(oneTimeCode),
		"plesk":       helper(fakePlesk),
		"panel":       helper(panel),
	})
}

// quick puts a skein before the one of the tests: commands are run by the
// released program, and what serves by the tests' own, which looks for races when
// they do. A command has little to race with, and takes four times as long for that look.
func quick(t *testing.T) (path string) {
	t.Helper()
	watched, err := exec.LookPath("skein")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := filepath.Join(dir, "command", "skein")
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in serve) exec '%s' \"$@\";; esac\nexec '%s' \"$@\"\n", watched, command)
	err = errors.Join(os.Mkdir(filepath.Dir(command), 0o700), servertest.BuildCommand(command), os.WriteFile(filepath.Join(dir, "skein"), []byte(script), 0o700))
	if err != nil {
		t.Fatal(err)
	}
	return dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

// The scenarios: whole stories on the command line, against real nodes and real servers.
func TestScript(t *testing.T) {
	t.Parallel()
	path := quick(t)
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SKEIN_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("PLESK_DIR", env.WorkDir)
			env.Setenv("PATH", path)
			// Else what looks for races would rest for a second before it ends.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			for _, name := range []string{"DNS", "API", "DNS2", "RNDC2", "HTTP2"} {
				at := servertest.Free(t)
				env.Setenv(name, at.String())
				env.Setenv(name+"_PORT", fmt.Sprint(at.Port()))
			}
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "root" && os.Geteuid() == 0, nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

// exits CODE COMMAND… demands an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s: exit %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// each calls do for every command of the tree.
func each(do func(c *cobra.Command)) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		do(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, env: map[string]string{}}).root())
}

// Every command says what it does and shows how, and what it shows is a
// command line that it would take.
func TestEveryCommandHasExamplesThatItTakes(t *testing.T) {
	t.Parallel()
	each(func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s: Short %q, Example %q", c.CommandPath(), c.Short, c.Example)
		}
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			ours, ok := strings.CutPrefix(line, "skein ")
			if !ok {
				if !strings.HasPrefix(line, "plesk ") {
					t.Errorf("%s: the example %q is no command", c.CommandPath(), line)
				}
				continue
			}
			ours, _, _ = strings.Cut(ours, " #")
			ours, _, _ = strings.Cut(ours, " >")
			ours, _, _ = strings.Cut(ours, " <")
			if err := wouldTake(ours); err != nil {
				t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
			}
		}
	})
}

// wouldTake parses a command line and runs nothing.
func wouldTake(line string) error {
	words, err := splitWords(line)
	if err != nil {
		return err
	}
	root := (&app{out: io.Discard, err: io.Discard}).root()
	c, args, err := root.Find(words)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(args); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// What would be done is shown by one word everywhere. The other that people try
// is understood, and not shown.
func TestPlanIsTheOneWordForATrial(t *testing.T) {
	t.Parallel()
	plans := 0
	each(func(c *cobra.Command) {
		if strings.Contains(c.UsageString(), "dry-run") {
			t.Errorf("%s shows --dry-run", c.CommandPath())
		}
		plan := c.Flags().Lookup("plan")
		if plan == nil {
			return
		}
		plans++
		if err := c.ParseFlags([]string{"--dry-run"}); err != nil || plan.Value.String() != "true" {
			t.Errorf("%s --dry-run: %v, --plan is %s", c.CommandPath(), err, plan.Value)
		}
	})
	if plans < 10 {
		t.Errorf("%d commands show a plan", plans)
	}
}

// Secrets come in by files: a flag that took one would show it to every user
// of the machine.
func TestNoFlagTakesASecret(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile("token|key|secret|password")
	each(func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if secret.MatchString(f.Name) && f.Value.Type() != "FILE" {
				t.Errorf("%s --%s takes %s, and not the name of a file", c.CommandPath(), f.Name, f.Value.Type())
			}
		})
	})
}

// The values of flags have names that people know.
func TestFlagsNameTheirValues(t *testing.T) {
	t.Parallel()
	each(func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() != "bool" && f.Value.Type() != strings.ToUpper(f.Value.Type()) {
				t.Errorf("%s --%s takes a %q", c.CommandPath(), f.Name, f.Value.Type())
			}
			if f.Usage == "" {
				t.Errorf("%s --%s says nothing", c.CommandPath(), f.Name)
			}
		})
	})
}

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`a b  c`:             `["a" "b" "c"]`,
		`'a b' "c d"`:        `["a b" "c d"]`,
		`a\ b "say \"hi\""`:  `["a b" "say \"hi\""]`,
		`'$(rm -rf /)' ; |x`: `["$(rm -rf /)" ";" "|x"]`,
		`a '' b`:             `["a" "" "b"]`,
		`'it''s'`:            `["its"]`,
		` `:                  `[]`,
	} {
		words, err := splitWords(line)
		if got := fmt.Sprintf("%q", words); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", line, got, err, want)
		}
	}
	for _, line := range []string{`'open`, `"open`, `end\`} {
		if words, err := splitWords(line); err == nil {
			t.Errorf("%s: %q; want an error", line, words)
		}
	}
}

func TestOwnerName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"@": "example.com.", "www": "www.example.com.", "a.b": "a.b.example.com.", "www.example.com.": "www.example.com.",
		"*": "*.example.com.", "bücher": "xn--bcher-kva.example.com.",
	} {
		if got, err := ownerName(in, "example.com."); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", in, got, err, want)
		}
	}
	if got, err := ownerName("com", "."); err != nil || got != "com." {
		t.Errorf("com in the root zone: %s, %v", got, err)
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"first.last@example.com": `first\.last.example.com`, "hostmaster.example.com.": "hostmaster.example.com.",
	} {
		if got := mailbox(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
