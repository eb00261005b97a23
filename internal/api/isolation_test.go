package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
)

// The isolation table: every operation of the OpenAPI document, for every kind
// of caller. It is asserted over the real control and the real store, and
// docs/reference/roles.md is made of it.

// outcome is a cell of the table.
type outcome string

// The cells.
const (
	done      outcome = "+" // it is done, or shown
	forbidden outcome = "-" // 403: this is not for you, whatever the name
	absent    outcome = "." // 404: for you there is no such thing
	unknown   outcome = "!" // 401: who are you?
	taken     outcome = "=" // 409: the name is taken, and no word of by whom
	senseless outcome = "?" // 422: this makes no sense for such a caller
)

var statuses = map[outcome]int{
	forbidden: http.StatusForbidden, absent: http.StatusNotFound, unknown: http.StatusUnauthorized,
	taken: http.StatusConflict, senseless: http.StatusUnprocessableEntity,
}

// row is an operation's line. The cells are in the order of callers.
type row struct {
	op string
	// own is what each caller gets where it is about something of its own, or
	// about nothing in particular; other where it is about something of
	// another tenant.
	own, other string
	// about makes something of a tenant, fresh for each call, and says how the
	// operation is called about it. Of nobody it only names one.
	about func(w *isolated, of tenant) request
}

// request is a call of an operation: what its path, query and body hold.
type request struct {
	path  []any // its parameters, in order
	query string
	body  any      // JSON; a string is zone file text
	named []string // names in query and body that were asked for
	again bool     // people sign in again afterwards
}

// asked is every name that the request says, which answers may repeat.
func (r request) asked() (names []string) {
	for _, p := range r.path {
		if name, ok := p.(string); ok {
			names = append(names, name)
		} else {
			names = append(names, fmt.Sprintf("number %d", p), fmt.Sprintf("entry %d", p))
		}
	}
	return append(names, r.named...)
}

func TestIsolation(t *testing.T) {
	t.Parallel()
	w := newIsolated(t)
	doc, _ := readDocument(t)
	at := map[string][2]string{} // operations, by id
	doc.each(func(method, path string, op operation) {
		at[op.OperationID] = [2]string{method, path}
	})
	for _, r := range table {
		op, is := at[r.op]
		delete(at, r.op)
		if !is {
			t.Errorf("the isolation table has a row for %s, which is no operation", r.op)
			continue
		}
		t.Run(r.op, func(t *testing.T) {
			w.t = t // rows are looked at one after the other
			w.row(t, op[0], op[1], r)
		})
	}
	for id := range at {
		t.Errorf("%s has no row in the isolation table: say who may", id)
	}
}

// row looks at one operation, for every caller.
func (w *isolated) row(t *testing.T, method, path string, r row) {
	own, other := cells(t, r.own), cells(t, r.other)
	made := map[string]request{}
	about := func(mine bool, of tenant, cell outcome) request {
		key := fmt.Sprint(mine, of)
		once, there := made[key]
		if w.own = mine; !there {
			once = r.about(w, of)
		}
		if cell != done || method == http.MethodGet { // nobody changes it: it will do for others
			made[key] = once
		} else if there {
			once = r.about(w, of)
		}
		return once
	}
	for i, c := range callers {
		got := w.call(t, c, method, path, about(true, c.owns, own[i]))
		got.is(t, c.name+", its own", own[i])
		if r.other == "" {
			continue
		}
		theirs := w.call(t, c, method, path, about(false, c.others(), other[i]))
		theirs.is(t, c.name+", another's", other[i])
		if other[i] == taken { // what was kept for a person has the name that was asked for
			w.must(w.discard())
		}
		if other[i] == taken || slices.Contains(c.knows, c.others()) {
			continue
		}
		none := w.call(t, c, method, path, about(false, nobodys, other[i]))
		if none != theirs {
			t.Errorf("%s can tell what is another's from what does not exist:\n%d %s\n%d %s", c.name, theirs.status, theirs.text, none.status, none.text)
		}
	}
}

// cells reads the cells of a row.
func cells(t *testing.T, text string) (list []outcome) {
	t.Helper()
	for cell := range strings.FieldsSeq(text) {
		if _, known := statuses[outcome(cell)]; !known && outcome(cell) != done {
			t.Fatalf("%q is no cell of the isolation table", cell)
		}
		list = append(list, outcome(cell))
	}
	if len(list) != len(callers) && text != "" {
		t.Fatalf("a row of the isolation table has %d cells, there are %d callers", len(list), len(callers))
	}
	return list
}

// answer is what came back, without what differs from call to call.
type answer struct {
	status int
	text   string
}

func (a answer) is(t *testing.T, who string, want outcome) {
	t.Helper()
	if ok := want == done && a.status < 300 || a.status == statuses[want]; !ok {
		t.Errorf("%s: %d %s, want %q", who, a.status, a.text, want)
	}
}

var requestIDs = regexp.MustCompile(`"request_id":"[^"]*"`)

// call makes a call, and wants its answer to say nothing of what the caller
// may not know, and a refusal to change nothing.
func (w *isolated) call(t *testing.T, c caller, method, path string, r request) answer {
	t.Helper()
	w.later(30 * time.Second) // else those who are refused would be shut out for their failures
	before := w.revision(t)
	status, text := w.send(t, c, method, path, r)
	for i, name := range r.asked() {
		text = strings.ReplaceAll(text, name, fmt.Sprintf("asked-%d", i))
	}
	text = requestIDs.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, `"parent":"northco"`, "")        // a customer knows whom it is below
	text = strings.ReplaceAll(text, `"disabled_by":"anna-hqco"`, "") // and a reseller who disabled a member of its own
	for _, of := range tenants {
		if !slices.Contains(c.knows, of) && strings.Contains(text, string(of)) {
			t.Errorf("%s hears of %s: %d %s", c.name, of, status, text)
		}
	}
	if r.again && c.person != nil {
		w.signIn(c)
	}
	if status >= 400 && w.revision(t) != before {
		t.Errorf("%s is refused, and something was committed: %s", c.name, text)
	}
	return answer{status, text}
}

var parameters = regexp.MustCompile(`\{\w+\}`)

// send sends a request over HTTP and reads the answer: of a stream only that
// it began.
func (w *isolated) send(t *testing.T, c caller, method, path string, r request) (status int, text string) {
	t.Helper()
	next := 0
	path = parameters.ReplaceAllStringFunc(path, func(string) string {
		next++
		return pathEscape(fmt.Sprint(r.path[next-1]))
	})
	mime, body := "application/json", ""
	switch b := r.body.(type) {
	case nil:
	case string:
		mime, body = "text/dns", b
	default:
		marshalled, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		body = string(marshalled)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.url+path+r.query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", mime)
	}
	if secret := w.secrets[c.name]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		return resp.StatusCode, ""
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// revision is the newest one of the store.
func (w *isolated) revision(t *testing.T) skein.Revision {
	t.Helper()
	_, newest, err := w.store.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newest
}
