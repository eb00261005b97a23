package skein

import (
	"net/netip"
	"time"
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
	MemberPending           MemberState = "pending" // stored, its first test not yet passed; nothing is written to it
	MemberEnabled           MemberState = "enabled"
	MemberObserved          MemberState = "observed"
	MemberDisabled          MemberState = "disabled" // by a person (DisabledBy); stays so
	MemberDisabledThreshold MemberState = "disabled-by-threshold"
	MemberUnreachable       MemberState = "unreachable"
)

// Member is a server that Skein keeps in step. Secrets are not in it: the
// store keeps them beside it, encrypted.
type Member struct {
	Name       string        `json:"name"`
	Driver     string        `json:"driver" doc:"bind, …"`
	Role       Role          `json:"role"`
	State      MemberState   `json:"state"`
	DisabledBy string        `json:"disabled_by,omitempty"`
	Address    netip.Addr    `json:"address,omitzero" doc:"where it answers DNS"`
	Port       uint16        `json:"port" doc:"DNS port"`
	RNDCPort   uint16        `json:"rndc_port,omitempty"`
	RNDCAddr   netip.Addr    `json:"rndc_address,omitzero" doc:"where rndc is spoken; the DNS address if not set"`
	View       string        `json:"view,omitempty" doc:"BIND view; _default if not set"`
	Primaries  []Primary     `json:"primaries" doc:"where the member transfers from, as it sees them (NAT)"`
	TSIGKey    string        `json:"tsig_key" doc:"name of the key that signs its transfers"`
	AuditKey   string        `json:"audit_key,omitempty" doc:"name of the key that Skein may transfer from it with"`
	Algorithm  string        `json:"algorithm" doc:"of the rndc and TSIG keys: hmac-sha256, …"`
	Created    time.Time     `json:"created"`
	Status     *MemberStatus `json:"status,omitempty" doc:"what was observed; not kept in the store"`
}

// Primary is an address that a member transfers from.
type Primary struct {
	Address netip.Addr `json:"address"`
	Port    uint16     `json:"port"`
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

// MemberSecrets are the secrets of a member: base64 as in key files. They are
// encrypted at rest and never leave the daemon but for the configuration
// block that is printed for the member's own named.conf.
type MemberSecrets struct {
	RNDC  string `json:"rndc,omitempty"`
	TSIG  string `json:"tsig,omitempty"`
	Audit string `json:"audit,omitempty"`
}

// MemberStatus is what was observed of a member.
type MemberStatus struct {
	Reachable bool          `json:"reachable"`
	Version   string        `json:"version,omitempty"`
	Latency   time.Duration `json:"latency,omitempty"`
	LastSeen  time.Time     `json:"last_seen,omitzero"`
	Failures  int           `json:"failures" doc:"in a row"`
	LastError string        `json:"last_error,omitempty"`
	Zones     int           `json:"zones" doc:"wanted on it"`
	Verified  int           `json:"verified"`
	Pending   int           `json:"pending" doc:"pending or told"`
	Stale     int           `json:"stale"`
	Failed    int           `json:"failed" doc:"failed or foreign"`
}

// Check is one finding of a member test.
type Check struct {
	Name string `json:"name" doc:"rndc, version, key, clock, tsig-list, allow-new-zones, transfer, dns, zones"`
	OK   bool   `json:"ok"`
	Warn bool   `json:"warn,omitempty"`
	Text string `json:"text" doc:"what was found"`
	Mend string `json:"mend,omitempty" doc:"what to do, with every possible cause where the protocol hides which"`
}
