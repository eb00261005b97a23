package metrics_test

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/metrics"
)

func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	zones := metrics.Family{Name: "skein_member_zones", Kind: metrics.Gauge, Help: "zones, by \\ state\nand member"}
	zones.Add(17, "member", "ns2", "state", "stale")
	zones.Add(0.5, "member", "a \"quoted\"\\\nname\xff", "state", "failed")
	zones.Add(1e12)
	var b strings.Builder
	if err := metrics.Write(&b, []metrics.Family{zones, {Name: "skein_empty", Kind: metrics.Counter, Help: "none"}, metrics.One("skein_up", metrics.Gauge, "life", 1)}); err != nil {
		t.Fatal(err)
	}
	const want = `# HELP skein_member_zones zones, by \\ state\nand member
# TYPE skein_member_zones gauge
skein_member_zones{member="ns2",state="stale"} 17
skein_member_zones{member="a \"quoted\"\\\nname�",state="failed"} 0.5
skein_member_zones 1e+12
# HELP skein_up life
# TYPE skein_up gauge
skein_up 1
`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
}
