package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Source is a server, panel, program or person that zones come from. A token,
// an rndc key or a TSIG key speaks for exactly one source; a zone belongs to
// one, its origin.
type Source struct {
	Name     string         `json:"name" doc:"what tokens, and zones as their origin, name"`
	Door     string         `json:"door" doc:"the way in: api, plesk, rndc, whm, transfer or, of what a member had, member"`
	Networks []netip.Prefix `json:"networks,omitempty" nullable:"false" doc:"where it may come from; anywhere if none"`
	Silence  time.Duration  `json:"silence,omitempty" doc:"nanoseconds after which it is alarming not to have heard of it; never if 0"`
	Paused   bool           `json:"paused,omitempty" doc:"everything from it is refused"`
	Mode     string         `json:"mode,omitempty" doc:"of the plesk door: push, or transfer"`
	Transfer *TransferSetup `json:"transfer,omitempty" doc:"of the transfer door, and of the plesk door in mode transfer"`
	Tenant   string         `json:"tenant,omitempty" doc:"who owns its zones; root if not set"`
	Created  time.Time      `json:"created"`
	Status   *SourceStatus  `json:"status,omitempty" doc:"what was observed; not kept in the store"`
}

// The doors that a source can have, and the modes of the plesk door.
const (
	DoorAPI      = "api"
	DoorPlesk    = "plesk"
	DoorRNDC     = "rndc"
	DoorWHM      = "whm" // cPanel servers, to which this is a member of theirs
	DoorTransfer = "transfer"
	DoorPeople   = "people" // of the people of a tenant: made with it
	DoorMember   = "member" // of zones that came from a member which is read; made with it

	ModePush     = "push"     // the panel sends contents; the default
	ModeTransfer = "transfer" // the panel says which zones there are, contents come by zone transfer
)

// SourceStatus is what was observed of a source.
type SourceStatus struct {
	Zones   int       `json:"zones" doc:"that belong to it"`
	Heard   time.Time `json:"heard,omitzero" doc:"when it last said anything"`
	Silent  bool      `json:"silent,omitempty" doc:"not heard for longer than its silence alarm"`
	Waiting int       `json:"waiting,omitempty" doc:"its changes that wait for a person"`

	Catalogs []TransferStatus `json:"catalogs,omitempty" nullable:"false" doc:"its catalogs, as they are followed"`
}

// TransferSetup says how zones of a source are transferred in.
type TransferSetup struct {
	Primaries []TransferPrimary `json:"primaries" nullable:"false" doc:"in the order in which they are asked"`
	Catalogs  []zone.Name       `json:"catalogs,omitempty" nullable:"false" doc:"catalog zones (RFC 9432) whose members it has"`
	Auto      bool              `json:"auto,omitempty" doc:"autosecondary: its NOTIFY of an unknown zone creates the zone"`
	Authority string            `json:"authority,omitempty" doc:"PEM of who signs the certificates of the primaries; the system's authorities if not set"`
}

// OpportunisticTLS, as the TLS of a primary, encrypts without looking at the
// certificate (RFC 9103 section 9.3.1).
const OpportunisticTLS = "opportunistic"

// TransferPrimary is a server that zones are transferred from.
type TransferPrimary struct {
	Address netip.AddrPort `json:"address" example:"192.0.2.1:53"`
	Key     string         `json:"key,omitempty" doc:"name of the TSIG key"`
	TLS     string         `json:"tls,omitempty" doc:"the name that its certificate must have, or opportunistic; plain TCP if not set"`
	Pin     string         `json:"pin,omitempty" doc:"SHA-256 of the certificate's public key (SPKI), in base64: trusted instead of any authority"`
}

// SourceSecrets are the keys that a source signs with. They are sealed at rest
// and never shown again.
type SourceSecrets struct {
	Keys []TransferKey `json:"keys,omitempty" nullable:"false"`
}

// TransferKey is a TSIG or rndc key.
type TransferKey struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm" example:"hmac-sha256"`
	Secret    string `json:"secret" writeOnly:"true" doc:"base64, as in key files"`
}

// The kinds of a SourceRule.
const (
	RuleTakeover = "takeover" // what To saves or deletes of From's zones becomes To's, without a person
	RuleOverlay  = "overlay"  // To may put RRsets of its own into From's zones
)

// SourceRule is a standing rule between two sources.
type SourceRule struct {
	Kind string    `json:"kind" enum:"takeover,overlay"`
	From string    `json:"from" doc:"the source that the zones belong to"`
	To   string    `json:"to" doc:"the source that may"`
	By   string    `json:"by,omitempty" doc:"who made the rule"`
	At   time.Time `json:"at,omitzero"`
}

// TransferZone is a zone that a source asks to be transferred: by rndc addzone,
// by a list, as a member of a catalog, or by NOTIFY. Two sources may ask for the same name.
type TransferZone struct {
	Name      zone.Name         `json:"name"`
	Source    string            `json:"source"`
	Primaries []TransferPrimary `json:"primaries,omitempty" nullable:"false" doc:"the source's if none"`
	Label     string            `json:"label,omitempty" doc:"the file name of addzone, or the id of the catalog's member"`
	Catalog   zone.Name         `json:"catalog,omitempty" doc:"the catalog that lists it"`
	Group     string            `json:"group,omitempty" doc:"that the catalog puts it into (RFC 9432 section 4.3.2)"`
	At        time.Time         `json:"at,omitzero"`
	Status    *TransferStatus   `json:"status,omitempty" doc:"what was observed; not kept in the store"`
}

// TransferStatus is what was observed of the transfers of a zone or catalog
// from one source.
type TransferStatus struct {
	Name      zone.Name `json:"name"`
	Source    string    `json:"source"`
	Serial    uint32    `json:"serial,omitempty" doc:"of what was taken last; missing if nothing ever was"`
	Since     time.Time `json:"since,omitzero" doc:"when that came"`
	Confirmed time.Time `json:"confirmed,omitzero" doc:"when a primary last said that it is current"`
	Refreshes time.Time `json:"refreshes,omitzero" doc:"when a primary is asked next; missing while none is"`
	Expires   time.Time `json:"expires,omitzero" doc:"when it is served no more, unless a primary confirms it"`
	Expired   bool      `json:"expired,omitempty" doc:"it answers SERVFAIL until a primary confirms it"`
	Problem   string    `json:"problem,omitempty" doc:"of the last attempt"`
}

// The kinds of what waits for a person.
const (
	WaitingHold     = "hold"     // suspicious, though the origin may
	WaitingConflict = "conflict" // another source's save or delete
	WaitingApproval = "approval" // a new name that needs one
)

// Waiting is a change that waits for a person. There is one for each zone,
// source and kind: a newer one takes the place of the older.
type Waiting struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind" enum:"hold,conflict,approval"`
	Zone     zone.Name `json:"zone"`
	ZoneID   ZoneID    `json:"zone_id,omitempty" doc:"of the zone as it was then; missing if it was to be new"`
	Source   string    `json:"source" doc:"whose change it is"`
	Actor    Actor     `json:"actor"`
	Action   string    `json:"action" doc:"zone.replace, record.set, zone.delete, …"`
	Reason   string    `json:"reason"`
	Mend     string    `json:"mend,omitempty"`
	Revision Revision  `json:"revision,omitempty" doc:"of the zone then; missing if it was to be new"`
	Serial   uint32    `json:"serial,omitempty" doc:"that the change brings"`
	Records  int       `json:"records,omitempty" doc:"that the change brings"`
	At       time.Time `json:"at"`
}

// WaitingDetail is a waiting change with both versions.
type WaitingDetail struct {
	Waiting
	Now   []RecordSet  `json:"now" nullable:"false" doc:"what the zone holds"`
	Then  []RecordSet  `json:"then" nullable:"false" doc:"what it would hold"`
	Delta DeltaBody    `json:"delta"`
	Edits []RecordEdit `json:"edits,omitempty" nullable:"false" doc:"of a change of single RRsets"`
}

// Overlay is an RRset that is not of the zone's origin.
type Overlay struct {
	Name   string     `json:"name"`
	Type   string     `json:"type"`
	Source string     `json:"source" doc:"whose it is"`
	TTL    uint32     `json:"ttl,omitempty"`
	Data   []string   `json:"data,omitempty" nullable:"false"`
	Absent bool       `json:"absent,omitempty" doc:"the overlay is that there is no such RRset"`
	Hidden *RecordSet `json:"hidden,omitempty" doc:"the origin's own RRset beneath"`
}

// What is to become of the zones of a source that is removed.
const (
	ZonesKeep    = "keep"      // they stay, without a source that may change them
	ZonesHanded  = "hand-over" // they become another source's
	ZonesRecycle = "recycle"   // they are deleted, and can be brought back
)

// SourceRemoval says what goes with a source, or went.
type SourceRemoval struct {
	Name          string      `json:"name"`
	Choice        string      `json:"choice,omitempty" enum:"keep,hand-over,recycle" doc:"what becomes of its zones"`
	To            string      `json:"to,omitempty" doc:"who gets them"`
	Zones         int         `json:"zones"`
	Overlays      int         `json:"overlays" doc:"RRsets of it in zones of others"`
	Tokens        int         `json:"tokens"`
	Rules         int         `json:"rules"`
	TransferZones int         `json:"transfer_zones" doc:"zones that it asks to be transferred"`
	Waiting       int         `json:"waiting" doc:"its changes that wait"`
	Examples      []zone.Name `json:"examples,omitempty" nullable:"false" doc:"the first of its zones"`
	DryRun        bool        `json:"dry_run,omitempty"`
}

// Revert is a plan to undo what a source changed since a time, or what became
// of it.
type Revert struct {
	ID     string       `json:"id" doc:"send it again to go on with a revert that was interrupted"`
	Source string       `json:"source"`
	Since  time.Time    `json:"since"`
	Steps  []RevertStep `json:"steps" nullable:"false"`
	More   bool         `json:"more,omitempty" doc:"there are more steps than are listed"`
	DryRun bool         `json:"dry_run,omitempty"`
}

// The actions of a RevertStep.
const (
	RevertRestore  = "restore"
	RevertDelete   = "delete"
	RevertUndelete = "undelete"
	RevertLeave    = "leave" // left alone, for the reason that is given
)

// RevertStep is what a revert does to one zone.
type RevertStep struct {
	Zone   zone.Name `json:"zone"`
	Action string    `json:"action" enum:"restore,delete,undelete,leave"`
	To     Revision  `json:"to,omitempty" doc:"the revision that it goes back to"`
	Done   bool      `json:"done,omitempty"`
	Reason string    `json:"reason,omitempty" doc:"why it was left alone, or failed"`
}
