package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// Sockets that systemd opened and passes on are used, so that the nameserver
// needs no right to open them, and one that was not asked for is closed.
func TestNameserverTakesSocketsOfSystemd(t *testing.T) {
	t.Parallel()
	at, other := servertest.Free(t), servertest.Free(t)
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	stray, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(other))
	if err != nil {
		t.Fatal(err)
	}
	var passed []*os.File
	for _, socket := range []interface{ File() (*os.File, error) }{udp, tcp, stray} {
		f, err := socket.File()
		if err != nil {
			t.Fatal(err)
		}
		passed = append(passed, f)
	}
	zones, out := t.TempDir(), &logBuffer{}
	if err := os.WriteFile(filepath.Join(zones, "example.com.zone"), []byte(zoneFile(1, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=3 exec "$@"`, "sh", daemon, "nameserver", "--zones", zones, "--listen", at.String())
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = out, out, passed
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	eventually(t, "skein nameserver serves", func() error {
		if !strings.Contains(out.String(), " serves ") {
			return fmt.Errorf("it says only\n%s", out)
		}
		return nil
	})
	// Ours are still open: it could not have opened any of its own there.
	for _, transport := range []string{"+notcp", "+tcp"} {
		if got, err := servertest.Dig(t, at, "www.example.com", "A", "+short", transport); err != nil || got != "192.0.2.1" {
			t.Errorf("%s: %q, %v", transport, got, err)
		}
	}
	for _, f := range passed {
		f.Close()
	}
	stray.Close()
	eventually(t, "nobody holds what was not asked for", func() error {
		l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(other))
		if err == nil {
			l.Close()
		}
		return err
	})
}
