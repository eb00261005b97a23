package control

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Cluster is what control needs of the part that keeps members in step;
// reconcile is it, wired by daemon.
type Cluster interface {
	// Receipt tells where the newest revision of a zone is.
	Receipt(z skein.Zone) skein.Receipt
	// Wait returns when enough members were seen serving z's revision or a
	// later one: "all", "majority" or a number. On ctx's end it returns the
	// receipt so far and an error of KindTimeout.
	Wait(ctx context.Context, z skein.Zone, enough string) (skein.Receipt, error)
	// Status returns what was observed of a member; nil if unknown.
	Status(member string) *skein.MemberStatus
	// Test runs the member's test against this (perhaps not yet stored) member.
	Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check
	// SetMember starts, changes or stops keeping a member in step.
	SetMember(m skein.Member, s skein.MemberSecrets) error
	// RemoveMember stops it; with clean it first deletes our zones on it.
	RemoveMember(ctx context.Context, name string, clean bool) (removed int, err error)
	// Served returns what a member really serves of a zone, by transfer with the audit key.
	Served(ctx context.Context, member string, name zone.Name) (zone.Contents, error)
	// Subscribe returns events until stop is called; slow readers lose events.
	Subscribe() (events <-chan skein.Event, stop func())
}

// PutZone creates a zone or replaces its whole contents. Overlays stay as they
// are, with a warning.
type PutZone struct {
	Name       zone.Name
	Sets       []zone.RRset
	Tolerant   bool            // panels and transfers: normalise and warn; else the strict profile of editors
	CreateOnly bool            // refuse if the zone exists
	MustExist  bool            // refuse if it does not
	Expect     *skein.Revision // compare and set; nil: whatever is there
	ChangeID   string          // makes a retry harmless; made up if empty
	DryRun     bool
	// Shared begins a reverse zone (below in-addr.arpa or ip6.arpa) that is no
	// single source's: every source may stamp PTR sets of its own into it, and
	// administrators look after the rest. A source begins it with SOA and NS
	// alone. One that is there and takes the actor's stamps stays as it is.
	Shared bool
	// Exact is contents by zone transfer: the serial is the primary's and is
	// kept as it is. One that goes back waits for a person.
	Exact bool
	// Listed refuses contents of a zone that its source does not ask to be
	// transferred any more: a transfer may be on its way while it says so.
	Listed bool

	released bool // a person has looked at it
	resolved bool // and says that the zone is the actor's
}

// EditRecords changes single RRsets. They are applied in order, all or none.
type EditRecords struct {
	Zone     zone.Name
	Edits    []Edit
	Tolerant bool
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool
	// Stamp makes the touched RRsets overlays of this source, and refuses to
	// touch one that is another's. In a reverse zone that is shared or an
	// administrator's a source may so put PTR sets; elsewhere a standing rule decides.
	Stamp string
}

// Edit is one edit of one RRset.
type Edit struct {
	Op  Op
	Set zone.RRset // OpDelete: no Data means the whole set; Type 0 means every set of the name
	// KeepTTL takes the TTL of the set as it is, else the minimum of the SOA;
	// Set.TTL is not looked at then.
	KeepTTL bool
}

// Op is what an Edit does.
type Op string

// The edits.
const (
	OpSet    Op = "set"    // the set becomes exactly this
	OpAdd    Op = "add"    // these records come to the set
	OpDelete Op = "delete" // these records, or the set, go; an error if there is none
)

// DeleteZone deletes a zone. One of people in which sources have RRsets goes
// only where Expect shows that somebody has looked.
type DeleteZone struct {
	Name     zone.Name
	Expect   *skein.Revision
	ChangeID string

	released bool // a person has looked at it
	resolved bool // and says that it counts, although the zone is another's
}

// RestoreZone makes what a zone held at a revision its contents again, also of
// an earlier life of its name. Overlays that were not a part of it end; what
// sources have in a shared zone stays as it is.
type RestoreZone struct {
	Name     zone.Name
	To       skein.Revision
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool

	back string // the source that it belongs to again; "": it stays whose it is
}

// UndeleteZone brings a deleted zone back: the newest life of the name that
// the actor may change.
type UndeleteZone struct {
	Name     zone.Name
	ChangeID string
	DryRun   bool

	to *skein.Change // with what it held then; nil: when it was deleted
}

// Result is what became of a change; of a dry run, what would.
type Result struct {
	Zone     skein.Zone
	Created  bool
	Changed  bool       // false: the zone was like that already, and nothing was committed
	Delta    zone.Delta // with the SOA only if more than its serial changed; not for deletions
	Warnings []skein.Problem
}

// NewMember describes a member to configure or add. Zero fields take defaults.
type NewMember struct {
	Member  skein.Member
	Secrets skein.MemberSecrets // empty ones are made
	Pending bool                // store without a test
	Style   skein.ConfigStyle   // of the printed block
}

// MemberResult is a member with the findings of its test and, where asked
// for, the configuration block to paste on it.
type MemberResult struct {
	Member skein.Member
	Checks []skein.Check
	Config string
}

// NewToken is a token just made; Secret is shown once.
type NewToken struct {
	ID, Name, Secret string
	Expires          time.Time
}

// Page asks for a part of a list.
type Page struct {
	After    string
	Contains string
	Limit    int
}
