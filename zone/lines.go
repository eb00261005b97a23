package zone

import (
	"io"
	"strings"
)

// Line is an entry of a zone file with its place in the text: what editors
// that know records by their line numbers go by.
type Line struct {
	// Number is that of the line in the text, from 1. An entry that goes on
	// within parentheses is one Line at the number where it begins; those that
	// it goes on over count, and are no Line of their own.
	Number int
	Lines  int // how many it takes
	Kind   LineKind
	Text   string // as written, without the last line break

	// Of a record:
	Owner string // relative to the zone where it was written as a relative name, but the apex in full
	Name  Name   // the same in full
	Type  Type
	TTL   uint32 // what the record says, or inherits; a set of several is served with one
	Data  Rdata
}

// LineKind says what a Line is.
type LineKind string

// The kinds. One $GENERATE is one control line, whatever it makes.
const (
	LineRecord  LineKind = "record"
	LineControl LineKind = "control" // $TTL, $ORIGIN, $GENERATE
	LineComment LineKind = "comment"
	LineBlank   LineKind = "blank"
)

// Lines cuts a zone file into its lines, in order; origin is the zone's name.
// A text that Parse refuses for its syntax is refused here too, with the first
// reason alone.
func Lines(text string, origin Name) ([]Line, error) {
	p := newParser(Options{Origin: origin})
	p.more = func() int { return fewSets } // $GENERATE makes sets, which nobody looks at
	w := lineWriter{rows: strings.Split(strings.TrimSuffix(text, "\n"), "\n"), zone: origin}
	if text == "" {
		return nil, nil
	}
	for scan := newScanner(strings.NewReader(text)); ; {
		e, err := scan.next()
		if err == io.EOF && err == scan.err {
			w.quiet(len(w.rows))
			return w.lines, nil
		}
		if err == nil {
			w.quiet(e.line - 1)
			err = w.entry(p, e, min(scan.line, len(w.rows)))
		}
		if err != nil {
			return nil, &Errors{[]Problem{{Line: e.line, Name: p.owner, Text: err.Error()}}}
		}
	}
}

// lineWriter gathers the lines of a text that is cut into rows.
type lineWriter struct {
	rows     []string
	zone     Name
	lines    []Line
	done     int  // rows
	absolute bool // the owner of the last record was written so
}

// quiet takes the rows up to a number that are no entry.
func (w *lineWriter) quiet(upTo int) {
	for w.done < upTo {
		kind := LineComment
		if strings.TrimSpace(w.rows[w.done]) == "" {
			kind = LineBlank
		}
		w.add(Line{Kind: kind}, w.done+1)
	}
}

// add completes a line that goes up to a row.
func (w *lineWriter) add(l Line, upTo int) {
	l.Number, l.Lines = w.done+1, upTo-w.done
	l.Text = strings.TrimSuffix(strings.Join(w.rows[w.done:upTo], "\n"), "\r")
	w.lines, w.done = append(w.lines, l), upTo
}

func (w *lineWriter) entry(p *parser, e entry, upTo int) error {
	if e.isDirective() {
		w.add(Line{Kind: LineControl}, upTo)
		return p.entry(e)
	}
	if !e.blank {
		w.absolute = isAbsolute(e.words[0].text)
	}
	words, err := p.ownerOf(e)
	if err != nil {
		return err
	}
	head, data, err := p.read(words)
	if err != nil {
		return err
	}
	l := Line{Kind: LineRecord, Owner: string(head.Name), Name: head.Name, Type: head.Type, TTL: head.TTL, Data: data}
	switch {
	case head.Name.Equal(w.zone):
		l.Owner = string(w.zone)
	case !w.absolute:
		l.Owner = Relative(head.Name, w.zone)
	}
	w.add(l, upTo)
	return nil
}
