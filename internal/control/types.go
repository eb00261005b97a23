package control

import (
	"context"

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
	// Propagation tells how long changes of the last hour took to reach members.
	Propagation() skein.Propagation
	// Test runs the member's test against this (perhaps not yet stored) member.
	Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check
	// Certificate returns the pin of the certificate that a member shows, and
	// whether it is trusted without; "" of members that show none.
	Certificate(ctx context.Context, m skein.Member, s skein.MemberSecrets) (pin string, trusted bool, err error)
	// Trust asks a member to add this node, reached as host, as one of its own,
	// and to sign in with user and token.
	Trust(ctx context.Context, m skein.Member, s skein.MemberSecrets, user, host, token string) error
	// SetMember starts, changes or stops keeping a member in step.
	SetMember(m skein.Member, s skein.MemberSecrets) error
	// RemoveMember stops it; with clean it first deletes our zones on it.
	RemoveMember(ctx context.Context, name string, clean bool) (removed int, err error)
	// Served returns what a member really serves of a zone, by transfer with the audit key.
	Served(ctx context.Context, member string, name zone.Name) (zone.Contents, error)
	// Lookup asks a member over DNS for the records of a name.
	Lookup(ctx context.Context, member string, name zone.Name, of zone.Type) skein.LookupAnswer
	// SetPaused disables clustering, or enables it again: while it is disabled
	// members are looked at and compared, and told nothing.
	SetPaused(paused bool)
	// SetThreshold sets after how many failures in a row a member is to be
	// disabled (0: never), and whether it is then tried now and then.
	SetThreshold(failures int, automatic bool)
	// Plan tells what writing to a member would do now, whatever its state.
	Plan(ctx context.Context, m skein.Member, s skein.MemberSecrets) (skein.MemberPlan, error)
	// Compare tells how these zones on a member, at most 1000, differ from what
	// is wanted: a step for each that does. A step to leave a zone whose serial
	// there is later than ours is a conflict.
	Compare(ctx context.Context, member string, names []zone.Name) ([]skein.PlanStep, error)
	// Recheck looks at these zones on a member again, at most 1000, and does
	// what is missing; nil: at all zones. It waits while there is too much to
	// do already, but not for what becomes of it.
	Recheck(ctx context.Context, member string, names []zone.Name) error
	// ZonesOf lists every zone that a member has, whoever put it there.
	ZonesOf(ctx context.Context, m skein.Member, s skein.MemberSecrets, each func(skein.ListedZone) error) error
	// Examine calls each once, in order, for each of the names with what a member
	// has of it, or why that cannot be had.
	Examine(ctx context.Context, m skein.Member, s skein.MemberSecrets, names []zone.Name, each func(i int, has skein.ListedZone, c zone.Contents, err error)) error
	// TakeZones makes zones Skein's on a member that are not, once they are
	// served here, and calls done for each, in order, with nil or why not.
	TakeZones(ctx context.Context, m skein.Member, s skein.MemberSecrets, names []zone.Name, done func(i int, err error)) error
	// InState returns zones that any of these members has in a state, behind for
	// whatever is not as wanted, in canonical order after a name, at most limit.
	// Of a member that catches up they are those that it has come to.
	InState(members []string, state skein.ZoneState, after zone.Name, limit int) []zone.Name
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
	// Text is the zone file that Sets were read from. It is kept beside them, up
	// to MaxText octets, while it is what is published.
	Text []byte
	// Ahead makes a serial that is ahead of the published one a change by itself.
	Ahead bool
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
	stays    bool // it counts as if the zone's own origin had sent it
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

	moved bool // it is another pool's by now
}

// Page asks for a part of a list.
type Page struct {
	After    string
	Contains string
	Of       skein.ZoneFilter
	Skip     int // zones to leave out first
	Limit    int
}

// Inventory reads members whose roles say so; package inventory is it, wired
// by daemon.
type Inventory interface {
	// Walk goes through all zones of a member, some at a time: pick says which
	// of them are read, and take gets each, or why it cannot be had. An error of
	// either ends it. An inventory that broke off is an error.
	Walk(ctx context.Context, member string, pick func(context.Context, []skein.Held) ([]zone.Name, error), take func(context.Context, zone.Name, zone.Contents, error) error) error
	// Read gives zones of a member to take; one that is not there is KindNotFound.
	Read(ctx context.Context, member string, names []zone.Name, take func(context.Context, zone.Name, zone.Contents, error) error) error
}
