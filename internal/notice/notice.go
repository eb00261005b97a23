// Package notice tells people what needs them, by mail, webhook and chat.
//
// A notice that was posted is on disk, once for each target, until that target
// took it: a mail server that is away gets it later, and one that hangs delays
// no other.
package notice

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Kind says for programs what a notice is about.
type Kind string

// The kinds.
const (
	MemberFails    Kind = "member-fails" // for minutes
	MemberBack     Kind = "member-back"
	MemberDisabled Kind = "member-disabled" // by the failure threshold
	MemberEnabled  Kind = "member-enabled"  // again
	ZonesFail      Kind = "zones-fail"      // of a member, for minutes
	ZonesWell      Kind = "zones-well"      // these are as wanted again
	SourceSilent   Kind = "source-silent"   // for longer than its silence alarm
	SourceHeard    Kind = "source-heard"
	ZoneExpires    Kind = "zone-expires" // its primaries are away, or do not answer a member
	ChangeWaits    Kind = "change-waits" // a hold, a conflict or an approval
	LeftOut        Kind = "left-out"     // more was posted than is kept
	Trial          Kind = "trial"        // somebody tries whether notices arrive
)

// Notice is one thing that a person should know.
type Notice struct {
	ID      string    `json:"id"` // the same for every target and every attempt
	At      time.Time `json:"at"`
	Kind    Kind      `json:"kind"`
	Subject string    `json:"subject"`        // the member, source or zone
	Text    string    `json:"text"`           // what happened, in a sentence
	Mend    string    `json:"mend,omitempty"` // what to do about it
}

// line is a notice in one line, whatever was put into it.
func (n Notice) line() string { return oneLine(n.Text) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Target takes notices to people. Send returns nil only for a notice that was
// taken over; an error made by refused is final, any other is tried again.
type Target interface {
	Name() string // unique among the targets; not secret
	Send(ctx context.Context, n Notice) error
}

// errRefused is in the chain of an error that no repetition will mend.
var errRefused = errors.New("refused for good")
