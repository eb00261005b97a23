package reconcile

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Feed is what changed, in order; store.Feed has it.
type Feed interface {
	Entries(ctx context.Context, after store.Cursor, limit int) ([]store.Entry, store.Cursor, error)
	Wake() (hints <-chan struct{}, stop func())
}

// Zones tells what a zone is right now; store.Zones has it.
type Zones interface {
	Zone(ctx context.Context, name zone.Name) (skein.Zone, error)
	// Contents returns the authored contents, and the revision that they are of.
	Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error)
}

// Prober asks members over DNS; probe.Prober is it.
type Prober interface {
	// Ask calls done once, from another goroutine; neither blocks.
	Ask(addr netip.AddrPort, name zone.Name, done func(probe.Result))
	// Served transfers the whole zone with the audit key.
	Served(ctx context.Context, addr netip.AddrPort, name zone.Name, key probe.Key) (zone.Contents, error)
	// Lookup asks for the records of a name.
	Lookup(ctx context.Context, addr netip.AddrPort, name zone.Name, of zone.Type) (probe.Found, error)
}

var _ Prober = (*probe.Prober)(nil)

// Announcer is the primary that members transfer from: the embedded nameserver.
type Announcer interface {
	// Serial returns the serial that is served now.
	Serial(name zone.Name) (uint32, bool)
	// Notify queues a signed NOTIFY and does not wait.
	Notify(to Target, name zone.Name)
}

// Target is where and how a NOTIFY goes.
type Target struct {
	Addr   netip.AddrPort
	Key    string     // TSIG key name
	Source netip.Addr // the address that the member knows as its primary, if it is ours; else zero
}

// TargetOf returns where a member is notified: from the first of its primaries
// that is this machine's, since some take it from nobody else.
func TargetOf(m skein.Member, local func(netip.Addr) bool) Target {
	to := Target{Addr: m.DNS(), Key: m.TSIGKey}
	for _, p := range m.Primaries {
		if local(p.Address) {
			to.Source = p.Address
			break
		}
	}
	return to
}

// Observed keeps what was observed of a member across restarts. It may lose
// everything at any time: then all is looked at again. A nil Observed keeps nothing.
type Observed interface {
	Load(ctx context.Context, member string) ([]byte, error) // nil if there is nothing
	Save(ctx context.Context, member string, snapshot []byte) error
	Forget(ctx context.Context, member string) error
}

// Config is what a Loop is made of. Feed, Zones, Driver, Prober and Announcer
// are needed; the rest has good defaults.
type Config struct {
	Feed   Feed
	Zones  Zones
	Driver func(skein.Member, skein.MemberSecrets) (member.Driver, error)
	// Own reports whether what a member has is asked of a driver
	// (member.Capabilities.Own). Default: of none.
	Own       func(skein.Member) bool
	Prober    Prober
	Announcer Announcer
	Observed  Observed
	// Local reports whether an address is one of this machine's. Default: ask the system.
	Local func(netip.Addr) bool
	// SelfTest is the zone that members may transfer in tests; skein-test.invalid. by default.
	SelfTest zone.Name
	// AuditPeriod is how long one round over all zones of a member takes; 10 minutes by default.
	AuditPeriod time.Duration
	// ContentsPeriod is how long a round over the whole contents of all zones of
	// a member takes; a day by default. Members are transferred from with their
	// audit key, a few zones at once, each of these half of the time at most.
	ContentsPeriod time.Duration
	// Crossed is told once when so many operations of a member failed in a row
	// as SetThreshold says, and again at each multiple of that. Like the next
	// two it is called without locks, one call after the other.
	Crossed func(member string, failures int, last string)
	// Recovered is told when a member that the threshold disabled is fit again,
	// and at later tries until somebody enables it.
	Recovered func(member string)
	// Ahead is told of a zone that a member has at a later serial than ever was
	// published, and with over when that is not so any more.
	Ahead func(member string, name zone.Name, serial uint32, over bool)
	// Trace takes the transactions with a member; nil, or returning nil, where
	// its debug log is off.
	Trace func(skein.Member, skein.MemberSecrets) member.Trace
	Now   func() time.Time
	Rand  func() float64 // in [0,1), for jitter
	Log   *slog.Logger

	most bounds
}
