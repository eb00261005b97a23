package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/servertest"
)

// cluster is one of several nodes of a script, as a server that it drives: a
// Skein with a WHM door, linked to others as cPanel servers are.
type cluster struct {
	*node
	whm string // ADDR:PORT of its door
}

func (c *cluster) Start()  { c.start() }
func (c *cluster) Stop()   { c.stop() }
func (c *cluster) Kill()   { c.kill() }
func (c *cluster) Pause()  { c.signal(syscall.SIGSTOP) }
func (c *cluster) Resume() { c.signal(syscall.SIGCONT) }

func (c *cluster) Dig(args ...string) (string, error) { return c.dig(args...) }

func (c *cluster) signal(s syscall.Signal) {
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

func (s *story) startCluster(ts *testscript.TestScript, args []string) {
	name := args[0]
	if s.servers[name] != nil {
		ts.Fatalf("%s is started already", name)
	}
	program, err := withFake()
	ts.Check(err)
	whm := servertest.Free(s.t)
	flags := append([]string{"--hostname", name, "--whm", whm.String()}, args[1:]...)
	s.node = newNodeOf(s.t, program, ts.MkAbs(filepath.Join("nodes", name)), flags...)
	s.started(ts, name, &cluster{node: s.node, whm: whm.String()}, netip.MustParseAddrPort(s.node.dns), whm, "")
	ts.Setenv(short(name)+"_WHM", whm.String())
	s.at(ts, args[:1])
}

// at has the script speak to another of its clusters.
func (s *story) at(ts *testscript.TestScript, args []string) {
	s.node = serverOf[*cluster](ts, s, args[0]).node
	ts.Setenv("SKEIN_DATA", s.node.data)
	ts.Setenv("DNS", s.node.dns)
	ts.Setenv("API", s.node.api)
}

// link is what people do at two servers: a token there, the member here.
func (s *story) link(ts *testscript.TestScript, neg bool, args []string) {
	s.at(ts, args[:1])
	there, endpoint := s.door(ts, args[1])
	_, port, _ := strings.Cut(there.dns, ":")
	flags := []string{"member", "add", "whm", args[1], "--address", "127.0.0.1", "--port", port, "--endpoint", endpoint,
		"--username", "root", "--token-file", there.tokenFor(args[0], args[2:])}
	s.skein(ts, neg, append(flags, args[2:]...))
}

// door is a cluster and where its door is reached: by itself, or by a relay.
func (s *story) door(ts *testscript.TestScript, name string) (*cluster, string) {
	if r := s.relays[name]; r != nil {
		return r.to, r.endpoint()
	}
	c := serverOf[*cluster](ts, s, name)
	return c, c.whm
}

// tokenFor makes the token that a link needs: to be written, that of a source,
// which sees its own zones alone; to be read, one that sees all; and for both,
// or to be asked for trust, one of a server of the cluster.
func (c *cluster) tokenFor(source string, flags []string) (file string) {
	said := strings.Join(flags, " ")
	switch {
	case strings.Contains(said, "--reverse-trust"), strings.Contains(said, "--role synchronize"):
		return c.token(source, "server", "--source", source, "--cluster")
	case strings.Contains(said, "--role standalone"):
		return c.token(source, "reader", "--role", "read-only", "--whm")
	}
	return c.tokenOf(source)
}

// tokenOf makes the token of a source, once, and returns its file.
func (c *cluster) tokenOf(source string) (file string) {
	return c.token(source, "token", "--source", source)
}

func (c *cluster) token(source, kind string, flags ...string) (file string) {
	file = fmt.Sprintf("%s.%s.%s", c.data, source, kind)
	if _, err := os.Stat(file); err == nil {
		return file
	}
	if _, _, code := c.run("", "source", "show", source); code != 0 {
		c.ok("", "source", "add", "whm", source)
	}
	c.ok("", append([]string{"token", "create", source + "-" + kind, "--output", file}, flags...)...)
	return file
}
