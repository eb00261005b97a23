package bench

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// network is two network namespaces and a wire (veth) between them: on
// loopback, who sends also does the work of who receives.
type network struct{ servers, clients string }

var serversAt = netip.MustParseAddr("10.0.0.1") // in a namespace of its own

func newNetwork(b *testing.B) *network {
	b.Helper()
	n := &network{fmt.Sprintf("skein-servers-%d", os.Getpid()), fmt.Sprintf("skein-clients-%d", os.Getpid())}
	ip := func(line string) {
		b.Helper()
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			b.Fatalf("ip %s: %v (it takes root)\n%s", line, err, out)
		}
	}
	for _, name := range []string{n.servers, n.clients} {
		ip("netns add " + name)
		b.Cleanup(func() { exec.Command("ip", "netns", "del", name).Run() })
	}
	ip("link add wire netns " + n.servers + " type veth peer name wire netns " + n.clients)
	for name, addr := range map[string]netip.Addr{n.servers: serversAt, n.clients: serversAt.Next()} {
		ip("-n " + name + " addr add " + addr.String() + "/30 dev wire")
		ip("-n " + name + " link set lo up")
		ip("-n " + name + " link set wire up")
	}
	return n
}

// enter takes this thread, and what it opens and starts from now on, to the clients' end.
func (n *network) enter(b *testing.B) {
	b.Helper()
	f, err := os.Open("/run/netns/" + n.clients)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		b.Fatal(err)
	}
}
