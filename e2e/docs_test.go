package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// Every ```console block of the documentation is run, in order, by a shell in
// an empty folder: lines with "$ " are commands, which must succeed; lines
// below one must be in its output. Ports are replaced by free ones.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	pages := []string{"../README.md"}
	err := filepath.WalkDir("../docs", func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, page := range pages {
		steps := consoleBlocks(t, page)
		if len(steps) == 0 {
			continue // nothing to run
		}
		ran++
		t.Run(strings.TrimPrefix(page, "../"), func(t *testing.T) {
			t.Parallel()
			// A page that starts no node goes on from where the README ends.
			if !slices.ContainsFunc(steps, func(s step) bool { return strings.Contains(s.command, "skein serve") }) {
				steps = append(consoleBlocks(t, "../README.md"), steps...)
			}
			runSteps(t, steps)
		})
	}
	if ran < 4 {
		t.Errorf("%d pages have commands; is that all?", ran)
	}
}

// A link to a file leads there.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#: ]+)[)#]`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
			return fs.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, to := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), to[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var serves = regexp.MustCompile(`skein serve .*--data (\S+)`)

// step is one command of a page with the output that the page shows.
type step struct {
	command string
	output  []string
}

func consoleBlocks(t *testing.T, file string) (steps []step) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case !inside:
		case strings.HasPrefix(line, "$ "):
			steps = append(steps, step{command: line[2:]})
		case len(steps) > 0 && line != "":
			last := &steps[len(steps)-1]
			last.output = append(last.output, line)
		}
	}
	return steps
}

func runSteps(t *testing.T, steps []step) {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(binary, filepath.Join(dir, "bin", "skein")); err != nil {
		t.Fatal(err)
	}
	create := plesk("create", "shop.example.", record("www.shop.example.", "CNAME", "", "shop.example."), record("shop.example.", "A", "", "192.0.2.10"))
	if err := os.WriteFile(filepath.Join(dir, "create.json"), []byte(create), 0o600); err != nil {
		t.Fatal(err)
	}
	var ports []string
	for _, p := range []string{"5300", "5301", "5302", "5303", "8053", "8443", "8444", "8445", "8446", "9532", "9533", "2083", "2087", "2088", "2089", "2090"} {
		ports = append(ports, p, fmt.Sprint(servertest.Free(t).Port()))
	}
	fake, err := filepath.Abs(filepath.Join("testdata", "plesk"))
	if err == nil {
		err = os.Symlink(fake, filepath.Join(dir, "bin", "plesk"))
	}
	if err != nil {
		t.Fatal(err)
	}
	// A node elsewhere is here, and so are the folders that are root's own.
	const hook = "skein hook plesk "
	fresh := strings.NewReplacer(append(ports, "skein.example.net", "127.0.0.1", "--network 192.0.2.0/24", "--network 127.0.0.0/8", "sudo ", "",
		hook+"install", hook+"install --settings hook --spool hook-spool", hook+"check", hook+"check --settings hook",
		hook+"uninstall", hook+"uninstall --settings hook", hook+"--", hook+"--settings hook --")...)

	// A shell of its own session, so that what it leaves in the background can be ended with it.
	shell := exec.Command("bash", "--noprofile", "--norc")
	shell.Dir = dir
	shell.Env = append(os.Environ(), "HOME="+dir, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH")+":/usr/sbin")
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := servertest.Start(shell); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for i, s := range steps {
			if said, _ := os.ReadFile(filepath.Join(dir, fmt.Sprintf("out.%d", i))); t.Failed() && len(said) > 0 {
				t.Logf("$ %s\n%s", s.command, said)
			}
		}
		syscall.Kill(-shell.Process.Pid, syscall.SIGKILL)
		shell.Wait()
		// named leaves the shell's session; what works in our folder is ours.
		eventually(t, "what the page started is gone", func() error {
			left := worksIn(dir)
			for _, pid := range left {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			return gone(left)
		})
	})
	for i, s := range steps {
		command := fresh.Replace(s.command)
		if command == "make build" {
			continue // what it makes is there; building is what TestMain did
		}
		if strings.HasPrefix(s.command, "sudo ") && os.Geteuid() != 0 {
			t.Logf("the page goes on as root, which this test is not: from %q on it is not run", s.command)
			return
		}
		out, code := filepath.Join(dir, fmt.Sprintf("out.%d", i)), filepath.Join(dir, fmt.Sprintf("code.%d", i))
		fmt.Fprintf(in, "{ %s\n} >%s 2>&1 </dev/null; echo $? >%s.new; mv %s.new %s\n", command, out, code, code, code)
		eventually(t, command, func() error {
			_, err := os.Stat(code)
			return err
		})
		text, _ := os.ReadFile(out)
		status, _ := os.ReadFile(code)
		if strings.TrimSpace(string(status)) != "0" {
			t.Fatalf("$ %s\nexit %s%s", command, status, text)
		}
		for _, want := range s.output {
			if !strings.Contains(string(text), fresh.Replace(want)) {
				t.Errorf("$ %s\n%s\nbut the page shows %q", command, text, want)
			}
		}
		if data := serves.FindStringSubmatch(command); data != nil {
			eventually(t, "skein serve listens", func() error {
				_, err := os.Stat(filepath.Join(dir, data[1], "skein.sock"))
				return err
			})
		}
	}
}
