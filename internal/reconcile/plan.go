package reconcile

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// ActionNotify is a step that the announcer does and no driver: the member has
// the zone already and only needs to hear that it changed.
const ActionNotify member.Action = "notify"

// Wanted is what a member is to serve under one name.
type Wanted struct {
	Zone     zone.Name // canonical: workers know zones by it
	Revision skein.Revision
	Serial   uint32
	Deleted  bool // it is to serve no such zone
	Pool     string
	Changed  time.Time // of a change that is told of as it happens; zero of what is caught up with
}

// Look is what a member was last seen to have under a name.
type Look uint8

// The looks.
const (
	Unseen    Look = iota // not asked, or no answer since
	Serves                // serves Seen.Serial
	Absent                // serves no such zone
	NotLoaded             // is configured for it, and has no contents
	Foreign               // has one that is not ours
	Other                 // has other contents than are published, whatever their serial (Capabilities.Own)
)

// Seen is what is known of one zone on one member. The zero value knows nothing.
type Seen struct {
	Look   Look
	Serial uint32
	// Expect is what to take for granted while Look is Unseen, to be fast:
	// Absent for a zone just made, Serves for one that was verified before.
	// Unseen: look first.
	Expect Look
	// Doubt: whether a zone that looks right is ours was never asked; with
	// Rules.Watch, whether its contents are.
	Doubt bool
	// Parted: it was once ahead of all that we ever published, or has other
	// contents under our serial, so that what it has is not of our history, and
	// only the whole zone leads back to it.
	Parted bool
	// Differ is how many records were other than ours under the wanted serial.
	Differ int
	// Lacks tells which records the member cannot hold of what it serves.
	Lacks string
	// Proven: it transferred the wanted serial from our primary, so that what it
	// has under it is ours.
	Proven bool
	Told   time.Time     // when the wanted version was announced; zero if not yet
	By     member.Action // how it was announced
	Due    time.Time     // from when the member is late, and is told again
}

// Decision is what to do about one zone on one member. Without a step, a
// question or a check there is nothing to do but look again later.
type Decision struct {
	Step    member.Action // "" for none
	Ask     bool          // look over DNS
	Check   bool          // ask the driver whose it is
	Settled bool          // all is as wanted
	Ahead   bool          // of us, or as far with other contents: left alone
	Held    bool          // nothing may be done about it
	State   skein.ZoneState
	Reason  string
}

// Rules are what holds for all zones of one member in one plan.
type Rules struct {
	Caps member.Capabilities
	Now  time.Time
	// Served returns the serial that the member's primary serves: a member may
	// be ahead of wanted as far as this, since changes overtake each other.
	Served func(zone.Name) (serial uint32, ok bool)
	// Watch, if set, is why nothing may be done: what would be done is said as a state.
	Watch string
	// Read reports whether a member that is written is read as well in a pool:
	// then what it has under our serial may be as good as ours.
	Read func(pool string) bool
	// Present: no zone is put on the member that it does not have.
	Present bool
	// Compare: with Watch, contents that look right can be compared; that is
	// what a check is then.
	Compare bool
}

// Plan lists the steps that lead from seen to wanted, in the order of wanted:
// data, to be shown, stored or applied. Zones not in seen are absent. A plan
// made when everything is as wanted is empty.
func Plan(wanted []Wanted, seen map[zone.Name]Seen, caps member.Capabilities, now time.Time) []member.Step {
	rules := Rules{Caps: caps, Now: now}
	var steps []member.Step
	for _, w := range wanted {
		s, ok := seen[w.Zone]
		if !ok {
			s.Look = Absent
		}
		if d := rules.Decide(w, s); d.Step != "" {
			steps = append(steps, member.Step{Action: d.Step, Zone: w.Zone, Serial: w.Serial, Reason: d.Reason})
		}
	}
	return steps
}

// Decide plans for one zone.
func (r Rules) Decide(w Wanted, s Seen) Decision {
	d := r.decide(w, s)
	if r.Watch == "" {
		return d
	}
	return r.watched(w, s, d)
}

// watched leaves of a decision what only looks.
func (r Rules) watched(w Wanted, s Seen, d Decision) Decision {
	older := s.Look == Serves && !w.Deleted && zone.SerialLess(s.Serial, w.Serial)
	switch {
	case r.Compare && s.Doubt && s.Look == Serves && !w.Deleted && s.Serial == w.Serial:
		return Decision{Check: true, State: skein.StatePending}
	case d.Step == "" && !d.Check:
		return d
	case s.Look == Unseen:
		return Decision{Ask: true, State: skein.StatePending}
	case d.State == skein.StateDiffers:
		return Decision{Held: true, State: d.State, Reason: d.Reason + "; " + r.Watch}
	case older:
		return Decision{Held: true, State: skein.StateStale, Reason: fmt.Sprintf("it serves serial %d: %s", s.Serial, r.Watch)}
	case w.Deleted:
		return Decision{Held: true, State: skein.StatePending, Reason: "it still has the zone: " + r.Watch}
	case s.Look == Other:
		return Decision{Held: true, State: skein.StateDiffers, Reason: "what it has is not what is published: " + r.Watch}
	case d.Check:
		return Decision{Held: true, State: skein.StatePending, Reason: "whose the zone there is was not asked yet: " + r.Watch}
	}
	return Decision{Held: true, State: skein.StatePending, Reason: "it does not serve the zone: " + r.Watch}
}

func (r Rules) decide(w Wanted, s Seen) Decision {
	switch {
	case s.Look == Foreign && w.Deleted:
		return Decision{Settled: true, State: skein.StateAbsent, Reason: "the zone of that name there is not Skein's"}
	case s.Look == Foreign:
		return Decision{State: skein.StateForeign, Reason: "the member has a zone of that name that is not Skein's; it was left alone"}
	case s.Look == Unseen && !s.Told.IsZero():
		return Decision{Ask: true, State: skein.StateTold}
	case w.Deleted:
		return r.decideGone(s)
	case s.Look == Unseen && (r.Present || !r.Caps.Transfer && !r.Caps.Own):
		// Whatever is expected: who is given whole contents takes older ones too.
		return Decision{Ask: true, State: skein.StatePending}
	case r.Present && s.Look == Absent:
		return Decision{Settled: true, State: skein.StateAbsent, Reason: notPresent}
	case r.Caps.Own:
		return r.decideOwn(w, s)
	}
	look := s.Look
	if look == Unseen {
		look = s.Expect
	}
	switch look {
	case Serves:
		return r.decideServing(w, s)
	case Absent:
		if s.By == ActionNotify && s.Look == Absent || r.may(s) {
			return told(s, member.ActionAdd, "")
		}
	case NotLoaded:
		switch {
		case s.Told.IsZero():
			return told(s, member.ActionAdd, "") // also mends what keeps it from loading
		case r.may(s):
			return told(s, member.ActionRetransfer, "it is configured, but has not loaded the zone")
		}
	default:
		return Decision{Ask: true, State: skein.StatePending}
	}
	return Decision{State: skein.StateTold}
}

const notPresent = "the member does not have it, and is given no zones that it does not have"

// decideServing is for a zone that the member has, or is taken to have.
func (r Rules) decideServing(w Wanted, s Seen) Decision {
	update := ActionNotify
	if !r.Caps.Transfer {
		update = member.ActionAdd // a driver that carries contents itself
	}
	switch {
	case s.Look == Unseen && s.Parted:
		return Decision{Ask: true, State: skein.StatePending}
	case s.Look == Unseen:
		return told(s, update, "")
	case s.Doubt && !r.Caps.Transfer && s.Serial == w.Serial: // the driver compares, whatever was before
		return Decision{Check: true, State: skein.StatePending}
	case s.Doubt && s.Differ > 0 && r.Caps.Transfer: // who knows whose it is by now
		return Decision{Check: true, State: skein.StateDiffers, Reason: notOurs(s)}
	case s.Parted && s.Serial == w.Serial && r.Read != nil && r.Read(w.Pool):
		return Decision{Ahead: true, State: skein.StateDiffers, Reason: notOurs(s) + ": someone else changes the zone there; it keeps what it has until the zone gets a serial after that"}
	case s.Parted && !zone.SerialLess(w.Serial, s.Serial):
		if r.may(s) {
			return Decision{Step: retransfer(r.Caps), State: skein.StateDiffers, Reason: notOurs(s)}
		}
		return Decision{State: skein.StateTold}
	case s.Serial == w.Serial || r.overtaken(w, s.Serial):
		switch {
		case s.Doubt:
			return Decision{Check: true, State: skein.StatePending}
		case r.unproven(w, s) && !r.may(s):
			return Decision{State: skein.StateTold}
		case r.unproven(w, s) && s.By != member.ActionRetransfer:
			return Decision{Step: member.ActionRetransfer, State: skein.StateTold,
				Reason: fmt.Sprintf("it has a serial %d that it did not fetch from here", s.Serial)}
		}
		return Decision{Settled: true, State: skein.StateVerified}
	case zone.SerialLess(s.Serial, w.Serial):
		switch {
		case s.Told.IsZero() && s.Doubt:
			return told(s, member.ActionAdd, "") // ours or not, the driver finds out
		case s.Told.IsZero():
			return told(s, update, "")
		case r.may(s):
			return Decision{Step: retransfer(r.Caps), State: skein.StateStale,
				Reason: fmt.Sprintf("it was told of serial %d and still serves %d", w.Serial, s.Serial)}
		}
		return Decision{State: skein.StateTold}
	case r.starting(w):
		return Decision{State: skein.StatePending}
	case s.Doubt && r.Caps.Transfer && r.Watch == "": // where it is not ours, its serial says nothing
		return Decision{Check: true, State: skein.StatePending}
	}
	return Decision{Ahead: true, State: skein.StateDiffers, Reason: fmt.Sprintf("it serves serial %d, beyond our %d: "+
		"someone else changes the zone there, or our store went back; it keeps what it has until the zone gets a serial after that", s.Serial, w.Serial)}
}

// decideOwn is for a zone on a member whose serials are its own. Its driver
// compared what is there with what is published: a serial that was seen is that
// of the version which it was found to have.
func (r Rules) decideOwn(w Wanted, s Seen) Decision {
	has := s.Look == Serves && !zone.SerialLess(s.Serial, w.Serial)
	switch {
	case s.Look == Unseen && s.Expect == Unseen:
		return Decision{Ask: true, State: skein.StatePending}
	case has && s.Lacks != "": // to tell it again would not help
		return Decision{Held: true, State: skein.StateDiffers, Reason: "as published but for " + s.Lacks}
	case has:
		return Decision{Settled: true, State: skein.StateVerified}
	case !r.may(s):
		return Decision{State: skein.StateTold}
	case s.Look == Other && !s.Told.IsZero():
		return Decision{Step: member.ActionAdd, State: skein.StateDiffers, Reason: fmt.Sprintf("it was given serial %d, and has something else", w.Serial)}
	}
	return told(s, member.ActionAdd, "")
}

// decideGone is for a zone that is to be nowhere.
func (r Rules) decideGone(s Seen) Decision {
	switch {
	case s.Look == Absent:
		return Decision{Settled: true, State: skein.StateAbsent}
	case s.Look == Unseen && s.Expect == Unseen:
		return Decision{Ask: true, State: skein.StatePending}
	case s.Told.IsZero():
		return told(s, member.ActionDelete, "")
	case r.may(s):
		return told(s, member.ActionDelete, "it was told to delete the zone and still has it")
	}
	return Decision{State: skein.StateTold}
}

// asked returns what is seen once a driver that can so much told what there is.
func (s Seen) asked(p member.Presence, can member.Capabilities) Seen {
	s.Doubt = false
	switch {
	case p.Pending: // nobody knows
		s.Look, s.Doubt = Unseen, true
	case !p.Present:
	case !p.Ours:
		s.Look = Foreign
	case can.Transfer && !p.Current: // what is set up otherwise is set up anew
		s.Look = NotLoaded
	case !can.Transfer && s.Look == Serves:
		s.Parted = !p.Current
	}
	return s
}

func notOurs(s Seen) string {
	switch s.Differ {
	case 0:
		return fmt.Sprintf("what it serves as serial %d is not ours", s.Serial)
	case 1:
		return fmt.Sprintf("1 record of what it serves as serial %d is not as in ours", s.Serial)
	}
	return fmt.Sprintf("%d records of what it serves as serial %d are not as in ours", s.Differ, s.Serial)
}

// may reports whether the member may be told (again): it never was, or is late.
func (r Rules) may(s Seen) bool { return s.Told.IsZero() || !r.Now.Before(s.Due) }

// unproven: it was told and serves the serial, but was not seen to fetch it. It
// may have had the serial before, with contents of a history that our store
// lost. Fetching it once more settles that.
func (r Rules) unproven(w Wanted, s Seen) bool {
	return r.Caps.Transfer && !s.Told.IsZero() && !s.Proven && s.Serial == w.Serial
}

// overtaken: a member that is ahead of wanted, but not of its primary, has a
// newer version that we have not heard of yet.
func (r Rules) overtaken(w Wanted, serial uint32) bool {
	if r.Served == nil || !zone.SerialLess(w.Serial, serial) {
		return false
	}
	served, ok := r.Served(w.Zone)
	return ok && !zone.SerialLess(served, serial)
}

// starting: the member's primary has not loaded the zone yet, so that nobody
// knows whether a member that is ahead of wanted was overtaken.
func (r Rules) starting(w Wanted) bool {
	if r.Served == nil {
		return false
	}
	_, ok := r.Served(w.Zone)
	return !ok
}

func told(s Seen, a member.Action, reason string) Decision {
	state := skein.StatePending
	if !s.Told.IsZero() {
		state = skein.StateTold
	}
	return Decision{Step: a, State: state, Reason: reason}
}

func retransfer(c member.Capabilities) member.Action {
	if c.Transfer {
		return member.ActionRetransfer
	}
	return member.ActionAdd
}
