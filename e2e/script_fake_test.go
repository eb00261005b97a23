package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/member/fake"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// withFake is a skein that knows the driver of the fake member too.
var withFake = sync.OnceValues(func() (string, error) {
	program := filepath.Join(filepath.Dir(binary), "skein-with-fake")
	return program, servertest.BuildSkein(program, "-tags", "fakemember")
})

// faked is a fake member as a script drives it.
type faked struct {
	*fake.Server
	t testing.TB
}

func (f *faked) Kill() { f.Stop() }

func (f *faked) Start() {
	if err := f.Server.Start(); err != nil {
		f.t.Fatal(err)
	}
}

func (f *faked) Dig(args ...string) (string, error) { return servertest.Dig(f.t, f.DNS(), args...) }

// startFake starts the member; what the line says beside its name are flags
// of skein member add.
func (s *story) startFake(ts *testscript.TestScript, args []string) {
	made, err := fake.New(servertest.Free(s.t), servertest.Free(s.t))
	ts.Check(err)
	f := &faked{made, s.t}
	ts.Defer(func() {
		f.Stop()
		// Promise 2, whatever the script is about.
		if back := f.WentBack(); len(back) > 0 {
			s.t.Errorf("%s was given older contents than it had: %v", args[0], back)
		}
	})
	key := ts.MkAbs(args[0] + ".key")
	ts.Check(os.WriteFile(key, []byte(fmt.Sprintf("key \"fake\" { algorithm hmac-sha256; secret %q; };\n", f.Secret())), 0o600))
	s.started(ts, args[0], f, f.DNS(), f.Control(), key)
	add := []string{"member", "add", "fake", args[0], "--address", "127.0.0.1", "--port", fmt.Sprint(f.DNS().Port()),
		"--rndc-port", fmt.Sprint(f.Control().Port()), "--rndc-key-file", key}
	if err := ts.Exec("skein", append(add, args[1:]...)...); err != nil {
		ts.Fatalf("adding %s: %v", args[0], err)
	}
}

func (s *story) holds(ts *testscript.TestScript, args []string) {
	names := []string{args[1]}
	if len(args) > 3 {
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		names = nil
		for i := range n {
			names = append(names, fmt.Sprintf("%d.%s", i+1, args[1]))
		}
	}
	for _, text := range names {
		name, err := zone.ParseName(text)
		ts.Check(err)
		sets, _, err := zone.Parse(strings.NewReader(ts.ReadFile(args[2])), zone.Options{Origin: name})
		ts.Check(err)
		c, err := zone.NewContents(name, sets)
		ts.Check(err)
		serverOf[*faked](ts, s, args[0]).Put(c)
	}
}

func (s *story) fault(ts *testscript.TestScript, args []string) {
	f := fake.Fault{Call: args[1], How: fake.How(args[2])}
	for i, number := range []*int{&f.Times, &f.Lines} {
		if len(args) > 3+i {
			var err error
			*number, err = strconv.Atoi(args[3+i])
			ts.Check(err)
		}
	}
	serverOf[*faked](ts, s, args[0]).Fault(f)
}

func (s *story) heal(ts *testscript.TestScript, args []string) {
	serverOf[*faked](ts, s, args[0]).Heal()
}

// commands demands that such a command came since this was last asked.
func (s *story) commands(ts *testscript.TestScript, neg bool, args []string) {
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	came := strings.Join(serverOf[*faked](ts, s, args[0]).Commands(), "\n")
	if pattern.MatchString(came) == neg {
		ts.Fatalf("these came to %s:\n%s", args[0], came)
	}
}
