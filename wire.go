package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// This file is the wire of the REST API beside the words themselves: what goes
// in, lists, and what comes back. The client and the API share it, so that
// they cannot drift apart. Fields with json:"-" travel as headers.

// RecordSet is an RRset with everything in presentation form.
type RecordSet struct {
	Name string   `json:"name" maxLength:"1100" example:"www.example.com." doc:"owner name, absolute (the final dot may be missing), Unicode or A-labels"`
	Type string   `json:"type" maxLength:"32" example:"A" doc:"mnemonic or TYPEn (RFC 3597)"`
	TTL  uint32   `json:"ttl" maximum:"2147483647" example:"3600" doc:"seconds"`
	Data []string `json:"data" nullable:"false" example:"[\"192.0.2.10\",\"192.0.2.11\"]" doc:"one string a record, as in a zone file; names in it are absolute or relative to the zone"`
	// Source is set where the set is shown, and ignored where it is put in.
	Source string `json:"source,omitempty" readOnly:"true" doc:"whose overlay it is; missing for what the zone's origin put in"`
}

// ZoneContents is whole contents as they are put in: a zone file or records.
type ZoneContents struct {
	File     string      `json:"file,omitempty" doc:"zone file text (RFC 1035); either this or records. $INCLUDE is refused"`
	Records  []RecordSet `json:"records,omitempty" nullable:"false" doc:"every RRset of the zone, the SOA among them"`
	Tolerant bool        `json:"tolerant,omitempty" doc:"normalise and warn, as for panels and transfers, where the strict profile of editors would refuse"`
}

// CreateZone is the body that creates a zone; it is refused if the zone exists.
type CreateZone struct {
	Name string `json:"name" minLength:"1" maxLength:"1100" example:"example.com." doc:"absolute name, Unicode or A-labels"`
	ZoneContents
	DryRun   bool   `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	ChangeID string `json:"-"`
}

// PutZone is the body that replaces a zone's contents, or creates the zone.
type PutZone struct {
	ZoneContents
	DryRun    bool      `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	MustExist bool      `json:"-"` // If-Match: *
	Expect    *Revision `json:"-"` // If-Match: "revision"
	ChangeID  string    `json:"-"`
}

// EditOp is what an edit does to an RRset.
type EditOp string

// The edits.
const (
	EditSet    EditOp = "set"    // the RRset becomes exactly this
	EditAdd    EditOp = "add"    // these records come to the RRset
	EditDelete EditOp = "delete" // these records go; without data the whole RRset, without a type every RRset of the name
)

// RecordEdit is one edit of one RRset.
type RecordEdit struct {
	Op   EditOp   `json:"op" enum:"set,add,delete" example:"set" doc:"set: the RRset becomes exactly this; add: these records come; delete: these records go, without data the whole RRset, without a type every RRset of the name"`
	Name string   `json:"name" maxLength:"1100" example:"www.example.com." doc:"owner name, absolute"`
	Type string   `json:"type,omitempty" maxLength:"32" example:"A" doc:"mnemonic or TYPEn; may be missing to delete all of a name"`
	TTL  *uint32  `json:"ttl,omitempty" maximum:"2147483647" example:"300" doc:"seconds; if missing that of the RRset as it is, else the zone's SOA minimum"`
	Data []string `json:"data,omitempty" nullable:"false" example:"[\"192.0.2.10\"]" doc:"one string a record, as in a zone file"`
}

// EditBody is a set of edits that are applied together or not at all.
type EditBody struct {
	Edits    []RecordEdit `json:"edits" minItems:"1" maxItems:"10000" nullable:"false" doc:"applied in this order, all or none"`
	Tolerant bool         `json:"tolerant,omitempty" doc:"normalise and warn where the strict profile of editors would refuse"`
	DryRun   bool         `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	Expect   *Revision    `json:"-"`
	ChangeID string       `json:"-"`
}

// DeleteBody says how a zone is to be deleted; all of it travels as headers.
type DeleteBody struct {
	Expect   *Revision `json:"-"`
	ChangeID string    `json:"-"`
}

// RestoreBody says what a zone is to hold again.
type RestoreBody struct {
	To       Revision  `json:"to" minimum:"1" example:"17" doc:"a revision of the zone's history, also of an earlier life"`
	DryRun   bool      `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	Expect   *Revision `json:"-"`
	ChangeID string    `json:"-"`
}

// UndeleteBody says how a deleted zone is to come back.
type UndeleteBody struct {
	DryRun   bool   `json:"dry_run,omitempty" doc:"check and say what would come back, commit nothing"`
	ChangeID string `json:"-"`
}

// DeltaBody is the difference between two contents, record by record. A
// changed TTL is all records of the set in both lists.
type DeltaBody struct {
	Removed []RecordSet `json:"removed" nullable:"false"`
	Added   []RecordSet `json:"added" nullable:"false"`
}

// ZoneDetail is a zone and where its newest revision has arrived.
type ZoneDetail struct {
	Zone
	Unicode string  `json:"unicode,omitempty" doc:"the name for people, where it is not the same"`
	Receipt Receipt `json:"receipt"`
}

// ZoneResult is what became of a change of a zone.
type ZoneResult struct {
	Zone     Zone      `json:"zone"`
	Created  bool      `json:"created,omitempty"`
	Changed  bool      `json:"changed" doc:"false: the zone was like that already, and nothing was committed"`
	DryRun   bool      `json:"dry_run,omitempty" doc:"nothing was committed because so asked"`
	Delta    DeltaBody `json:"delta"`
	Warnings []Problem `json:"warnings,omitempty"`
	ChangeID string    `json:"change_id,omitempty" doc:"send the change again with this id, and it is not applied twice"`
	Receipt  *Receipt  `json:"receipt,omitempty" doc:"where it has arrived, if that was waited for"`
	Late     string    `json:"late,omitempty" doc:"why it was not seen on as many members as were waited for; the change is made all the same"`
}

// CheckZone is the body that asks whether contents would be accepted.
type CheckZone struct {
	Name string `json:"name" minLength:"1" maxLength:"1100" example:"example.com."`
	ZoneContents
}

// CheckResult says whether contents would be accepted, and what is wrong.
type CheckResult struct {
	OK       bool      `json:"ok" doc:"no errors; there may be warnings"`
	Records  int       `json:"records"`
	Problems []Problem `json:"problems" nullable:"false"`
}

// Page asks for a part of a list.
type Page struct {
	Cursor   string // Next of the part before; "" from the start
	Limit    int    // 0: the server's default; at most 1000
	Contains string // part of the name
}

// ZoneFilter selects zones of a list. What is empty selects nothing out.
type ZoneFilter struct {
	Owner  string    // tenant
	Origin string    // source
	Pool   string    // that serves it
	Member string    // that is to have it
	State  ZoneState // on that member, or on any that the caller sees; not verified or held
}

// ZoneList is a part of the list of zones, in canonical order of names.
type ZoneList struct {
	Zones []Zone `json:"zones" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"cursor of the next part; missing at the end"`
}

// DeletedList is a part of the zones that can be brought back, the newest
// deletion first.
type DeletedList struct {
	Zones []DeletedZone `json:"zones" nullable:"false"`
	Next  string        `json:"next,omitempty" doc:"cursor of the next part; missing at the end"`
}

// RecordList is a part of a zone's published contents, in canonical order.
type RecordList struct {
	Zone    Zone        `json:"zone"`
	Records []RecordSet `json:"records" nullable:"false"`
	Next    string      `json:"next,omitempty" doc:"cursor of the next part; missing at the end"`
}

// ChangeList is a zone's history, newest first.
type ChangeList struct {
	Changes []Change `json:"changes" nullable:"false"`
}

// AuditEntry is a change or a refusal with its place in the audit log.
type AuditEntry struct {
	Seq int64 `json:"seq"`
	Change
}

// AuditList is a part of the audit log, newest first.
type AuditList struct {
	Entries []AuditEntry `json:"entries" nullable:"false"`
	Next    string       `json:"next,omitempty" doc:"cursor of the next, older part; missing at the end"`
}

// AuditQuery selects entries of the audit log: those that all the fields fit
// that are set.
type AuditQuery struct {
	Before  int64 // Seq of the last one of the page before; 0: from the newest
	After   int64 // if set, what has come to the log since this Seq, the oldest first
	Limit   int
	Zone    zone.Name // across its lives
	Actor   string    // name
	Tenants []string  // of the actors; nil for all
	Source  string    // of the actor
	Since   time.Time
	Until   time.Time // before this time
	Refused *bool     // only refusals, or only what was done
}

// NewMember describes a member to configure or add. Everything but name,
// driver and address has a default. Secrets go in here and never come out
// again, but in the configuration block.
type NewMember struct {
	Name        string            `json:"name" minLength:"1" maxLength:"253" example:"ns2.example.net"`
	Driver      string            `json:"driver,omitempty" example:"bind" doc:"bind if not set"`
	Role        Role              `json:"role,omitempty" enum:"write-only,synchronize,standalone" doc:"write-only for bind"`
	Pool        string            `json:"pool,omitempty" maxLength:"200" doc:"whose zones it serves; yours if not set"`
	Address     netip.Addr        `json:"address,omitzero" example:"192.0.2.53" doc:"where it answers DNS"`
	Port        uint16            `json:"port,omitempty" example:"53" doc:"DNS port; 53 if not set"`
	RNDCPort    uint16            `json:"rndc_port,omitempty" example:"953" doc:"953 if not set"`
	RNDCAddress netip.Addr        `json:"rndc_address,omitzero" doc:"where rndc is spoken, if not at the DNS address"`
	View        string            `json:"view,omitempty" doc:"BIND view"`
	Username    string            `json:"username,omitempty" maxLength:"200" doc:"who Skein signs in as, where the driver has users"`
	Endpoint    string            `json:"endpoint,omitempty" maxLength:"300" example:"web1.example.org:2087" doc:"host and port of its API, for drivers that speak to one; its address, at the port of WHM, if not set"`
	Pin         string            `json:"pin,omitempty" maxLength:"120" doc:"SHA-256 of the certificate that its API must show; if not set that of the first one, where no authority vouches for it"`
	Only        string            `json:"only,omitempty" enum:"present" doc:"present: only zones that it has already are written; all if not set"`
	Repair      string            `json:"repair,omitempty" enum:"report" doc:"report: what was changed or deleted there is only reported; put right if not set"`
	Trust       bool              `json:"reverse_trust,omitempty" doc:"ask it to add this node as a member of its own, once it has passed its test"`
	Settings    map[string]string `json:"settings,omitempty" doc:"of its driver's own; listDrivers has them"`
	Debug       bool              `json:"debug,omitempty" doc:"write down everything that is said to it and what it answers"`
	Primaries   []Primary         `json:"primaries,omitempty" nullable:"false" doc:"where the member transfers from, as it sees them (NAT); this node if not set"`
	Primary     bool              `json:"primary,omitempty" doc:"other members of its pools transfer from it as well, after this node"`
	Algorithm   string            `json:"algorithm,omitempty" example:"hmac-sha256" doc:"of the rndc and TSIG keys"`
	Secrets     *MemberSecrets    `json:"secrets,omitempty" writeOnly:"true" doc:"made up where missing"`
	Pending     bool              `json:"pending,omitempty" doc:"store without a test"`
	Style       ConfigStyle       `json:"style,omitzero" doc:"how the configuration block is to be printed"`
}

// ConfigStyle says how a member's configuration block is to be printed.
type ConfigStyle struct {
	Directory string `json:"directory,omitempty" maxLength:"1000" doc:"the server's working directory, which it may write to"`
	Merge     bool   `json:"merge,omitempty" doc:"it has an options statement already: print what goes into that one apart"`
}

// MemberResult is a member with the findings of its test and, where asked
// for, the configuration block to paste on it. The block holds secrets.
type MemberResult struct {
	Member Member      `json:"member"`
	Checks []Check     `json:"checks,omitempty" nullable:"false"`
	Config string      `json:"config,omitempty" doc:"to paste into the member's own configuration; holds secrets"`
	Plan   *MemberPlan `json:"plan,omitempty" doc:"what writing to it does, or would do"`
	DryRun bool        `json:"dry_run,omitempty"`
}

// MemberList is all members, by name.
type MemberList struct {
	Members []Member `json:"members" nullable:"false"`
}

// MemberRemoval says what became of a member's zones.
type MemberRemoval struct {
	Removed int  `json:"removed" doc:"zones deleted on the member"`
	Zones   int  `json:"zones" doc:"of Skein's that were on it"`
	Left    int  `json:"left,omitempty" doc:"of those, that stay there"`
	DryRun  bool `json:"dry_run,omitempty"`
}

// Token is an API token; its secret is not in it.
type Token struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Source  string     `json:"source" doc:"zones put in with it belong to this source"`
	Admin   bool       `json:"admin"`
	Tenant  string     `json:"tenant,omitempty" doc:"whose token it is; root if not set"`
	Role    AccessRole `json:"role,omitempty" enum:"root,reseller,customer,read-only" doc:"missing for a panel's token, which acts for its source alone"`
	Scope   Scope      `json:"scope,omitzero" doc:"what it is limited to"`
	Maker   string     `json:"maker,omitempty" doc:"the user who made it; a token with a role ends with that user"`
	Created time.Time  `json:"created,omitzero"`
	Form    string     `json:"form,omitempty" enum:"whm,access-hash" doc:"whose form the secret has; missing for Skein's own"`
	Expires time.Time  `json:"expires,omitzero"`
}

// The forms of secrets of tokens that cPanel's programs take.
const (
	TokenWHM        = "whm"         // an API token of WHM: 32 letters and digits
	TokenAccessHash = "access-hash" // of many lines, as before WHM had API tokens; deprecated
)

// TokenList is all tokens.
type TokenList struct {
	Tokens []Token `json:"tokens" nullable:"false"`
}

// CreateToken is the body that makes a token.
type CreateToken struct {
	Name    string     `json:"name" minLength:"1" maxLength:"200" example:"plesk1.example.net"`
	Source  string     `json:"source,omitempty" maxLength:"200" doc:"zones put in with it belong to this source; if not set the name, or admin for an administrator"`
	Admin   bool       `json:"admin,omitempty" doc:"the role root"`
	Tenant  string     `json:"tenant,omitempty" maxLength:"200" doc:"whose token it is to be; that of the caller if not set"`
	Role    AccessRole `json:"role,omitempty" enum:"root,reseller,customer,read-only" doc:"missing for a panel's token, which acts for its source alone"`
	Scope   Scope      `json:"scope,omitzero" doc:"what it is limited to"`
	Form    string     `json:"form,omitempty" enum:"whm,access-hash" doc:"in which the secret is made, for cPanel's programs; if not set Skein's own, or whm for a source of that door"`
	Expires time.Time  `json:"expires,omitzero" doc:"never if not set"`
}

// NewToken is a token just made. Secret is shown this once.
type NewToken struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Secret  string    `json:"secret" doc:"shown this once"`
	Expires time.Time `json:"expires,omitzero"`
}

// ClaimBody redeems the one-time administrator link.
type ClaimBody struct {
	Code string `json:"code" minLength:"1" maxLength:"200" writeOnly:"true"`
}

// Status is the state of the whole at a glance.
type Status struct {
	Version  string   `json:"version"`
	Revision Revision `json:"revision" doc:"of the newest change"`
	Zones    int      `json:"zones"`
	Members  []Member `json:"members" nullable:"false"`
	You      Actor    `json:"you" doc:"who asks, as Skein sees it"`
	// Cluster is for those who may see it.
	Cluster *ClusterSettings `json:"cluster,omitempty" doc:"what holds for all members; for administrators"`
	Admin   bool             `json:"admin" doc:"whether you are an administrator"`
	Counts  map[string]int   `json:"member_states" doc:"members by state"`
	// Propagation is for those who may see the cluster.
	Propagation *Propagation `json:"propagation,omitempty" doc:"how long changes of the last hour took until members were seen with them; for administrators"`
}

// Propagation is how long it took from the commit of a change until a member
// was seen with it. What a member catches up with is not counted.
type Propagation struct {
	Hour    Spread         `json:"hour" doc:"of the last hour"`
	Minutes []SpreadMinute `json:"minutes" nullable:"false" doc:"of its minutes, the oldest first; those in which nothing arrived are left out"`
}

// Spread is how long arrivals of changes on members took.
type Spread struct {
	Seen int           `json:"seen" doc:"arrivals: a change on three members is three"`
	P50  time.Duration `json:"p50" doc:"half of them took no longer, in nanoseconds"`
	P99  time.Duration `json:"p99" doc:"all but one percent took no longer"`
}

// SpreadMinute is the Spread of one minute.
type SpreadMinute struct {
	At     time.Time `json:"at" doc:"when it began"`
	Spread Spread    `json:"spread"`
}

// NoticeTrial is what became of a trial notice.
type NoticeTrial struct {
	Target string `json:"target" doc:"name of the target, as in the file of notices"`
	OK     bool   `json:"ok" doc:"it took the trial"`
	Text   string `json:"text,omitempty" doc:"why it did not"`
}

// NoticeTrialList is what became of a trial, by target.
type NoticeTrialList struct {
	Trials []NoticeTrial `json:"trials" nullable:"false"`
}

// Health is the sign of life that needs no token.
type Health struct {
	Status  string `json:"status" example:"ok"`
	Version string `json:"version"`
}

// ErrorDocument is the problem document (RFC 9457) of every error.
type ErrorDocument struct {
	Type      string    `json:"type" format:"uri-reference" example:"about:blank"`
	Title     string    `json:"title" example:"Conflict" doc:"of the HTTP status"`
	Status    int       `json:"status" example:"409"`
	Detail    string    `json:"detail" example:"the zone example.com. belongs to plesk1" doc:"what went wrong and why, for people"`
	Kind      Kind      `json:"kind" example:"conflict" doc:"for programs: invalid, unknown, forbidden, not-found, conflict, unavailable, timeout or internal"`
	Mend      string    `json:"mend,omitempty" doc:"what to do about it"`
	Problems  []Problem `json:"problems,omitempty" doc:"single findings"`
	RequestID string    `json:"request_id,omitempty" doc:"to be found in the server's log"`
	Changed   bool      `json:"changed_meanwhile,omitempty" doc:"If-Match did not match"`
	Code      bool      `json:"code_needed,omitempty" doc:"the password is right, and a one-time code has to come with it"`
	Waiting   int64     `json:"waiting,omitempty" doc:"number of the change that was kept for a person to decide: see /waiting"`
	Receipt   *Receipt  `json:"receipt,omitempty" doc:"the receipt so far, when a wait timed out"`
}
