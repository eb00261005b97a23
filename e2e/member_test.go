package e2e

import (
	bin "encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
)

const (
	ownSecret   = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="
	otherSecret = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
)

func keyFile(s *servertest.Server, name, secret string) string {
	return s.File(name, `key "k" { algorithm hmac-sha256; secret "`+secret+`"; };`+"\n")
}

// What is wrong with a member is named with its mend, in the words of its
// administrator, and nothing is pushed to it.
func TestMemberTestNamesTheCause(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	s := servertest.New(t, "ns1.hoster.example")
	right, wrong := keyFile(s, "right.key", ownSecret), keyFile(s, "wrong.key", otherSecret)
	controls := func(allow string) string {
		return fmt.Sprintf("key \"k\" { algorithm hmac-sha256; secret %q; };\ncontrols { inet 127.0.0.1 port %d allow { %s } keys { \"k\"; }; };\n", ownSecret, s.Control.Port(), allow)
	}
	add := func(says []string, name, key string, more ...string) {
		t.Helper()
		n.refused(1, says, "", append(append([]string{"member", "add", "bind", name, "--rndc-key-file", key}, at(s)...), more...)...)
		if out := n.ok("", "member", "show", name); !strings.Contains(out, "pending") {
			t.Errorf("%s is not pending, though its test failed:\n%s", name, out)
		}
		n.ok("", "member", "remove", name)
	}

	add([]string{"nothing listens", "mend rndc: start named"}, "down.example", right)

	s.Named(controls("127.0.0.1;"))
	add([]string{"mend rndc:", "secret", "algorithm"}, "wrong-key.example", wrong)
	add([]string{"allow-new-zones yes;", "skein-no-options_example"}, "no-options.example", right)
	add([]string{"mend view:"}, "no-view.example", right, "--view", "inside")

	s.Kill()
	s.Named(controls("192.0.2.1;"))
	add([]string{"mend rndc:", "allow {"}, "not-allowed.example", right)

	s.Pause()
	add([]string{"accepts connections and does not answer", "mend rndc:"}, "hangs.example", right)
	s.Resume()

	if said := n.out.String(); strings.Contains(said, ownSecret) || strings.Contains(said, otherSecret) {
		t.Error("a secret is in the log (promise 8)")
	}
}

// A clock that is off is named; one that is a little off is only worth a word.
func TestMemberWithAnotherClock(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for name, c := range map[string]struct {
		ahead time.Duration
		code  int
		says  []string
	}{
		"minute.example": {90 * time.Second, 0, []string{"warning", "clock", "chrony"}},
		"hour.example":   {time.Hour, 1, []string{"clock", "ahead of ours", "chrony"}},
		"behind.example": {-20 * time.Minute, 1, []string{"clock", "behind ours", "chrony"}},
	} {
		s := pasted(t, n, name)
		text, err := os.ReadFile(s.key)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := rndc.ParseKeys(string(text))
		if err != nil {
			t.Fatal(err)
		}
		proxy := otherClock(t, s.Control, keys[0], c.ahead)
		// The same member again, with its control channel behind the other clock.
		n.ok("", "member", "config", "bind", "--name", name, "--address", s.DNS.Addr().String(), "--port", strconv.Itoa(int(s.DNS.Port())), "--rndc-port", strconv.Itoa(int(proxy.Port())))
		n.refused(c.code, c.says, "", "member", "test", name)
	}
}

// otherClock stands before a control channel as if the server's clock were
// ahead: it knows the key, and signs what it changes.
func otherClock(t *testing.T, server netip.AddrPort, key rndc.Key, ahead time.Duration) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				named, err := net.Dial("tcp", server.String())
				if err != nil {
					return
				}
				defer named.Close()
				for shiftFrame(named, client, key, -ahead) == nil && shiftFrame(client, named, key, ahead) == nil {
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// shiftFrame passes one message on with its times moved.
func shiftFrame(to io.Writer, from io.Reader, key rndc.Key, by time.Duration) error {
	var size [4]byte
	if _, err := io.ReadFull(from, size[:]); err != nil {
		return err
	}
	text := make([]byte, bin.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(from, text); err != nil {
		return err
	}
	m, _, err := rndc.ParseFrame(text, key)
	if err != nil { // not with our key: as it is
		_, err = to.Write(append(size[:], text...))
		return err
	}
	for i, f := range m.Ctrl {
		if f.Name == "_tim" || f.Name == "_exp" {
			seconds, err := strconv.ParseInt(f.Value, 10, 64)
			if err != nil {
				return err
			}
			m.Ctrl[i].Value = strconv.FormatInt(seconds+int64(by/time.Second), 10)
		}
	}
	frame, err := rndc.AppendFrame(nil, m, key)
	if err != nil {
		return err
	}
	_, err = to.Write(frame)
	return err
}
