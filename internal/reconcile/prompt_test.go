package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// prompted is a driver whose member can be prompted.
type prompted struct {
	member.Driver
	log *promptLog
}

type promptLog struct {
	mu    sync.Mutex // owns the rest
	names []zone.Name
	hangs bool
}

func (p prompted) Prompt(ctx context.Context, name zone.Name) error {
	p.log.mu.Lock()
	p.log.names = append(p.log.names, name)
	hangs := p.log.hangs
	p.log.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (l *promptLog) take() (names []zone.Name) {
	l.mu.Lock()
	defer l.mu.Unlock()
	names, l.names = l.names, nil
	return names
}

// withPrompts starts the loop again with such drivers.
func withPrompts(c *clustertest.Cluster, log *promptLog) {
	c.Kill()
	c.Config = func(cfg *reconcile.Config) {
		plain := cfg.Driver
		cfg.Driver = func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
			d, err := plain(m, s)
			return prompted{d, log}, err
		}
	}
	c.Start()
	synctest.Wait()
}

func TestAMemberIsPromptedOfASingleChangeBesideItsNotify(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		var log promptLog
		withPrompts(c, &log)
		c.Wait(c.Put("example.com."), time.Minute)
		if got := log.take(); len(got) > 0 {
			t.Errorf("prompted of %v, which was being added", got)
		}
		c.Member("ns1").Told()
		c.Wait(c.Put("example.com."), time.Minute)
		synctest.Wait()
		if got := log.take(); !slices.Equal(got, []zone.Name{"example.com."}) {
			t.Errorf("prompted of %v", got)
		}
		if got := actions(c.Member("ns1").Told()); !slices.Equal(got, []string{"notify example.com."}) {
			t.Errorf("told %v", got)
		}
	}, "ns1")
}

func TestAPromptThatHangsHoldsUpNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		log := promptLog{hangs: true}
		withPrompts(c, &log)
		var last skein.Zone
		for i := range 50 {
			c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		for i := range 50 {
			last = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
			c.Wait(last, time.Minute)
		}
		if got := log.take(); len(got) == 0 || len(got) > 10 {
			t.Errorf("%d prompts were tried while each hung", len(got))
		}
		c.SetState("ns1", skein.MemberDisabled) // which waits for what is under way
		converged(t, c)
	}, "ns1")
}
