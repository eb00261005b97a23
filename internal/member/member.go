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

// ErrSame is no failure: the member was to fetch a zone again, and has the very
// contents that are published, so that it did not.
var ErrSame = errors.New("the member has these contents")

// Driver speaks to one member. Calls for one member are made one after the
// other by its worker, but for Prompter's; Close may come at any time.
type Driver interface {
	// Can tells what the driver is able to do. It does not speak to the member.
	Can() Capabilities
	// Apply carries out the steps and calls done once for each, in order, with
	// nil or why not. "Already so" is success, ErrSame where contents were compared. It returns ErrAway (wrapped)
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

// Reader is what a driver is besides whose capabilities name a role that
// reads, synchronize or standalone. A Driver that reads is made for that
// alone; its calls are made one after the other as well.
type Reader interface {
	// Inventory calls each once for every zone that the member has, in any
	// order, while the answer comes: it may be of a million zones. An error of
	// each ends it. One that broke off is an error: what was not told of may be there.
	Inventory(ctx context.Context, each func(skein.Held) error) error
	// Read calls each once for each of the names, in any order, with what the
	// member has of it, or why that cannot be had: an error that is ErrAbsent
	// where it has no such zone. It returns ErrAway (wrapped) when the member
	// went away; nothing is known of what was not told of.
	Read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error
}

// Lister is what a driver is besides whose member tells whose its zones are
// when it lists them.
type Lister interface {
	// List is Inventory with that.
	List(ctx context.Context, each func(skein.ListedZone) error) error
}

// Taker is what a driver is besides whose member can be made to hand zones over.
type Taker interface {
	// Take makes a zone that is there and not ours ours. What the server keeps of
	// it on disk stays there. An error that is ErrForeign tells why that cannot be.
	Take(ctx context.Context, name zone.Name) error
}

// Certified is what a driver is besides whose member shows a certificate. One
// that no authority vouches for is pinned when it is first seen.
type Certified interface {
	// Certificate returns the pin of the certificate that the member shows, as
	// skein.Member has it, and whether it is trusted without one.
	Certificate(ctx context.Context) (pin string, trusted bool, err error)
}

// Truster is what a driver is besides whose member can be asked to add this
// node as a member of its own.
type Truster interface {
	// Trust asks for that, with the name that this node is reached at and what
	// the member is to sign in with here.
	Trust(ctx context.Context, user, host, token string) error
}

// Prompter is what a driver is besides whose member is slow to act on NOTIFY,
// and can be made to look at once.
type Prompter interface {
	// Prompt says of a zone that there is a newer version. It is a hint beside
	// the NOTIFY, for single changes: what it cannot do is left to that. Unlike
	// the others this call may come while another of the driver's is under way.
	Prompt(ctx context.Context, name zone.Name) error
}

// Counter is what a driver is besides that can tell how many zones the member
// has in all, whosever they are.
type Counter interface {
	Count(ctx context.Context) (zones int, err error)
}

// ErrAbsent: the member has no zone of that name.
var ErrAbsent = errors.New("the member has no such zone")

// Capabilities of a driver.
type Capabilities struct {
	Roles    []skein.Role
	Default  skein.Role
	Transfer bool // the member fetches contents by zone transfer; it needs NOTIFY, not contents
	// Own: the serials on the member are its own, and it has perhaps no address
	// to ask. What it has is asked of a Driver made for that alone, never over DNS.
	Own bool
	// Batch: so many steps in one call, or zones asked for, cost little more than
	// one. Without it batches are short.
	Batch int
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
	// Current: ours, and configured as it should be (primaries, key). Of a driver
	// that brings contents: what the member has under the published serial is
	// what is published. Other serials tell by themselves, but where they are the
	// member's own: there it is current or it is not, whatever the serial.
	Current bool
	// Lacks are records that are published and that the member cannot hold, as
	// text with the reason: Current is said of the others.
	Lacks []string
	// Pending: ask again. Either it has what is published, and still is putting it
	// into force; or whose the zone is cannot be told at the moment.
	Pending bool
}
