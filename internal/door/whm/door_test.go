package whm

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

// step is a call and what is answered, with … where anything may stand.
type step struct {
	source, call, form, want string // without a form it is a GET
}

func (w *world) tell(steps []step) {
	w.Helper()
	for i, s := range steps {
		got := ""
		if s.form == "" {
			got = w.get(s.source, s.call)
		} else {
			got = w.post(s.source, s.call, s.form)
		}
		if !like(s.want, got) {
			w.Errorf("step %d, %s %s:\n%s\nwant\n%s", i, s.source, s.call, got, s.want)
		}
	}
}

const name = "example.com."

func TestStories(t *testing.T) {
	t.Parallel()
	first, second := zoneText("example.com", 2026010101, "192.0.2.1"), zoneText("example.com", 2026010102, "192.0.2.2")
	for situation, s := range map[string]struct {
		steps []step
		want  string // of example.com
	}{
		"a domain lives": {[]step{
			{"cpanel-1", "zoneexists_local", "zone=example.com&dnsuniqid=a", "0"},
			{"cpanel-1", "addzoneconf_local?zone=example.com&dnsuniqid=a", "", "example.com => added to skein.example.net as soon as its contents come\n"},
			{"cpanel-1", "zoneexists_local", "zone=example.com&dnsuniqid=a", "1"},
			{"cpanel-1", "getzonelist_local?dnsuniqid=b", "", ""},
			{"cpanel-1", "savezone_local", saving("example.com", first, "c"), "example.com => saved on skein.example.net, serial 2026010101\n"},
			{"cpanel-1", "zoneexists_local", "zone=example.com.db&dnsuniqid=d", "1"},
			{"cpanel-1", "getzonelist_local?dnsuniqid=e", "", "example.com\n"},
			{"cpanel-1", "getzone_local", "zone=example.com&dnsuniqid=f", first},
			{"cpanel-1", "savezone_local", saving("example.com", first, "g"), "example.com => unchanged on skein.example.net, serial 2026010101\n"},
			{"cpanel-1", "quickzoneadd_local", saving("example.com", second, "h"), "Zone example.com has been successfully added\n"},
			{"cpanel-1", "reloadzones_local", "dnsuniqid=i&zone=example.com", "No reload needed on skein.example.net\n"},
			{"cpanel-1", "reloadbind_local", "dnsuniqid=i&zone=", "No reload needed on skein.example.net\n"},
			{"cpanel-1", "reconfigbind_local", "dnsuniqid=i&zone=", "No reload needed on skein.example.net\n"},
			{"cpanel-1", "cleandns_local?dnsuniqid=i", "", "Nothing to clean up on skein.example.net\n"},
		}, "2026010102 www A 192.0.2.2"},
		"it goes": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved…"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=b", "example.com => deleted from skein.example.net\n"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=c", "example.com => is not on skein.example.net\n"},
			{"cpanel-1", "zoneexists_local", "zone=example.com&dnsuniqid=d", "0"},
			{"cpanel-1", "getzone_local", "zone=example.com&dnsuniqid=e", ""},
		}, "not-found"},
		"what was registered goes, too": {[]step{
			{"cpanel-1", "addzoneconf_local?zone=example.com&dnsuniqid=a", "", "example.com => added…"},
			{"cpanel-2", "zoneexists_local", "zone=example.com&dnsuniqid=a", "0"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=c", "example.com => is not on skein.example.net\n"},
			{"cpanel-1", "zoneexists_local", "zone=example.com&dnsuniqid=a", "0"},
		}, "not-found"},
		"a batch": {[]step{
			{"cpanel-1", "synczones_local", pair("example.com", first) + pair("example.net.", zoneText("example.net", 7, "192.0.2.3")) + "x=y&dnsuniqid=a", "2 zones were taken by skein.example.net, 0 were refused\n"},
			{"cpanel-1", "getzonelist_local?dnsuniqid=b", "", "example.com\nexample.net\n"},
			{"cpanel-1", "getzones_local", "zones=example.com%2Cexample.net%7Cgone.example&dnsuniqid=c", dnsadminPair("example.com", first) + dnsadminPair("example.net", zoneText("example.net", 7, "192.0.2.3"))},
			{"cpanel-1", "getallzones_local", "dnsuniqid=d", dnsadminPair("example.com", first) + dnsadminPair("example.net", zoneText("example.net", 7, "192.0.2.3"))},
			{"cpanel-1", "removezones_local", "zones=example.com,example.net|gone.example,..&dnsuniqid=e", "example.com => deleted from skein.example.net\nexample.net => deleted from skein.example.net\ngone.example => is not on skein.example.net\n. => refused: …"},
			{"cpanel-1", "getallzones_local", "dnsuniqid=f", ""},
		}, "not-found"},
		"a broken zone in the middle": {[]step{
			{"cpanel-1", "synczones_local", pair("example.com", first) + pair("broken.example", "$TTL 14400\n@ IN SOA\n") + pair("empty.example", "") + pair("..", first) + pair(".hidden", first) + pair("no domain", first) +
				"cpdnszone-bad%2eexample=%zz&" + pair("example.net", zoneText("example.net", 7, "192.0.2.3")) + "dnsuniqid=a",
				"broken.example => refused: the contents of broken.example. are not right (mend the lines that are named and send it again); line 2: …"},
			{"cpanel-1", "getzonelist_local?dnsuniqid=b", "", "example.com\nexample.net\n"},
		}, "2026010101 www A 192.0.2.1"},
		"a batch in the query": {[]step{
			{"cpanel-1", "synczones_local?" + pair("example.com", first) + pair("broken.example", "") + "dnsuniqid=a", "", "broken.example => refused: …1 zones were taken by skein.example.net, 1 were refused\n"},
		}, "2026010101 www A 192.0.2.1"},
		"a zone twice in a batch: what comes later counts": {[]step{
			{"cpanel-1", "synczones_local", pair("example.com", first) + pair("EXAMPLE.com", second) + "dnsuniqid=a", "2 zones were taken by skein.example.net, 0 were refused\n"},
		}, "2026010102 www A 192.0.2.2"},
		"a call that is repeated later changes nothing": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved on skein.example.net, serial 2026010101\n"},
			{"cpanel-1", "savezone_local", saving("example.com", second, "b"), "example.com => saved on skein.example.net, serial 2026010102\n"},
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved on skein.example.net, serial 2026010101\n"},
		}, "2026010102 www A 192.0.2.2"},
		"an id that is used for two texts is two changes": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "same"), "example.com => saved…"},
			{"cpanel-1", "savezone_local", saving("example.com", second, "same"), "example.com => saved…"},
		}, "2026010102 www A 192.0.2.2"},
		"a deletion that is repeated leaves what came since": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved…"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=b", "example.com => deleted from skein.example.net\n"},
			{"cpanel-1", "savezone_local", saving("example.com", second, "c"), "example.com => saved…"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=b", "example.com => deleted from skein.example.net\n"},
		}, "2026010102 www A 192.0.2.2"},
		"a server passes on what came from another": {[]step{
			{"cpanel-1", "quickzoneadd_local", saving("example.com", first, "a"), "Zone example.com has been successfully added\n"},
			{"cpanel-2", "synczones_local", pair("example.com", second) + "dnsuniqid=a", "1 zones were taken by skein.example.net, 0 were refused\n"},
			{"cpanel-1", "removezone_local", "zone=example.com&dnsuniqid=b", "example.com => deleted from skein.example.net\n"},
			{"cpanel-1", "savezone_local", saving("example.com", second, "c"), "example.com => saved…"},
			{"cpanel-2", "removezone_local", "zone=example.com&dnsuniqid=b", "example.com => deleted from skein.example.net\n"},
		}, "2026010102 www A 192.0.2.2"},
		"another server has the same domain": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved…"},
			{"cpanel-2", "zoneexists_local", "zone=example.com&dnsuniqid=b", "1"},
			{"cpanel-2", "getzone_local", "zone=example.com&dnsuniqid=b", ""},
			{"cpanel-2", "getzonelist_local?dnsuniqid=b", "", ""},
			{"cpanel-2", "savezone_local", saving("example.com", second, "c"), "example.com => refused: …as number 1…"},
			{"cpanel-2", "removezone_local", "zone=example.com&dnsuniqid=d", "example.com => deleted from skein.example.net\n"}, // takes back what waited
			{"cpanel-2", "removezone_local", "zone=example.com&dnsuniqid=e", "example.com => refused: …waits for a person…"},
		}, "2026010101 www A 192.0.2.1"},
		"what one server may not do, the owner passes on": {[]step{
			{"cpanel-1", "savezone_local", saving("example.com", first, "a"), "example.com => saved…"},
			{"cpanel-2", "savezone_local", saving("example.com", second, "b"), "example.com => refused: …"},
			{"cpanel-1", "savezone_local", saving("example.com", second, "b"), "example.com => saved on skein.example.net, serial 2026010102\n"},
		}, "2026010102 www A 192.0.2.2"},
		"calls that are not right": {[]step{
			{"cpanel-1", "savezone_local", "zonedata=x&dnsuniqid=a", "400 no zone is named (send zone=NAME)\n"},
			{"cpanel-1", "savezone_local", "zone=..&zonedata=x&dnsuniqid=a", `.. => refused: bad domain name "..": it begins with a dot` + "\n"},
			{"cpanel-1", "savezone_local", "zone=.hidden&zonedata=x&dnsuniqid=a", ".hidden => refused: bad domain name…"},
			{"cpanel-1", "savezone_local", "zone=no%20domain&zonedata=x&dnsuniqid=a", "no domain => refused: bad domain name…"},
			{"cpanel-1", "savezone_local", "zone=a%0ab.example&zonedata=x&dnsuniqid=a", "a b.example => refused: bad domain name…"},
			{"cpanel-1", "savezone_local", "zone=..%2f..%2fetc%2fpasswd&zonedata=x&dnsuniqid=a", "../../etc/passwd => refused: bad domain name…"},
			{"cpanel-1", "savezone_local", saving(".", first, "a"), ". => refused: bad domain name…"},
			{"cpanel-1", "savezone_local", "zone=example.com&zonedata=%24INCLUDE%20%2fetc%2fpasswd&dnsuniqid=a", "example.com => refused: the contents…"},
			{"cpanel-1", "savezone_local", saving("example.com", first+"$GENERATE 1-20000 h$ A 192.0.2.1\n", "a"), "example.com => refused: …there are too many records…"},
			{"cpanel-1", "savezone_local", "zone=example.com&dnsuniqid=a", "example.com => refused: the contents…"},
			{"cpanel-1", "savezone_local", "zone=example.com&zonedata=%zz&dnsuniqid=a", "example.com => refused: a field of the request cannot be read: …"},
			{"cpanel-1", "quickzoneadd_local", "zone=example.com&zonedata=x%2&dnsuniqid=a", "example.com => refused: a field of the request cannot be read: …"},
			{"cpanel-1", "zoneexists_local", "zone=..&dnsuniqid=a", "0"},
			{"cpanel-1", "getzone_local", "zone=.hidden&dnsuniqid=a", ""},
			{"cpanel-1", "savezone_local", "zone=%zz", "400 the request cannot be read; nothing was changed…"},
			{"cpanel-1", "synckeys_local", "zone=example.com&cpdnskey-example%2ecom=k&dnsuniqid=a", "501 skein.example.net does not sign zones with the keys of other servers: …"},
			{"cpanel-1", "revokekeys_local", "zone=example.com&cpdnskey-example%2ecom=k&dnsuniqid=a", "501 skein.example.net does not sign…"},
			{"cpanel-1", "getzone?zone=example.com", "", "404 Skein does not know the call /scripts2/getzone…"},
			{"cpanel-1", "/", "", "404 Skein does not know the call /…"},
		}, "not-found"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.tell(s.steps)
			if got := w.records(name); got != s.want {
				t.Errorf("%s has %q, want %q", name, got, s.want)
			}
		})
	}
}

// dnsadminPair is a zone as it is sent: every octet but the plain ones encoded.
func dnsadminPair(name, text string) string {
	var b strings.Builder
	w := dnsadmin.NewZoneWriter(&b)
	_ = w.Write(name, []byte(text)) // a Builder takes everything
	_ = w.Flush()
	return b.String()
}

// What the door knows of itself, and where its zones are served.
func TestSetup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell([]step{
		{"cpanel-1", "showversion?", "", dnsadmin.Spoken + "\n"},
		{"cpanel-1", "gethostname?", "", "skein.example.net\n"},
		{"cpanel-1", "getips_local?dnsuniqid=a", "", ""},
		{"cpanel-1", "getpath_local?dnsuniqid=a", "", ""},
	})
	set := skein.EditPool{Rule: skein.PoolKeep, Nameservers: []skein.PoolNameserver{
		{Name: "ns1.example.net.", Addresses: addrs("192.0.2.53", "2001:db8::53")},
		{Name: "ns2.example.net.", Addresses: addrs("198.51.100.53")},
		{Name: "skein.example.net.", Addresses: addrs("192.0.2.53")},
	}}
	if _, err := w.control.EditPool(t.Context(), root, skein.DefaultPool, set, nil); err != nil {
		t.Fatal(err)
	}
	w.tell([]step{
		{"cpanel-1", "getips_local?dnsuniqid=a", "", "192.0.2.53\n198.51.100.53\n2001:db8::53\n"},
		{"cpanel-1", "getpath_local?dnsuniqid=a", "", "skein.example.net ns1.example.net\nskein.example.net ns2.example.net\n"},
	})
}

// Ways to call that real clients have had.
func TestWaysToCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := zoneText("example.com", 2026010101, "192.0.2.1")
	w.tell([]step{{"cpanel-1", "savezone_local", saving("example.com", text, "a"), "example.com => saved…"}})
	for situation, change := range map[string]func(r *http.Request){
		"upper case scheme": func(r *http.Request) { r.Header.Set("Authorization", "WHM root:"+w.tokens["cpanel-1"]) },
		"the source's name": func(r *http.Request) { r.Header.Set("Authorization", "whm cpanel-1:"+w.tokens["cpanel-1"]) },
		"basic":             func(r *http.Request) { r.Header.Del("Authorization"); r.SetBasicAuth("root", w.tokens["cpanel-1"]) },
		"form content type": func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		"no content type":   func(r *http.Request) { r.Header.Del("Content-Type") },
		"arguments in the query of a POST": func(r *http.Request) {
			r.URL.RawQuery, r.Body, r.ContentLength = "zone=example.com&dnsuniqid=a", http.NoBody, 0
		},
		"GET": func(r *http.Request) {
			r.Method, r.URL.RawQuery, r.Body, r.ContentLength = http.MethodGet, "zone=example.com&dnsuniqid=a", http.NoBody, 0
		},
		"a bare question mark": func(r *http.Request) { r.URL.ForceQuery = true },
		"unknown length":       func(r *http.Request) { r.ContentLength = -1 },
	} {
		r := w.request("cpanel-1", http.MethodPost, "getzone_local", strings.NewReader("zone=example.com&dnsuniqid=a"))
		change(r)
		if got := w.send(r); got != text {
			t.Errorf("%s: %s", situation, got)
		}
	}
	r := w.request("cpanel-1", http.MethodPut, "getzone_local", strings.NewReader("zone=example.com&dnsuniqid=a"))
	if got := w.send(r); !strings.HasPrefix(got, "400 PUT is not a way to call this") {
		t.Errorf("PUT: %s", got)
	}
}

// A zone that was edited elsewhere is given as it is now.
func TestEditedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell([]step{{"cpanel-1", "savezone_local", saving("example.com", zoneText("example.com", 2026010101, "192.0.2.1"), "a"), "example.com => saved…"}})
	set := zone.RRset{Name: "_acme-challenge.example.com.", Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{zone.Rdata("\x01x")}}
	if _, err := w.control.EditRecords(t.Context(), root, control.EditRecords{Zone: name, Edits: []control.Edit{{Op: control.OpSet, Set: set}}}); err != nil {
		t.Fatal(err)
	}
	if got := w.post("cpanel-1", "getzone_local", "zone=example.com&dnsuniqid=b"); !strings.Contains(got, "_acme-challenge") || !strings.Contains(got, "192.0.2.1") {
		t.Errorf("%s", got)
	}
	w.tell([]step{{"cpanel-1", "savezone_local", saving("example.com", zoneText("example.com", 2026010105, "192.0.2.5"), "c"), "example.com => saved on skein.example.net, serial 2026010105\n"}})
	if got := w.records(name); !strings.Contains(got, "_acme-challenge") || !strings.Contains(got, "192.0.2.5") {
		t.Errorf("after the next save: %s", got)
	}
}

// What a driver passes on to other servers it passes on under the id that it
// came under.
func TestIdsGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell([]step{{"cpanel-1", "savezone_local", saving("Example.com", zoneText("example.com", 2026010101, "192.0.2.1"), "fromthepanel"), "Example.com => saved…"}})
	if got := w.ids.Of("example.com", 2026010101); got != "fromthepanel" {
		t.Errorf("passed on under %q", got)
	}
}

// Reverse trust: a token that may change members makes the caller one; any
// other is told why not, in words that the sender does not take for a yes.
func TestTrust(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := "recurse=0&user=root&clustermaster=web1.example.org&pass=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&version=11.138.0.6"
	got := w.post("cpanel-1", dnsadmin.Trust, form)
	if !strings.HasPrefix(got, "No trust relationship: ") || strings.Contains(got, dnsadmin.Established) || strings.Contains(got, "ABCDEFGH") {
		t.Errorf("a panel's token: %s", got)
	}
	if strings.Contains(w.log.String(), "ABCDEFGH") {
		t.Errorf("the log has the token")
	}
}

// One line a call, and of an unknown one the names of its arguments alone.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("cpanel-1", "showversion?")
	w.post("cpanel-1", "/scripts2/newcall_local?first=1", "second=topsecret&pass=topsecret")
	w.post("cpanel-1", "savezone_local", saving("example.com", "nonsense", "a"))
	log := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	if len(log) != 3 || !strings.Contains(log[0], "call=showversion") || !strings.Contains(log[0], "source=cpanel-1") ||
		!strings.Contains(log[1], `arguments="first second pass"`) || !strings.Contains(log[1], "level=WARN") ||
		!strings.Contains(log[2], "zone=example.com") || !strings.Contains(log[2], "refused=1") || !strings.Contains(log[2], "line 1") {
		t.Errorf("%s", strings.Join(log, "\n"))
	}
	for _, secret := range []string{"topsecret", w.tokens["cpanel-1"]} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
