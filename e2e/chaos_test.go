package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// Servers of every make at once, while zones come, change and go, and servers
// are killed, wiped, set back to what they held before and cut off: in the end
// each serves exactly what was acknowledged. What happens follows from a seed:
// CHAOS_SEED and CHAOS_ZONES repeat a run, or make it another or a larger one.
func TestChaos(t *testing.T) {
	t.Parallel()
	c := newChaos(t, number(t, "CHAOS_SEED", 1), number(t, "CHAOS_ZONES", 1000))
	c.createAll()
	c.await("all zones are on all members")
	for _, s := range c.servers {
		s.backUp()
	}
	c.say("all are backed up")
	for round := range 12 {
		c.trouble()
		for range 30 {
			c.edit()
		}
		if round == 5 { // and the node itself, between what it acknowledged
			c.node.kill()
			c.node.start()
		}
	}
	for _, s := range c.servers {
		s.calm()
	}
	c.say("all that was done to members has ended")
	c.await("all members have recovered")
	c.compare()
	c.say("all members have what is wanted")
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

// chaos is a cluster, and what it acknowledged.
type chaos struct {
	t       *testing.T
	node    *node
	api     *client.Client
	servers []*troubled
	random  *rand.Rand
	most    int // zones
	made    int
	began   time.Time

	wanted map[string]map[string]string // zone → name → address
	gone   map[string]bool
}

func newChaos(t *testing.T, seed, zones int) *chaos {
	t.Helper()
	t.Logf("CHAOS_SEED=%d CHAOS_ZONES=%d", seed, zones)
	c := &chaos{t: t, most: zones, began: time.Now(), random: rand.New(rand.NewPCG(uint64(seed), 0)), wanted: map[string]map[string]string{}, gone: map[string]bool{}}
	// Rounds of the audit are short: what a server that was set back has too much
	// of is found by nothing else.
	contents := max(time.Minute, time.Duration(zones)*600*time.Millisecond)
	c.node = newNode(t, "--audit", "15s", "--audit-contents", contents.String())
	c.node.ok("", "cluster", "settings", "--keep-online") // a test has not the time of a breaker
	var err error
	if c.api, err = client.New(client.Config{UnixSocket: filepath.Join(c.node.data, "skein.sock")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.api.Close)
	c.servers = everyMake(t, c.node)
	for _, s := range c.servers {
		c.node.ok("", "member", "debug", s.name, "on") // for the last words of a run that failed
	}
	return c
}

// say tells when the run came how far.
func (c *chaos) say(what string, args ...any) {
	c.t.Logf("%5.1f s: %s", time.Since(c.began).Seconds(), fmt.Sprintf(what, args...))
}

// createAll makes the zones that there are at first, some at a time.
func (c *chaos) createAll() {
	c.t.Helper()
	making, ctx := errgroup.WithContext(c.t.Context())
	making.SetLimit(8)
	for i := range c.most {
		name := fmt.Sprintf("z%d.chaos.example.", i)
		c.made, c.wanted[name] = c.made+1, map[string]string{}
		making.Go(func() error { return c.put(ctx, name) })
	}
	if err := making.Wait(); err != nil {
		c.t.Fatal(err)
	}
	c.say("all zones are made")
}

func (c *chaos) create(name string) {
	c.t.Helper()
	if err := c.put(c.t.Context(), name); err != nil {
		c.t.Fatal(err)
	}
	c.wanted[name] = map[string]string{}
	delete(c.gone, name)
	c.made++
}

func (c *chaos) put(ctx context.Context, name string) error {
	file := fmt.Sprintf("$ORIGIN %s\n@ 300 SOA ns1.hoster.example. hostmaster.hoster.example. 1 3600 600 86400 300\n@ 300 NS ns1.hoster.example.\n", name)
	_, err := c.api.CreateZone(ctx, skein.CreateZone{Name: name, ZoneContents: skein.ZoneContents{File: file}})
	if err != nil {
		return fmt.Errorf("creating %s: %w", name, err)
	}
	return nil
}

// edit changes a zone, deletes one or makes one, and keeps what was acknowledged.
func (c *chaos) edit() {
	c.t.Helper()
	zones := slices.Sorted(maps.Keys(c.wanted))
	name := zones[c.random.IntN(len(zones))]
	switch what := c.random.IntN(10); {
	case what == 0 && len(zones) > c.most/2:
		c.delete(name)
		delete(c.wanted, name)
		c.gone[name] = true
	case what == 1:
		name = fmt.Sprintf("new%d.chaos.example.", c.made)
		if old := slices.Sorted(maps.Keys(c.gone)); len(old) > 0 && c.random.IntN(2) == 0 {
			name = old[c.random.IntN(len(old))] // a new life of an old name
		}
		c.create(name)
	default:
		owner := fmt.Sprintf("h%d.%s", c.random.IntN(5), name)
		edit := skein.RecordEdit{Op: skein.EditSet, Name: owner, Type: "A", TTL: new(uint32(300)), Data: []string{fmt.Sprintf("192.0.2.%d", c.random.IntN(256))}}
		if c.wanted[name][owner] != "" && c.random.IntN(4) == 0 {
			edit = skein.RecordEdit{Op: skein.EditDelete, Name: owner, Type: "A"}
		}
		if _, err := c.api.EditRecords(c.t.Context(), name, skein.EditBody{Edits: []skein.RecordEdit{edit}}); err != nil {
			c.t.Fatalf("editing %s: %v", name, err)
		}
		if delete(c.wanted[name], owner); edit.Op == skein.EditSet {
			c.wanted[name][owner] = edit.Data[0]
		}
	}
}

// delete deletes a zone. So many deletions wait for a person after some, who
// is asked then.
func (c *chaos) delete(name string) {
	c.t.Helper()
	_, err := c.api.DeleteZone(c.t.Context(), name, skein.DeleteBody{})
	var held *skein.Error
	if errors.As(err, &held) && held.Waiting > 0 {
		_, err = c.api.ReleaseWaiting(c.t.Context(), held.Waiting, "")
	}
	if err != nil {
		c.t.Fatalf("deleting %s: %v", name, err)
	}
}

// trouble does something to a server, and ends what was done to another.
func (c *chaos) trouble() {
	s := c.servers[c.random.IntN(len(c.servers))]
	if s.down || s.paused {
		c.say("%s is back", s.name)
		s.calm()
		return
	}
	what := []struct {
		name string
		do   func()
	}{{"killed", s.die}, {"cut off", s.pause}, {"restarted", func() { s.die(); s.calm() }}, {"wiped", s.wipe}, {"set back", s.setBack}}
	one := what[c.random.IntN(len(what))]
	c.say("%s is %s", s.name, one.name)
	one.do()
}

// await waits until every member was seen with all, for as long as some come
// nearer to it.
func (c *chaos) await(what string) {
	c.t.Helper()
	behind, end := -1, time.Time{}
	done := map[string]bool{}
	for {
		var left []skein.Member
		before := behind
		behind = 0
		status, err := c.api.ListMembers(c.t.Context())
		if err != nil {
			c.t.Fatal(err)
		}
		for _, m := range status.Members {
			s := m.Status
			behind += s.Behind
			if !s.Reachable || s.Behind > 0 || s.Verified < len(c.wanted) || s.Zones != len(c.wanted) {
				left = append(left, m)
			} else if !done[m.Name] {
				done[m.Name] = true
				c.say("%s has all", m.Name)
			}
		}
		if left == nil {
			return
		}
		if behind != before {
			end = time.Now().Add(3 * time.Minute)
		}
		if time.Now().After(end) {
			c.failed(what+": nothing has come of it for 3 minutes", left)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// compare transfers every zone from every server, and asks each for those that
// are to be gone. What a server was set back to may take an audit to be found.
func (c *chaos) compare() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), deadline+time.Duration(len(c.wanted))*300*time.Millisecond)
	defer cancel()
	serials := map[string]uint32{}
	for name := range c.wanted {
		z, err := c.api.GetZone(ctx, name)
		if err != nil {
			c.t.Fatal(err)
		}
		serials[name] = z.Serial
	}
	var servers sync.WaitGroup
	for _, s := range c.servers {
		servers.Go(func() {
			asking, ctx := errgroup.WithContext(ctx)
			asking.SetLimit(8)
			is := func(name string, try func() error) {
				asking.Go(func() error {
					if err := until(ctx, try); err != nil {
						return errors.New(c.about(s.name, name))
					}
					return nil
				})
			}
			for name, hosts := range c.wanted {
				is(name, func() error { return s.has(ctx, name, serials[name], hosts) })
			}
			for name := range c.gone {
				is(name, func() error { return s.hasNot(ctx, name) })
			}
			if err := asking.Wait(); err != nil {
				c.t.Errorf("%s is not as it was known to be:\n%v", s.name, err)
			}
		})
	}
	servers.Wait()
}

// until tries until it is right, or the time is up.
func until(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// has demands exactly these contents.
func (s *troubled) has(ctx context.Context, name string, serial uint32, hosts map[string]string) error {
	want := map[string]bool{fmt.Sprintf("%s NS ns1.hoster.example.", name): true, fmt.Sprintf("%s SOA %d", name, serial): true}
	for host, address := range hosts {
		want[fmt.Sprintf("%s A %s", host, address)] = true
	}
	q := new(dns.Msg)
	q.SetAxfr(name)
	q.SetTsig(s.audit.name, dns.HmacSHA256, 300, time.Now().Unix())
	transfer := &dns.Transfer{TsigSecret: map[string]string{s.audit.name: s.audit.secret}, DialTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second}
	parts, err := transfer.In(q, s.addr)
	if err != nil {
		return fmt.Errorf("transferring %s: %w", name, err)
	}
	got := map[string]bool{}
	for part := range parts {
		if part.Error != nil {
			err = part.Error
		}
		for _, rr := range part.RR {
			switch rr := rr.(type) {
			case *dns.SOA:
				got[fmt.Sprintf("%s SOA %d", dns.CanonicalName(rr.Hdr.Name), rr.Serial)] = true
			case *dns.NS:
				got[fmt.Sprintf("%s NS %s", dns.CanonicalName(rr.Hdr.Name), rr.Ns)] = true
			case *dns.A:
				got[fmt.Sprintf("%s A %s", dns.CanonicalName(rr.Hdr.Name), rr.A)] = true
			default:
				got[rr.String()] = true
			}
		}
	}
	if err != nil {
		return fmt.Errorf("transferring %s: %w", name, err)
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("%s holds\n%q\nand should hold\n%q", name, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	return nil
}

// hasNot demands that a zone is not served.
func (s *troubled) hasNot(ctx context.Context, name string) error {
	q := new(dns.Msg)
	q.SetQuestion(name, dns.TypeSOA)
	q.RecursionDesired = false
	r, _, err := (&dns.Client{Timeout: 5 * time.Second}).ExchangeContext(ctx, q, s.addr)
	if err != nil {
		return err
	}
	if len(r.Answer) > 0 {
		return fmt.Errorf("it still serves %s: %v", name, r.Answer)
	}
	return nil
}
