package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
)

// server is a nameserver that a script drives.
type server interface {
	Start()
	Stop()
	Kill()
	Pause()
	Resume()
	Dig(args ...string) (string, error)
}

// serverOf returns one that the script has started, of the kind that a command needs.
func serverOf[T server](ts *testscript.TestScript, s *story, name string) T {
	server, ok := s.servers[name].(T)
	if !ok {
		ts.Fatalf("there is no such server %s: named or fake starts one", name)
	}
	return server
}

// started makes a server known, and its places to the script: those of
// ns1.example.net are $NS1, $NS1_PORT, $NS1_RNDC_PORT, and its key $NS1_KEY.
func (s *story) started(ts *testscript.TestScript, name string, server server, dns, control netip.AddrPort, key string) {
	if s.node == nil || s.servers[name] != nil {
		ts.Fatalf("%s: start the node first, and each server once", name)
	}
	s.servers[name] = server
	ts.Setenv(short(name), dns.String())
	ts.Setenv(short(name)+"_PORT", fmt.Sprint(dns.Port()))
	ts.Setenv(short(name)+"_RNDC_PORT", fmt.Sprint(control.Port()))
	ts.Setenv(short(name)+"_KEY", key)
}

// short is what a server is called in the names of variables.
func short(name string) string {
	first, _, _ := strings.Cut(strings.ToUpper(name), ".")
	return first
}

func (s *story) startNamed(ts *testscript.TestScript, args []string) {
	server := pasted(s.t, s.node, args[0], args[1:]...)
	s.started(ts, args[0], server, server.DNS, server.Control, server.key)
	keys, err := rndc.ParseKeys(ts.ReadFile(server.key))
	ts.Check(err)
	ts.Setenv(short(args[0])+"_SECRET", keys[0].Secret)
}

// startMachine starts a BIND with the block of a member, made to listen at
// other ports: named listens at no 127.0.0.2.
func (s *story) startMachine(ts *testscript.TestScript, args []string) {
	member := serverOf[*named](ts, s, args[1])
	m := &named{Server: servertest.New(s.t, args[0]), t: s.t, key: member.key}
	block := s.node.ok("", "member", "config", "bind", "--name", args[1], "--directory", m.Dir)
	listens := func(s *named) (dns, control string) {
		return fmt.Sprintf("listen-on port %d { %s;", s.DNS.Port(), s.DNS.Addr()), fmt.Sprintf("inet %s port %d ", s.Control.Addr(), s.Control.Port())
	}
	dns, control := listens(member)
	itsDNS, itsControl := listens(m)
	m.Named(strings.NewReplacer(dns, itsDNS, control, itsControl).Replace(block))
	s.started(ts, args[0], m, m.DNS, m.Control, m.key)
}

// crash, halt and start are for the node too.
func (s *story) crash(ts *testscript.TestScript, args []string) {
	if args[0] == "skein" {
		s.node.kill()
		return
	}
	serverOf[server](ts, s, args[0]).Kill()
}

func (s *story) halt(ts *testscript.TestScript, args []string) {
	if args[0] == "skein" {
		s.node.stop()
		return
	}
	serverOf[server](ts, s, args[0]).Stop()
}

func (s *story) start(ts *testscript.TestScript, args []string) {
	if args[0] == "skein" {
		s.node.start()
		return
	}
	serverOf[server](ts, s, args[0]).Start()
}

func (s *story) hang(ts *testscript.TestScript, args []string) {
	serverOf[server](ts, s, args[0]).Pause()
}

func (s *story) resume(ts *testscript.TestScript, args []string) {
	serverOf[server](ts, s, args[0]).Resume()
}

func (s *story) wipe(ts *testscript.TestScript, args []string) {
	server := serverOf[*named](ts, s, args[0])
	server.Kill()
	entries, err := os.ReadDir(server.Dir)
	ts.Check(err)
	for _, e := range entries {
		if e.Name() != "named.conf" && filepath.Ext(e.Name()) != ".key" {
			ts.Check(os.RemoveAll(filepath.Join(server.Dir, e.Name())))
		}
	}
	server.Start()
}

func (s *story) file(ts *testscript.TestScript, args []string) {
	for _, name := range args[1:] {
		serverOf[*named](ts, s, args[0]).File(filepath.Base(name), ts.ReadFile(name))
	}
}

func (s *story) rndc(ts *testscript.TestScript, neg bool, args []string) {
	out, err := serverOf[*named](ts, s, args[0]).rndc(args[1:]...)
	if (err != nil) != neg {
		ts.Fatalf("rndc %s: %v", strings.Join(args[1:], " "), err)
	}
	fmt.Fprintln(ts.Stdout(), out)
}

// dig asks a server, or "skein", the node's own.
func (s *story) dig(ts *testscript.TestScript, name string, args ...string) (string, error) {
	if name == "skein" {
		return s.node.dig(args...)
	}
	return serverOf[server](ts, s, name).Dig(args...)
}

// serves compares whole RRsets: what is asked for is what the text names, and
// every record of the answer must be in it.
func (s *story) serves(ts *testscript.TestScript, args []string) {
	sets := map[[2]string][]string{} // by name and type
	for _, arg := range args[1:] {
		text := arg
		if !strings.ContainsAny(arg, " \t") {
			text = ts.ReadFile(arg)
		}
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			if len(f) == 0 || strings.HasPrefix(f[0], ";") {
				continue
			}
			if len(f) < 5 || f[2] != "IN" {
				ts.Fatalf("serves: %q is not NAME TTL IN TYPE DATA", strings.TrimSpace(line))
			}
			key := [2]string{f[0], f[3]}
			sets[key] = append(sets[key], strings.Join(f, " "))
		}
	}
	for key, want := range sets {
		slices.Sort(want)
		eventually(s.t, args[0]+" serves "+key[0]+" "+key[1], func() error {
			out, err := s.dig(ts, args[0], key[0], key[1], "+noall", "+answer")
			if err != nil {
				return err
			}
			var got []string
			for line := range strings.Lines(out) {
				got = append(got, strings.Join(strings.Fields(line), " "))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				return fmt.Errorf("it answers\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			return nil
		})
	}
}

func (s *story) refuses(ts *testscript.TestScript, args []string) {
	eventually(s.t, args[0]+" does not serve "+args[1], func() error {
		out, err := s.dig(ts, args[0], args[1], "SOA", "+noall", "+comments")
		if err == nil && !strings.Contains(out, "status: REFUSED") {
			err = fmt.Errorf("it answers\n%s", out)
		}
		return err
	})
}
