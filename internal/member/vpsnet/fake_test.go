package vpsnet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein/internal/member/membertest"
)

// cloud is VPS.NET as far as anybody outside knows it: how one signs in, what
// errors look like, and the call that makes a record. With guesses it has the
// other calls too, as the driver takes them to be: that proves the driver right
// with itself, and nothing of the service.
type cloud struct {
	membertest.Service

	mu      sync.Mutex // owns the rest
	guesses bool
	zones   map[int64]*site
	next    int64
	written int
	fault   func(w http.ResponseWriter, call string) bool
}

type site struct {
	name    string
	records []record
}

func newCloud(t *testing.T, guesses bool) *cloud {
	c := &cloud{guesses: guesses, zones: map[int64]*site{}, next: 10}
	c.Handle = c.handle
	c.Start(t)
	return c
}

func (c *cloud) in(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}

func refuse(w http.ResponseWriter, status int, words ...string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][][]string{"errors": {words}})
}

func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (c *cloud) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if user, key, _ := r.BasicAuth(); user != "host@example.com" || key != "key-of-ours" || r.Header.Get("Accept") != "application/json" {
		refuse(w, http.StatusNotAcceptable, "Access denied")
		return
	}
	path, is := strings.CutSuffix(r.URL.Path, ".api10json")
	part := strings.Split(strings.Trim(path, "/"), "/")
	call := r.Method + " " + path
	if c.fault != nil && c.fault(w, call) {
		return
	}
	var id int64
	if len(part) > 1 {
		id, _ = strconv.ParseInt(part[1], 10, 64)
	}
	z := c.zones[id]
	switch {
	case !is || part[0] != "domains":
		refuse(w, http.StatusNotFound, "no such resource")
	case len(part) == 3 && part[2] == "records" && r.Method == http.MethodPost:
		var in wrappedRecord
		if err := json.Unmarshal(body, &in); err != nil || r.Header.Get("Content-Type") != "application/json" {
			refuse(w, http.StatusBadRequest, "cannot be read")
			return
		}
		c.make(w, z, in.Record)
	case !c.guesses:
		refuse(w, http.StatusNotFound, "no such resource")
	default:
		c.guess(w, call, part, z, id, body)
	}
}

func (c *cloud) make(w http.ResponseWriter, z *site, r record) {
	_, ttl := strconv.Atoi(r.TTL.String())
	switch {
	case z == nil:
		refuse(w, http.StatusNotFound, "no such domain")
	case !slices.Contains(types, r.Type):
		refuse(w, http.StatusUnprocessableEntity, "type", "is not included in the list")
	case r.Host == "" || r.Data == "" || ttl != nil || r.Type == "mx" && r.Priority == "":
		refuse(w, http.StatusUnprocessableEntity, "host", "is invalid")
	case strings.Contains(r.Data, "poison"):
		refuse(w, http.StatusUnprocessableEntity, "data", "is invalid")
	default:
		c.next++
		c.written++
		r.ID = c.next
		z.records = append(z.records, r)
		answer(w, wrappedRecord{r})
	}
}

// guess has the calls that nobody knows.
func (c *cloud) guess(w http.ResponseWriter, call string, part []string, z *site, id int64, body []byte) {
	switch {
	case call == "GET /domains":
		all := []wrappedDomain{}
		for id, z := range c.zones {
			name, tld, _ := strings.Cut(z.name, ".")
			all = append(all, wrappedDomain{domain{ID: id, Name: name, TLD: tld}})
		}
		answer(w, all)
	case call == "POST /domains":
		var in wrappedDomain
		_ = json.Unmarshal(body, &in)
		if _, is := c.named(in.Domain.Name); is || strings.Contains(in.Domain.Name, "refused") {
			refuse(w, http.StatusUnprocessableEntity, "name", "is not accepted")
			return
		}
		c.next++
		c.zones[c.next] = &site{name: in.Domain.Name}
		answer(w, wrappedDomain{domain{ID: c.next, Name: in.Domain.Name}})
	case z == nil:
		refuse(w, http.StatusNotFound, "no such domain")
	case call == fmt.Sprintf("DELETE /domains/%d", id):
		delete(c.zones, id)
		answer(w, struct{}{})
	case call == fmt.Sprintf("GET /domains/%d/records", id):
		all := []wrappedRecord{}
		for _, r := range z.records {
			all = append(all, wrappedRecord{r})
		}
		answer(w, all)
	case len(part) == 4 && strings.HasPrefix(call, "DELETE "):
		rid, _ := strconv.ParseInt(part[3], 10, 64)
		c.written++
		z.records = slices.DeleteFunc(z.records, func(r record) bool { return r.ID == rid })
		answer(w, struct{}{})
	default:
		refuse(w, http.StatusNotFound, "no such resource")
	}
}

func (c *cloud) named(name string) (*site, bool) {
	for _, z := range c.zones {
		if z.name == name {
			return z, true
		}
	}
	return nil, false
}
