package route53

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// perSecond is how many calls AWS allows an account.
const perSecond = 5

// Accounts is what is known of AWS accounts beside their drivers: a member has
// several at a time, and members may share an account.
type Accounts struct {
	mu  sync.Mutex // owns all
	all map[accountKey]*account
	// limit of calls a second; tests are in a hurry
	limit rate.Limit
}

type accountKey struct{ endpoint, user string }

// NewAccounts returns an empty one.
func NewAccounts() *Accounts { return &Accounts{all: map[accountKey]*account{}, limit: perSecond} }

func (a *Accounts) of(m skein.Member) *account {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := accountKey{m.Endpoint, m.Username}
	if a.all[k] == nil {
		a.all[k] = &account{rate: rate.NewLimiter(a.limit, perSecond), pending: map[string]string{}}
	}
	return a.all[k]
}

// account is what is known of one.
type account struct {
	rate    *rate.Limiter
	reading sync.Mutex // one reads the list; taken before mu

	mu    sync.Mutex           // owns the rest; a leaf
	zones map[zone.Name]hosted // public ones; nil: not read yet
	read  time.Time            // when they were last listed
	// Hosted zone → its last change, until that is in force. It is not kept over a
	// restart, and need not be: what a zone has is listed as soon as the change is
	// taken, so that nothing is written again, and all that is lost is that the
	// zone counts as in force for the minute that Route 53 takes at most.
	pending map[string]string
	deleted int // zones that went
}

// hosted is a hosted zone.
type hosted struct {
	id    string
	ours  bool
	kept  bool // a service of AWS made it, and keeps it
	twice bool // another of the name is there
	made  time.Time
}

// find returns a hosted zone by name, if the list is not older than allowed.
func (a *account) find(name zone.Name, oldest time.Time) (h hosted, is, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	h, is = a.zones[name.Canonical()]
	return h, is, is || a.zones != nil && !a.read.Before(oldest)
}

// replace takes a new list in, that was begun at a time.
func (a *account) replace(zones map[zone.Name]hosted, began time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, h := range a.zones { // made while it was read
		if _, listed := zones[name]; !listed && h.made.After(began) {
			zones[name] = h
		}
	}
	a.zones, a.read = zones, began
}

func (a *account) add(name zone.Name, h hosted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.zones == nil {
		a.zones = map[zone.Name]hosted{}
	}
	a.zones[name.Canonical()] = h
}

// forget drops a hosted zone that is not there any more.
func (a *account) forget(name zone.Name, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.zones[name.Canonical()].id == id {
		delete(a.zones, name.Canonical())
	}
	delete(a.pending, id)
	a.deleted++
}

// deletions is how many zones went so far.
func (a *account) deletions() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.deleted
}

// doubt has the list read again before it is believed.
func (a *account) doubt() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.zones = nil
}

func (a *account) wait(id, change string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pending[id] = change
}

func (a *account) waits(id string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pending[id]
}

// settle notes that a change is in force, unless there was another since.
func (a *account) settle(id, change string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pending[id] == change {
		delete(a.pending, id)
	}
}
