package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Template is what new zones are made from: a zone file with variables such as
// %domain% and %ip%.
type Template struct {
	Name     string    `json:"name" example:"standard"`
	Tenant   string    `json:"tenant,omitempty" doc:"whose it is: a reseller's is for the zones of that reseller and of its customers, and wins there; root's is for all. Missing for those that come with Skein"`
	Text     string    `json:"text" doc:"a zone file with variables"`
	Builtin  bool      `json:"builtin,omitempty" doc:"it comes with Skein; one of the same name takes its place"`
	Changed  time.Time `json:"changed,omitzero"`
	Version  int       `json:"version" doc:"grows by one with each change; also the ETag"`
	Warnings []Problem `json:"warnings,omitempty" nullable:"false" doc:"what is worth a look in it, by line; not kept with it"`
}

// DefaultTemplate is what a zone is made from where nobody says from which.
const DefaultTemplate = "standard"

// TemplateList is all templates that somebody sees, by name.
type TemplateList struct {
	Templates []Template `json:"templates" nullable:"false"`
}

// PutTemplate is the body that makes a template, or changes one.
type PutTemplate struct {
	Tenant string `json:"tenant,omitempty" maxLength:"200" doc:"whose it is to be; the caller's if missing"`
	Text   string `json:"text" maxLength:"65536" doc:"a zone file with variables"`
}

// CheckTemplate is the body that has a template checked.
type CheckTemplate struct {
	Text string `json:"text" maxLength:"65536" doc:"a zone file with variables"`
}

// TemplateCheck says whether a template would be taken, and what is wrong.
type TemplateCheck struct {
	OK       bool      `json:"ok" doc:"no errors; there may be warnings"`
	Problems []Problem `json:"problems" nullable:"false"`
}

// TemplateZone is the body that makes a zone from a template.
type TemplateZone struct {
	Name     string            `json:"name" minLength:"1" maxLength:"1100" example:"example.com." doc:"absolute name, Unicode or A-labels"`
	Template string            `json:"template,omitempty" maxLength:"63" example:"standard" doc:"standard if missing"`
	IPv4     netip.Addr        `json:"ip,omitzero" example:"192.0.2.10" doc:"%ip%"`
	IPv6     netip.Addr        `json:"ipv6,omitzero" example:"2001:db8::10" doc:"%ipv6%"`
	Owner    string            `json:"owner,omitempty" maxLength:"200" doc:"tenant whose zone it is to be; the caller's if missing"`
	Values   map[string]string `json:"values,omitempty" example:"{\"maildomain\":\"mail.example.net\"}" doc:"of further variables, by their names; they win over those that Skein knows"`
	DryRun   bool              `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	ChangeID string            `json:"-"`
}

// ResetZone is the body that makes a zone what a template makes of it.
type ResetZone struct {
	Template string            `json:"template,omitempty" maxLength:"63" example:"standard" doc:"standard if missing"`
	IPv4     netip.Addr        `json:"ip,omitzero" example:"192.0.2.10" doc:"%ip%; that of the zone itself as it is, if missing"`
	IPv6     netip.Addr        `json:"ipv6,omitzero" example:"2001:db8::10" doc:"%ipv6%; that of the zone itself as it is, if missing"`
	Values   map[string]string `json:"values,omitempty" example:"{\"maildomain\":\"mail.example.net\"}" doc:"of further variables, by their names"`
	DryRun   bool              `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	Expect   *Revision         `json:"-"`
	ChangeID string            `json:"-"`
}

// ServiceDomains is the body that adds the names of a hosting panel's services
// to zones, or takes them away: a part of the zones at a time.
type ServiceDomains struct {
	Action            string    `json:"action" enum:"add,remove"`
	Domain            zone.Name `json:"domain,omitempty" maxLength:"1100" example:"example.com." doc:"this zone alone"`
	Tenant            string    `json:"tenant,omitempty" maxLength:"200" doc:"the zones of this tenant alone; all that the caller sees if neither is given"`
	Subdomain         string    `json:"subdomain,omitempty" maxLength:"63" example:"webmail" doc:"this service alone"`
	Replace           bool      `json:"replace,omitempty" doc:"put the records of Autodiscover in the place of others that are there"`
	OldHost           zone.Name `json:"old_autodiscover_host,omitempty" maxLength:"1100" doc:"the host of Autodiscover until now: records that name it are replaced or taken away as ours"`
	ForceAutodiscover bool      `json:"force_autodiscover,omitempty" doc:"as if Autodiscover were on"`
	IfEnabled         bool      `json:"if_enabled,omitempty" doc:"do nothing unless service domains are on"`
	DryRun            bool      `json:"dry_run,omitempty" doc:"say what would change, change nothing"`
	Cursor            string    `json:"cursor,omitempty" maxLength:"4000" doc:"next of the part before"`
	Limit             int       `json:"limit,omitempty" minimum:"0" maximum:"1000" doc:"zones to look at; 100 if missing"`
}

// ServiceDomainsResult is what became of a part of the zones.
type ServiceDomainsResult struct {
	Zones []ServiceDomainsZone `json:"zones" nullable:"false" doc:"those that changed, and those that could not be"`
	Next  string               `json:"next,omitempty" doc:"cursor to go on from; missing at the end"`
}

// ServiceDomainsZone is what became of one zone.
type ServiceDomainsZone struct {
	Zone     zone.Name `json:"zone"`
	Changed  bool      `json:"changed"`
	Delta    DeltaBody `json:"delta"`
	Warnings []Problem `json:"warnings,omitempty" nullable:"false"`
	Refused  string    `json:"refused,omitempty" doc:"why nothing was changed"`
}
