package e2e

import (
	"fmt"
	"testing"
)

// Promise 5: a member away gets the newest contents once, and does not delay the other.
func TestSecondaryDownAndBack(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example"), bringIn(t, n, "ns2.hoster.example")
	n.ok(plesk("create", "old.example.", record("www.old.example.", "A", "", "192.0.2.1")), "hook", "plesk")
	n.ok(plesk("create", "gone.example."), "hook", "plesk")
	n.ok("", "wait", "old.example")
	n.ok("", "wait", "gone.example")

	ns2.Kill()
	n.ok(plesk("delete", "gone.example."), "hook", "plesk")
	n.ok(plesk("create", "new.example.", record("www.new.example.", "A", "", "192.0.2.3")), "hook", "plesk")
	for i := range 5 {
		n.ok(plesk("update", "old.example.", record("www.old.example.", "A", "", fmt.Sprintf("192.0.2.%d", 50+i))), "hook", "plesk")
	}
	n.ok("", "wait", "old.example", "--for", "1")
	n.ok("", "wait", "new.example", "--for", "1")
	ns1.answers("www.old.example", "A", "192.0.2.54")
	ns1.answers("www.new.example", "A", "192.0.2.3")
	n.refused(5, []string{"ns2.hoster.example"}, "", "wait", "new.example", "--timeout", "300ms")

	ns2.Start()
	for _, zone := range []string{"old.example", "new.example", "gone.example"} {
		n.ok("", "wait", zone, "--timeout", "2m")
	}
	ns2.answers("www.old.example", "A", "192.0.2.54")
	ns2.answers("www.new.example", "A", "192.0.2.3")
	ns2.refuses("gone.example")
}

// Promise 6: a member that takes connections and answers nothing holds up nobody.
func TestSecondaryThatHangs(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example"), bringIn(t, n, "ns2.hoster.example")
	ns2.Pause()
	for i := range 3 {
		zone := fmt.Sprintf("zone%d.example", i)
		n.ok("", "zone", "create", zone, "--ns", "ns1.hoster.example")
		n.ok("", "wait", zone, "--for", "1")
		ns1.answers(zone, "NS", "ns1.hoster.example.")
	}
	n.refused(5, []string{"ns2.hoster.example"}, "", "wait", "zone0.example", "--timeout", "300ms")
	ns2.Resume()
	for i := range 3 {
		n.ok("", "wait", fmt.Sprintf("zone%d.example", i), "--timeout", "3m")
		ns2.answers(fmt.Sprintf("zone%d.example", i), "NS", "ns1.hoster.example.")
	}
}

// Promise 1, end to end: what was acknowledged reaches the members although
// Skein was killed between the acknowledgement and the push.
func TestKilledBetweenAckAndPush(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example"), bringIn(t, n, "ns2.hoster.example")
	n.ok(plesk("create", "stays.example.", record("www.stays.example.", "A", "", "192.0.2.1")), "hook", "plesk")
	n.ok(plesk("create", "goes.example."), "hook", "plesk")
	n.ok("", "wait", "stays.example")
	n.ok("", "wait", "goes.example")

	// Members that are stopped take nothing, so the push cannot have happened.
	ns1.Pause()
	ns2.Pause()
	n.ok(plesk("create", "fresh.example.", record("www.fresh.example.", "A", "", "192.0.2.2")), "hook", "plesk")
	n.ok(plesk("update", "stays.example.", record("www.stays.example.", "A", "", "192.0.2.3")), "hook", "plesk")
	n.ok(plesk("delete", "goes.example."), "hook", "plesk")
	n.kill()
	ns1.Resume()
	ns2.Resume()
	n.start()

	for _, zone := range []string{"fresh.example", "stays.example", "goes.example"} {
		n.ok("", "wait", zone, "--timeout", "2m")
	}
	for _, s := range []*named{ns1, ns2} {
		s.answers("www.fresh.example", "A", "192.0.2.2")
		s.answers("www.stays.example", "A", "192.0.2.3")
		s.refuses("goes.example")
	}
}

// Promise 3: secondaries and their contents do not depend on Skein being up.
func TestSecondariesAnswerWithoutSkein(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns := bringIn(t, n, "ns1.hoster.example")
	n.ok(plesk("create", "example.com.", record("www.example.com.", "A", "", "192.0.2.10")), "hook", "plesk")
	n.ok("", "wait", "example.com")
	n.stop()
	ns.answers("www.example.com", "A", "192.0.2.10")

	// The hook must not fail Plesk while Skein is away, nor lose anything.
	n.ok(plesk("update", "example.com.", record("www.example.com.", "A", "", "192.0.2.11")), "hook", "plesk")
	n.ok(plesk("create", "late.example.", record("www.late.example.", "A", "", "192.0.2.12")), "hook", "plesk")
	n.start()
	eventually(t, "the spool is delivered after the start", func() error {
		if _, stderr, code := n.run("", "wait", "late.example"); code != 0 {
			return fmt.Errorf("exit %d: %s", code, stderr)
		}
		return nil
	})
	n.ok("", "wait", "example.com")
	ns.answers("www.example.com", "A", "192.0.2.11")
	ns.answers("www.late.example", "A", "192.0.2.12")
}
