package reconcile_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/zone"
)

// A member that is given only what it has: its zones are kept in step, others
// are never put there, whatever happens to them, and nobody waits for that.
func TestAMemberIsGivenOnlyZonesThatItHas(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		p := pooled{c}
		p.put("there.example.", "")
		synctest.Wait()
		time.Sleep(time.Minute)
		web := c.Row("web")
		web.Only = skein.OnlyPresent
		c.Set(web)
		synctest.Wait()
		time.Sleep(time.Minute)

		other := p.put("new.example.", "")
		there := p.put("there.example.", "")
		synctest.Wait()
		time.Sleep(time.Minute)
		serves := func(want map[zone.Name]uint32) {
			t.Helper()
			got := c.Member("web").Serving()
			if len(got) != len(want) {
				t.Fatalf("it serves %v, want %v", got, want)
			}
			for name, serial := range want {
				if got[name] != serial {
					t.Fatalf("it serves %v, want %v", got, want)
				}
			}
		}
		serves(map[zone.Name]uint32{"there.example.": there.Serial})
		on := func(r skein.Receipt, name string) skein.MemberZone {
			for _, m := range r.Members {
				if m.Member == name {
					return m
				}
			}
			return skein.MemberZone{}
		}
		r := c.Loop().Receipt(other)
		if m := on(r, "web"); m.State != skein.StateAbsent || m.Reason == "" || !r.Complete {
			t.Errorf("a zone that it does not have: %+v", r)
		}
		if r = c.Loop().Receipt(there); on(r, "web").State != skein.StateVerified || !r.Complete {
			t.Errorf("a zone that it has: %+v", r)
		}
		plan, err := c.Loop().Plan(t.Context(), web, skein.MemberSecrets{})
		if err != nil || plan.Left != 1 || plan.Same != 1 || plan.Add+plan.Replace+plan.Delete != 0 {
			t.Errorf("the plan is %+v, %v", plan, err)
		}
		web.Only = ""
		if plan, err = c.Loop().Plan(t.Context(), web, skein.MemberSecrets{}); err != nil || plan.Add != 1 {
			t.Errorf("the plan for all zones is %+v, %v", plan, err)
		}

		// A restart, audits, and another version make no difference.
		c.Kill()
		c.Start()
		time.Sleep(24 * time.Hour)
		other = p.put("new.example.", "")
		synctest.Wait()
		time.Sleep(time.Minute)
		serves(map[zone.Name]uint32{"there.example.": there.Serial})
		if r = c.Loop().Receipt(other); !r.Complete {
			t.Errorf("after a restart: %+v", r)
		}

		// What it lost is not put there again; given all, it gets all.
		c.Member("web").Drop("there.example.")
		there = p.put("there.example.", "")
		synctest.Wait()
		time.Sleep(time.Minute)
		serves(nil)
		c.Set(web)
		synctest.Wait()
		time.Sleep(time.Minute)
		serves(map[zone.Name]uint32{"there.example.": there.Serial, "new.example.": other.Serial})
	}, "ns1", "web")
}
