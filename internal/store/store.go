// Package store is the durable truth: zones with their history, and the small
// tables beside them. The engines are in the sub-packages; storetest is the
// suite that each of them passes. See DESIGN.md for layout and reasons.
package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The refusals of Commit and the reads. They are returned wrapped in a
// *skein.Error of the fitting kind where a person will read them.
var (
	// ErrNotFound: there is no such zone, version, member or token.
	ErrNotFound = errors.New("not found")
	// ErrChanged: the zone is not at the expected revision. Nothing was done.
	ErrChanged = skein.ErrChanged
	// ErrExists: a zone or member of that name is there already.
	ErrExists = errors.New("exists already")
	// ErrCursor: the cursor is of another epoch, beyond the end, before the
	// floor, or its digest is not that of this history: resync.
	ErrCursor = errors.New("the cursor does not fit this history")
)

// Store is what an engine implements. All methods are safe for concurrent
// use. A method that returned nil has its effect on disk (promise 1).
type Store interface {
	Zones
	Feed
	Sources
	Waitings
	Settings
	Access
	Templates
	Close() error
}

// Zones holds zones, contents and history.
type Zones interface {
	// Commit makes one change durable, or nothing at all. Concurrent commits
	// share a transaction; a refused one does not hurt the others. With a
	// change id that was committed before, it returns that commit again with
	// Repeated set and does nothing.
	Commit(ctx context.Context, w Write) (Commit, error)
	// Import commits many whole new zones, fast, in transactions of many
	// zones each. It stops at the first error; what was yielded to done is durable.
	Import(ctx context.Context, writes iter.Seq[Write], done func(Commit)) error

	// Zone returns the live zone of a name, or ErrNotFound.
	Zone(ctx context.Context, name zone.Name) (skein.Zone, error)
	// ZoneByID also finds deleted zones (Deleted is set) until they are purged.
	ZoneByID(ctx context.Context, id skein.ZoneID) (skein.Zone, error)
	// List returns live zones in canonical order of names, after a name.
	List(ctx context.Context, q ListQuery) ([]skein.Zone, error)
	// Deleted returns tombstones that are still kept, the newest deletion first.
	Deleted(ctx context.Context, q DeletedQuery) ([]Tombstone, error)
	// SerialFloor returns the last serial that a zone of that name ever had,
	// live or deleted; ok is false if there never was one.
	SerialFloor(ctx context.Context, name zone.Name) (serial uint32, ok bool, err error)

	// Contents returns the authored contents at the newest revision, with the
	// revision that they are of.
	Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error)
	// Nodes returns the RRsets at the given owner names only: the cost follows
	// the names, also in a zone of a million records.
	Nodes(ctx context.Context, id skein.ZoneID, names []zone.Name) ([]zone.RRset, skein.Revision, error)
	// Text returns the zone file that the newest contents were given as, and the
	// revision that it came with; ErrNotFound if there is none. It is kept with
	// a deleted zone.
	Text(ctx context.Context, id skein.ZoneID) (text []byte, at skein.Revision, err error)
	// ContentsAt returns the authored contents as they were at a revision of
	// that zone's history; ErrNotFound once that is no longer kept.
	ContentsAt(ctx context.Context, id skein.ZoneID, at skein.Revision) (zone.Contents, error)
	// ZoneAt returns what a zone held when a revision, of whatever zone, was
	// the newest one. ErrNotFound says that it was not there then, or that
	// history does not reach back.
	ZoneAt(ctx context.Context, id skein.ZoneID, at skein.Revision) (Past, error)
	// DeltaSince joins the deltas after a revision; ErrNotFound when history
	// does not reach back, and the reader then takes Contents. Serial is that
	// of the newest revision.
	DeltaSince(ctx context.Context, id skein.ZoneID, after skein.Revision) (Versions, error)
	// History returns the changes of a zone (by name, across its lives),
	// newest first.
	History(ctx context.Context, name zone.Name, limit int) ([]skein.Change, error)
	// Audit returns changes and refusals, the newest first. The cost of a page
	// follows its length, whatever one field beside times selects; further
	// fields are looked up in what that one, or the tenants, selected.
	Audit(ctx context.Context, q skein.AuditQuery) ([]AuditEntry, error)
	// Owners returns the stamps of a zone at these names, or of the whole zone
	// if names is nil, in canonical order, at most limit (0: all); also those of
	// a deleted zone while it is kept.
	Owners(ctx context.Context, id skein.ZoneID, names []zone.Name, limit int) ([]Stamp, error)
	// StampsOf returns what a source has stamped in live zones, zone by zone.
	StampsOf(ctx context.Context, q StampQuery) ([]ZoneStamp, error)
	// ChangeByID returns the committed change of a change id, or ErrNotFound.
	ChangeByID(ctx context.Context, id string) (skein.Change, error)
	// OwnerTallies and PoolTallies return how many live zones each owner has,
	// and each pool; those without any are missing. It is kept, not counted.
	OwnerTallies(ctx context.Context) (map[string]int, error)
	PoolTallies(ctx context.Context) (map[string]int, error)
	// Totals tells how many zones there are, and the newest revision.
	Totals(ctx context.Context) (zones int, newest skein.Revision, err error)
	// Deletions counts deletions of zones since a time.
	Deletions(ctx context.Context, q DeletionQuery) (int, error)
	// ChangesBy returns the committed changes of a source since a time, the oldest first.
	ChangesBy(ctx context.Context, q ChangesQuery) ([]AuditEntry, error)
	// Refused records in the audit log what has no revision: a refusal, or a
	// change of members or tokens (Refused is empty then). A change without a
	// tenant is root's, here as in Commit.
	Refused(ctx context.Context, c skein.Change) error
}

// Write is one change of one zone. An existing zone gets a later serial, or
// with an empty Delta (where stamps or the origin change) the one that it has.
type Write struct {
	Change skein.Change // ID, At, Actor, Action; the store fills Revision
	// Zone: for a new zone ID is empty and the head fields are taken over
	// (where they are zero, Created and OriginSince become Change.At, and
	// OriginBefore and PoolBefore what the name had in an earlier life, if that
	// was another); for an existing one only ID and Name count.
	Zone   skein.Zone
	Expect skein.Revision // revision that the zone must be at; 0: must not exist
	Delete bool
	Delta  zone.Delta // authored; from nothing for a new zone
	Serial uint32     // published serial after the change
	// Stamps are set (with a source) or taken away (without one) together with
	// the contents. The store does not look whether there is such an RRset: a
	// stamp without one says that it is absent on purpose.
	Stamps []Stamp
	// Origin, if set, is the source that an existing zone belongs to from now
	// on: a takeover.
	Origin string
	// Owner and Pool, if set, are the tenant and the pool of an existing zone
	// from now on.
	Owner, Pool string
	// Waiting, if set, is the change that waited for a person and that this
	// one releases: its row goes in the same transaction. ErrNotFound if it is
	// gone already, and nothing is done.
	Waiting int64
	// Revive is, for a new zone, the deleted life of the same name that it
	// continues: the stamps of that one come along, and so may its last serial,
	// if the contents are the same (as they must be of a signed zone).
	Revive skein.ZoneID
	// Text is the zone file that the contents were given as, to be kept beside
	// them. Nil keeps the one that there is, if Delta is empty: of other
	// contents it is no text any more, and goes.
	Text []byte
}

// Stamp says that an RRset is not of the zone's origin.
type Stamp struct {
	Name   zone.Name
	Type   zone.Type
	Source string
	Hidden *zone.RRset // the origin's own, which the stamped one covers; nil: it has none
}

// StampQuery selects the stamps of one source.
type StampQuery struct {
	Source string
	After  ZoneStamp // the last one of the page before; zero from the start
	Limit  int
}

// ZoneStamp is a stamp with the zone that it is in.
type ZoneStamp struct {
	Zone   zone.Name
	ZoneID skein.ZoneID
	Stamp
}

// Commit is what became of a write.
type Commit struct {
	Revision skein.Revision
	Zone     skein.Zone
	Repeated bool // the change id had been committed before
}

// ListQuery selects zones.
type ListQuery struct {
	After    zone.Name // "" from the start
	Contains string    // part of the name, lower case
	Origin   string
	Owners   []string // nil for all
	Pools    []string // nil for all
	Skip     int      // of what is selected, this many come before
	Limit    int
}

// DeletedQuery selects tombstones.
type DeletedQuery struct {
	Name     zone.Name      // those of this name; "" for all
	Contains string         // part of the name, lower case
	Origin   string         // "" for all
	Owners   []string       // nil for all
	Before   skein.Revision // deleted before this revision; 0: from the newest
	Limit    int
}

// Tombstone is a deleted zone whose contents are still kept.
type Tombstone struct {
	Zone skein.Zone     // Revision and Changed are those of the deletion
	Last skein.Revision // the one before the deletion, for ContentsAt
}

// Past is what a zone held at a time that is over.
type Past struct {
	Contents zone.Contents  // authored
	Revision skein.Revision // of the last change of the zone up to then
	Serial   uint32         // published with it
}

// Versions is a run of deltas of one zone, oldest first.
type Versions struct {
	Head  skein.Zone
	Steps []Step
}

// Step is one version: the delta that led to it, and its published serial.
type Step struct {
	Revision skein.Revision
	Serial   uint32
	Delta    zone.Delta
}

// AuditEntry is a change or a refusal with its place in the audit log.
type AuditEntry = skein.AuditEntry

// DeletionQuery selects deletions of zones: by the source that the zones
// belonged to, or by who deleted them. Exactly one of the two is set.
type DeletionQuery struct {
	Origin string
	Actor  string // name
	Since  time.Time
	Limit  int // to count to at most; 0: all
}

// ChangesQuery selects committed changes.
type ChangesQuery struct {
	Source string // of the actor
	Since  time.Time
	After  int64 // Seq of the last one of the page before; 0 from the start
	Limit  int
}

// Feed is the ordered, resumable list of changed zones: one entry a zone, at
// the revision of its last change; deleted zones stay as tombstones down to a floor.
type Feed interface {
	// Entries returns entries after the cursor, at most limit, and the cursor
	// to go on from. The zero cursor starts with all live zones and the
	// tombstones that are kept. ErrCursor asks for a start from zero.
	Entries(ctx context.Context, after Cursor, limit int) ([]Entry, Cursor, error)
	// Wake returns a channel that gets a value after commits; a hint only.
	// Call stop when done.
	Wake() (hints <-chan struct{}, stop func())
	// Head returns the cursor of the newest revision.
	Head(ctx context.Context) (Cursor, error)
	// Purge drops tombstones, versions and audit entries older than keep.
	Purge(ctx context.Context, keep time.Time) error
}

// Cursor is a place in the feed: epoch:position:digest, opaque outside the engine.
type Cursor string

// Entry says that a zone changed.
type Entry struct {
	Revision skein.Revision
	Zone     skein.Zone // head at that revision, Deleted for a tombstone
}

// Settings holds the small tables: members, tokens, keys and values.
type Settings interface {
	Members(ctx context.Context) ([]MemberRow, error)
	// PutMember creates or replaces by name; with create set, ErrExists if the name is taken.
	PutMember(ctx context.Context, m MemberRow, create bool) error
	DeleteMember(ctx context.Context, name string) error

	Tokens(ctx context.Context) ([]Token, error)
	PutToken(ctx context.Context, t Token) error
	DeleteToken(ctx context.Context, id string) error
	TokenByHash(ctx context.Context, hash []byte) (Token, error)

	// Setting returns the value of a key, ErrNotFound if it was never set.
	Setting(ctx context.Context, key string) ([]byte, error)
	PutSetting(ctx context.Context, key string, value []byte) error
}

// MemberRow is a member with its secrets, sealed by package secret.
type MemberRow struct {
	Member skein.Member
	Sealed []byte
}

// Token is an API token; only the hash of its secret is kept.
type Token struct {
	ID      string
	Name    string
	Source  string // that zones put in with it belong to
	Tenant  string
	Role    skein.AccessRole
	Scope   skein.Scope
	Form    string // of the secret; "": Skein's own
	Maker   string // the user who made it; "" if none did
	Hash    []byte
	Created time.Time
	Expires time.Time
}
