package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// ClusterSettings are what holds for all members.
type ClusterSettings struct {
	Enabled        bool           `json:"enabled" doc:"false: changes are kept, and no member is told"`
	ChangedBy      string         `json:"changed_by,omitempty" doc:"who enabled or disabled it last"`
	ChangedAt      time.Time      `json:"changed_at,omitzero"`
	Released       Revision       `json:"released,omitempty" doc:"while disabled: the newest revision that members may have"`
	Threshold      int            `json:"threshold" doc:"failures in a row at which a member is disabled"`
	KeepOnline     bool           `json:"keep_online,omitempty" doc:"no member is ever disabled for its failures"`
	Reenable       string         `json:"reenable" enum:"automatic,manual" doc:"how a member that the threshold disabled comes back: when it answers, or by a person"`
	Conflicts      string         `json:"conflicts" enum:"person,highest-serial" doc:"who decides when a member has a newer copy than Skein"`
	Remote         string         `json:"remote" enum:"allowed,trusted" doc:"whether others than administrators may create zones that trusted nameservers do not serve today"`
	Trusted        []netip.Prefix `json:"trusted" nullable:"false" doc:"networks of nameservers that domains may be at"`
	FailureNotices bool           `json:"failure_notices" doc:"whether a member that is disabled for its failures is a notice"`
	// Of the names of a hosting panel's services: what `skein zone servicedomains` asks for.
	ServiceDomains   bool      `json:"service_domains" doc:"whether they are on, for those who ask"`
	Autodiscover     bool      `json:"autodiscover" doc:"whether those of AutoConfig and Autodiscover are among them"`
	AutodiscoverHost zone.Name `json:"autodiscover_host,omitempty" doc:"host that the SRV record of Autodiscover names; there is none without"`
	Version          int       `json:"version" doc:"grows by one with each change; also the ETag"`
}

// The choices of ClusterSettings.
const (
	ReenableAutomatic = "automatic"
	ReenableManual    = "manual"

	ConflictsPerson  = "person"
	ConflictsHighest = "highest-serial"

	RemoteAllowed = "allowed"
	RemoteTrusted = "trusted"
)

// EditCluster is the body that changes settings; what is missing stays.
type EditCluster struct {
	Threshold      *int            `json:"threshold,omitempty" doc:"1 to 1000; keep_online for never"`
	KeepOnline     *bool           `json:"keep_online,omitempty"`
	Reenable       *string         `json:"reenable,omitempty" enum:"automatic,manual"`
	Conflicts      *string         `json:"conflicts,omitempty" enum:"person,highest-serial"`
	Remote         *string         `json:"remote,omitempty" enum:"allowed,trusted"`
	Trusted        *[]netip.Prefix `json:"trusted,omitempty" maxItems:"1000"`
	FailureNotices *bool           `json:"failure_notices,omitempty"`

	ServiceDomains   *bool      `json:"service_domains,omitempty"`
	Autodiscover     *bool      `json:"autodiscover,omitempty"`
	AutodiscoverHost *zone.Name `json:"autodiscover_host,omitempty" maxLength:"1100" doc:"empty: none"`
}

// SyncRequest says which zones are to be synchronised, from and to which members.
type SyncRequest struct {
	Zone         zone.Name `json:"zone,omitempty" maxLength:"1100" doc:"all zones if missing"`
	To           []string  `json:"to,omitempty" maxItems:"1000" nullable:"false" doc:"members that are brought in step; this cluster if neither to nor from is given"`
	ToAll        bool      `json:"to_all,omitempty" doc:"all members that are written"`
	From         []string  `json:"from,omitempty" maxItems:"1000" nullable:"false" doc:"members whose newer copies are taken in"`
	Unconfigured bool      `json:"unconfigured,omitempty" doc:"zones too that are not configured here"`
	Force        bool      `json:"force_overwrite,omitempty" doc:"put ours above a newer copy there"`
	DryRun       bool      `json:"dry_run,omitempty" doc:"say what would be done, change nothing"`
}

// SyncJob is a synchronisation, and how far it has come.
type SyncJob struct {
	ID        string      `json:"id,omitempty" doc:"missing of a dry run"`
	Request   SyncRequest `json:"request"`
	By        string      `json:"by"`
	Began     time.Time   `json:"began"`
	Ended     time.Time   `json:"ended,omitzero"`
	State     string      `json:"state" enum:"running,done,cancelled,failed"`
	Total     int         `json:"total" doc:"zones that are looked at"`
	Done      int         `json:"done" doc:"that were looked at"`
	Created   int         `json:"created"`
	Replaced  int         `json:"replaced"`
	Told      int         `json:"told"`
	Same      int         `json:"same"`
	Conflicts int         `json:"conflicts"`
	Failed    int         `json:"failed"`
	At        zone.Name   `json:"at,omitempty" doc:"the zone that was looked at last"`
	Last      string      `json:"last,omitempty" doc:"the last failure"`
	Steps     []SyncStep  `json:"steps,omitempty" nullable:"false" doc:"of a dry run, the first of them; else the first that failed"`
}

// The states of a SyncJob.
const (
	SyncRunning   = "running"
	SyncDone      = "done"
	SyncCancelled = "cancelled"
	SyncFailed    = "failed"
)

// SyncStep is what a synchronisation does with one zone on one member.
type SyncStep struct {
	Zone   zone.Name `json:"zone"`
	Member string    `json:"member"`
	Action string    `json:"action" enum:"create,replace,tell,conflict,same,leave,failed"`
	Ours   uint32    `json:"ours,omitempty"`
	Theirs uint32    `json:"theirs,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// The actions of a SyncStep.
const (
	SyncCreate   = "create"   // taken in, or told, as a zone that is not there
	SyncReplace  = "replace"  // a newer copy is taken in
	SyncTell     = "tell"     // the member is told of ours
	SyncConflict = "conflict" // the newer copy there waits for a person
	SyncSame     = "same"
	SyncLeave    = "leave" // nothing is done, for the reason that is given
	SyncFail     = "failed"
)
