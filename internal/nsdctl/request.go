package nsdctl

import (
	"fmt"
	"strings"
)

// Request is a command, and the list that follows it if it takes one.
type Request struct {
	Command string   // such as zonestatus example.com
	List    []string // such as example.com pattern
}

// The commands that take a list.
const (
	AddZones = "addzones"
	DelZones = "delzones"
)

// text is the request as it is sent. Whatever would be another line, or the
// list's end, is refused.
func (r Request) text() (string, error) {
	if len(r.Command) > MaxCommand {
		return "", fmt.Errorf("the command: %w", ErrTooLong)
	}
	if len(r.List) > MaxList {
		return "", fmt.Errorf("the list of %d lines: %w", len(r.List), ErrTooLong)
	}
	var b strings.Builder
	b.WriteString(magic)
	for i, line := range append([]string{r.Command}, r.List...) {
		if i > 0 && len(line) > MaxLine {
			return "", fmt.Errorf("a line of the list: %w", ErrTooLong)
		}
		if line == "" || strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return "", fmt.Errorf("%q cannot be a line", line)
		}
		b.WriteString(line + "\n")
	}
	if r.Command == AddZones || r.Command == DelZones {
		b.WriteString(listEnd)
	}
	return b.String(), nil
}
