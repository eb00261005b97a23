package plesk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/skein-dns/skein"
)

// The limits of a push. Depth needs none of its own: encoding/json refuses
// more than 10,000 levels, and unknown values are never descended into.
const (
	maxPush    = 64 << 20 // octets
	maxTasks   = 100_000
	maxRecords = 1_000_000 // rows of one zone
	maxShown   = 100       // characters of a foreign text in a report
	maxID      = 128       // octets of a change id; what is made of it must stay below 200
)

// task is one element of a push; which of the three is there depends on Command.
type task struct {
	Command scalar          `json:"command"`
	Zone    json.RawMessage `json:"zone"`
	PTR     json.RawMessage `json:"ptr"`
	Pass    json.RawMessage `json:"pass"`
}

// zoneTask is a whole zone; Plesk sends no differences.
type zoneTask struct {
	Name        scalar          `json:"name"`
	DisplayName scalar          `json:"displayName"`
	SOA         json.RawMessage `json:"soa"`
	Rows        json.RawMessage `json:"rr"`
}

// soaTask has no primary name server: Plesk does not send one.
type soaTask struct {
	Email   scalar `json:"email"`
	TTL     scalar `json:"ttl"`
	Refresh scalar `json:"refresh"`
	Retry   scalar `json:"retry"`
	Expire  scalar `json:"expire"`
	Minimum scalar `json:"minimum"`
	Serial  scalar `json:"serial"`
}

// row is one record.
type row struct {
	Host  scalar `json:"host"`
	Type  scalar `json:"type"`
	Opt   scalar `json:"opt"` // what comes before the value: preference, flags
	Value scalar `json:"value"`
	TTL   scalar `json:"ttl"`
}

// ptrTask is one pointer from an address to a host name.
type ptrTask struct {
	Address  scalar `json:"ip_address"`
	Hostname scalar `json:"hostname"`
}

// scalar is a value that may come as string, number or null: Plesk's
// documentation says strings, its sample has numbers, and both occur. What is
// neither stays as it was written, so that the one who needs it can refuse it
// and nothing else is lost with it.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	switch {
	case string(b) == "null":
		*s = ""
	case json.Unmarshal(b, &text) == nil:
		*s = scalar(text)
	default:
		*s = scalar(b)
	}
	return nil
}

// split returns the tasks of a push, each still as JSON.
func split(body []byte) ([]json.RawMessage, error) {
	if len(body) > maxPush {
		return nil, refuse("the push has more than %d octets", maxPush)
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: "the push is not JSON", Cause: err}
	}
	if isObject(whole) {
		return []json.RawMessage{whole}, nil
	}
	if !isArray(whole) {
		return nil, refuse("the push is neither an array of tasks nor a task")
	}
	var tasks []json.RawMessage
	err := each(whole, maxTasks, "tasks", func(raw json.RawMessage) { tasks = append(tasks, raw) })
	return tasks, err
}

// each hands the elements of a JSON array over one by one, so that memory does
// not follow their number.
func each(array json.RawMessage, limit int, what string, do func(json.RawMessage)) error {
	dec := json.NewDecoder(bytes.NewReader(array))
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("reading the %s: %w", what, err)
	}
	for n := 0; dec.More(); n++ {
		if n == limit {
			return refuse("there are more than %d %s", limit, what)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("reading the %s: %w", what, err)
		}
		do(raw)
	}
	return nil
}

// isObject and isArray look at raw, which is valid JSON or nothing.
func isObject(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }
func isArray(raw json.RawMessage) bool  { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) }

// clean makes a text from outside fit for a report, a log and a terminal.
func clean(s string) string {
	s = shorten(s)
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

func shorten(s string) string {
	runes := 0
	for i := range s {
		if runes++; runes > maxShown {
			return s[:i] + "…"
		}
	}
	return s
}
