package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The audit log has a difference of at most so many lines of so many octets.
const (
	maxDiffLines = 40
	maxDiffLine  = 300
)

// diffLines is a difference as the audit log keeps it.
func diffLines(lines []string) []string {
	var short []string
	for i, line := range lines {
		if i == maxDiffLines-1 && len(lines) > maxDiffLines {
			return append(short, fmt.Sprintf("… and %d more lines", len(lines)-i))
		}
		short = append(short, bounded(line, maxDiffLine))
	}
	return short
}

// bounded is a text of at most n octets.
func bounded(text string, n int) string {
	if len(text) <= n {
		return text
	}
	const more = "…"
	return strings.ToValidUTF8(text[:n-len(more)], "") + more
}

// changed says what is different between two states of something that is set,
// a line for each field, as it is called in JSON. Secrets are never in these
// types, and what was observed or counted is left out.
func changed[T any](before, after T) (lines []string) {
	was, is := fieldsOf(before), fieldsOf(after)
	names := maps.Clone(was)
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !slices.Contains([]string{"version", "status", "created", "id", "name"}, name) {
			lines = append(lines, difference(name, was[name], is[name])...)
		}
	}
	return lines
}

// difference is the line of one field; none where nothing is different.
func difference(name string, before, after any) []string {
	switch old, now := fmt.Sprint(before), fmt.Sprint(after); {
	case old == now:
		return nil
	case old == "":
		return []string{fmt.Sprintf("%s: %s", name, now)}
	case now == "":
		return []string{fmt.Sprintf("%s: %s → none", name, old)}
	default:
		return []string{fmt.Sprintf("%s: %s → %s", name, old, now)}
	}
}

// fieldsOf returns the fields of a value as text; what is empty is left out.
func fieldsOf(v any) map[string]string {
	text, err := json.Marshal(v)
	raw := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(text, &raw) != nil {
		return nil
	}
	fields := make(map[string]string, len(raw))
	for name, value := range raw {
		var plain string
		switch s := string(value); {
		case json.Unmarshal(value, &plain) == nil && s != "null":
			fields[name] = plain
		case s != "null" && s != "[]" && s != "{}":
			fields[name] = s
		}
	}
	return fields
}

// linesOf writes records as a difference has them.
func linesOf(sign string, sets []zone.RRset) (lines []string) {
	for _, set := range sets {
		if len(lines) > maxDiffLines {
			break
		}
		r := skein.RecordSetOf(set)
		for _, data := range r.Data {
			lines = append(lines, fmt.Sprintf("%s%s %d %s %s", sign, r.Name, r.TTL, r.Type, data))
		}
	}
	return lines
}

// linesOfEdits writes edits as a difference: what is asked for, whatever the
// zone holds.
func linesOfEdits(edits []Edit) (lines []string) {
	for _, e := range edits {
		if len(lines) > maxDiffLines {
			break
		}
		sign := "+ "
		if e.Op == OpDelete {
			sign = "- "
		}
		if len(e.Set.Data) > 0 {
			lines = append(lines, linesOf(sign, []zone.RRset{e.Set})...)
		} else if e.Set.Type == 0 {
			lines = append(lines, fmt.Sprintf("%s%s", sign, e.Set.Name))
		} else {
			lines = append(lines, fmt.Sprintf("%s%s %s", sign, e.Set.Name, e.Set.Type))
		}
	}
	return lines
}
