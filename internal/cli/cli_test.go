package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"skein":       func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
		"dig-answers": digAnswers,
		"fingerprint": fingerprint,
	})
}

// The scenarios: whole stories on the command line, against real nodes and real servers.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SKEIN_DATA", filepath.Join(env.WorkDir, "data"))
			for _, name := range []string{"DNS", "API", "DNS2", "RNDC2"} {
				addr, err := freeAddr("127.0.0.1")
				if err != nil {
					return err
				}
				env.Setenv(name, addr)
				_, port, _ := net.SplitHostPort(addr)
				env.Setenv(name+"_PORT", port)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await,
			"exits": exits,
		},
	})
}

// patience bounds every wait for another process.
const patience = 30 * time.Second

// await COMMAND… repeats a command until it succeeds (with !, until it fails).
func await(ts *testscript.TestScript, neg bool, args []string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := ts.Exec(args[0], args[1:]...)
		if (err == nil) != neg {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v: not within %v: %v", args, patience, err)
		}
	}
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

// digAnswers SERVER NAME TYPE DATA succeeds if a real dig shows the data.
func digAnswers() {
	host, port, _ := net.SplitHostPort(os.Args[1])
	out, err := exec.Command("dig", "@"+host, "-p", port, "+short", "+time=1", "+tries=1", os.Args[2], os.Args[3]).CombinedOutput()
	if err != nil || !strings.Contains("\n"+string(out), "\n"+os.Args[4]+"\n") {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		os.Exit(1)
	}
}

// fingerprint ADDR:PORT prints that of the CA that a server shows.
func fingerprint() {
	ca, err := fetchCA(context.Background(), os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sum := sha256.Sum256(ca.Raw)
	fmt.Printf("%x\n", sum)
}

// freeAddr returns an address whose port is free for UDP and TCP at this moment.
func freeAddr(ip string) (string, error) {
	for range 100 {
		l, err := net.Listen("tcp", ip+":0")
		if err != nil {
			return "", err
		}
		u, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			return l.Addr().String(), u.Close()
		}
	}
	return "", errors.New("no free port")
}

// Every command says what it does, and shows how.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s: Short %q, Example %q", c.CommandPath(), c.Short, c.Example)
		}
		for line := range strings.Lines(c.Example) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "skein ") && !strings.HasPrefix(line, "plesk ") {
				t.Errorf("%s: the example %q is no command", c.CommandPath(), line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{in: strings.NewReader(""), out: io.Discard, err: io.Discard}).root())
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
