package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Revision is the store's position of a committed change. It grows by one and
// is never used again. Zero is before everything.
type Revision uint64

// ZoneID is the opaque, permanent id of one life of a zone: deleted and
// created again, a zone has a new id.
type ZoneID string

// Zone is what Skein knows of a zone beside its contents.
type Zone struct {
	ID           ZoneID            `json:"id"`
	Name         zone.Name         `json:"name"`
	Revision     Revision          `json:"revision" doc:"of the last change; also the ETag"`
	Published    Revision          `json:"published" doc:"revision of the last change of what is served; a takeover is none"`
	Serial       uint32            `json:"serial" doc:"the published serial"`
	Origin       string            `json:"origin" doc:"name of the source that the zone belongs to"`
	OriginSince  time.Time         `json:"origin_since,omitzero" doc:"since when it belongs to that source"`
	OriginBefore string            `json:"origin_before,omitempty" doc:"the source that it belonged to before"`
	Pool         string            `json:"pool"`
	PoolBefore   string            `json:"pool_before,omitempty" doc:"the pool that it was in before"`
	Owner        string            `json:"owner" doc:"tenant"`
	Policy       zone.SerialPolicy `json:"serial_policy,omitempty"`
	Records      int               `json:"records"`
	Created      time.Time         `json:"created"`
	Changed      time.Time         `json:"changed"`
	Deleted      bool              `json:"deleted,omitempty"`
	Transfer     *TransferStatus   `json:"transfer,omitempty" doc:"what was observed of its transfers, where one zone is shown that is transferred in"`
}

// DeletedZone is a zone that can be brought back. Its revision and its time of
// change are those of the deletion.
type DeletedZone struct {
	Zone
	Last  Revision  `json:"last_revision" doc:"the one before the deletion, with the contents that would come back"`
	Until time.Time `json:"kept_until" doc:"it is purged soon after"`
}

// Actor is who makes a change, and through which door.
type Actor struct {
	Name   string `json:"name" doc:"administrator, token or source name"`
	Door   string `json:"door" doc:"api, cli, plesk, …"`
	Source string `json:"source" doc:"the source that zones of this actor belong to"`
	Admin  bool   `json:"-"`
	// Tenant is whose zones it acts in, Role what it may do there: no role is a
	// panel's, which acts for its source alone. Admin is the role root.
	Tenant string     `json:"tenant,omitempty"`
	Role   AccessRole `json:"role,omitempty"`
	Scope  Scope      `json:"-"`
	// User is the user who signed in; a token and a program are none.
	User string `json:"-"`
	// Maker is the user who made its token, if one did.
	Maker string `json:"-"`
	// Until is when its token expires; never if zero.
	Until time.Time `json:"-"`
	// Addr is where it comes from, if that is known: a source may be bound to networks.
	Addr netip.Addr `json:"-"`
}

// Change is one committed edit.
type Change struct {
	ID       string    `json:"id" doc:"given by the caller or made up; a repeated id is not applied twice"`
	Revision Revision  `json:"revision"`
	At       time.Time `json:"at"`
	Actor    Actor     `json:"actor"`
	Action   string    `json:"action" doc:"zone.create, zone.replace, zone.restore, record.set, zone.delete, zone.undelete, …"`
	ZoneID   ZoneID    `json:"zone_id,omitempty"`
	Zone     zone.Name `json:"zone,omitempty"`
	Serial   uint32    `json:"serial,omitempty"`
	Added    int       `json:"added" doc:"records that came"`
	Removed  int       `json:"removed" doc:"records that went"`
	Refused  string    `json:"refused,omitempty" doc:"why it was refused; refusals have no revision"`
	Addr     string    `json:"address,omitempty" doc:"where it came from"`
	Tenant   string    `json:"tenant,omitempty" doc:"of the actor"`
	Diff     []string  `json:"diff,omitempty" nullable:"false" doc:"what was to change, a line each; missing for what is in the history of a zone"`
}

// ZoneState is the state of one zone on one member.
type ZoneState string

// The states (DESIGN section 2).
const (
	StateAbsent   ZoneState = "absent"   // the member does not have it
	StatePending  ZoneState = "pending"  // to be told
	StateTold     ZoneState = "told"     // told, not yet seen serving it
	StateVerified ZoneState = "verified" // seen serving the published serial
	StateStale    ZoneState = "stale"    // seen serving an older one
	StateDiffers  ZoneState = "differs"  // the right serial with other contents
	StateForeign  ZoneState = "foreign"  // has a zone of that name that is not ours; left alone
	StateHeld     ZoneState = "held"
	StateFailed   ZoneState = "failed" // with the reason
	StateBehind   ZoneState = "behind" // only to select by: whatever is not as it should be
)

// MemberZone is what is known of one zone on one member.
type MemberZone struct {
	Member   string    `json:"member"`
	State    ZoneState `json:"state"`
	Serial   uint32    `json:"serial,omitempty" doc:"last seen"`
	Told     time.Time `json:"told,omitzero"`
	Verified time.Time `json:"verified,omitzero" doc:"when it was seen serving the wanted serial"`
	Reason   string    `json:"reason,omitempty"`
}

// Receipt says, for the newest change of a zone, which members serve it.
type Receipt struct {
	Zone     zone.Name    `json:"zone"`
	Revision Revision     `json:"revision"`
	Serial   uint32       `json:"serial"`
	Deleted  bool         `json:"deleted,omitempty"`
	Members  []MemberZone `json:"members"`
	Complete bool         `json:"complete" doc:"every member that counts was seen serving it"`
}

// The states in events that are none of a zone on a member.
const (
	ZoneCreated = "created"
	ZoneChanged = "changed"
	ZoneDeleted = "deleted"
	EventsLost  = "lost" // of a notice: events were left out, look at the state anew
)

// Event is one line of the event stream.
type Event struct {
	Revision Revision  `json:"revision,omitempty"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind" doc:"zone, member, notice"`
	Zone     zone.Name `json:"zone,omitempty"`
	Member   string    `json:"member,omitempty"`
	State    string    `json:"state,omitempty" doc:"of a zone: created, changed or deleted; with a member: the zone's state on it; of a member: failing or ok; of a notice: lost, if events were left out"`
	Text     string    `json:"text,omitempty"`
}

// TaskResult is what a door made of one task.
type TaskResult struct {
	Command  string    `json:"command"`
	Subject  string    `json:"subject" doc:"zone or address"`
	Outcome  string    `json:"outcome" doc:"applied, unchanged, waiting (for a person), forgotten (by the panel), ignored or refused"`
	Revision Revision  `json:"revision,omitempty"`
	Waiting  int64     `json:"waiting,omitempty" doc:"the number under which the change waits for a person"`
	Text     string    `json:"text,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// DoorReport answers a panel's push.
type DoorReport struct {
	Source string       `json:"source,omitempty" doc:"as whom the panel is known"`
	Mode   string       `json:"mode,omitempty" doc:"of the source: push, or transfer"`
	Tasks  []TaskResult `json:"tasks"`
}
