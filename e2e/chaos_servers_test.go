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

// troubled is a member that things are done to.
type troubled struct {
	t     *testing.T
	name  string
	addr  string
	dir   string   // all that it keeps
	keeps []string // of that, what a person puts there: configuration
	audit struct{ name, secret string }

	kill, begin, halt, goOn func()
	said                    func() string // all its words

	backup       string
	down, paused bool
}

func (s *troubled) die() {
	s.kill()
	s.down = true
}

func (s *troubled) pause() {
	s.halt()
	s.paused = true
}

// calm ends what was done to it.
func (s *troubled) calm() {
	if s.paused {
		s.goOn()
	}
	if s.down {
		s.begin()
	}
	s.down, s.paused = false, false
}

// wipe is a machine that was installed anew.
func (s *troubled) wipe() {
	s.die()
	s.clear(s.keeps)
	s.calm()
}

// backUp keeps what it holds now, setBack has it again.
func (s *troubled) backUp() {
	s.die()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSocket != 0 { // of a server that is dead
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.backup = filepath.Join(s.t.TempDir(), "backup")
	if err := os.CopyFS(s.backup, os.DirFS(s.dir)); err != nil {
		s.t.Fatal(err)
	}
	s.calm()
}

func (s *troubled) setBack() {
	s.die()
	s.clear(nil)
	if err := os.CopyFS(s.dir, os.DirFS(s.backup)); err != nil {
		s.t.Fatal(err)
	}
	s.calm()
}

func (s *troubled) clear(but []string) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(but, e.Name()) {
			if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// everyMake brings a server of each make in, by what is printed for it: BIND
// over rndc, BIND and Knot by catalog, NSD, PowerDNS and a Skein nameserver.
func everyMake(t *testing.T, n *node) (all []*troubled) {
	t.Helper()
	printed := func(s *servertest.Server, driver string, more ...string) string {
		args := []string{"member", "config", driver, "--name", s.Name, "--address", s.DNS.Addr().String(), "--port", fmt.Sprint(s.DNS.Port()), "--directory", s.Dir}
		return n.ok("", append(args, more...)...)
	}
	add := func(s *servertest.Server, block string, keeps ...string) *troubled {
		m := &troubled{t: t, name: s.Name, addr: s.DNS.String(), dir: s.Dir, keeps: keeps,
			kill: s.Kill, begin: s.Start, halt: s.Pause, goOn: s.Resume, said: s.Log}
		m.audit.name, m.audit.secret = auditKey(t, block)
		all = append(all, m)
		return m
	}

	bind := servertest.New(t, "bind.hoster.example")
	block := printed(bind, "bind", "--rndc-port", fmt.Sprint(bind.Control.Port()))
	bind.Named(block)
	add(bind, block, "named.conf")

	listed := servertest.New(t, "catalog-bind.hoster.example")
	block = printed(listed, "catalog", "--set", "software=bind")
	listed.Named(block)
	add(listed, block, "named.conf")

	knot := servertest.New(t, "catalog-knot.hoster.example")
	block = printed(knot, "catalog", "--set", "software=knot")
	knot.Knotd(strings.Replace(block, `target: "syslog"`, `target: "stderr"`, 1))
	add(knot, block, "knot.conf")

	nsd := servertest.New(t, "nsd.hoster.example")
	block = printed(nsd, "nsd", "--endpoint", nsd.Control.String())
	nsd.NSD(pasteNSD(t, nsd, block))
	add(nsd, block, "nsd.conf", "etc")

	pdns := servertest.New(t, "powerdns.hoster.example")
	block = printed(pdns, "powerdns", "--endpoint", pdns.Control.String())
	pdns.PowerDNSAsPrinted(block + "lmdb-sync-mode=nosync\n") // else each zone waits for the disk, which the other tests use, too
	for _, m := range []*servertest.Server{bind, listed, knot, nsd, pdns} {
		n.ok("", "member", "test", m.Name)
	}
	m := add(pdns, "", "pdns.conf")
	m.audit.name, m.audit.secret = auditKeyOf(t, pdns)

	own := skeinMember(t, n, "skein.hoster.example", nil)
	n.ok("", "member", "test", own.name)
	return append(all, own)
}

var keyForm = regexp.MustCompile(`"(skein-audit-[^"]*)"[^\n]*?(?:\n[^\n]*){0,2}?secret:? "([^"]*)"`)

// auditKey finds the key that contents may be looked at with, in a configuration.
func auditKey(t *testing.T, block string) (name, secret string) {
	t.Helper()
	if block == "" {
		return "", ""
	}
	found := keyForm.FindStringSubmatch(block)
	if found == nil {
		t.Fatalf("there is no audit key in\n%s", block)
	}
	return found[1] + ".", found[2]
}

// auditKeyOf finds it in a PowerDNS, where it was put over the API.
func auditKeyOf(t *testing.T, s *servertest.Server) (name, secret string) {
	t.Helper()
	out, err := exec.Command(servertest.Program(t, "pdnsutil"), "--config-dir="+s.Dir, "list-tsig-keys").Output()
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 && strings.HasPrefix(f[0], "skein-audit") {
			return f[0], f[2]
		}
	}
	t.Fatalf("PowerDNS has no audit key (%v):\n%s", err, out)
	return "", ""
}

// pasteNSD runs what is printed for NSD in a shell, in the server's own folder,
// and returns its configuration.
func pasteNSD(t *testing.T, s *servertest.Server, block string) string {
	t.Helper()
	etc := filepath.Join(s.Dir, "etc")
	if err := os.MkdirAll(filepath.Join(etc, "nsd.conf.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/etc/nsd", etc, "-o root -g root ", "", "-o root -g nsd ", "", "nsd-checkconf", "true", "systemctl restart nsd", "true").Replace(block)
	shell := exec.Command("sh", "-e")
	shell.Stdin = strings.NewReader(script)
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("what is printed for NSD does not run: %v\n%s", err, out)
	}
	conf, err := os.ReadFile(filepath.Join(etc, "nsd.conf.d", "skein.conf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(conf)
}

// skeinMember is `skein nameserver --secondary` as a member: to Skein it is a
// BIND. It is run with more flags, and described with described.
func skeinMember(t *testing.T, n *node, name string, more []string, described ...string) *troubled {
	t.Helper()
	dir := t.TempDir()
	a := &alone{t: t, dir: filepath.Join(dir, "zones"), addr: servertest.Free(t), out: &logBuffer{}}
	control := servertest.Free(t)
	block := n.ok("", append([]string{"member", "config", "bind", "--name", name, "--address", a.addr.Addr().String(), "--port", fmt.Sprint(a.addr.Port()), "--rndc-port", fmt.Sprint(control.Port())}, described...)...)
	pasteSkein(t, dir, block)
	a.args = append([]string{"nameserver", "--secondary", a.dir, "--listen", a.addr.String(), "--rndc", control.String(), "--rndc-key-file", filepath.Join(dir, "member.conf"), "--tsig-key", filepath.Join(dir, "member.conf")}, more...)
	a.start()
	m := &troubled{t: t, name: name, addr: a.addr.String(), dir: a.dir, kill: a.kill, begin: a.start, said: a.out.String,
		halt: func() { a.cmd.Process.Signal(syscall.SIGSTOP) }, goOn: func() { a.cmd.Process.Signal(syscall.SIGCONT) }}
	m.audit.name, m.audit.secret = auditKey(t, block)
	return m
}

// pasteSkein puts a printed block where a Skein nameserver reads its keys.
func pasteSkein(t *testing.T, dir, block string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "member.conf"), []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
}
