package clustertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// Cluster is a store, a primary, members and a loop that can be killed and
// started again over the same store. Make and use it in a synctest bubble.
type Cluster struct {
	Store    *Store
	Observed *Observed
	Primary  *Primary
	Config   func(*reconcile.Config) // changes the configuration of the next Start

	t       *testing.T
	mu      sync.Mutex      // owns loop, members, rows: fakes ask from their own goroutines
	loop    *reconcile.Loop // nil while it is killed
	members map[string]*Member
	rows    map[string]skein.Member
	stop    func()
}

// New returns a cluster with enabled members of these names and a running loop.
func New(t *testing.T, names ...string) *Cluster { return NewOver(t, nil, names...) }

// NewOver is New with another configuration, of another store for example.
func NewOver(t *testing.T, config func(*reconcile.Config), names ...string) *Cluster {
	c := &Cluster{
		Config: config,
		Store:  NewStore(), Observed: NewObserved(), t: t,
		members: map[string]*Member{}, rows: map[string]skein.Member{},
	}
	c.Primary = &Primary{cluster: c, serving: map[zone.Name]skein.Zone{}}
	for _, name := range names {
		c.install(name)
	}
	c.Start()
	t.Cleanup(c.Kill)
	return c
}

// Loop returns the running loop, nil while it is killed.
func (c *Cluster) Loop() *reconcile.Loop {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loop
}

func (c *Cluster) setLoop(l *reconcile.Loop) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loop = l
}

func (c *Cluster) install(name string) skein.Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := byte(len(c.members) + 1)
	m := skein.Member{
		Name: name, Driver: "fake", State: skein.MemberEnabled, TSIGKey: "skein-" + name,
		Address: netip.AddrFrom4([4]byte{192, 0, 2, n}), Port: 53, RNDCPort: 953,
	}
	c.members[name] = &Member{name: name, primary: c.Primary, zones: map[zone.Name]*held{}}
	c.rows[name] = m
	return m
}

// Add installs a new member, without telling the loop.
func (c *Cluster) Add(name string) skein.Member { return c.install(name) }

// Row returns a member's settings.
func (c *Cluster) Row(name string) skein.Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows[name]
}

// Set changes a member's settings, also for later starts.
func (c *Cluster) Set(m skein.Member) {
	c.mu.Lock()
	c.rows[m.Name] = m
	c.mu.Unlock()
	if l := c.Loop(); l != nil {
		if err := l.SetMember(m, skein.MemberSecrets{}); err != nil {
			c.t.Error(err)
		}
	}
}

// Member returns the fake nameserver of that name.
func (c *Cluster) Member(name string) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.members[name]
}

// Start runs a loop over what is there.
func (c *Cluster) Start() {
	cfg := reconcile.Config{
		Feed: c.Store, Zones: c.Store, Prober: prober{c}, Announcer: c.Primary, Observed: c.Observed,
		Driver: func(m skein.Member, _ skein.MemberSecrets) (member.Driver, error) {
			return &driver{m: c.Member(m.Name), closed: make(chan struct{})}, nil
		},
		Local: func(netip.Addr) bool { return false },
		Rand:  func() float64 { return 0 },
		Log:   slog.New(slog.NewTextHandler(testLog{c.t}, nil)),
	}
	if c.Config != nil {
		c.Config(&cfg)
	}
	loop, err := reconcile.New(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	rows := slices.Collect(maps.Values(c.rows))
	c.mu.Unlock()
	for _, m := range rows {
		if err := loop.SetMember(m, skein.MemberSecrets{}); err != nil {
			c.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = loop.Run(ctx) })
	c.setLoop(loop)
	c.stop = func() { cancel(); done.Wait() }
}

// Crash ends the loop without what an orderly end would have saved.
func (c *Cluster) Crash() {
	saved := c.Observed.Copy()
	c.Kill()
	c.Observed = saved
}

// Kill ends the loop in good order.
func (c *Cluster) Kill() {
	if c.Loop() != nil {
		c.setLoop(nil)
		c.stop()
	}
}

// Put commits a change and has the primary serve it.
func (c *Cluster) Put(name zone.Name) skein.Zone {
	z := c.Store.Put(name)
	c.Primary.Serve(z)
	return z
}

// Delete deletes a zone.
func (c *Cluster) Delete(name zone.Name) skein.Zone {
	z := c.Store.Delete(name)
	c.Primary.Serve(z)
	return z
}

// Wait waits, at most a while, until all members were seen serving z.
func (c *Cluster) Wait(z skein.Zone, within time.Duration) skein.Receipt {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	r, err := c.Loop().Wait(ctx, z, "all")
	if err != nil {
		c.t.Errorf("%s at serial %d: %v\n%+v", z.Name, z.Serial, err, r.Members)
	}
	return r
}

// Drift lists where members differ from the store: the plan that is left. It
// is empty when the cluster has converged.
func (c *Cluster) Drift() []string {
	var drift []string
	live := c.Store.Live()
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, m := range c.members {
		serving := m.Serving()
		for _, z := range live {
			if _, foreign := m.Foreign(z.Name); foreign {
				continue
			}
			if serial, ok := serving[z.Name]; !ok || serial != z.Serial {
				drift = append(drift, fmt.Sprintf("%s: %s at %d (%v), wanted %d", name, z.Name, serial, ok, z.Serial))
			}
			if m.Apart(z.Name) {
				drift = append(drift, fmt.Sprintf("%s: %s at %d with contents of another history", name, z.Name, z.Serial))
			}
			delete(serving, z.Name)
		}
		for gone := range serving {
			drift = append(drift, fmt.Sprintf("%s: still has %s", name, gone))
		}
	}
	slices.Sort(drift)
	return drift
}

// Plan asks the planner what is left to do on each member. It is empty when
// the cluster has converged.
func (c *Cluster) Plan() []member.Step {
	var wanted []reconcile.Wanted
	for _, z := range c.Store.Live() {
		wanted = append(wanted, reconcile.Wanted{Zone: z.Name, Revision: z.Revision, Serial: z.Serial})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var steps []member.Step
	for _, m := range c.members {
		seen := map[zone.Name]reconcile.Seen{}
		for name, serial := range m.Serving() {
			seen[name] = reconcile.Seen{Look: reconcile.Serves, Serial: serial}
		}
		steps = append(steps, reconcile.Plan(wanted, seen, (&driver{}).Can(), time.Now())...)
	}
	return steps
}

// Primary is the embedded nameserver's part in this: what is served, and NOTIFY.
type Primary struct {
	cluster *Cluster
	mu      sync.Mutex               // owns serving
	serving map[zone.Name]skein.Zone // deleted ones too
}

// Serve publishes a zone's head, unless a newer one is served.
func (p *Primary) Serve(z skein.Zone) {
	p.mu.Lock()
	if p.serving[z.Name].Revision < z.Revision {
		p.serving[z.Name] = z
	}
	p.mu.Unlock()
	if l := p.cluster.Loop(); l != nil {
		l.Published(zone.Name(strings.ToUpper(string(z.Name))), z.Serial) // case must not matter
	}
}

func (p *Primary) serial(name zone.Name) (uint32, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	z, ok := p.serving[name]
	return z.Serial, ok && !z.Deleted
}

// Serial implements reconcile.Announcer.
func (p *Primary) Serial(name zone.Name) (uint32, bool) { return p.serial(name) }

// Notify implements reconcile.Announcer.
func (p *Primary) Notify(to reconcile.Target, name zone.Name) {
	if m := p.cluster.member(to.Addr.Addr()); m != nil {
		time.AfterFunc(time.Millisecond, func() { m.notified(name) })
	}
}

func (p *Primary) transferred(member string, name zone.Name, serial uint32) {
	if l := p.cluster.Loop(); l != nil {
		l.Transferred("SKEIN-"+member+".", name, serial) // key names are domain names
	}
}

func (c *Cluster) member(a netip.Addr) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, row := range c.rows {
		if row.Address == a {
			return c.members[name]
		}
	}
	return nil
}

// prober asks the fake members: an answer takes a millisecond, silence three seconds.
type prober struct{ c *Cluster }

func (p prober) Ask(addr netip.AddrPort, name zone.Name, done func(probe.Result)) {
	m := p.c.member(addr.Addr())
	time.AfterFunc(time.Millisecond, func() {
		r := probe.Result{Zone: name}
		if m != nil {
			r = m.answer(name)
		}
		if r.Outcome == probe.NoAnswer {
			time.Sleep(3 * time.Second)
		}
		done(r)
	})
}

func (p prober) Served(context.Context, netip.AddrPort, zone.Name, probe.Key) (zone.Contents, error) {
	return zone.Contents{}, errors.New("no transfers here")
}

// testLog writes to the test's log.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// Restore serves a zone's head even if what was served is newer, as after the
// restore of a backup.
func (p *Primary) Restore(z skein.Zone) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serving[z.Name] = z
}
