package pleskhost

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	dir := Dir(filepath.Join(t.TempDir(), "etc", "hook"))
	if _, err := dir.Load(); !errors.Is(err, ErrNone) {
		t.Fatalf("nothing was saved: %v", err)
	}
	unlock, err := dir.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Lock(); err == nil {
		t.Error("two installations at once")
	}
	want := Settings{URL: "https://skein.example:8443", Token: "secret", Mode: "push", Spool: "/spool", Evicted: `"a" b`}
	for range 2 {
		if err := dir.Save(want); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := dir.Load(); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	unlock()
	// What a crash in the middle of a Save left behind goes with the next change.
	half := filepath.Join(string(dir), unfinished+"1")
	if err := os.WriteFile(half, []byte(`{"token":"sec`), 0o600); err != nil {
		t.Fatal(err)
	}
	if unlock, err = dir.Lock(); err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := os.Stat(half); err == nil {
		t.Error("half a file with a token in it stays for ever")
	}
	for _, path := range []string{string(dir), dir.file()} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	for range 2 { // the second time nothing is there
		if err := dir.Remove(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(string(dir)); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// Root runs what the settings name: nobody else may have written them.
func TestSettingsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	for situation, spoil := range map[string]func(file string) error{
		"others may read them":  func(file string) error { return os.Chmod(file, 0o644) },
		"others may write them": func(file string) error { return os.Chmod(file, 0o622) },
		"a link":                func(file string) error { return errors.Join(os.Rename(file, file+"2"), os.Symlink(file+"2", file)) },
		"a folder":              func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
		"cut off":               func(file string) error { return os.Truncate(file, 9) },
		"endless":               func(file string) error { return os.Truncate(file, 1<<40) },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			dir := Dir(t.TempDir())
			if err := errors.Join(dir.Save(Settings{URL: "https://skein.example"}), spoil(dir.file())); err != nil {
				t.Fatal(err)
			}
			if s, err := dir.Load(); err == nil || errors.Is(err, ErrNone) {
				t.Errorf("taken: %+v, %v", s, err)
			}
		})
	}
}

func TestSlot(t *testing.T) {
	t.Parallel()
	const command = `"/usr/local/psa/bin/extension" --exec slave-dns-manager slave-dns.php`
	line, yes := hex.EncodeToString([]byte(command+" \n")), hex.EncodeToString([]byte("true"))
	for situation, c := range map[string]struct{ out, want string }{
		"columns":            {"name\tHEX(value)\ncustom\t" + yes + "\ncustom_script\t" + line + "\n", command},
		"a frame":            {"+---+\n| name | HEX(value) |\n+---+\n| custom_script | " + strings.ToUpper(line) + " |\n| custom | " + yes + " |\n+---+\n", command},
		"switched off":       {"custom\t\ncustom_script\t" + line + "\n", ""},
		"never used":         {"", ""},
		"an empty line":      {"custom\t" + yes + "\ncustom_script\tNULL\n", ""},
		"a warning comes in": {"mysql: [Warning] Using a password\ncustom\t" + yes + "\ncustom_script\t" + line + "\n", command},
	} {
		if got := slot(c.out); got != c.want {
			t.Errorf("%s: %q, want %q", situation, got, c.want)
		}
	}
}

// Whatever the panel's tool prints, reading it ends well.
func FuzzSlot(f *testing.F) {
	f.Fuzz(func(t *testing.T, out string) {
		if got := slot(out); got != strings.TrimSpace(got) || 2*len(got) > len(out) {
			t.Errorf("%q out of %q", got, out)
		}
	})
}

func TestCommand(t *testing.T) {
	t.Parallel()
	command, err := Command("/usr/local/bin/skein", DefaultDir)
	if want := `"/usr/local/bin/skein" hook plesk --settings "/etc/skein/hook"`; err != nil || command != want {
		t.Errorf("%s, %v", command, err)
	}
	for situation, c := range map[string]struct {
		command string
		dir     Dir
		want    bool
	}{
		"this one":               {command, DefaultDir, true},
		"a program elsewhere":    {`"/opt/skein" hook plesk --settings "/etc/skein/hook"`, DefaultDir, true},
		"settings elsewhere":     {command, "/srv/hook", false},
		"registered by hand":     {`/usr/local/bin/skein hook plesk --url https://skein.example`, DefaultDir, false},
		"another extension":      {`"/usr/local/psa/bin/extension" --exec route53 route53.php`, DefaultDir, false},
		"nothing":                {"", DefaultDir, false},
		"followed by a command ": {command + "; id", DefaultDir, false},
	} {
		if got := Ours(c.command, c.dir); got != c.want {
			t.Errorf("%s: %v", situation, got)
		}
	}
	for _, path := range []string{"bin/skein", `/a"b`, "/a$(id)", "/a`id`", `/a\b`, "/a\nb", "/%a%", "/it's"} {
		for _, try := range [][2]string{{path, "/etc"}, {"/bin/skein", path}} {
			if command, err := Command(try[0], Dir(try[1])); err == nil {
				t.Errorf("%q was taken: %s", try, command)
			}
		}
	}
}

// What root is going to run must not be for others to replace.
func TestCheckProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "bin", "skein")
	if err := errors.Join(os.Mkdir(filepath.Dir(program), 0o755), os.WriteFile(program, nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // a group that root is not in; another's folders are one's own group's
		if err := os.Chown(filepath.Dir(program), 0, 12345); err != nil {
			t.Fatal(err)
		}
	}
	if err := CheckProgram(program); err != nil {
		t.Fatal(err)
	}
	for situation, c := range map[string]struct {
		path string
		mode os.FileMode
	}{
		"the file is open":             {program, 0o777},
		"its folder is open":           {filepath.Dir(program), 0o777},
		"its folder is a group's":      {filepath.Dir(program), 0o775},
		"the folder above it is open":  {dir, 0o777},
		"the program is not there now": {"", 0},
	} {
		if c.path == "" {
			if err := CheckProgram(program + "2"); err == nil {
				t.Errorf("%s: fine", situation)
			}
			continue
		}
		before, err := os.Stat(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(c.path, c.mode); err != nil {
			t.Fatal(err)
		}
		if err := CheckProgram(program); err == nil || !strings.Contains(err.Error(), "replaced by others") {
			t.Errorf("%s: %v", situation, err)
		}
		if err := os.Chmod(c.path, before.Mode()); err != nil {
			t.Fatal(err)
		}
	}
}
