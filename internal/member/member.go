// Package member is what a driver must be able to do for reconcile to keep
// its server in step. One sub-package a driver; membertest is their suite.
package member

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The kinds of failure that reconcile treats apart. Everything else is a
// failure of the single zone, retried with back-off.
var (
	// ErrAway: the member cannot be reached or broke off; no use trying other zones now.
	ErrAway = errors.New("member cannot be reached")
	// ErrForeign: a zone of that name is there that is not ours; it was left alone.
	ErrForeign = errors.New("the member has a zone of that name that is not Skein's")
	// ErrDenied: the member refuses for a reason that a person must mend (a
	// missing key, allow-new-zones off, an unknown view).
	ErrDenied = errors.New("the member refuses")
)

// Driver speaks to one member. Calls for one member are made one after the
// other by its worker; Close may come at any time.
type Driver interface {
	// Can tells what the driver is able to do. It does not speak to the member.
	Can() Capabilities
	// Apply carries out the steps and calls done once for each, in order, with
	// nil or why not. "Already so" is success. It returns ErrAway (wrapped)
	// when the member went away; steps not reported then did not happen or may have happened.
	Apply(ctx context.Context, steps []Step, done func(i int, err error)) error
	// Test finds out whether the member is fit to be enabled and what is wrong.
	// It changes nothing that stays. Self names a zone that Skein's nameserver
	// serves for such tests.
	Test(ctx context.Context, self zone.Name) []skein.Check
	// Has asks whether the member has these zones and whether they are ours.
	Has(ctx context.Context, names []zone.Name) ([]Presence, error)
	// Status asks for the version and a sign of life.
	Status(ctx context.Context) (version string, err error)
	Close() error
}

// Capabilities of a driver.
type Capabilities struct {
	Roles    []skein.Role
	Default  skein.Role
	Transfer bool // the member fetches contents by zone transfer; it needs NOTIFY, not contents
}

// Action is what a step does.
type Action string

// The actions.
const (
	ActionAdd        Action = "add"        // make the member a secondary of the zone; repairs the configuration of one that is there
	ActionDelete     Action = "delete"     // only if it is ours
	ActionRetransfer Action = "retransfer" // fetch the whole zone again, even if the serial does not grow
)

// Step is one action on one zone: data, printable and storable.
type Step struct {
	Action Action    `json:"action"`
	Zone   zone.Name `json:"zone"`
	Serial uint32    `json:"serial,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// Presence says what a member has under a name.
type Presence struct {
	Present bool
	Ours    bool
	Current bool // ours, and configured as it should be (primaries, key)
}
