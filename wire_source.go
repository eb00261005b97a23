package skein

import (
	"net/netip"
	"time"
)

// The wire of sources, of what they ask for, and of what waits for a person.

// NewSource describes a source to add, or a source as it is to be. Keys go in
// here and never come out again.
type NewSource struct {
	Name     string         `json:"name" minLength:"1" maxLength:"200" example:"plesk-1" doc:"what tokens, and zones as their origin, name"`
	Door     string         `json:"door,omitempty" enum:"api,plesk,rndc,whm,transfer" doc:"the way in; api if not set, and never changed afterwards"`
	Networks []netip.Prefix `json:"networks,omitempty" maxItems:"1000" nullable:"false" example:"[\"192.0.2.0/24\"]" doc:"where it may come from; anywhere if none"`
	Silence  time.Duration  `json:"silence,omitempty" minimum:"0" doc:"nanoseconds after which it is alarming not to have heard of it; never if 0"`
	Paused   bool           `json:"paused,omitempty" doc:"everything from it is refused"`
	Mode     string         `json:"mode,omitempty" enum:"push,transfer" doc:"of the plesk door: push, or transfer"`
	Transfer *TransferSetup `json:"transfer,omitempty" doc:"of the transfer door, and of the plesk door in mode transfer"`
	Tenant   string         `json:"tenant,omitempty" maxLength:"200" doc:"who owns its zones; that of the caller if not set"`
	Secrets  *SourceSecrets `json:"secrets,omitempty" writeOnly:"true" doc:"keys that are not given stay as they are"`
	Expect   string         `json:"-"` // If-Match: the ETag that GetSource gave
}

// AsNew returns the source as it would have to be sent to stay as it is.
func (s Source) AsNew() NewSource {
	return NewSource{Name: s.Name, Door: s.Door, Networks: s.Networks, Silence: s.Silence, Paused: s.Paused, Mode: s.Mode, Transfer: s.Transfer, Tenant: s.Tenant}
}

// SourceList is all sources, by name.
type SourceList struct {
	Sources []Source `json:"sources" nullable:"false"`
}

// RuleList is all standing rules between sources.
type RuleList struct {
	Rules []SourceRule `json:"rules" nullable:"false"`
}

// RevertBody says what is to be undone.
type RevertBody struct {
	Since  time.Time `json:"since" doc:"what the source changed at this time or later"`
	ID     string    `json:"id,omitempty" maxLength:"200" doc:"of the plan that a dry run gave: what was done of it already is not done again"`
	DryRun bool      `json:"dry_run,omitempty" doc:"make the plan, change nothing"`
}

// TakeoverBody says who gets a zone.
type TakeoverBody struct {
	To       string    `json:"to" minLength:"1" maxLength:"200" example:"plesk-2" doc:"the source that the zone belongs to from now on"`
	DryRun   bool      `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	Expect   *Revision `json:"-"`
	ChangeID string    `json:"-"`
}

// EndOverlay says which overlay ends, and how it is asked; all of it travels
// in the path, the query and headers.
type EndOverlay struct {
	Name     string    `json:"-"` // owner name, absolute
	Type     string    `json:"-"`
	DryRun   bool      `json:"-"`
	Expect   *Revision `json:"-"`
	ChangeID string    `json:"-"`
}

// OverlayList is the overlays of a zone, in canonical order.
type OverlayList struct {
	Overlays []Overlay `json:"overlays" nullable:"false"`
}

// WaitingFilter says which of the changes that wait are meant: those that all
// the fields fit that are set.
type WaitingFilter struct {
	Kinds  []string `json:"kinds,omitempty" enum:"hold,conflict,approval" maxItems:"3" nullable:"false" doc:"all kinds if none"`
	Zone   string   `json:"zone,omitempty" maxLength:"1100" doc:"only of this zone"`
	Source string   `json:"source,omitempty" maxLength:"200" doc:"only of this source"`
}

// WaitingList is a part of what waits, the oldest first.
type WaitingList struct {
	Waiting []Waiting `json:"waiting" nullable:"false"`
	Next    string    `json:"next,omitempty" doc:"cursor of the next part; missing at the end"`
}

// WaitingResult is what became of several changes that waited.
type WaitingResult struct {
	Done   int       `json:"done"`
	Failed []Problem `json:"failed,omitempty" nullable:"false" doc:"what could not be done, by zone; it goes on waiting"`
}

// TransferZoneList is a part of the zones that sources ask to be transferred.
type TransferZoneList struct {
	Zones []TransferZone `json:"zones" nullable:"false"`
	Next  string         `json:"next,omitempty" doc:"cursor of the next part; missing at the end"`
}

// NewTransferZone is a zone that is to be transferred from a source.
type NewTransferZone struct {
	Name      string            `json:"name" minLength:"1" maxLength:"1100" example:"example.com."`
	Source    string            `json:"source" minLength:"1" maxLength:"200" example:"ns-old"`
	Primaries []TransferPrimary `json:"primaries,omitempty" maxItems:"16" nullable:"false" doc:"the source's if none"`
}

// TransferZoneResult says whether a zone came to those that a source asks for.
type TransferZoneResult struct {
	Zone    TransferZone `json:"zone"`
	Created bool         `json:"created" doc:"false: it was asked for already"`
}
