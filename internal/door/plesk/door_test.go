package plesk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// outcomes are the tasks of a report, one a line.
func outcomes(report skein.DoorReport) string {
	var lines []string
	for _, r := range report.Tasks {
		lines = append(lines, fmt.Sprintf("%s %s: %s", r.Command, r.Subject, r.Outcome))
	}
	return strings.Join(lines, "\n")
}

func example(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/example.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// worlds are the controls that every story runs against.
func worlds(t *testing.T, story func(*testing.T, Control)) {
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		story(t, newFake())
	})
	t.Run("over SQLite", func(t *testing.T) {
		t.Parallel()
		story(t, newReal(t))
	})
}

// The example of everything that Plesk is known to send.
func TestExample(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, c Control) {
		report := deliver(t, c, "plesk-1", "push", example(t))
		want := `create example.com.: applied
update xn--bcher-kva.example.: applied
createPTRs 192.0.2.10: applied
createPTRs 2001:db8::10: applied
deletePTRs 192.0.2.99: unchanged
delete gone.example.: unchanged
somethingNew : ignored`
		if got := outcomes(report); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		for name, want := range map[zone.Name]string{
			"example.com.": `example.com. 300 IN A 192.0.2.10
example.com. 86400 IN NS ns1.example.net.
example.com. 86400 IN NS ns2.example.net.
example.com. 86400 IN MX 0 mail.example.com.
example.com. 86400 IN MX 20 backup.example.net.
example.com. 86400 IN TXT "v=spf1 +a +mx -all"
example.com. 86400 IN AAAA 2001:db8::10
example.com. 86400 IN CAA 0 issue "ca.example.net"
default._domainkey.example.com. 86400 IN TXT ` + dkim + `
_443._tcp.example.com. 86400 IN TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
_sip._tcp.example.com. 86400 IN SRV 10 5 5060 sip.example.com.
mail.example.com. 86400 IN A 192.0.2.25
note.example.com. 86400 IN TXT "say \"hello\"\009and\009go"
sub.example.com. 86400 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
www.example.com. 86400 IN CNAME example.com.`,
			"xn--bcher-kva.example.": `xn--bcher-kva.example. 3600 IN NS ns1.example.net.
www.xn--bcher-kva.example. 86400 IN A 192.0.2.11`,
			"2.0.192.in-addr.arpa.": `2.0.192.in-addr.arpa. 3600 IN NS ns1.example.net.
2.0.192.in-addr.arpa. 3600 IN NS ns2.example.net.
10.2.0.192.in-addr.arpa. 3600 IN PTR example.com.`,
			"0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.": `0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN NS ns1.example.net.
0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN NS ns2.example.net.
0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN PTR example.com.`,
		} {
			if got := zoneText(c, "plesk-1", name); got != want {
				t.Errorf("%s\n%s\nwant\n%s", name, got, want)
			}
		}
		for name, want := range map[zone.Name]string{
			"example.com.":           "ns1.example.net. hostmaster.example.com. 1767225600 10800 3600 604800 10800",
			"xn--bcher-kva.example.": `ns1.example.net. first\.last.example.com. 1767229200 10800 3600 604800 10800`,
		} {
			_, contents, _ := c.Contents(t.Context(), skein.Actor{Source: "plesk-1"}, name)
			if soa, _ := contents.Get(name, zone.TypeSOA); len(soa.Data) != 1 || soa.Data[0].Text(zone.TypeSOA) != want {
				t.Errorf("%s SOA %v, want %s", name, soa, want)
			}
		}
		if r := report.Tasks[1]; len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, "old.example.org.") || !strings.Contains(r.Text, "markers of Plesk's own: 1") {
			t.Errorf("the second task does not tell what was left out: %+v", r)
		}
		if r := report.Tasks[0]; !strings.Contains(r.Text, "left out PTR rows: 2") {
			t.Errorf("the first task does not tell what was left out: %+v", r)
		}
	})
}

var dkim = func() string {
	key := "v=DKIM1; k=rsa; p=" + strings.Repeat("EXAMPLEKEY", 30)
	return `"` + key[:255] + `" "` + key[255:] + `"`
}()

// step is one push in a story.
type step struct{ source, push, want string }

func put(command, name, address string) string {
	return whole(command, name, soaJSON, record("www", "A", "", address))
}

func ptr(command, address, host string) string {
	return fmt.Sprintf(`{"command":%q,"ptr":{"ip_address":%q,"hostname":%q}}`, command, address, host)
}

func tasks(tasks ...string) string {
	for i := range tasks {
		tasks[i] = strings.Trim(tasks[i], "[]")
	}
	return "[" + strings.Join(tasks, ",") + "]"
}

const gone = `[{"command":"delete","zone":{"name":"example.com.","displayName":"example.com."}}]`

func TestStories(t *testing.T) {
	t.Parallel()
	const reverse = "2.0.192.in-addr.arpa."
	const rev4ns = reverse + " 3600 IN NS "
	for name, s := range map[string]struct {
		steps []step
		zone  zone.Name
		want  string // as the last source sees it
	}{
		"a zone lives": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-1", put("update", "example.com.", "192.0.2.2"), "update example.com.: applied"},
			{"plesk-1", put("update", "example.com.", "192.0.2.2"), "update example.com.: unchanged"},
			{"plesk-1", gone, "delete example.com.: applied"},
			{"plesk-1", gone, "delete example.com.: unchanged"},
		}, "example.com.", ""},
		"only the serial is new": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-1", strings.ReplaceAll(put("update", "example.com.", "192.0.2.1"), "1767225600", "1767225999"), "update example.com.: unchanged"},
		}, "example.com.", "example.com. 86400 IN NS ns1.example.net.\nwww.example.com. 86400 IN A 192.0.2.1"},
		"an update of a zone that was lost makes it": {[]step{
			{"plesk-1", put("update", "example.com.", "192.0.2.1"), "update example.com.: applied"},
		}, "example.com.", "example.com. 86400 IN NS ns1.example.net.\nwww.example.com. 86400 IN A 192.0.2.1"},
		"a zone is created twice": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-1", put("create", "example.com.", "192.0.2.2"), "create example.com.: applied"},
		}, "example.com.", "example.com. 86400 IN NS ns1.example.net.\nwww.example.com. 86400 IN A 192.0.2.2"},
		"a rename is delete and create": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-1", tasks(gone, put("create", "example.net.", "192.0.2.1")), "delete example.com.: applied\ncreate example.net.: applied"},
		}, "example.com.", ""},
		"one bad task does not stop the others": {[]step{
			{"plesk-1", tasks(put("create", "a..example.", "192.0.2.1"), `7`, put("create", "example.com.", "192.0.2.1"), ptr("createPTRs", "nonsense", "x.example"), gone),
				"create a..example.: refused\n : refused\ncreate example.com.: applied\ncreatePTRs nonsense: refused\ndelete example.com.: applied"},
		}, "example.com.", ""},
		"another Plesk has the same domain": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-2", put("create", "example.com.", "192.0.2.2"), "create example.com.: waiting"},
			{"plesk-2", gone, "delete example.com.: unchanged"}, // takes back what waited
			{"plesk-2", gone, "delete example.com.: waiting"},
			{"plesk-1", put("update", "example.com.", "192.0.2.1"), "update example.com.: unchanged"},
		}, "example.com.", "example.com. 86400 IN NS ns1.example.net.\nwww.example.com. 86400 IN A 192.0.2.1"},
		"what waits for a person does not hold up the rest of the push": {[]step{
			{"plesk-1", put("create", "example.com.", "192.0.2.1"), "create example.com.: applied"},
			{"plesk-2", tasks(put("create", "a.example.", "192.0.2.2"), put("update", "example.com.", "192.0.2.2"), put("create", "b.example.", "192.0.2.2")),
				"create a.example.: applied\nupdate example.com.: waiting\ncreate b.example.: applied"},
			{"plesk-1", put("update", "example.com.", "192.0.2.1"), "update example.com.: unchanged"},
		}, "example.com.", "example.com. 86400 IN NS ns1.example.net.\nwww.example.com. 86400 IN A 192.0.2.1"},

		"a pointer lives": {[]step{
			{"plesk-1", tasks(put("create", "example.com.", "192.0.2.1"), ptr("createPTRs", "192.0.2.1", "example.com")), "create example.com.: applied\ncreatePTRs 192.0.2.1: applied"},
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "example.com.")), "createPTRs 192.0.2.1: unchanged"},
			{"plesk-1", tasks(ptr("deletePTRs", "192.0.2.1", "example.com")), "deletePTRs 192.0.2.1: applied"},
			{"plesk-1", tasks(ptr("deletePTRs", "192.0.2.1", "example.com")), "deletePTRs 192.0.2.1: unchanged"},
		}, reverse, rev4ns + "ns1.example.net."},
		"many domains share an address": {[]step{
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example"), ptr("createPTRs", "192.0.2.1", "b.example")), "createPTRs 192.0.2.1: applied\ncreatePTRs 192.0.2.1: applied"},
			{"plesk-1", tasks(ptr("deletePTRs", "192.0.2.1", "a.example")), "deletePTRs 192.0.2.1: applied"},
		}, reverse, rev4ns + "a.example.\n1.2.0.192.in-addr.arpa. 3600 IN PTR b.example."},
		"all pointers of an address go": {[]step{
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example"), ptr("createPTRs", "192.0.2.1", "b.example")), "createPTRs 192.0.2.1: applied\ncreatePTRs 192.0.2.1: applied"},
			{"plesk-1", `{"command":"deletePTRs","ptr":{"ip_address":"192.0.2.1"}}`, "deletePTRs 192.0.2.1: applied"},
		}, reverse, rev4ns + "a.example."},
		"two Plesks share a reverse zone": {[]step{
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example")), "createPTRs 192.0.2.1: applied"},
			{"plesk-2", tasks(ptr("createPTRs", "192.0.2.2", "b.example")), "createPTRs 192.0.2.2: applied"},
			{"plesk-2", tasks(ptr("createPTRs", "192.0.2.1", "b.example")), "createPTRs 192.0.2.1: refused"},
			{"plesk-2", tasks(ptr("deletePTRs", "192.0.2.1", "a.example")), "deletePTRs 192.0.2.1: refused"},
			{"plesk-2", `{"command":"deletePTRs","ptr":{"ip_address":"192.0.2.1"}}`, "deletePTRs 192.0.2.1: refused"},
			{"plesk-2", strings.ReplaceAll(gone, "example.com.", reverse), "delete " + reverse + ": refused"},
			{"plesk-1", strings.ReplaceAll(gone, "example.com.", reverse), "delete " + reverse + ": refused"},
		}, reverse, rev4ns + "a.example.\n1.2.0.192.in-addr.arpa. 3600 IN PTR a.example.\n2.2.0.192.in-addr.arpa. 3600 IN PTR b.example."},
		"an address is handed over": {[]step{
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example")), "createPTRs 192.0.2.1: applied"},
			{"plesk-1", tasks(ptr("deletePTRs", "192.0.2.1", "a.example")), "deletePTRs 192.0.2.1: applied"},
			{"plesk-2", tasks(ptr("createPTRs", "192.0.2.1", "b.example")), "createPTRs 192.0.2.1: applied"},
		}, reverse, rev4ns + "a.example.\n1.2.0.192.in-addr.arpa. 3600 IN PTR b.example."},
		"the longest reverse zone is taken": {[]step{
			{"plesk-1", put("create", "0.192.in-addr.arpa.", "192.0.2.1"), "create 0.192.in-addr.arpa.: applied"},
			{"plesk-1", put("create", reverse, "192.0.2.1"), "create " + reverse + ": applied"},
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example"), ptr("createPTRs", "192.0.3.1", "a.example")), "createPTRs 192.0.2.1: applied\ncreatePTRs 192.0.3.1: applied"},
		}, reverse, reverse + " 86400 IN NS ns1.example.net.\n1.2.0.192.in-addr.arpa. 10800 IN PTR a.example.\nwww.2.0.192.in-addr.arpa. 86400 IN A 192.0.2.1"},
		"a shorter one will do": {[]step{
			{"plesk-1", put("create", "0.192.in-addr.arpa.", "192.0.2.1"), "create 0.192.in-addr.arpa.: applied"},
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", "a.example")), "createPTRs 192.0.2.1: applied"},
		}, "0.192.in-addr.arpa.", "0.192.in-addr.arpa. 86400 IN NS ns1.example.net.\n1.2.0.192.in-addr.arpa. 10800 IN PTR a.example.\nwww.0.192.in-addr.arpa. 86400 IN A 192.0.2.1"},
		"a reverse zone is another's alone": {[]step{
			{"plesk-1", put("create", reverse, "192.0.2.1"), "create " + reverse + ": applied"},
			{"plesk-2", tasks(ptr("createPTRs", "192.0.2.1", "a.example")), "createPTRs 192.0.2.1: refused"},
			{"plesk-1", put("update", reverse, "192.0.2.1"), "update " + reverse + ": unchanged"},
		}, reverse, reverse + " 86400 IN NS ns1.example.net.\nwww.2.0.192.in-addr.arpa. 86400 IN A 192.0.2.1"},
		"pointers that cannot be": {[]step{
			{"plesk-1", tasks(ptr("createPTRs", "192.0.2.1", ""), ptr("createPTRs", "192.0.2.300", "a.example"), ptr("createPTRs", "fe80::1%eth0", "a.example"),
				ptr("createPTRs", "192.0.2.1", "a..example"), ptr("deletePTRs", "192.0.2.1", `"; rm`), `{"command":"createPTRs"}`, `{"command":"deletePTRs","ptr":[]}`),
				"createPTRs 192.0.2.1: refused\ncreatePTRs 192.0.2.300: refused\ncreatePTRs fe80::1%eth0: refused\ncreatePTRs 192.0.2.1: refused\ndeletePTRs 192.0.2.1: refused\ncreatePTRs : refused\ndeletePTRs : refused"},
		}, reverse, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			worlds(t, func(t *testing.T, c Control) {
				for i, step := range s.steps {
					report := deliver(t, c, step.source, fmt.Sprintf("push-%d", i), step.push)
					if got := outcomes(report); got != step.want {
						t.Errorf("push %d of %s:\n%s\nwant\n%s", i, step.source, got, step.want)
					}
					for _, r := range report.Tasks {
						if (r.Outcome == refused || r.Outcome == waiting) && r.Text == "" || (r.Outcome == waiting) != (r.Waiting != 0) {
							t.Errorf("%s %s is %s without a word or a number: %+v", r.Command, r.Subject, r.Outcome, r)
						}
					}
				}
				if got := zoneText(c, s.steps[len(s.steps)-1].source, s.zone); got != s.want {
					t.Errorf("%s\n%s\nwant\n%s", s.zone, got, s.want)
				}
			})
		})
	}
}

// A reverse zone whose nameservers nobody knows says so.
func TestGuessedNameserver(t *testing.T) {
	t.Parallel()
	report := deliver(t, newFake(), "plesk-1", "push", tasks(ptr("createPTRs", "192.0.2.1", "a.example")))
	if found := texts(report.Tasks[0]); len(found) != 1 || !strings.Contains(found[0], "a.example. as its only nameserver") {
		t.Errorf("%q", found)
	}
}

// What is no push at all is an error, and nothing is done.
func TestPushesThatAreNone(t *testing.T) {
	t.Parallel()
	for situation, body := range map[string]string{
		"nothing":           "",
		"half of it":        `[{"command":"delete","zone":{"name":"example.com."}},{`,
		"two":               gone + gone,
		"a word":            `"delete"`,
		"a number":          "42",
		"null":              "null",
		"not UTF-16":        "\xff\xfe[\x00]\x00",
		"nested too deep":   strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"too many tasks":    "[" + strings.Repeat("0,", maxTasks) + "0]",
		"too large":         `[` + strings.Repeat(" ", maxPush) + `]`,
		"a byte order mark": "\ufeff" + gone,
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			deliver(t, f, "plesk-1", "", put("create", "example.com.", "192.0.2.1"))
			report, err := New(f, Nameservers{}, nil).Handle(t.Context(), skein.Actor{Source: "plesk-1"}, "push", []byte(body))
			if skein.KindOf(err) != skein.KindInvalid || len(report.Tasks) > 0 || len(f.zones) != 1 {
				t.Errorf("%+v, %v, %d zones", report, err, len(f.zones))
			}
		})
	}
	if report := deliver(t, newFake(), "plesk-1", "", "[]"); len(report.Tasks) != 0 {
		t.Errorf("an empty push: %+v", report)
	}
}

// twist is a push in which tasks undo each other, so that doing one of them
// again shows.
var twist = tasks(
	put("create", "example.com.", "192.0.2.1"), put("update", "example.com.", "192.0.2.2"), gone, put("create", "example.com.", "192.0.2.3"),
	ptr("createPTRs", "192.0.2.1", "a.example"), ptr("deletePTRs", "192.0.2.1", "a.example"), ptr("createPTRs", "192.0.2.1", "b.example"),
	put("update", "example.com.", "192.0.2.1"), gone, put("update", "example.com.", "192.0.2.4"))

// before is what may be there when the twist comes: with each, other tasks of
// it have nothing to do, and so leave no trace that they were done.
var before = map[string]string{
	"nothing":               "[]",
	"the first version":     put("create", "example.com.", "192.0.2.1"),
	"the second version":    put("create", "example.com.", "192.0.2.2"),
	"the pointer":           tasks(ptr("createPTRs", "192.0.2.1", "a.example")),
	"the pointer that goes": tasks(ptr("createPTRs", "192.0.2.1", "b.example")),
}

// state is what all sources see.
func state(c Control) string {
	return zoneText(c, "plesk-1", "example.com.") + "\n" + zoneText(c, "plesk-1", "2.0.192.in-addr.arpa.")
}

// Trouble at any call, in either way, is told; delivered again, the push comes
// to the same end as if there had been none; and once more, it changes nothing.
func TestDeliveredAgain(t *testing.T) {
	t.Parallel()
	for there, first := range before {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, failed but done %v", there, done), func(t *testing.T) {
				t.Parallel()
				smooth := &faulty{Control: newFake()}
				deliver(t, smooth, "plesk-1", "first", first)
				start := smooth.calls
				deliver(t, smooth, "plesk-1", "push", twist)
				want := state(smooth)
				if !strings.Contains(want, "192.0.2.4") || !strings.Contains(want, "PTR b.example.") {
					t.Fatalf("the story is not told:\n%s", want)
				}
				for at := start + 1; at <= smooth.calls; at++ {
					c := &faulty{Control: newFake(), failAt: at, done: done, failWith: errTrouble}
					deliver(t, c, "plesk-1", "first", first)
					door := New(c, Nameservers{}, nil)
					_, err := door.Handle(t.Context(), skein.Actor{Source: "plesk-1"}, "push", []byte(twist))
					if !errors.Is(err, errTrouble) {
						t.Errorf("call %d: %v, want the trouble", at, err)
					}
					for again := range 3 {
						deliver(t, c, "plesk-1", "push", twist)
						if got := state(c); got != want {
							t.Errorf("call %d failed, delivery %d:\n%s\nwant\n%s", at, again, got, want)
						}
					}
				}
			})
		}
	}
}

// An answer that was lost: the whole push comes again, on the real control.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	for there, first := range before {
		t.Run(there, func(t *testing.T) {
			t.Parallel()
			worlds(t, func(t *testing.T, c Control) {
				deliver(t, c, "plesk-1", "first", first)
				deliver(t, c, "plesk-1", "push", twist)
				want := state(c)
				for again := range 3 {
					deliver(t, c, "plesk-1", "push", twist)
					if got := state(c); got != want {
						t.Errorf("delivery %d:\n%s\nwant\n%s", again, got, want)
					}
				}
			})
		})
	}
}

// Trouble that may pass keeps the push; a refusal does not hold it up.
func TestKindsOfTrouble(t *testing.T) {
	t.Parallel()
	for kind, keeps := range map[skein.Kind]bool{
		skein.KindInternal: true, skein.KindUnavailable: true, skein.KindTimeout: true, skein.KindUnknown: true,
		skein.KindInvalid: false, skein.KindForbidden: false, skein.KindConflict: false, skein.KindNotFound: false,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := &faulty{Control: newFake(), failAt: 1, failWith: &skein.Error{Kind: kind, What: "what went wrong", Mend: "what to do", Problems: []skein.Problem{{Text: "where"}}}}
			report, err := New(c, Nameservers{}, nil).Handle(t.Context(), skein.Actor{Source: "plesk-1"}, "push", []byte(tasks(put("create", "a.example.", "192.0.2.1"), put("create", "b.example.", "192.0.2.1"))))
			if keeps {
				if skein.KindOf(err) != kind || c.calls != 1 {
					t.Errorf("%v after %d calls, want it to end there with %s", err, c.calls, kind)
				}
				return
			}
			if err != nil || outcomes(report) != "create a.example.: refused\ncreate b.example.: applied" {
				t.Fatalf("%s, %v", outcomes(report), err)
			}
			if r := report.Tasks[0]; r.Text != "what went wrong (what to do)" || len(r.Problems) != 1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// recorder remembers who asked, and holds deletions up.
type recorder struct {
	Control
	actors []skein.Actor
	ids    []string
	hold   chan struct{}
}

func (r *recorder) DeleteZone(ctx context.Context, a skein.Actor, in control.DeleteZone) (control.Result, error) {
	r.actors, r.ids = append(r.actors, a), append(r.ids, in.ChangeID)
	if r.hold != nil {
		<-r.hold
	}
	return r.Control.DeleteZone(ctx, a, in)
}

// A panel with an administrator's token is a panel all the same.
func TestPanelsAreNoAdministrators(t *testing.T) {
	t.Parallel()
	r := &recorder{Control: newFake()}
	admin := skein.Actor{Name: "root", Door: "api", Source: "admin", Admin: true}
	for _, id := range []string{"push", strings.Repeat("x", 200), ""} {
		if _, err := New(r, Nameservers{}, nil).Handle(t.Context(), admin, id, []byte(tasks(gone, gone))); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range r.actors {
		if a.Admin || a.Door != "plesk" || a.Source != "admin" {
			t.Errorf("%+v", a)
		}
	}
	seen := map[string]bool{}
	for _, id := range r.ids {
		if seen[id] || id == "" || len(id) > 150 {
			t.Errorf("change id %q", id)
		}
		seen[id] = true
	}
}

// A push waits for an earlier one of its source, and for nobody else's.
func TestPushesOfOneSourceTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{Control: newFake(), hold: make(chan struct{})}
		door := New(r, Nameservers{}, nil)
		handle := func(ctx context.Context, source string) chan error {
			ended := make(chan error, 1)
			go func() {
				_, err := door.Handle(ctx, skein.Actor{Source: source}, source, []byte(gone))
				ended <- err
			}()
			synctest.Wait()
			return ended
		}
		first := handle(t.Context(), "plesk-1")
		second := handle(t.Context(), "plesk-1")
		impatient, cancel := context.WithCancel(t.Context())
		third := handle(impatient, "plesk-1")
		other := handle(t.Context(), "plesk-2")
		if len(r.actors) != 2 || r.actors[1].Source != "plesk-2" {
			t.Errorf("at work: %+v", r.actors)
		}
		cancel()
		synctest.Wait()
		if err := <-third; skein.KindOf(err) != skein.KindUnavailable {
			t.Errorf("who does not want to wait: %v", err)
		}
		close(r.hold)
		synctest.Wait()
		for _, ended := range []chan error{first, second, other} {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if len(door.turns.busy) != 0 {
			t.Errorf("turns that nobody has: %v", door.turns.busy)
		}
	})
}
