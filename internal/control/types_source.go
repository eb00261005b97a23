package control

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Intake is what control needs of the part that transfers zones in; secondary
// is it, wired by daemon. It is told after the store has it.
type Intake interface {
	// SetSource begins or changes how zones of a source are transferred; one
	// that is paused, or has nothing to transfer, is known and left alone.
	SetSource(skein.Source, skein.SourceSecrets) error
	RemoveSource(name string) error
	// CheckZone says why SetZone would refuse a zone, before the store has it.
	CheckZone(skein.TransferZone) error
	// SetZone begins or changes the transfer of a zone.
	SetZone(skein.TransferZone) error
	RemoveZone(name zone.Name, source string) error
	// TransferStatus tells what was observed of a zone of a source, and
	// Catalogs of its catalogs.
	TransferStatus(name zone.Name, source string) (skein.TransferStatus, bool)
	Catalogs(source string) []skein.TransferStatus
}

// Observed keeps what was observed beside the truth; store/observed is it.
// Load returns nil where nothing was saved.
type Observed interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Save(ctx context.Context, name string, snapshot []byte) error
}

// NewSource describes a source to add, or as it is to be from now on. An
// empty secret, and a list of keys that is nil, keep what there is.
type NewSource struct {
	Source  skein.Source
	Secrets skein.SourceSecrets
}

// RemoveSource removes a source with its tokens, rules, transfer zones and
// what waits of it. Zones says what becomes of its zones: skein.ZonesKeep,
// ZonesHanded (To gets them) or ZonesRecycle; it may be empty if it has none.
// Interrupted it is called again, and goes on.
type RemoveSource struct {
	Name   string
	Zones  string
	To     string
	DryRun bool
}

// RevertSource takes back what a source changed since a time. With the ID of a
// plan it goes on where that was interrupted.
type RevertSource struct {
	Name   string
	Since  time.Time
	ID     string // made up if empty
	DryRun bool
}

// TakeOver gives a zone to another source. If a version of that one waits, it
// becomes the zone in the same change.
type TakeOver struct {
	Name     zone.Name
	To       string
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool
}

// EndOverlay drops overlays, so that what the origin put in is in service
// again, or adopts them: then they are the zone's own, and the origin's next
// push may replace them.
type EndOverlay struct {
	Zone     zone.Name
	Name     zone.Name
	Type     zone.Type // 0: every overlay of the name
	Adopt    bool
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool
}

// Decision is about a change that waits.
type Decision struct {
	ID int64
	// Seen is when the change that was looked at came to wait. Another one that
	// took its number meanwhile is left alone. Zero: whatever waits.
	Seen time.Time
}

// WaitingQuery selects what waits; what is not set selects all. 100 where no
// limit is given, at most 1000.
type WaitingQuery struct {
	Kinds  []string
	Zone   zone.Name
	Source string
	After  int64 // number of the last one of the part before
	Limit  int
}

// NotReleased is a waiting change that a release or discard of many left.
type NotReleased struct {
	ID   int64
	Zone zone.Name
	Err  error
}

// TransferQuery selects zones that sources ask to be transferred: those of a
// name, else those of a source or of a source's catalog, else all. 100 where
// no limit is given, at most 1000.
type TransferQuery struct {
	Source  string
	Name    zone.Name
	Catalog zone.Name          // with Source
	After   skein.TransferZone // Name and Source of the last one of the part before
	Limit   int
}
