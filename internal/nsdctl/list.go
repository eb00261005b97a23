package nsdctl

import (
	"fmt"
	"strings"
)

// Outcome is what became of one line of a list.
type Outcome string

// The outcomes.
const (
	Added   Outcome = "added"
	There   Outcome = "there" // there was one of that name, which stays as it is
	Removed Outcome = "removed"
	Absent  Outcome = "absent" // there was none to remove
	Refused Outcome = "refused"
)

// Result is an outcome and, of one that was refused, NSD's words.
type Result struct {
	Outcome Outcome
	Text    string
}

// Results reads the answer to addzones or delzones line by line.
type Results struct {
	names []string
	each  func(i int, r Result)

	next  int
	so    Result
	ended bool
}

// NewResults calls each for every line of a list, in order; names are those of
// its zones.
func NewResults(names []string, each func(i int, r Result)) *Results {
	return &Results{names: names, each: each}
}

// Line takes the next line of the answer. What is said of a zone comes before
// the line that tells what became of it.
func (l *Results) Line(line string) error {
	if l.ended {
		return fmt.Errorf("%w: %q behind its end", ErrAnswer, line)
	}
	if l.next == len(l.names) {
		l.ended = strings.HasSuffix(line, " zones") && (strings.HasPrefix(line, "added ") || strings.HasPrefix(line, "deleted "))
		if !l.ended {
			return fmt.Errorf("%w: %q in place of its end", ErrAnswer, line)
		}
		return nil
	}
	name := l.names[l.next]
	switch line {
	case "zone " + name + " already exists":
		l.so.Outcome = There
	case "warning zone " + name + " not present":
		l.so.Outcome = Absent
	case "added: " + name:
		l.tell(Added)
	case "removed: " + name:
		l.tell(Removed)
	case "error for input line '" + name + "'":
		l.tell(Refused)
	default:
		r := refusalIn(line)
		if r == nil {
			return fmt.Errorf("%w: %q about %s", ErrAnswer, line, name)
		}
		l.so.Text = r.Text
	}
	return nil
}

// tell what became of the zone whose turn it is, unless that is known better.
func (l *Results) tell(o Outcome) {
	r := l.so
	if r.Outcome == "" {
		r.Outcome = o
	}
	l.each(l.next, r)
	l.next, l.so = l.next+1, Result{}
}

// End demands that all was told of.
func (l *Results) End() error {
	if !l.ended {
		return fmt.Errorf("%w: it ends after %d of %d zones", ErrAnswer, l.next, len(l.names))
	}
	return nil
}
