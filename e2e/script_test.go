package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scenarios: one behaviour a file, told as its documentation would tell
// it, against a real `skein serve` and real nameservers. These commands come
// to those of testscript; `!` before one demands that it fails:
//
//	node [FLAG…]               start skein serve on this script's data; once a script
//	skein …                    run the command line against it
//	exits CODE skein …         the same, and demand this exit code
//	until PATTERN skein …      repeat it until its output matches; ! until: no longer does
//	watch NAME skein …         run it beside the script, which ends it
//	seen NAME PATTERN          wait until what a watched command said matches; ! seen: it has said no such thing so far
//	fake NAME [FLAG…]          bring in a member that is read as well: it stands in for a WHM server (see package fake)
//	holds NAME ZONE FILE [N]   its people have this zone there, whatever was there before; with N those from 1.ZONE to N.ZONE
//	fault NAME CALL HOW [N [LINES]]  its next calls go wrong, N times, after so many lines; heal NAME ends that
//	commands NAME PATTERN      such a command (list, read, save …) came to it since this was last asked; ! commands: none did
//	named NAME [FLAG…]         start a BIND with the block that skein member config prints; it is not yet tested
//	machine NAME MEMBER        start another BIND, at other ports, that is set up as that member is and has none of its zones
//	crash|halt|start NAME      kill -9, end in good order, start again; NAME may be skein, the node
//	hang|resume NAME           it accepts connections and answers nothing, until resumed
//	wipe NAME                  the machine is new: configuration and keys are there, no zone is
//	file NAME FILE…            put files into the server's folder
//	rndc NAME …                what its administrator does behind our back
//	serves NAME ZONETEXT…      wait until dig shows exactly these records; files of zone text, or records
//	refuses NAME ZONE          wait until it does not answer for the zone
//	cluster NAME [FLAG…]       start another skein serve, with a WHM door, and go on at it; its places are $NAME and $NAME_WHM
//	at NAME                    go on at this one: skein, until, exits and the rest are about it
//	link FROM TO [FLAG…]       go on at FROM, which takes TO (a cluster, or a relay) in as a member; flags of skein member add. ! link: it does not
//	whm NAME SOURCE CALL [K=V…]  call NAME's door as the cPanel server SOURCE does; V is text, or @FILE; ! whm: it is refused
//	relay NAME CLUSTER         stand before a cluster's door, and write down what is asked there
//	says NAME HOW              it answers itself from now on: html, half, version=11.20.0.1, panel (it has accounts); certificate is another one; itself ends that
//	relayed NAME PATTERN       wait until such a call went through it; $MATCH is its first group, if it has one; ! relayed: none did
//	notices                    take notices at a local webhook; node --notices $WORK/notices.yaml sends them there
//	told KIND PATTERN          wait until a notice of the kind came whose text matches
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SKEIN_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Values[storyKey{}] = &story{t: env.T().(testing.TB), servers: map[string]server{}, relays: map[string]*relay{}, watched: map[string]*logBuffer{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"node":     command(0, (*story).startNode),
			"skein":    negatable(1, (*story).skein),
			"exits":    command(2, (*story).exits),
			"until":    negatable(2, (*story).until),
			"watch":    command(3, (*story).watch),
			"seen":     negatable(2, (*story).seen),
			"named":    command(1, (*story).startNamed),
			"machine":  command(2, (*story).startMachine),
			"fake":     command(1, (*story).startFake),
			"holds":    command(3, (*story).holds),
			"fault":    command(3, (*story).fault),
			"heal":     command(1, (*story).heal),
			"commands": negatable(2, (*story).commands),
			"crash":    command(1, (*story).crash),
			"halt":     command(1, (*story).halt),
			"start":    command(1, (*story).start),
			"hang":     command(1, (*story).hang),
			"resume":   command(1, (*story).resume),
			"wipe":     command(1, (*story).wipe),
			"file":     command(2, (*story).file),
			"rndc":     negatable(2, (*story).rndc),
			"serves":   command(2, (*story).serves),
			"refuses":  command(2, (*story).refuses),
			"cluster":  command(1, (*story).startCluster),
			"at":       command(1, (*story).at),
			"link":     negatable(2, (*story).link),
			"whm":      negatable(3, (*story).whm),
			"relay":    command(2, (*story).startRelay),
			"says":     command(2, (*story).says),
			"relayed":  negatable(2, (*story).relayed),
			"notices":  command(0, (*story).takeNotices),
			"told":     command(2, (*story).told),
		},
	})
}

// story is what a script has started.
type story struct {
	t       testing.TB
	node    *node
	servers map[string]server
	relays  map[string]*relay
	watched map[string]*logBuffer // what commands say that run beside the script
	hook    *webhook
	uniqid  int // of the last call to a WHM door
}

type storyKey struct{}

// negatable makes a command, of at least so many arguments, of a method.
func negatable(least int, do func(*story, *testscript.TestScript, bool, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) < least {
			ts.Fatalf("it needs %d arguments; the comment of TestScripts says which", least)
		}
		do(ts.Value(storyKey{}).(*story), ts, neg, args)
	}
}

// command is negatable without an opposite.
func command(least int, do func(*story, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return negatable(least, func(s *story, ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command has no opposite")
		}
		do(s, ts, args)
	})
}

func (s *story) startNode(ts *testscript.TestScript, args []string) {
	if s.node != nil {
		ts.Fatalf("the node runs already; start skein starts it again")
	}
	program, err := withFake()
	ts.Check(err)
	s.node = newNodeOf(s.t, program, ts.Getenv("SKEIN_DATA"), args...)
	ts.Setenv("DNS", s.node.dns)
	_, port, _ := strings.Cut(s.node.dns, ":")
	ts.Setenv("DNS_PORT", port)
	ts.Setenv("API", s.node.api)
}

func (s *story) skein(ts *testscript.TestScript, neg bool, args []string) {
	if err := ts.Exec("skein", args...); (err != nil) != neg {
		ts.Fatalf("skein %s: %v", strings.Join(args, " "), err)
	}
}

func (s *story) exits(ts *testscript.TestScript, args []string) {
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err = ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != code {
		ts.Fatalf("%s: exit %d, want %d", strings.Join(args[1:], " "), got, code)
	}
}

// until repeats what only looks; a command that fails has not said it yet.
func (s *story) until(ts *testscript.TestScript, neg bool, args []string) {
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	program := args[1]
	if program == "skein" {
		program = binary
	}
	for end := time.Now().Add(deadline); ; time.Sleep(50 * time.Millisecond) {
		cmd := exec.Command(program, args[2:]...)
		cmd.Env = append(os.Environ(), "SKEIN_DATA="+ts.Getenv("SKEIN_DATA"), "HOME="+ts.Getenv("HOME"))
		out, err := cmd.CombinedOutput()
		if (err == nil && pattern.Match(out)) != neg {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("not within %v: %s (%v)\n%s", deadline, strings.Join(args, " "), err, out)
		}
	}
}
