package cli

import (
	"bufio"
	"encoding/json"
	"iter"
	"strings"

	"github.com/rivo/uniseg"
)

// table lines up columns for people.
type table struct {
	head   []string
	rows   [][]string // not yet printed
	widths []int      // of all rows so far; nil before the head was printed
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table; without rows nothing but the sentence empty.
func (t *table) print(a *app, empty string) {
	if len(t.rows) > 0 {
		t.flush(a)
	} else if t.widths == nil {
		a.note("%s", empty)
	}
}

// flush writes the rows so far. Wider cells that come later move their row only.
func (t *table) flush(a *app) {
	rows := t.rows
	if t.widths == nil {
		t.widths = make([]int, len(t.head))
		rows = append([][]string{t.head}, rows...)
	}
	t.rows = t.rows[:0]
	for _, row := range rows {
		for i, cell := range row {
			t.widths[i] = max(t.widths[i], uniseg.StringWidth(cell))
		}
	}
	out := bufio.NewWriter(a.out)
	defer out.Flush()
	for _, row := range rows {
		line := &strings.Builder{}
		for i, cell := range row {
			line.WriteString(a.colour(cell))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", t.widths[i]-uniseg.StringWidth(cell)+2))
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// listPart is how many rows are lined up together: of a million, all are
// printed and few are held.
const listPart = 1000

// showList prints a list while it comes: a table, or with -o json the object {key: […]}.
func showList[T any](a *app, key string, items iter.Seq2[T, error], t *table, row func(T) []string, empty string) error {
	if a.format == "json" {
		return listJSON(a, key, items)
	}
	for item, err := range items {
		if err != nil {
			return err
		}
		if t.row(row(item)...); len(t.rows) == listPart {
			t.flush(a)
		}
	}
	t.print(a, empty)
	return nil
}

// listJSON leaves the object open when the list breaks off, so that nobody
// takes a part for the whole.
func listJSON[T any](a *app, key string, items iter.Seq2[T, error]) error {
	out := bufio.NewWriter(a.out)
	defer out.Flush()
	out.WriteString("{\n  \"" + key + "\": [")
	between := "\n    "
	for item, err := range items {
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(item, "    ", "  ")
		if err != nil {
			return err
		}
		out.WriteString(between)
		out.Write(text)
		between = ",\n    "
	}
	if between != "\n    " {
		out.WriteString("\n  ")
	}
	_, err := out.WriteString("]\n}\n")
	return err
}
