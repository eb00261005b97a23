package skein

import (
	"net/netip"
)

// EditMember is the body that changes a member: what is missing stays as it
// is. The member is tested with its new settings before they are kept.
type EditMember struct {
	Role        *Role             `json:"role,omitempty" enum:"write-only,synchronize,standalone"`
	Address     *netip.Addr       `json:"address,omitempty" example:"192.0.2.53" doc:"where it answers DNS; everything on a new address is looked at anew"`
	Port        *uint16           `json:"port,omitempty" example:"53" doc:"DNS port"`
	RNDCPort    *uint16           `json:"rndc_port,omitempty" example:"953"`
	RNDCAddress *netip.Addr       `json:"rndc_address,omitempty" doc:"where rndc is spoken, if not at the DNS address"`
	View        *string           `json:"view,omitempty" doc:"BIND view"`
	Username    *string           `json:"username,omitempty" maxLength:"200" doc:"who Skein signs in as, where the driver has users"`
	Primaries   *[]Primary        `json:"primaries,omitempty" nullable:"false" doc:"where the member transfers from, as it sees them (NAT)"`
	Primary     *bool             `json:"primary,omitempty" doc:"other members of its pools transfer from it as well, after this node"`
	Algorithm   *string           `json:"algorithm,omitempty" doc:"of the rndc and TSIG keys"`
	Secrets     *MemberSecrets    `json:"secrets,omitempty" writeOnly:"true" doc:"those that are missing or empty stay as they are"`
	Endpoint    *string           `json:"endpoint,omitempty" maxLength:"300" example:"web1.example.org:2087" doc:"host and port of its API; empty: its address, at the port of WHM"`
	Pin         *string           `json:"pin,omitempty" maxLength:"120" doc:"SHA-256 of the certificate that its API must show; empty: of the one that it shows next"`
	Only        *string           `json:"only,omitempty" enum:",present" doc:"present: only zones that it has already are written; empty: all"`
	Repair      *string           `json:"repair,omitempty" enum:",report" doc:"report: what was changed or deleted there is only reported; empty: put right"`
	Trust       *bool             `json:"reverse_trust,omitempty" doc:"ask it to add this node as a member of its own, also anew; false: take that token back"`
	Settings    map[string]string `json:"settings,omitempty" doc:"those of its driver's own that change; an empty one is taken away"`
	Debug       *bool             `json:"debug,omitempty" doc:"write down everything that is said to it and what it answers"`
	Pending     bool              `json:"pending,omitempty" doc:"keep the settings without a test; the member is pending until it passes one"`
	DryRun      bool              `json:"dry_run,omitempty" doc:"test and plan, change nothing"`
	Confirm     string            `json:"confirm,omitempty" maxLength:"64" doc:"that of the plan of a dry run with the same role; another role that writes needs it, unless the member is to be pending"`
	Expect      string            `json:"-"` // If-Match: an ETag
}

// SyncList is the jobs of synchronising zones, the newest first.
type SyncList struct {
	Jobs []SyncJob `json:"jobs" nullable:"false"`
}
