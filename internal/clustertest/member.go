package clustertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// Fault is what goes wrong with one member. The zero value is health.
type Fault struct {
	Down   bool // nothing reaches it: commands fail, questions and NOTIFY are lost
	Mute   bool // commands work, but it answers no DNS questions
	Hang   bool // it takes commands and never answers
	Denied bool // it refuses commands
	// The pair of every fault of a fake: the step fails, or is done and then fails.
	StepFails    func(member.Step) error
	StepDoneThen func(member.Step) error
	NoTransfer   bool                 // the audit key may transfer nothing
	NeverLoads   func(zone.Name) bool // configured and told, but transfers nothing until told to retransfer
	Unclear      func(zone.Name) bool // its driver cannot tell whose a zone is
	CountBreaks  bool                 // the connection breaks when it is asked how many zones it has
	TransferTime time.Duration        // 1 ms if 0
	ServeTime    time.Duration        // that it takes to give a zone to the audit key; 1 ms if 0
	TransferGap  time.Duration        // transfers queue, one each gap
	StepTime     time.Duration        // 0 if 0
	// Of those without an address alone.
	Settles  time.Duration                 // how long what it took is not in force
	Lacks    func(zone.Name) []string      // records that it cannot hold
	HasFails func(names []zone.Name) error // it cannot tell what it has
}

// Member is a nameserver in memory, with a driver and an answering side.
type Member struct {
	name    string
	cloud   bool // without an address, and with serials of its own
	brought bool // its driver brings contents
	primary *Primary

	mu         sync.Mutex // owns everything below
	fault      Fault
	zones      map[zone.Name]*held
	told       []member.Step // every step that was carried out, and NOTIFY, in order
	may        hearing
	overheard  []string  // what reached it and should not have
	asked      int       // DNS questions or, without an address, zones that the driver was asked for
	calls      int       // in which the driver was asked
	transfers  int       // given with the audit key
	giving     int       // of these, under way
	mostGiving int       // … at once, ever
	knocked    int       // signs of life that were asked for
	queue      time.Time // when the last queued transfer happens
	wentBack   []string
	nsid       string
}

type held struct {
	foreign bool
	loaded  bool
	serial  uint32
	highest uint32 // ever given by us
	apart   bool   // what it holds is not of our history
	others  int    // records of it that are not ours
	settled time.Time
}

// hearing is what may reach a member.
type hearing int

const (
	nothing     hearing = iota // but DNS questions
	signsOfLife                // and questions of its driver
	anything                   // and steps and NOTIFY
)

func (m *Member) hearing() hearing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.may
}

func (m *Member) hear(h hearing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.may = h
}

// heard notes what is said to a member that must not hear it.
func (m *Member) heard(needs hearing, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.may < needs {
		m.overheard = append(m.overheard, what)
	}
}

// Overheard returns what was said to the member while it was disabled,
// observed, or clustering was off, and forgets it.
func (m *Member) Overheard() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	said := m.overheard
	m.overheard = nil
	return said
}

// Alter changes so many records of a zone that is there behind our back, and
// not the serial.
func (m *Member) Alter(name zone.Name, records int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.zones[name]; h != nil {
		h.others = records
	}
}

// Others tells how many records of a zone are not ours.
func (m *Member) Others(name zone.Name) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.zones[name]; h != nil {
		return h.others
	}
	return 0
}

// Own puts a zone on the member that it has had from Skein, at a serial.
func (m *Member) Own(name zone.Name, serial uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zones[name] = &held{loaded: true, serial: serial}
}

// served transfers a zone from the member.
func (m *Member) served(name zone.Name) (zone.Contents, error) {
	m.mu.Lock()
	m.giving++
	m.mostGiving = max(m.mostGiving, m.giving)
	wait := max(m.fault.ServeTime, time.Millisecond)
	m.mu.Unlock()
	time.Sleep(wait)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.giving--
	h := m.zones[name]
	if m.fault.Down || m.fault.NoTransfer || h == nil || !h.loaded {
		return zone.Contents{}, errors.New("REFUSED")
	}
	m.transfers++
	return contents(name, h.serial, h.others), nil
}

// Transfers returns how many transfers the member has given.
func (m *Member) Transfers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.transfers
}

// MostTransfers returns how many transfers it was giving at once, at most.
func (m *Member) MostTransfers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mostGiving
}

// SetFault replaces what goes wrong.
func (m *Member) SetFault(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = f
}

// Forget wipes the member: it was installed anew.
func (m *Member) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.zones)
}

// SetNSID has another server answer at its address.
func (m *Member) SetNSID(nsid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nsid = nsid
}

// SetForeign puts a zone on the member that is somebody else's.
func (m *Member) SetForeign(name zone.Name, serial uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zones[name] = &held{foreign: true, loaded: true, serial: serial}
}

// SetSerial changes a zone behind our back. A serial beyond all that we gave
// comes with contents of another history, which increments do not mend.
func (m *Member) SetSerial(name zone.Name, serial uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.zones[name]
	h.serial, h.apart = serial, h.apart || zone.SerialLess(h.highest, serial)
}

// Apart reports whether the member holds contents of another history.
func (m *Member) Apart(name zone.Name) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.zones[name]
	return h != nil && h.apart
}

// Drop removes a zone behind our back.
func (m *Member) Drop(name zone.Name) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.zones, name)
}

// Serving returns what the member serves of ours.
func (m *Member) Serving() map[zone.Name]uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	serving := map[zone.Name]uint32{}
	for name, h := range m.zones {
		if h.loaded && !h.foreign {
			serving[name] = h.serial
		}
	}
	return serving
}

// Foreign returns the serial of a foreign zone.
func (m *Member) Foreign(name zone.Name) (uint32, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.zones[name]
	if h == nil || !h.foreign {
		return 0, false
	}
	return h.serial, true
}

// Told returns the steps and notifies that reached the member, and forgets them.
func (m *Member) Told() []member.Step {
	m.mu.Lock()
	defer m.mu.Unlock()
	told := m.told
	m.told = nil
	return told
}

// Asked returns how many questions the member was asked.
func (m *Member) Asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// Knocked returns how often the member was asked for a sign of life.
func (m *Member) Knocked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.knocked
}

// WentBack lists every time the member was given an older version than it had.
func (m *Member) WentBack() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.wentBack)
}

// transfer fetches a zone from the primary after a while, as a real secondary
// does: only if the primary is ahead, unless forced.
func (m *Member) transfer(name zone.Name, force bool) {
	m.mu.Lock()
	wait := max(m.fault.TransferTime, time.Millisecond)
	if m.fault.TransferGap > 0 {
		if now := time.Now(); m.queue.Before(now) {
			m.queue = now
		}
		m.queue = m.queue.Add(m.fault.TransferGap)
		wait = time.Until(m.queue)
	}
	m.mu.Unlock()
	time.AfterFunc(wait, func() {
		serial, ok := m.primary.serial(name)
		m.mu.Lock()
		h := m.zones[name]
		never := m.fault.NeverLoads != nil && m.fault.NeverLoads(name) && !force
		if !ok || h == nil || h.foreign || m.fault.Down || never || h.loaded && !force && !zone.SerialLess(h.serial, serial) {
			m.mu.Unlock()
			return
		}
		for _, had := range []uint32{h.highest, h.serial} {
			if h.loaded && zone.SerialLess(serial, had) {
				m.wentBack = append(m.wentBack, fmt.Sprintf("%s: %d after %d", name, serial, had))
			}
		}
		h.apart = h.apart && h.loaded && !force // by increments the other history stays in it
		h.loaded, h.serial, h.highest, h.others = true, serial, serial, 0
		m.mu.Unlock()
		m.primary.transferred(m.name, name, serial)
	})
}

// Follow has the member find all zones that the primary serves in a list of
// its own, and fetch them.
func (m *Member) Follow() {
	names := m.primary.names()
	m.mu.Lock()
	for _, name := range names {
		if m.zones[name] == nil {
			m.zones[name] = &held{}
		}
	}
	m.mu.Unlock()
	for _, name := range names {
		m.transfer(name, false)
	}
}

func (m *Member) notified(name zone.Name) {
	m.mu.Lock()
	h := m.zones[name]
	deaf := m.fault.Down || h == nil || h.foreign
	if !m.fault.Down {
		m.told = append(m.told, member.Step{Action: "notify", Zone: name})
	}
	m.mu.Unlock()
	if !deaf {
		m.transfer(name, false)
	}
}

// answer is the member's DNS side.
func (m *Member) answer(name zone.Name) probe.Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	h := m.zones[name]
	switch {
	case m.fault.Down || m.fault.Mute:
		return probe.Result{Zone: name}
	case h == nil:
		return probe.Result{Zone: name, Outcome: probe.Absent, Rcode: 5}
	case !h.loaded:
		return probe.Result{Zone: name, Outcome: probe.NotLoaded, Rcode: 2}
	}
	return probe.Result{Zone: name, Outcome: probe.Serves, Serial: h.serial, NSID: m.nsid}
}

// driver speaks to a Member.
type driver struct {
	m      *Member
	closed chan struct{}
	once   sync.Once
}

func (d *driver) Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: !d.m.brought, Own: d.m.cloud}
}

func (d *driver) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

// reach fails as a connection does under the member's fault.
func (d *driver) reach(ctx context.Context) (Fault, error) {
	d.m.mu.Lock()
	f := d.m.fault
	d.m.mu.Unlock()
	switch {
	case f.Down:
		return f, fmt.Errorf("%w: connection refused", member.ErrAway)
	case f.Hang:
		select {
		case <-ctx.Done():
		case <-d.closed:
		}
		return f, errors.New("read: i/o timeout")
	case f.Denied:
		return f, fmt.Errorf("%w: allow-new-zones is off; set it to yes", member.ErrDenied)
	}
	return f, nil
}

func (d *driver) Apply(ctx context.Context, steps []member.Step, done func(int, error)) error {
	for i, step := range steps {
		d.m.heard(anything, string(step.Action)+" "+string(step.Zone))
		f, err := d.reach(ctx)
		if errors.Is(err, member.ErrDenied) {
			done(i, err)
			continue
		}
		if err != nil {
			return err
		}
		if f.StepTime > 0 {
			time.Sleep(f.StepTime)
		}
		if f.StepFails != nil {
			err = f.StepFails(step)
		}
		if err == nil {
			err = d.m.apply(step)
		}
		if err == nil && f.StepDoneThen != nil {
			err = f.StepDoneThen(step)
		}
		if errors.Is(err, member.ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}

func (m *Member) apply(step member.Step) error {
	serial, published := m.primary.serial(step.Zone)
	m.mu.Lock()
	h := m.zones[step.Zone]
	if h != nil && h.foreign {
		m.mu.Unlock()
		return member.ErrForeign
	}
	m.told = append(m.told, step)
	if m.brought {
		defer m.mu.Unlock()
		delete(m.zones, step.Zone)
		switch {
		case step.Action == member.ActionDelete:
		case !published:
			return errors.New("nothing is published of it")
		default:
			m.zones[step.Zone] = &held{loaded: true, serial: serial, highest: serial, settled: time.Now().Add(m.fault.Settles)}
		}
		return nil
	}
	added := false
	switch step.Action {
	case member.ActionAdd:
		if added = h == nil; added {
			m.zones[step.Zone] = &held{}
		}
	case member.ActionDelete:
		delete(m.zones, step.Zone)
	}
	m.mu.Unlock()
	if added || step.Action == member.ActionRetransfer {
		m.transfer(step.Zone, step.Action == member.ActionRetransfer)
	}
	return nil
}

func (d *driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	d.m.heard(signsOfLife, "whose its zones are")
	f, err := d.reach(ctx)
	if err != nil {
		return nil, err
	}
	if d.m.brought {
		return d.m.has(f, names)
	}
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	there := make([]member.Presence, len(names))
	for i, name := range names {
		if h := d.m.zones[name]; h != nil {
			there[i] = member.Presence{Present: true, Ours: !h.foreign, Current: !h.foreign}
			if f.Unclear != nil && f.Unclear(name) {
				there[i] = member.Presence{Present: true, Pending: true}
			}
		}
	}
	return there, nil
}

// has compares what the member has with what is published.
func (m *Member) has(f Fault, names []zone.Name) ([]member.Presence, error) {
	published := make([]uint32, len(names))
	for i, name := range names {
		published[i], _ = m.primary.serial(name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked += len(names)
	m.calls++
	if f.HasFails != nil {
		if err := f.HasFails(names); err != nil {
			return nil, err
		}
	}
	there := make([]member.Presence, len(names))
	for i, name := range names {
		h := m.zones[name]
		if h == nil {
			continue
		}
		there[i] = member.Presence{Present: true, Ours: !h.foreign, Current: !h.foreign && (h.serial == published[i] || !m.cloud) && h.others == 0, Pending: time.Now().Before(h.settled)}
		if f.Lacks != nil {
			there[i].Lacks = f.Lacks(name)
		}
	}
	return there, nil
}

// Calls returns in how many calls the driver of a member without an address
// was asked for what Asked counts.
func (m *Member) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

func (d *driver) Status(ctx context.Context) (string, error) {
	d.m.mu.Lock()
	d.m.knocked++
	d.m.mu.Unlock()
	d.m.heard(signsOfLife, "status")
	_, err := d.reach(ctx)
	return "fake 1.0", err
}

// Count implements member.Counter.
func (d *driver) Count(ctx context.Context) (int, error) {
	f, err := d.reach(ctx)
	if err == nil && f.CountBreaks {
		err = fmt.Errorf("%w: reset", member.ErrAway)
	}
	if err != nil {
		return 0, err
	}
	d.m.heard(signsOfLife, "count")
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	return len(d.m.zones), nil
}

func (d *driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	d.m.heard(signsOfLife, "test")
	f, err := d.reach(ctx)
	if err == nil && f.StepFails != nil {
		err = f.StepFails(member.Step{Action: member.ActionAdd, Zone: self})
	}
	return []skein.Check{{Name: "rndc", OK: err == nil, Text: fmt.Sprint(err)}, {Name: "dns", OK: !f.Mute, Text: "no answer"}}
}
