package store

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Sources holds where zones come from, and what sources ask for.
type Sources interface {
	// Sources returns all of them, by name.
	Sources(ctx context.Context) ([]SourceRow, error)
	// PutSource creates or replaces by name; with create set, ErrExists if the
	// name is taken.
	PutSource(ctx context.Context, s SourceRow, create bool) error
	// DeleteSource deletes the row alone.
	DeleteSource(ctx context.Context, name string) error
	// Tallies returns what belongs to each name that a zone or a waiting change
	// has as its source. It is kept, not counted.
	Tallies(ctx context.Context) (map[string]Tally, error)

	Rules(ctx context.Context) ([]skein.SourceRule, error)
	// PutRule creates or replaces by kind, from and to.
	PutRule(ctx context.Context, r skein.SourceRule) error
	DeleteRule(ctx context.Context, kind, from, to string) error

	// PutTransferZone creates or replaces by name and source.
	PutTransferZone(ctx context.Context, z skein.TransferZone) (created bool, err error)
	DeleteTransferZone(ctx context.Context, name zone.Name, source string) error
	// PutTransferZones is PutTransferZone for many, in transactions of many.
	// On an error those before it are durable.
	PutTransferZones(ctx context.Context, zones []skein.TransferZone) (created int, err error)
	// DeleteTransferZones deletes many of one source, in the same way; it does
	// not mind those that are not there.
	DeleteTransferZones(ctx context.Context, source string, names []zone.Name) (deleted int, err error)
	TransferZones(ctx context.Context, q TransferQuery) ([]skein.TransferZone, error)
}

// SourceRow is a source with its secrets, sealed by package secret.
type SourceRow struct {
	Source skein.Source
	Sealed []byte
}

// Tally is what belongs to a source.
type Tally struct {
	Zones   int // live ones
	Waiting int
}

// TransferQuery selects zones that sources ask to be transferred: those of a
// name (in order of sources), else in canonical order of names those of a
// source or of a source's catalog, else those of some sources, else all.
type TransferQuery struct {
	Source  string
	Sources []string
	Name    zone.Name
	Catalog zone.Name          // with Source
	After   skein.TransferZone // Name and Source of the last one of the page before; zero from the start
	Limit   int
}

// Waitings holds changes that wait for a person.
type Waitings interface {
	// PutWaiting keeps a change and returns its number. It takes the place,
	// and the number, of an older one of the same zone, source and kind; the same
	// change sent again is no newer one, and nobody has to look at it again. A
	// source has at most MaxWaiting: beyond, KindUnavailable.
	PutWaiting(ctx context.Context, w WaitingRow) (id int64, err error)
	// Waiting returns them by number, without contents.
	Waiting(ctx context.Context, q WaitingQuery) ([]skein.Waiting, error)
	// WaitingByID returns one with its contents, or ErrNotFound.
	WaitingByID(ctx context.Context, id int64) (WaitingRow, error)
	DropWaiting(ctx context.Context, id int64) error
}

// MaxWaiting is how many changes of one source may wait.
const MaxWaiting = 10_000

// WaitingRow is a waiting change with what it would do.
type WaitingRow struct {
	skein.Waiting
	Sets  []zone.RRset // of a whole zone
	Edits []byte       // of single RRsets: a []skein.RecordEdit as JSON
}

// WaitingQuery selects waiting changes; what is not set selects all.
type WaitingQuery struct {
	Kinds   []string
	Zone    zone.Name
	Source  string
	Sources []string // one of these
	After   int64    // number of the last one of the page before
	Limit   int
}
