package reconcile_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
)

func TestWhatIsAskedOverDNSIsTracedWhileDebugModeIsOn(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		var mu sync.Mutex // owns heard
		var heard []string
		c.Kill()
		c.Config = func(cfg *reconcile.Config) {
			cfg.AuditPeriod = 1000 * time.Hour
			cfg.Trace = func(m skein.Member, _ skein.MemberSecrets) member.Trace {
				return func(x member.Transaction) {
					mu.Lock()
					defer mu.Unlock()
					heard = append(heard, m.Name+" "+x.Request+": "+x.Answer+" "+x.Outcome)
				}
			}
		}
		c.Start()
		debug := func(on bool) {
			row := c.Row("ns1")
			row.Debug = on
			c.Set(row)
			synctest.Wait()
		}
		c.Wait(c.Put("example.com."), time.Minute)
		debug(true)
		time.Sleep(time.Minute)
		c.Wait(c.Put("example.com."), time.Minute)
		if _, err := c.Loop().Served(t.Context(), "ns1", "example.com."); err != nil {
			t.Fatal(err)
		}
		debug(false)
		c.Wait(c.Put("example.com."), time.Minute)
		mu.Lock()
		defer mu.Unlock()
		for _, want := range []string{
			"ns1 NOTIFY example.com.:  done", "ns1 SOA example.com.: serves serial 2 done", "ns1 AXFR example.com.:  done",
		} {
			if !slices.Contains(heard, want) {
				t.Errorf("%q is not in %q", want, heard)
			}
		}
		if slices.Contains(heard, "ns1 SOA example.com.: serves serial 1 done") || slices.Contains(heard, "ns1 SOA example.com.: serves serial 3 done") {
			t.Errorf("traced while it was off: %q", heard)
		}
	}, "ns1", "ns2")
}
