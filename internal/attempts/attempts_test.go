package attempts

import (
	"net/netip"
	"testing"
	"time"
)

func TestFailuresAreSlowedDown(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := New[string](3, time.Minute, 2, func() time.Time { return now })
	allowed := func(want bool, key string) {
		t.Helper()
		if l.Allowed(key) != want {
			t.Errorf("%s at %s: %v", key, now, !want)
		}
	}
	for range 3 {
		allowed(true, "a")
		l.Failed("a")
	}
	allowed(false, "a")
	allowed(true, "b")
	now = now.Add(59 * time.Second)
	allowed(false, "a")
	now = now.Add(time.Second)
	allowed(true, "a")
	l.Failed("a")
	allowed(false, "a")

	// There is room for two: who has not failed for long goes, and if all are
	// busy, everybody.
	l.Failed("b")
	now = now.Add(2 * time.Minute)
	l.Failed("c")
	if len(l.by) != 2 || l.by["b"] != nil || l.by["a"] == nil {
		t.Errorf("it remembers %v", l.by)
	}
	l.Failed("d")
	if len(l.by) != 1 {
		t.Errorf("it remembers %v", l.by)
	}
}

func TestWhomToBlame(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{"192.0.2.1": "192.0.2.1/32", "::ffff:192.0.2.1": "192.0.2.1/32", "2001:db8::1:2:3": "2001:db8::/64", "fe80::1%eth0": "fe80::/64"} {
		if got := Network(netip.MustParseAddr(addr)); got != netip.MustParsePrefix(want) {
			t.Errorf("%s: %s", addr, got)
		}
	}
	if got := Network(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("no address: %s", got)
	}
}
