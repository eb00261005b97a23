package reconcile_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/clustertest"
)

// Behind one address there may be several servers, of which each question
// reaches one: they are told by the names that they give themselves.
func TestServersBehindOneAddressAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		told := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := c.Loop().Status("ns1").NSIDs; !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		c.Wait(c.Put("example.com."), time.Minute)
		told("one that has no name")
		c.Member("ns1").SetNSID("fra1")
		time.Sleep(20 * time.Minute) // it is asked every ten
		told("one server", "fra1")
		c.Member("ns1").SetNSID("ams2")
		time.Sleep(20 * time.Minute)
		told("the next question reached another", "ams2", "fra1")
		time.Sleep(time.Hour)
		told("an hour later", "ams2")
		for i := range 20 {
			c.Member("ns1").SetNSID(fmt.Sprintf("each-time-%02d", i))
			c.Wait(c.Put("example.com."), time.Minute)
		}
		synctest.Wait()
		if got := c.Loop().Status("ns1").NSIDs; len(got) != 16 {
			t.Errorf("a server that has another name each time: %d, %q", len(got), got)
		}
	}, "ns1")
}
