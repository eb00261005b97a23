package skein

import (
	"errors"
	"fmt"

	"github.com/skein-dns/skein/zone"
)

// This file is the one place where presentation form, which people and the
// wire use, and wire form, which zones are made of, become each other.

// RecordSetOf returns the set in presentation form.
func RecordSetOf(s zone.RRset) RecordSet {
	r := RecordSet{Name: string(s.Name), Type: s.Type.String(), TTL: s.TTL, Data: make([]string, len(s.Data))}
	for i, d := range s.Data {
		r.Data[i] = d.Text(s.Type)
	}
	return r
}

// RecordSetsOf returns the sets in presentation form; never nil.
func RecordSetsOf(sets []zone.RRset) []RecordSet {
	records := make([]RecordSet, len(sets))
	for i, s := range sets {
		records[i] = RecordSetOf(s)
	}
	return records
}

// DeltaBodyOf returns the delta in presentation form.
func DeltaBodyOf(d zone.Delta) DeltaBody {
	return DeltaBody{Removed: RecordSetsOf(d.Del), Added: RecordSetsOf(d.Add)}
}

// ProblemsOf returns the findings of package zone in the words of this one.
func ProblemsOf(found []zone.Problem) []Problem {
	problems := make([]Problem, len(found))
	for i, p := range found {
		problems[i] = Problem{Line: p.Line, Name: string(p.Name), Warning: p.Warning, Text: p.Text}
	}
	return problems
}

// InvalidZone makes a KindInvalid of what Parse or Validate said of a zone.
func InvalidZone(name zone.Name, err error) *Error {
	e := &Error{Kind: KindInvalid, What: fmt.Sprintf("the contents of %s are not right", name), Mend: "mend the lines that are named and send it again"}
	var several *zone.Errors
	if errors.As(err, &several) {
		e.Problems = ProblemsOf(several.Problems)
	} else {
		e.Problems = []Problem{{Text: err.Error()}}
	}
	return e
}

// RRset returns the set in wire form; relative names inside the data are below
// origin. The error is what is wrong, for a Problem's text.
func (r RecordSet) RRset(origin zone.Name) (zone.RRset, error) {
	name, err := zone.ParseName(r.Name)
	if err != nil {
		return zone.RRset{}, err
	}
	t, err := zone.ParseType(r.Type)
	if err != nil {
		return zone.RRset{}, err
	}
	set := zone.RRset{Name: name, Type: t, TTL: r.TTL, Data: make([]zone.Rdata, len(r.Data))}
	for i, text := range r.Data {
		if set.Data[i], err = zone.ParseRdata(t, text, origin); err != nil {
			return zone.RRset{}, err
		}
	}
	return set, nil
}

// maxProblems bounds the findings that one answer lists.
const maxProblems = 50

// RRsets returns all sets in wire form, or a KindInvalid with everything that
// is wrong.
func RRsets(records []RecordSet, origin zone.Name) ([]zone.RRset, error) {
	sets := make([]zone.RRset, 0, len(records))
	var problems []Problem
	for _, r := range records {
		set, err := r.RRset(origin)
		if err != nil && len(problems) < maxProblems {
			problems = append(problems, Problem{Name: r.Name, Text: err.Error()})
		}
		sets = append(sets, set)
	}
	if problems != nil {
		return nil, &Error{Kind: KindInvalid, What: fmt.Sprintf("the records for %s are not right", origin), Mend: "mend the records that are named and send them again", Problems: problems}
	}
	return sets, nil
}
