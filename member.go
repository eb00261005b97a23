package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Role says which way contents go between Skein and a member.
type Role string

// The roles, WHM's words (DESIGN section 2).
const (
	RoleWriteOnly   Role = "write-only"
	RoleSynchronize Role = "synchronize"
	RoleStandalone  Role = "standalone"
)

// MemberState is whether and how a member takes part.
type MemberState string

// The states of a member.
const (
	MemberPending           MemberState = "pending" // stored; its first test not yet passed, or what it warned of not decided; nothing is written to it
	MemberEnabled           MemberState = "enabled"
	MemberObserved          MemberState = "observed"
	MemberDisabled          MemberState = "disabled" // by a person (DisabledBy); stays so
	MemberDisabledThreshold MemberState = "disabled-by-threshold"
	MemberUnreachable       MemberState = "unreachable"
)

// Member is a server that Skein keeps in step. Secrets are not in it: the
// store keeps them beside it, encrypted.
type Member struct {
	Name        string            `json:"name"`
	Driver      string            `json:"driver" doc:"bind, …"`
	Role        Role              `json:"role"`
	State       MemberState       `json:"state"`
	DisabledBy  string            `json:"disabled_by,omitempty"`
	DisabledAt  time.Time         `json:"disabled_at,omitzero"`
	DisabledWhy string            `json:"disabled_why,omitempty" doc:"of the failure threshold: the failure that crossed it"`
	Pool        string            `json:"pool" doc:"whose zones it serves; default if not set"`
	Shares      []Share           `json:"shares,omitempty" nullable:"false" doc:"other pools whose zones it serves too"`
	Username    string            `json:"username,omitempty" doc:"that Skein signs in with there, for drivers that have one"`
	Settings    map[string]string `json:"settings,omitempty" doc:"of its driver's own"`
	Debug       bool              `json:"debug,omitempty" doc:"every transaction with it is logged"`
	Version     int               `json:"version" doc:"grows by one with each change; also the ETag"`
	Address     netip.Addr        `json:"address,omitzero" doc:"where it answers DNS"`
	Port        uint16            `json:"port" doc:"DNS port"`
	RNDCPort    uint16            `json:"rndc_port,omitempty"`
	RNDCAddr    netip.Addr        `json:"rndc_address,omitzero" doc:"where rndc is spoken; the DNS address if not set"`
	Endpoint    string            `json:"endpoint,omitempty" doc:"host and port of its API, for drivers that speak to one"`
	Pin         string            `json:"pin,omitempty" doc:"SHA-256 of the certificate that its API must show, as SHA256:…; of one that no authority vouches for"`
	Only        string            `json:"only,omitempty" doc:"present: only zones that it has already are written; all if not set"`
	Repair      string            `json:"repair,omitempty" doc:"report: what was changed or deleted there is only reported; put right if not set"`
	Trust       bool              `json:"reverse_trust,omitempty" doc:"it was given a token to change zones here"`
	View        string            `json:"view,omitempty" doc:"BIND view; _default if not set"`
	Primaries   []Primary         `json:"primaries" doc:"where the member transfers from, as it sees them (NAT)"`
	Primary     bool              `json:"primary,omitempty" doc:"other members of its pools transfer from it as well, after their primaries"`
	Others      []MemberPrimary   `json:"other_primaries,omitempty" nullable:"false" doc:"members that it transfers from after its primaries; these come and go by themselves"`
	TSIGKey     string            `json:"tsig_key" doc:"name of the key that signs its transfers"`
	AuditKey    string            `json:"audit_key,omitempty" doc:"name of the key that Skein may transfer from it with"`
	Algorithm   string            `json:"algorithm" doc:"of the rndc and TSIG keys: hmac-sha256, …"`
	Created     time.Time         `json:"created"`
	Status      *MemberStatus     `json:"status,omitempty" doc:"what was observed; not kept in the store"`
}

// OnlyPresent, as the Only of a member, leaves out the zones that it does not
// have: a web server is not given the zones of all others.
const OnlyPresent = "present"

// RepairReport, as the Repair of a member, leaves zones that were changed or
// deleted there as they are, and reports them. A change of such a zone, or
// synchronising it, brings it back.
const RepairReport = "report"

// Share is the part that a member takes in a pool that is not its own.
type Share struct {
	Pool string `json:"pool"`
	Role Role   `json:"role" enum:"write-only,synchronize,standalone"`
}

// Primary is an address that a member transfers from.
type Primary struct {
	Address netip.Addr `json:"address"`
	Port    uint16     `json:"port"`
}

// MemberPrimary is a member that another one transfers from.
type MemberPrimary struct {
	Member  string     `json:"member"`
	Address netip.Addr `json:"address"`
	Port    uint16     `json:"port"`
	Key     string     `json:"key" doc:"name of the key that signs these transfers"`
}

// DNS returns where the member answers queries.
func (m Member) DNS() netip.AddrPort { return netip.AddrPortFrom(m.Address, m.Port) }

// RNDC returns where the member takes rndc commands.
func (m Member) RNDC() netip.AddrPort {
	if m.RNDCAddr.IsValid() {
		return netip.AddrPortFrom(m.RNDCAddr, m.RNDCPort)
	}
	return netip.AddrPortFrom(m.Address, m.RNDCPort)
}

// MemberSecrets are the secrets of a member: keys are base64 as in key files,
// a token is as its maker showed it, certificates are PEM. They are
// encrypted at rest and never leave the daemon but for the configuration
// block that is printed for the member's own named.conf.
type MemberSecrets struct {
	RNDC  string `json:"rndc,omitempty"`
	TSIG  string `json:"tsig,omitempty"`
	Audit string `json:"audit,omitempty"`
	Token string `json:"token,omitempty"` // of the member's API

	Certificate string `json:"certificate,omitempty"` // that the member knows this node by, PEM
	PrivateKey  string `json:"private_key,omitempty"` // of that, PEM
	Server      string `json:"server,omitempty"`      // what the member's own certificate is compared with, PEM
}

// MemberStatus is what was observed of a member.
type MemberStatus struct {
	Reachable   bool            `json:"reachable"`
	Version     string          `json:"version,omitempty"`
	Latency     time.Duration   `json:"latency,omitempty"`
	Latencies   []time.Duration `json:"latencies,omitempty" nullable:"false" doc:"how fast it answered over DNS on average, by minute of the last hour, the oldest first; 0 where it was asked nothing"`
	NSIDs       []string        `json:"nsids,omitempty" nullable:"false" doc:"how what answers at its address named itself in the last hour (NSID, RFC 5001): several names are several servers behind one anycast address"`
	LastSeen    time.Time       `json:"last_seen,omitzero"`
	Failures    int             `json:"failures" doc:"in a row"`
	LastError   string          `json:"last_error,omitempty"`
	Errors      map[string]int  `json:"errors,omitempty" doc:"operations that failed since the node started, by kind: away (it could not be reached), denied, silent (no answer over DNS), zone (of a single one) and other"`
	Zones       int             `json:"zones" doc:"wanted on it"`
	Verified    int             `json:"verified"`
	Pending     int             `json:"pending" doc:"pending or told"`
	Stale       int             `json:"stale"`
	Failed      int             `json:"failed" doc:"failed or foreign"`
	Behind      int             `json:"behind" doc:"not in step with what is wanted"`
	BehindSince time.Time       `json:"behind_since,omitzero" doc:"since when what is on its way to it for longest is"`
	Differs     int             `json:"differs,omitempty" doc:"of the stale: with other contents, or others' changes"`
	Foreign     int             `json:"foreign,omitempty" doc:"of the failed: zones of the name that are not Skein's"`
	Absent      int             `json:"absent,omitempty" doc:"deleted there, and only reported"`
	Expiring    int             `json:"expiring,omitempty" doc:"zones whose primary has not answered it for long: it will stop answering for them"`
	Expires     time.Time       `json:"expires,omitzero" doc:"when the first of these expires there"`
	ExpiresZone zone.Name       `json:"expires_zone,omitempty" doc:"which one that is"`
	There       *int            `json:"there,omitempty" doc:"zones that it has in all, its own and others' too, where it tells"`
	Audit       *MemberAudit    `json:"audit,omitempty" doc:"how far whole contents were compared; missing where they cannot be"`
	Ahead       int             `json:"ahead,omitempty" doc:"newer there than Skein ever published"`
	Unknown     int             `json:"unknown,omitempty" doc:"nobody looks whether they are in step: the member is disabled, or pending"`
}

// MemberAudit is how far the standing comparison of whole contents on a member
// has come.
type MemberAudit struct {
	Compared int       `json:"compared" doc:"zones, in the round that is under way"`
	Round    time.Time `json:"round,omitzero" doc:"when the last round over all of them ended, since the node started"`
	Found    int       `json:"found" doc:"zones that had other contents under our serial, since the node started"`
	Refused  string    `json:"refused,omitempty" doc:"why the last one could not be transferred from it"`
}

// Check is one finding of a member test.
type Check struct {
	Name string `json:"name" doc:"rndc, version, key, clock, tsig-list, allow-new-zones, transfer, dns, zones"`
	OK   bool   `json:"ok"`
	Warn bool   `json:"warn,omitempty"`
	Text string `json:"text" doc:"what was found"`
	Mend string `json:"mend,omitempty" doc:"what to do, with every possible cause where the protocol hides which"`
}

// CheckKind is the Name of the Check that says what kind of server a member is.
// With Warn it has a panel's own zones, or may have, and would be given all others.
const CheckKind = "kind"

// MemberPlan says what writing to a member would do now.
type MemberPlan struct {
	Member   string     `json:"member"`
	Zones    int        `json:"zones" doc:"wanted on it"`
	Add      int        `json:"add"`
	Replace  int        `json:"replace"`
	Same     int        `json:"same"`
	Foreign  int        `json:"foreign" doc:"there, and not Skein's: left alone"`
	Delete   int        `json:"delete"`
	Ahead    int        `json:"ahead,omitempty" doc:"newer there than Skein ever published: left alone"`
	Left     int        `json:"left,omitempty" doc:"not there, and not added: only zones that it has are written"`
	Lacks    int        `json:"lacks,omitempty" doc:"as wanted but for records that the member cannot hold"`
	Unknown  int        `json:"unknown,omitempty" doc:"that could not be looked at"`
	Examples []PlanStep `json:"examples,omitempty" nullable:"false" doc:"the first of each kind"`
	Confirm  string     `json:"confirm,omitempty" doc:"of a dry run: what the change is sent with, to say that this was seen"`
}

// The actions of a PlanStep.
const (
	PlanAdd     = "add"
	PlanReplace = "replace"
	PlanDelete  = "delete"
	PlanLeave   = "leave"
)

// PlanStep is what writing to a member would do to one zone.
type PlanStep struct {
	Zone   zone.Name `json:"zone"`
	Action string    `json:"action" enum:"add,replace,delete,leave"`
	Reason string    `json:"reason,omitempty"`
	Ours   uint32    `json:"ours,omitempty" doc:"the published serial"`
	Theirs uint32    `json:"theirs,omitempty" doc:"the serial there"`
}
