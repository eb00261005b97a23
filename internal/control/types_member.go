package control

import (
	"net/netip"

	"github.com/skein-dns/skein"
)

// Driver is a kind of members.
type Driver struct {
	Name   string
	Does   string       // in a few words, for people who choose one
	Roles  []skein.Role // that its members can have, the first one by default
	Needs  Needs
	Prints bool // there is a configuration to paste on members
}

// Nameserver is this node's own, as far as it follows the store.
type Nameserver interface {
	// Freeze keeps it at the revision that at returns, or where it was if that
	// fails. While at runs nothing comes into service.
	Freeze(at func() (skein.Revision, error)) error
	// Thaw has it follow the store again.
	Thaw()
}

// NewMember describes a member to configure or add. Zero fields take defaults.
type NewMember struct {
	Member  skein.Member
	Secrets skein.MemberSecrets // empty ones are made
	Pending bool                // store without a test
	Style   skein.ConfigStyle   // of the printed block
}

// EditMember says what is to be different of a member. What is nil, and a
// secret that is empty, stays as it is.
type EditMember struct {
	Name   string
	Expect *int // its version, for compare and set; nil: whatever it is

	Role      *skein.Role
	Address   *netip.Addr
	Port      *uint16
	RNDCAddr  *netip.Addr // the zero address: where it answers DNS
	RNDCPort  *uint16
	View      *string
	Primaries *[]skein.Primary
	Primary   *bool
	Algorithm *string
	Username  *string
	Debug     *bool
	Endpoint  *string // "": the address, at the port of its driver
	Pin       *string // "": of the certificate that it shows next
	Only      *string
	Repair    *string
	Settings  map[string]string // those of the driver's own that change; "" takes one away
	Trust     *bool             // true also sets up anew what there is
	Secrets   skein.MemberSecrets

	DryRun  bool   // test it so and say what would be written to it, change nothing
	Confirm string // of the plan of a dry run: a role that writes is not given unseen
	Pending bool   // change it without a test; nothing is written to it until one passes
}

// TrustMember is a server that asks to become a member, with what it gave to
// sign in with there.
type TrustMember struct {
	Host, User, Token string
	Version           string     // of its software
	Addr              netip.Addr // where it was heard from
}

// SetMemberState enables, observes or disables a member.
type SetMemberState struct {
	Name   string
	State  skein.MemberState // enabled, observed or disabled
	Expect *int              // its version, for compare and set; nil: whatever it is
	DryRun bool              // say what would be written to it, change nothing

	Confirm string // of the plan of a dry run: the server of a panel is not given all zones unseen
}

// ShareMember says in which role a member is to serve the zones of a pool that is
// not its own.
type ShareMember struct {
	Member string
	Pool   string
	Role   skein.Role
	Expect *int // the member's version, for compare and set; nil: whatever it is
	DryRun bool // say what would be written to it, change nothing
}

// RemoveMember takes a member out of the cluster.
type RemoveMember struct {
	Name   string
	Clean  bool // first delete there what Skein put on it
	Expect *int // its version, for compare and set; nil: whatever it is
	DryRun bool // say what would become of its zones, change nothing
}

// MemberResult is a member with the findings of its test and, where asked
// for, the configuration block to paste on it.
type MemberResult struct {
	Member skein.Member
	Checks []skein.Check
	Config string
	Plan   *skein.MemberPlan // what writing to it would do
	DryRun bool
}
