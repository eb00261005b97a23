package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// transferKey writes the key that a member transfers with to a file, for dig.
func (s *named) transferKey() string {
	s.t.Helper()
	conf, err := os.ReadFile(filepath.Join(s.Dir, "named.conf"))
	if err != nil {
		s.t.Fatal(err)
	}
	line := regexp.MustCompile(`key "skein-` + strings.ReplaceAll(s.Name, ".", "_") + `" \{[^}]*\};`).Find(conf)
	if line == nil {
		s.t.Fatalf("there is no transfer key of %s in\n%s", s.Name, conf)
	}
	return s.File("transfer.key", string(line)+"\n")
}

// While clustering is disabled, changes are taken and nobody answers with
// them: what members have stays what is transferred, so that nothing expires,
// also over a restart. Enabled again, they catch up.
func TestClusteringIsDisabledAsAWhole(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1 := bringIn(t, n, "ns1.hoster.example")
	key := ns1.transferKey()
	n.ok("", "zone", "create", "changed.example", "--ns", "ns1.hoster.example", "--mname", "ns1.hoster.example")
	n.ok("", "record", "set", "changed.example", "www", "A", "192.0.2.1", "--ttl", "60")
	n.ok("", "zone", "create", "deleted.example", "--ns", "ns1.hoster.example", "--mname", "ns1.hoster.example")
	for _, zone := range []string{"changed.example", "deleted.example"} {
		n.ok("", "wait", zone)
	}

	if out := n.ok("", "cluster", "disable"); !strings.HasPrefix(out, "clustering is disabled by admin since ") {
		t.Errorf("it says %q", out)
	}
	n.ok("", "record", "set", "changed.example", "www", "A", "192.0.2.2", "--ttl", "60")
	n.ok("", "zone", "delete", "deleted.example")
	n.ok("", "zone", "create", "made.example", "--ns", "ns1.hoster.example", "--mname", "ns1.hoster.example")
	if out := n.ok("", "zone", "export", "changed.example"); !strings.Contains(out, "192.0.2.2") {
		t.Errorf("the change is not kept:\n%s", out)
	}
	n.refused(1, nil, "", "wait", "changed.example", "--timeout", "200ms")
	if out := n.ok("", "zone", "show", "changed.example"); !strings.Contains(out, "clustering is disabled") {
		t.Errorf("nothing says why the member has it not:\n%s", out)
	}
	toldLater := regexp.MustCompile(`(?m)^[1-3] zones? waits? to be told, on 1 member$`)
	eventually(t, "what waits to be told is counted", func() error {
		if out := n.ok("", "cluster", "status"); !toldLater.MatchString(out) {
			return errors.New(out)
		}
		return nil
	})

	asItWas := func(when string) {
		t.Helper()
		n.answers("www.changed.example", "A", "192.0.2.1")
		for zone, want := range map[string]string{"changed.example": "192.0.2.1", "deleted.example": "SOA"} {
			out, err := n.dig(zone, "AXFR", "-k", key)
			if err != nil || !strings.Contains(out, want) || strings.Contains(out, "192.0.2.2") {
				t.Errorf("%s the member would transfer of %s (%v):\n%s", when, zone, err, out)
			}
		}
		if out, err := n.dig("made.example", "AXFR", "-k", key); err != nil || !strings.Contains(out, "Transfer failed") {
			t.Errorf("%s a zone that was made since is transferred (%v):\n%s", when, err, out)
		}
		// BIND asks by itself, and finds that it has the newest.
		for _, zone := range []string{"changed.example", "deleted.example"} {
			if out, err := ns1.rndc("refresh", zone); err != nil {
				t.Errorf("%s %v: %s", when, err, out)
			}
		}
		ns1.answers("www.changed.example", "A", "192.0.2.1")
		ns1.answers("deleted.example", "NS", "ns1.hoster.example.")
		ns1.refuses("made.example")
	}
	asItWas("at once")
	n.stop()
	n.start()
	asItWas("after a restart")
	n.kill()
	n.start()
	asItWas("after a crash")

	if out := n.ok("", "cluster", "enable"); !strings.HasPrefix(out, "clustering is enabled by admin since ") {
		t.Errorf("it says %q", out)
	}
	for _, zone := range []string{"changed.example", "deleted.example", "made.example"} {
		n.ok("", "wait", zone)
	}
	n.answers("www.changed.example", "A", "192.0.2.2")
	ns1.answers("www.changed.example", "A", "192.0.2.2")
	ns1.answers("made.example", "NS", "ns1.hoster.example.")
	ns1.refuses("deleted.example")
	if out := n.ok("", "cluster", "status"); strings.Contains(out, "to be told") {
		t.Errorf("something waits to be told still:\n%s", out)
	}
	for _, action := range []string{"cluster.enable", "cluster.disable"} {
		if out := n.ok("", "audit"); !regexp.MustCompile(`admin .*` + action).MatchString(out) {
			t.Errorf("nothing says who did %s:\n%s", action, out)
		}
	}
}
