package template

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// MaxText is the length of a template at most, in octets.
const MaxText = 64 << 10

// maxProblems bounds what is told of one template.
const maxProblems = 50

// signs find variables. A lone % is itself, as in the macros of SPF (%{i}).
var signs = regexp.MustCompile(`%([A-Za-z][A-Za-z0-9_]*)%`)

// Expand puts values in, which Read has read. An entry that uses a variable
// without a value is left out: a template for four nameservers so does for two.
// Lines stay where they are, so that what is found in the zone is found in the
// template; left tells in which of them something is missing. err is
// *zone.Errors and names each unknown variable with its line.
func Expand(text string, values Values) (expanded string, left []zone.Problem, err error) {
	if len(text) > MaxText {
		return "", nil, &zone.Errors{Problems: []zone.Problem{{Text: fmt.Sprintf("the template has more than %d octets", MaxText)}}}
	}
	e := expansion{values: values, lines: strings.Split(text, "\n")}
	for e.next < len(e.lines) {
		e.entry()
	}
	if len(e.problems) > 0 {
		return "", nil, &zone.Errors{Problems: e.problems}
	}
	return strings.Join(e.lines, "\n"), e.left, nil
}

// expansion goes through a template entry by entry; lines before next are done.
type expansion struct {
	values         Values
	lines          []string
	next           int
	owner          string // of the entry that was left out last; "" once it is settled
	lost           bool   // the owner of that is not known
	problems, left []zone.Problem
}

// entry expands the next entry: a line, or those up to the closing parenthesis.
func (e *expansion) entry() {
	first, missing, at := e.next, "", 0
	for depth := 0; e.next == first || depth > 0 && e.next < len(e.lines); e.next++ {
		line, open, without := e.line(e.next)
		e.lines[e.next], depth = line, max(0, depth+open)
		if without != "" && missing == "" {
			missing, at = without, e.next+1
		}
	}
	lines := e.lines[first:e.next]
	owner, is := kindOf(lines[0])
	if is == inheriting && missing == "" && e.lost {
		missing, at = "its owner", first+1
	}
	switch {
	case is == empty:
	case is == directive && missing != "":
		e.blame(at, fmt.Sprintf("%s cannot be without a value of %s", owner, missing))
	case is == directive:
		// An owner that is carried on would now be meant from another origin.
		e.lost, e.owner = e.lost || e.owner != "", ""
	case missing != "":
		e.leave(lines, owner, is, missing, at)
	case is == inheriting:
		lines[0], e.owner = e.owner+lines[0], ""
	default:
		e.owner, e.lost = "", false
	}
}

// leave leaves an entry out. Those that begin with a blank have the owner of
// the one before, so it is carried on to them.
func (e *expansion) leave(lines []string, owner string, is kind, missing string, at int) {
	if len(e.left) < maxProblems {
		e.left = append(e.left, zone.Problem{Line: at, Warning: true, Text: "it is left out: there is no value of " + missing})
	}
	if is == owning {
		if e.lost = signs.MatchString(owner); e.lost {
			owner = ""
		}
		e.owner = owner
	}
	clear(lines)
}

// line expands line i, which opens so many parentheses. Without names a
// variable that has no value; within a comment it is left out.
func (e *expansion) line(i int) (expanded string, open int, without string) {
	open, comment := parentheses(e.lines[i])
	text := e.put(e.lines[i][:comment], i, func(sign string) string {
		without = sign
		return sign
	})
	return text + e.put(e.lines[i][comment:], i, func(string) string { return "" }), open, without
}

// put puts values into a part of line i.
func (e *expansion) put(text string, i int, missing func(sign string) string) string {
	return signs.ReplaceAllStringFunc(text, func(sign string) string {
		name := strings.Trim(sign, "%")
		if _, err := find(name); err != nil {
			e.blame(i+1, err.Error())
			return sign
		}
		if value := e.values[name]; value != "" {
			return value
		}
		return missing(sign)
	})
}

func (e *expansion) blame(line int, text string) {
	if len(e.problems) < maxProblems {
		e.problems = append(e.problems, zone.Problem{Line: line, Text: text})
	}
}

// kind is what an entry begins with.
type kind int

const (
	empty      kind = iota // nothing, or a comment
	directive              // as $TTL
	owning                 // its owner
	inheriting             // a blank: its owner is that of the entry before
)

// kindOf returns the first word of an entry too, but of those that begin with a blank.
func kindOf(line string) (first string, is kind) {
	switch words := strings.Fields(line); {
	case len(words) == 0 || words[0][0] == ';':
		return "", empty
	case line[0] == ' ' || line[0] == '\t':
		return "", inheriting
	case line[0] == '$':
		return words[0], directive
	default:
		return words[0], owning
	}
}

// parentheses counts those that a line opens and does not close, outside of
// texts, and tells where its comment begins.
func parentheses(line string) (open, comment int) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			return open, i
		case c == '(':
			open++
		case c == ')':
			open--
		}
	}
	return open, len(line)
}
