package softlayer

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

// cloud is SoftLayer's DNS as its reference has it: partial matches of names, a
// zone that needs an address to be made, its own serials, SOA and nameservers,
// records that nobody can delete, characters that are left out.
type cloud struct {
	membertest.Service

	mu      sync.Mutex // owns the rest
	zones   map[int64]*dnsDomain
	next    int64
	scrubs  bool // of text as well, as the words of the reference say
	key     string
	calls   []string
	written int
	fault   func(w http.ResponseWriter, call string) bool // answers in its place
	done    func(w http.ResponseWriter, call string) bool // the call is done, and answered so
}

type dnsDomain struct {
	domain
	Serial  int64   `json:"serial"`
	Records []entry `json:"resourceRecords,omitempty"`
	slave   bool    // it came by zone transfer
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{zones: map[int64]*dnsDomain{}, next: 100, key: "key-of-ours"}
	c.Handle = c.handle
	c.Start(t)
	return c
}

func (c *cloud) in(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}

func refuse(w http.ResponseWriter, status int, code, text string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text, "code": code})
}

func (c *cloud) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if user, key, _ := r.BasicAuth(); user != "SL123" || key != c.key {
		refuse(w, http.StatusUnauthorized, "SoftLayer_Exception_Public", "Invalid API token.")
		return
	}
	path, is := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/rest/v3.1/"), ".json")
	if !is {
		refuse(w, http.StatusNotFound, "SoftLayer_Exception", "no such service")
		return
	}
	call := r.Method + " " + path
	c.calls = append(c.calls, call)
	if c.fault != nil && c.fault(w, call) {
		return
	}
	if c.done != nil && c.done(w, call) {
		w = dropped{}
	}
	c.serve(w, call, strings.Split(path, "/"), r, body)
}

func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (c *cloud) serve(w http.ResponseWriter, call string, part []string, r *http.Request, body []byte) {
	var in struct {
		Parameters []json.RawMessage `json:"parameters"`
	}
	if len(body) > 0 && json.Unmarshal(body, &in) != nil || len(body) > 0 && len(in.Parameters) != 1 {
		refuse(w, http.StatusInternalServerError, "SoftLayer_Exception", "Malformed request")
		return
	}
	read := func(v any) { _ = json.Unmarshal(in.Parameters[0], v) }
	switch {
	case call == "GET SoftLayer_Account":
		answer(w, map[string]int{"id": 1})
	case call == "GET SoftLayer_Account/getDomains":
		answer(w, []domain{})
	case call == "POST SoftLayer_Dns_Domain/getByDomainName":
		var text string
		read(&text)
		found := []domain{}
		for _, z := range c.zones {
			if strings.Contains(z.Name, text) {
				found = append(found, z.domain)
			}
		}
		slices.SortFunc(found, func(a, b domain) int { return int(a.ID - b.ID) })
		answer(w, found)
	case call == "POST SoftLayer_Dns_Domain/createObject":
		var z dnsDomain
		read(&z)
		c.create(w, z)
	case len(part) >= 2 && part[0] == "SoftLayer_Dns_Domain":
		id, _ := strconv.ParseInt(part[1], 10, 64)
		z := c.zones[id]
		switch {
		case z == nil:
			refuse(w, http.StatusNotFound, "SoftLayer_Exception_ObjectNotFound", "Unable to find object with id of '"+part[1]+"'.")
		case len(part) == 2 && r.Method == http.MethodDelete:
			delete(c.zones, id)
			answer(w, true)
		case len(part) == 3 && part[2] == "getResourceRecords":
			all, limit := z.Records, strings.Split(r.URL.Query().Get("resultLimit"), ",")
			from, _ := strconv.Atoi(limit[0])
			n, _ := strconv.Atoi(limit[len(limit)-1])
			from = min(from, len(all))
			answer(w, append([]entry{}, all[from:min(from+n, len(all))]...))
		default:
			refuse(w, http.StatusNotFound, "SoftLayer_Exception", call)
		}
	case part[0] == "SoftLayer_Dns_Domain_ResourceRecord" && len(part) == 2:
		var all []entry
		read(&all)
		c.records(w, part[1], all)
	default:
		refuse(w, http.StatusNotFound, "SoftLayer_Exception", call)
	}
}

func (c *cloud) create(w http.ResponseWriter, z dnsDomain) {
	bad := func(format string, args ...any) {
		refuse(w, http.StatusInternalServerError, "SoftLayer_Exception_Public", fmt.Sprintf(format, args...))
	}
	isAddress := func(e entry) bool { return e.Type == "a" || e.Type == "aaaa" }
	switch {
	case z.Name == "" || strings.Trim(z.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "":
		bad("Invalid domain name %q", z.Name)
		return
	case !slices.ContainsFunc(z.Records, isAddress):
		bad("At least one A or AAAA record is required to create a domain.")
		return
	}
	for _, is := range c.zones {
		if is.Name == z.Name {
			bad("The domain %s already exists", z.Name)
			return
		}
	}
	c.born(z)
	answer(w, true)
}

// born makes a zone, with what each has.
func (c *cloud) born(z dnsDomain) *dnsDomain {
	given := z.Records
	c.next++
	z.ID, z.Serial, z.Records = c.next, 2026112600, nil
	is := &z
	c.zones[z.ID] = is
	c.put(is, entry{Host: "@", Type: "soa", Data: "ns1.softlayer.com.", TTL: 86400})
	for _, e := range given {
		c.put(is, e)
	}
	for _, ns := range []string{"ns1.softlayer.com.", "ns2.softlayer.com."} {
		if !slices.ContainsFunc(is.Records, func(e entry) bool { return e.Type == "ns" && e.Host == "@" && e.Data == ns }) {
			c.put(is, entry{Host: "@", Type: "ns", Data: ns, TTL: 86400})
		}
	}
	return is
}

// put keeps a record as SoftLayer does.
func (c *cloud) put(z *dnsDomain, e entry) {
	if e.ID == 0 {
		c.next++
		e.ID = c.next
	}
	e.Host = kept(e.Host, hosts)
	if e.Type != "a" && e.Type != "aaaa" && (c.scrubs || e.Type != "txt" && e.Type != "spf") {
		e.Data = kept(e.Data, data)
	}
	e.DomainID, e.Complex = z.ID, ""
	z.Serial++
	if at := slices.IndexFunc(z.Records, func(is entry) bool { return is.ID == e.ID }); at >= 0 {
		z.Records[at] = e
		return
	}
	z.Records = append(z.Records, e)
}

// kept is a text without all but some characters.
func kept(text, chars string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(chars, r) {
			return r
		}
		return -1
	}, text)
}

func (c *cloud) owner(id int64) *dnsDomain {
	for _, z := range c.zones {
		if slices.ContainsFunc(z.Records, func(e entry) bool { return e.ID == id }) {
			return z
		}
	}
	return nil
}

// records makes changes, all or none.
func (c *cloud) records(w http.ResponseWriter, method string, all []entry) {
	bad := func(format string, args ...any) {
		refuse(w, http.StatusInternalServerError, "SoftLayer_Exception_Public", fmt.Sprintf(format, args...))
	}
	for _, e := range all {
		z := c.zones[e.DomainID]
		if method != "createObjects" {
			z = c.owner(e.ID)
		}
		if z == nil {
			refuse(w, http.StatusNotFound, "SoftLayer_Exception_ObjectNotFound", fmt.Sprintf("Unable to find object with id of '%d'.", e.ID))
			return
		}
		is := e
		if method != "createObjects" {
			is = z.Records[slices.IndexFunc(z.Records, func(x entry) bool { return x.ID == e.ID })]
		}
		switch {
		case z.slave:
			bad("Domains that were created by zone transfer cannot be modified.")
			return
		case method == "deleteObjects" && slices.Contains([]string{"soa", "ns", "ptr"}, is.Type):
			bad("%s records cannot be deleted", is.Type)
			return
		case method != "deleteObjects" && !slices.Contains(types, e.Type):
			bad("Invalid type %q", e.Type)
			return
		case method != "deleteObjects" && e.Type == "srv" && (e.Complex == "" || e.Service == "" || e.Protocol == ""):
			bad("A service and a protocol are needed")
			return
		case method != "deleteObjects" && strings.Contains(e.Data, "poison"):
			bad("Invalid data")
			return
		}
	}
	for _, e := range all {
		c.written++
		if method == "createObjects" {
			e.ID = 0
			c.put(c.zones[e.DomainID], e)
			continue
		}
		z := c.owner(e.ID)
		if method == "editObjects" {
			c.put(z, e)
			continue
		}
		z.Serial++
		z.Records = slices.DeleteFunc(z.Records, func(x entry) bool { return x.ID == e.ID })
	}
	answer(w, true)
}

// named returns a zone.
func (c *cloud) named(name string) *dnsDomain {
	for _, z := range c.zones {
		if z.Name == name {
			return z
		}
	}
	return nil
}

// dropped takes an answer that nobody gets.
type dropped struct{}

func (dropped) Header() http.Header         { return http.Header{} }
func (dropped) Write(b []byte) (int, error) { return len(b), nil }
func (dropped) WriteHeader(int)             {}
