package control

import (
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// PutTemplate makes a template, or changes one.
type PutTemplate struct {
	Name   string
	Tenant string // "": the actor's
	Text   string
	Expect *int // compare and set; 0: there must be none; nil: whatever is there
}

// TemplateZone makes a zone from a template.
type TemplateZone struct {
	Zone     zone.Name
	Template string            // "": skein.DefaultTemplate
	IPv4     netip.Addr        // %ip%
	IPv6     netip.Addr        // %ipv6%
	Values   map[string]string // of further variables by their names, without the signs; they win over what Skein knows
	Owner    string            // tenant that the zone is to belong to; "": the actor's
	ChangeID string
	DryRun   bool
}

// ResetZone makes the contents of a zone what a template makes of it. Its valid
// TXT records stay.
type ResetZone struct {
	Zone     zone.Name
	Template string            // "": skein.DefaultTemplate
	IPv4     netip.Addr        // not set: the zone's own, as it is
	IPv6     netip.Addr        // not set: the zone's own, as it is
	Values   map[string]string // as in TemplateZone
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool
}

// ServiceDomains adds the names of a hosting panel's services to zones, or
// takes those away that it would add.
type ServiceDomains struct {
	Add               bool
	Domain            zone.Name // this zone alone
	Tenant            string    // the zones of this tenant alone; all that the actor sees if neither is given
	Subdomain         string    // this service alone; "": all
	Replace           bool      // what else stands where Autodiscover has its records
	OldHost           zone.Name // the host of Autodiscover until now: records that name it count as ours
	ForceAutodiscover bool      // as if Autodiscover were on
	IfEnabled         bool      // do nothing unless service domains are on
	DryRun            bool
	After             zone.Name // the last zone of the part before
	Limit             int       // of zones looked at
}

// ServiceDomainsPart is what became of a part of the zones.
type ServiceDomainsPart struct {
	Zones []ServiceDomainsZone // those that changed, and those that could not be
	Next  zone.Name            // to go on after; "" at the end
}

// ServiceDomainsZone is what became of one zone.
type ServiceDomainsZone struct {
	Result
	Err error // why nothing was changed
}
