package clustertest

import (
	"cmp"
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

	// Threshold is after how many failures the cluster disables a member, as
	// control does; 0: never. It counts from the next Start.
	Threshold int

	t       *testing.T
	turn    chan struct{}   // one change of members or of clustering at a time, as in control
	mu      sync.Mutex      // owns the group: fakes ask from their own goroutines
	loop    *reconcile.Loop // nil while it is killed
	members map[string]*Member
	rows    map[string]skein.Member
	paused  bool
	ahead   map[string]uint32 // member and zone → serial there
	log     []string          // what the loop told control
	stop    func()
}

// secrets are every member's.
var secrets = skein.MemberSecrets{Audit: "YXVkaXQ="}

// New returns a cluster with enabled members of these names and a running loop.
// Those that are called cloud… have no address, and serials of their own: what
// they have is asked of their driver, and a question over DNS fails the test.
// Those that are called panel… answer over DNS, and have their contents of
// their driver.
func New(t *testing.T, names ...string) *Cluster { return NewOver(t, nil, names...) }

// NewOver is New with another configuration, of another store for example.
func NewOver(t *testing.T, config func(*reconcile.Config), names ...string) *Cluster {
	c := &Cluster{
		Config: config,
		Store:  NewStore(), Observed: NewObserved(), t: t, turn: make(chan struct{}, 1),
		members: map[string]*Member{}, rows: map[string]skein.Member{}, ahead: map[string]uint32{},
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
		Name: name, Driver: "fake", State: skein.MemberEnabled, TSIGKey: "skein-" + name, AuditKey: "audit-" + name,
		Address: netip.AddrFrom4([4]byte{192, 0, 2, n}), Port: 53, RNDCPort: 953,
	}
	cloud := strings.HasPrefix(name, "cloud")
	if cloud {
		m = skein.Member{Name: name, Driver: "fake", State: skein.MemberEnabled}
	}
	brought := cloud || strings.HasPrefix(name, "panel")
	if brought {
		m.AuditKey = ""
	}
	c.members[name] = &Member{name: name, cloud: cloud, brought: brought, primary: c.Primary, zones: map[zone.Name]*held{}, may: anything}
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
	defer c.takeTurn()()
	c.set(m)
}

func (c *Cluster) takeTurn() (done func()) {
	c.turn <- struct{}{}
	return func() { <-c.turn }
}

func (c *Cluster) set(m skein.Member) {
	c.mu.Lock()
	c.rows[m.Name] = m
	c.allow(m.Name)
	c.mu.Unlock()
	if l := c.Loop(); l != nil {
		if err := l.SetMember(m, secrets); err != nil {
			c.t.Error(err)
		}
	}
	c.forbid(m.Name)
}

// SetState changes a member's state.
func (c *Cluster) SetState(name string, s skein.MemberState) {
	row := c.Row(name)
	row.State = s
	c.Set(row)
}

// Pause disables clustering, or enables it again, also for later starts.
func (c *Cluster) Pause(paused bool) {
	defer c.takeTurn()()
	c.mu.Lock()
	c.paused = paused
	names := slices.Collect(maps.Keys(c.members))
	for _, name := range names {
		c.allow(name)
	}
	c.mu.Unlock()
	if l := c.Loop(); l != nil {
		l.SetPaused(paused)
	}
	for _, name := range names {
		c.forbid(name)
	}
}

// mayHear is what may reach a member as things stand. c.mu is held.
func (c *Cluster) mayHear(name string) hearing {
	switch row := c.rows[name]; {
	case c.members[name].cloud && (row.State == skein.MemberObserved || row.State == skein.MemberEnabled && c.paused):
		return signsOfLife
	case row.State == skein.MemberDisabledThreshold && !c.paused:
		return signsOfLife
	case row.State == skein.MemberEnabled && !c.paused:
		return anything
	}
	return nothing
}

// allow widens what may reach a member before it is told so, and forbid
// narrows it once it was: from then on a step, a NOTIFY, even a question of
// its driver is a mistake that Overheard lists. c.mu is held.
func (c *Cluster) allow(name string) {
	m := c.members[name]
	m.hear(max(m.hearing(), c.mayHear(name)))
}

func (c *Cluster) forbid(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[name].hear(c.mayHear(name))
}

// Conflicts lists the zones that the loop told are ahead on a member.
func (c *Cluster) Conflicts() map[string]uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.ahead)
}

// Told returns what the loop has told of members and the threshold, and forgets it.
func (c *Cluster) Told() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := c.log
	c.log = nil
	return log
}

// move is control's part: it stores a state that the loop asks for, if the
// member is in the one that it takes it for.
func (c *Cluster) move(name, why string, from, to skein.MemberState) {
	defer c.takeTurn()()
	c.mu.Lock()
	c.log = append(c.log, name+" "+why)
	row := c.rows[name]
	c.mu.Unlock()
	if row.State == from {
		row.State = to
		c.set(row)
	}
}

func (c *Cluster) isAhead(member string, name zone.Name, serial uint32, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := member + " " + string(name)
	if over {
		delete(c.ahead, key)
	} else {
		c.ahead[key] = serial
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
		Own: func(m skein.Member) bool { return c.Member(m.Name).cloud },
		Crossed: func(name string, failures int, _ string) {
			c.move(name, fmt.Sprintf("crossed the threshold with %d failures", failures), skein.MemberEnabled, skein.MemberDisabledThreshold)
		},
		Recovered: func(name string) {
			c.move(name, "recovered", skein.MemberDisabledThreshold, skein.MemberEnabled)
		},
		Ahead: c.isAhead,
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
	rows, paused := slices.Collect(maps.Values(c.rows)), c.paused
	c.mu.Unlock()
	loop.SetPaused(paused)
	loop.SetThreshold(c.Threshold, true)
	for _, m := range rows {
		if err := loop.SetMember(m, secrets); err != nil {
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

// PutMany puts z0.example., z1.example. and so on, and returns the last.
func (c *Cluster) PutMany(n int) (last skein.Zone) {
	for i := range n {
		last = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
	}
	return last
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
			if _, foreign := m.Foreign(z.Name); foreign || !isIn(c.rows[name], z.Pool) {
				continue
			}
			if serial, ok := serving[z.Name]; !ok || serial != z.Serial {
				drift = append(drift, fmt.Sprintf("%s: %s at %d (%v), wanted %d", name, z.Name, serial, ok, z.Serial))
			}
			if n := m.Others(z.Name); m.cloud && n > 0 {
				drift = append(drift, fmt.Sprintf("%s: %s has %d records of somebody else", name, z.Name, n))
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

// isIn reports whether zones of a pool are put on a member.
func isIn(m skein.Member, pool string) bool {
	if m.Role != skein.RoleStandalone && samePool(m.Pool, pool) {
		return true
	}
	return slices.ContainsFunc(m.Shares, func(s skein.Share) bool {
		return s.Role != skein.RoleStandalone && samePool(s.Pool, pool)
	})
}

func samePool(a, b string) bool {
	return cmp.Or(a, skein.DefaultPool) == cmp.Or(b, skein.DefaultPool)
}

// Plan asks the planner what is left to do on each member. It is empty when
// the cluster has converged.
func (c *Cluster) Plan() []member.Step {
	live := c.Store.Live()
	c.mu.Lock()
	defer c.mu.Unlock()
	var steps []member.Step
	for memberName, m := range c.members {
		var wanted []reconcile.Wanted
		for _, z := range live {
			if isIn(c.rows[memberName], z.Pool) {
				wanted = append(wanted, reconcile.Wanted{Zone: z.Name, Revision: z.Revision, Serial: z.Serial})
			}
		}
		seen := map[zone.Name]reconcile.Seen{}
		for name, serial := range m.Serving() {
			seen[name] = reconcile.Seen{Look: reconcile.Serves, Serial: serial}
		}
		steps = append(steps, reconcile.Plan(wanted, seen, (&driver{m: m}).Can(), time.Now())...)
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

func (p *Primary) names() (all []zone.Name) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, z := range p.serving {
		if !z.Deleted {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// Serial implements reconcile.Announcer.
func (p *Primary) Serial(name zone.Name) (uint32, bool) { return p.serial(name) }

// Notify implements reconcile.Announcer.
func (p *Primary) Notify(to reconcile.Target, name zone.Name) {
	if !to.Addr.IsValid() {
		p.cluster.t.Errorf("a member without an address was notified of %s", name)
	}
	if m := p.cluster.member(to.Addr.Addr()); m != nil {
		m.heard(anything, "NOTIFY "+string(name))
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
		if row.Address == a && a.IsValid() {
			return c.members[name]
		}
	}
	return nil
}

// prober asks the fake members: an answer takes a millisecond, silence three seconds.
type prober struct{ c *Cluster }

func (p prober) Ask(addr netip.AddrPort, name zone.Name, done func(probe.Result)) {
	m := p.c.member(addr.Addr())
	if !addr.IsValid() {
		p.c.t.Errorf("a member without an address was asked for %s over DNS", name)
	}
	time.AfterFunc(time.Millisecond, func() {
		r := probe.Result{Zone: name}
		if m != nil {
			r = m.answer(name)
		}
		if r.Outcome == probe.NoAnswer {
			time.AfterFunc(3*time.Second, func() { done(r) })
			return
		}
		done(r)
	})
}

func (p prober) Served(_ context.Context, addr netip.AddrPort, name zone.Name, key probe.Key) (zone.Contents, error) {
	m := p.c.member(addr.Addr())
	if !addr.IsValid() {
		p.c.t.Errorf("%s was to be transferred from a member without an address", name)
	}
	if m == nil || key.Secret != secrets.Audit {
		return zone.Contents{}, errors.New("REFUSED")
	}
	return m.served(name)
}

// Lookup answers for the SOA alone: nothing else is asked here.
func (p prober) Lookup(_ context.Context, addr netip.AddrPort, name zone.Name, of zone.Type) (probe.Found, error) {
	m := p.c.member(addr.Addr())
	if m == nil {
		return probe.Found{}, errors.New("no answer")
	}
	c, err := m.served(name)
	if err != nil || of != zone.TypeSOA {
		return probe.Found{Code: "REFUSED"}, nil
	}
	soa, _ := c.SOA()
	return probe.Found{Code: "NOERROR", Authoritative: true, Answer: []string{fmt.Sprintf("%s 60 SOA %s", name, soa.Rdata().Text(of))}}, nil
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
