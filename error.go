package skein

import "errors"

// Kind sorts errors for programs. The CLI's exit codes and the API's HTTP
// statuses are made from it, each in one place.
type Kind string

// The kinds. An error without a kind is internal: its text is for the log only.
const (
	KindInternal    Kind = "internal"
	KindInvalid     Kind = "invalid"     // what was sent is wrong
	KindForbidden   Kind = "forbidden"   // who asks may not
	KindUnknown     Kind = "unknown"     // nobody is signed in, or the token is not valid
	KindNotFound    Kind = "not-found"   // there is no such thing
	KindConflict    Kind = "conflict"    // it is somebody else's, exists already, or has changed meanwhile
	KindUnavailable Kind = "unavailable" // try again later: disk full, shutting down, member away
	KindTimeout     Kind = "timeout"     // waited as long as was asked
)

// ErrChanged is in the chain of a conflict when a change expected the zone at
// a revision that it is not at any more: 412 on the wire.
var ErrChanged = errors.New("changed meanwhile")

// ErrCodeNeeded is the cause of a refused login where the password is right
// and a one-time code has to come with it.
var ErrCodeNeeded = errors.New("a one-time code is needed")

// Error is an error with a kind for programs, a sentence for people (what and
// why), the mend (what to do about it), and a cause for the log.
type Error struct {
	Kind  Kind
	What  string
	Mend  string
	Cause error
	// Problems are single findings (a line of a zone file, a check of a member).
	Problems []Problem
	// Waiting is the number of the change that was kept for a person, 0 if none was.
	Waiting int64
}

// Problem is one finding within an error or a check.
type Problem struct {
	Line    int    `json:"line,omitempty" doc:"line of the input, 0 if none"`
	Name    string `json:"name,omitempty" doc:"owner name or subject"`
	Warning bool   `json:"warning,omitempty" doc:"accepted, but worth a look"`
	Text    string `json:"text"`
}

func (e *Error) Error() string {
	s := e.What
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	if e.Mend != "" {
		s += " (" + e.Mend + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of the outermost Error in err's chain, KindInternal
// if there is none, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}
