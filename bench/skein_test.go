package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/client"
)

// skein is a running `skein serve` of the built binary.
type skein struct {
	tb        testing.TB
	bin, data string
	dns, api  string
	pid       int
}

// startSkein runs the binary that $SKEIN names (make bench sets it), with more
// flags than the places that it listens at.
func startSkein(tb testing.TB, flags ...string) *skein {
	tb.Helper()
	bin := os.Getenv("SKEIN")
	if bin == "" {
		tb.Fatal("set SKEIN to the built binary (make build), or use make bench")
	}
	dir := tb.TempDir()
	s := &skein{tb: tb, bin: bin, data: filepath.Join(dir, "data")}
	s.dns, _ = freeAddr(tb)
	s.api, _ = freeAddr(tb)
	s.pid = start(tb, dir, bin, append([]string{"serve", "--data", s.data, "--dns", s.dns, "--api", s.api}, flags...)...).Pid
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := s.try("", "cluster", "status"); err == nil {
			return s
		} else if time.Since(began) > giveUp {
			tb.Fatal(err)
		}
	}
}

// client speaks to the API over the unix socket, as the local command line does.
func (s *skein) client() *client.Client {
	s.tb.Helper()
	c, err := client.New(client.Config{UnixSocket: filepath.Join(s.data, "skein.sock")})
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(c.Close)
	return c
}

func (s *skein) try(stdin string, args ...string) (string, error) {
	cmd := exec.Command(s.bin, args...)
	cmd.Env = append(os.Environ(), "SKEIN_DATA="+s.data)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("skein %s: %w: %s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}

func (s *skein) run(args ...string) string {
	s.tb.Helper()
	out, err := s.try("", args...)
	if err != nil {
		s.tb.Fatal(err)
	}
	return out
}

// bindMember brings in a real BIND by the block that Skein prints, untested
// and so without zones yet; enable starts the pushing.
func (s *skein) bindMember(name string) (dns string, enable func()) {
	s.tb.Helper()
	dns, _, enable = s.bindProcess(name)
	return dns, enable
}

// bindProcess is bindMember of one that is to be stopped.
func (s *skein) bindProcess(name string) (dns string, named *os.Process, enable func()) {
	s.tb.Helper()
	dir := s.tb.TempDir()
	dns, port := freeAddr(s.tb)
	_, rndc := freeAddr(s.tb)
	conf := s.run("member", "config", "bind", "--name", name, "--address", "127.0.0.1", "--port", port, "--rndc-port", rndc, "--directory", dir)
	named = startNamed(s.tb, dir, conf, dns)
	return dns, named, func() { s.run("member", "test", name) }
}

// writeZones writes zone files 0 … n-1 into a folder and returns it with their names.
func writeZones(tb testing.TB, n int) (dir string, names []string) {
	tb.Helper()
	dir = tb.TempDir()
	for i := range n {
		names = append(names, zoneName(i))
		if err := os.WriteFile(filepath.Join(dir, zoneName(i)+"zone"), []byte(zoneText(i)), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir, names
}
