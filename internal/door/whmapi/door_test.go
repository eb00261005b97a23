package whmapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// However a client sends its arguments, they arrive.
func TestArgumentsInEveryForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const form = "api.version=1&zone=example.com"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(form)) // into memory
	w.must(z.Close())
	request := func(method, query, body, kind string) *http.Request {
		r := httptest.NewRequest(method, "/json-api/parse_dns_zone?"+query, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	for name, r := range map[string]*http.Request{
		"in the query":                     request(http.MethodGet, form, "", ""),
		"in a form":                        request(http.MethodPost, "", form, "application/x-www-form-urlencoded"),
		"raw, as cPanel's own client does": request(http.MethodPost, "", form, "application/octet-stream"),
		"in JSON's clothes":                request(http.MethodPost, "", form, "application/json"),
		"one here, one there":              request(http.MethodPost, "api.version=1", "zone=example%2ecom", "text/plain"),
		"as a file, in gzip":               request(http.MethodPost, "", zipped.String(), ""),
		"as the name of a file":            request(http.MethodGet, "api.version=1&zone=example.com.db", "", ""),
		"in capitals":                      request(http.MethodGet, "api.version=1&zone=EXAMPLE.com.", "", ""),
	} {
		code, body := w.send("cpanel-1", w.whm, r)
		if code != http.StatusOK || !strings.Contains(body, `"result":1`) || !strings.Contains(body, `"record_type":"SOA"`) {
			t.Errorf("%s: %d %.300s", name, code, body)
		}
	}
	for name, r := range map[string]*http.Request{
		"an escape that is none": request(http.MethodGet, "api.version=1&zone=%zz", "", ""),
		"too many":               request(http.MethodPost, "api.version=1", strings.Repeat("a&", limits.Pairs+1), ""),
		"too long":               request(http.MethodPost, "api.version=1", "zone="+strings.Repeat("a", limits.Value+1), ""),
		"half a gzip":            request(http.MethodPost, "api.version=1", zipped.String()[:20], ""),
	} {
		code, body := w.send("cpanel-1", w.whm, r)
		if code != http.StatusOK || !strings.Contains(body, `"result":0,"reason":"the request cannot be read`) {
			t.Errorf("%s: %d %.300s", name, code, body)
		}
	}
}

// Who has no token gets a status, and paths that are not the door's are not found.
func TestWhatIsNoCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tokens["nobody"] = "nonsense"
	for _, c := range []struct {
		who  string
		h    http.Handler
		path string
		want int
	}{
		{"nobody", w.whm, "/json-api/listzones?api.version=1", http.StatusUnauthorized},
		{"nobody", w.cpanel, "/execute/DNS/parse_zone", http.StatusUnauthorized},
		{"cpanel-1", w.whm, "/", http.StatusNotFound},
		{"cpanel-1", w.whm, "/execute/DNS/parse_zone", http.StatusNotFound},
		{"cpanel-1", w.cpanel, "/json-api/listzones?api.version=1", http.StatusNotFound},
		{"cpanel-1", w.cpanel, "/scripts2/showversion", http.StatusNotFound},
	} {
		if code, body := w.send(c.who, c.h, httptest.NewRequest(http.MethodGet, c.path, nil)); code != c.want {
			t.Errorf("%s %s: %d %s", c.who, c.path, code, body)
		}
	}
}

// A call that is not known is in the log, with the names of its arguments and
// without what they say.
func TestUnknownCallsAreLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, h := range []http.Handler{w.whm, w.cpanel} {
		w.send("cpanel-1", h, httptest.NewRequest(http.MethodGet, "/json-api/setup_cluster?api.version=1&clustermaster=web1&pass=SESAME", nil))
		w.send("cpanel-1", h, httptest.NewRequest(http.MethodGet, "/json-api/cpanel?cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=Net&cpanel_jsonapi_func=ping&pass=SESAME", nil))
		w.send("cpanel-1", h, httptest.NewRequest(http.MethodGet, "/execute/Mail/send?pass=SESAME", nil))
	}
	log := w.log.String()
	for _, want := range []string{"api=whm function=setup_cluster", "[api.version clustermaster pass]", "api=api2 function=Net::ping", "api=uapi function=Mail::send arguments=[pass] source=cpanel-1"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not tell %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "SESAME") || strings.Contains(log, "web1") {
		t.Errorf("the log tells what was said:\n%s", log)
	}
}

// legoRecord is what go-acme/lego decodes a line into.
type legoRecord struct {
	LineIndex  int      `json:"line_index,omitempty"`
	Type       string   `json:"type,omitempty"`
	DataB64    []string `json:"data_b64,omitempty"`
	DNameB64   string   `json:"dname_b64,omitempty"`
	TextB64    string   `json:"text_b64,omitempty"`
	RecordType string   `json:"record_type,omitempty"`
	TTL        int      `json:"ttl,omitempty"`
}

// What lego decodes is of the types that it decodes it into, well or not.
func TestLegosTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func(h http.Handler, path string, into any) {
		t.Helper()
		code, body := w.send("cpanel-1", h, httptest.NewRequest(http.MethodGet, path, nil))
		if err := json.Unmarshal([]byte(body), into); err != nil || code != http.StatusOK {
			t.Fatalf("%s: %d, %v\n%s", path, code, err, body)
		}
	}
	type metadata struct {
		Command, Reason string
		Result, Version int
	}
	var zone struct {
		Metadata metadata
		Data     struct{ Payload []legoRecord }
	}
	get(w.whm, "/json-api/parse_dns_zone?api.version=1&zone=example.com", &zone)
	soa := slices.IndexFunc(zone.Data.Payload, func(r legoRecord) bool { return r.RecordType == "SOA" })
	if r := zone.Data.Payload[soa]; plainText(t, r.DNameB64) != "example.com." || plainText(t, r.DataB64[2]) != "2026010101" || r.Type != "record" || r.LineIndex != 2 {
		t.Errorf("SOA %+v", r)
	}
	var serial struct {
		Metadata metadata
		Data     struct {
			NewSerial string `json:"new_serial"`
		}
	}
	const add = `{"dname":"_acme-challenge.example.com.","ttl":300,"record_type":"TXT","data":["abc"]}`
	get(w.whm, "/json-api/mass_edit_dns_zone?api.version=1&zone=example.com&serial=2026010101&add="+url.QueryEscape(add), &serial)
	if serial.Metadata.Result != 1 || serial.Metadata.Version != 1 || serial.Data.NewSerial != "2026010102" {
		t.Errorf("%+v", serial)
	}
	get(w.whm, "/json-api/mass_edit_dns_zone?api.version=1&zone=example.com&serial=2026010101&add="+url.QueryEscape(add), &serial)
	if serial.Metadata.Result != 0 || serial.Metadata.Reason == "" {
		t.Errorf("%+v", serial)
	}
	var refused struct {
		Status   int
		Data     []legoRecord
		Errors   []string
		Metadata struct{ Transformed int }
	}
	get(w.cpanel, "/execute/DNS/parse_zone?zone=other.example", &refused)
	if refused.Status != 0 || !slices.Equal(refused.Errors, []string{"You do not control a DNS zone named other.example."}) {
		t.Errorf("%+v", refused)
	}
}

// acme.sh cuts the answer of fetchzones with grep and cut; it finds every zone,
// and those first that are below others. An older one finds the first.
func TestAcmeShFindsAllZones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("cpanel-1", "sub.example.com.", "@ 3600 SOA ns1 hostmaster 7 3600 1800 1209600 300\n@ 3600 NS ns1.example.org.\n", false)
	_, body := w.send("cpanel-1", w.cpanel, httptest.NewRequest(http.MethodGet, "/json-api/cpanel?cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=ZoneEdit&cpanel_jsonapi_func=fetchzones", nil))
	for script, want := range map[string][]string{
		`grep -oE '"[a-z0-9\.\-]*":\["; cPanel first' | cut -d : -f 1`: {"sub.example.com", "example.com", "example.net"},
		`cut -d : -f 10`: {"sub.example.com"},
	} {
		shell := exec.Command("sh", "-c", script)
		shell.Stdin = strings.NewReader(body)
		out, err := shell.Output()
		w.must(err)
		if found := strings.Fields(strings.NewReplacer(`"`, "", "{", "").Replace(string(out))); !slices.Equal(found, want) {
			t.Errorf("%s: %q, want %q in\n%s", script, found, want, body)
		}
	}
}

// A list that is longer than a page of it is whole, and one that is too long
// for its call says so.
func TestManyZones(t *testing.T) {
	t.Parallel()
	many := &manyZones{n: 2*pageSize + 1}
	d := New(Options{Control: many})
	call := func(h http.Handler, path string) string {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec.Body.String()
	}
	var list struct {
		Data struct{ Zone []struct{ Domain string } }
	}
	if err := json.Unmarshal([]byte(call(d.WHM(), "/json-api/listzones?api.version=1")), &list); err != nil || len(list.Data.Zone) != many.n {
		t.Errorf("%d zones, %v", len(list.Data.Zone), err)
	}
	many.broken = many.n - 1
	if text := call(d.WHM(), "/json-api/listzones?api.version=1"); !json.Valid([]byte(text)) || !strings.HasSuffix(text, `"result":0,"reason":"this failed here, and the reason is in Skein's log"}}`+"\n") {
		t.Errorf("a list that broke off: …%s", text[len(text)-200:])
	}
	many.n, many.broken = maxNames+1, 0
	if text := call(d.UAPI(), "/execute/DomainInfo/list_domains"); !strings.Contains(text, "more than 20000 zones") {
		t.Errorf("%.300s", text)
	}
}

// A door that has enough to do says so at once.
func TestNoMoreCallsThanFit(t *testing.T) {
	t.Parallel()
	d := New(Options{Control: &manyZones{n: 1}})
	if !d.calls.TryAcquire(maxCalls) {
		t.Fatal("somebody calls already")
	}
	for _, free := range []bool{false, true} {
		if free {
			d.calls.Release(1)
		}
		rec := httptest.NewRecorder()
		d.WHM().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/json-api/listzones?api.version=1", nil))
		if (rec.Code == http.StatusOK) != free {
			t.Errorf("room: %v, status %d", free, rec.Code)
		}
	}
}

// The zone changes between its reading and its edit: the lines are others then.
func TestAnotherWasFaster(t *testing.T) {
	t.Parallel()
	d := New(Options{Control: &moving{}})
	rec := httptest.NewRecorder()
	d.WHM().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/json-api/removezonerecord?api.version=1&zone=example.com&line=1", nil))
	if !strings.Contains(rec.Body.String(), `"reason":"example.com. was changed meanwhile, and its lines are others now (read the zone again, then edit it)"`) {
		t.Error(rec.Body)
	}
}

// A cPanel server is trusted where it is a member, by either of its addresses.
func TestTrustOfAMember(t *testing.T) {
	t.Parallel()
	d := New(Options{Control: &trusting{}})
	for query, want := range map[string]string{
		"host=192.0.2.80":                        `"has_trust":1`,
		"host=::ffff:192.0.2.80":                 `"has_trust":1`,
		"host=198.51.100.1&althost=192.0.2.80":   `"has_trust":1`,
		"host=192.0.2.53":                        `"has_trust":0`, // a BIND
		"host=198.51.100.1&althost=198.51.100.2": `"has_trust":0`,
		"althost=192.0.2.80":                     `"result":0`,
	} {
		rec := httptest.NewRecorder()
		d.WHM().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/json-api/cluster_member_has_trust_with?api.version=1&"+query, nil))
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %s", query, rec.Body)
		}
	}
}
