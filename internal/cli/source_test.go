package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
)

func TestParseSince(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	local := time.Date(2026, 11, 24, 9, 30, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"90m":                            now.Add(-90 * time.Minute),
		"2026-11-24T09:30:00Z":           time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC),
		"2026-11-24T10:30:00+01:00":      time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC),
		"2026-11-24T09:30:00.000000007Z": time.Date(2026, 11, 24, 9, 30, 0, 7, time.UTC),
		"2026-11-24T09:30":               local,
		"2026-11-24 09:30:00":            local,
		"2026-11-24":                     time.Date(2026, 11, 24, 0, 0, 0, 0, time.Local),
	} {
		if got, err := parseTime("since", text, now); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "soon", "-90m", "0s", "24.11.2026"} {
		if got, err := parseTime("since", text, now); codeOf(err) != exitUsage {
			t.Errorf("%q: %v, %v; want a word on the usage", text, got, err)
		}
	}
}

// What is shown of a primary is what can be given.
func TestParseTransferPrimary(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.1":                "192.0.2.1:53",
		"192.0.2.1:5353,key=xfr":   "192.0.2.1:5353,key=xfr",
		"2001:db8::1":              "[2001:db8::1]:53",
		"[2001:db8::1]:54":         "[2001:db8::1]:54",
		"192.0.2.1,tls=ns.example": "192.0.2.1:853,tls=ns.example",
		"192.0.2.1,tls=opportunistic,key=xfr,pin=AAAA/+8=": "192.0.2.1:853,key=xfr,tls=opportunistic,pin=AAAA/+8=",
	} {
		p, err := parseTransferPrimary(text)
		if err != nil || primaryText(p) != want {
			t.Errorf("%s: %s, %v; want %s", text, primaryText(p), err, want)
		}
		if again, err := parseTransferPrimary(want); err != nil || again != p {
			t.Errorf("%s: read again %+v, %v", want, again, err)
		}
	}
	for _, text := range []string{"", "ns.example", "192.0.2.1:port", "192.0.2.1,key", "192.0.2.1,key=", "192.0.2.1,speed=high", "192.0.2.1:70000"} {
		if p, err := parseTransferPrimary(text); err == nil {
			t.Errorf("%q: %+v; want an error", text, p)
		}
	}
}

func TestParseNetworks(t *testing.T) {
	t.Parallel()
	got, err := parseNetworks([]string{"192.0.2.7/24", "192.0.2.1", "2001:db8::/32", "::1"})
	var texts []string
	for _, n := range got {
		texts = append(texts, n.String())
	}
	if want := "192.0.2.0/24 192.0.2.1/32 2001:db8::/32 ::1/128"; err != nil || strings.Join(texts, " ") != want {
		t.Errorf("%v, %v; want %s", texts, err, want)
	}
	if got, err := parseNetworks([]string{"any"}); err != nil || got != nil {
		t.Errorf("any: %v, %v", got, err)
	}
	for _, wrong := range [][]string{{"192.0.2"}, {"any", "::1"}, {"fe80::1%eth0/64"}, {""}} {
		if got, err := parseNetworks(wrong); err == nil {
			t.Errorf("%q: %v; want an error", wrong, got)
		}
	}
}

// zones of the named.conf of a server that is to be taken over
func TestZonesOfANamedConf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("named.conf", `
		include "/etc/bind/more.conf";
		key "xfr" { algorithm hmac-sha256; secret "c2VjcmV0"; };
		key "rndc-key" { algorithm hmac-sha256; secret "b3RoZXI="; };
		primaries far { 192.0.2.61 port 54 key "xfr"; 2001:db8::61 tls ephemeral; };
		view internal { zone "shop.example" { type primary; file "a"; }; };
		view external {
			zone "shop.example" { type primary; file "b"; };
			zone "away.example" IN { type secondary; primaries { far; }; };
			zone "lost.example" { type secondary; primaries { nowhere; }; };
		};`)
	write("etc/bind/more.conf", `
		zone "localhost" { type master; file "x"; };
		zone "." { type hint; file "x"; };
		zone "b.example" CH { type master; file "x"; };
		zone "0/25.2.0.192.in-addr.arpa" { type master; file "x"; };`)
	var notes bytes.Buffer
	flags := zoneFlags{namedConf: filepath.Join(dir, "named.conf"), root: dir, names: []string{"one.example"}}
	w, err := flags.read(&app{err: &notes}, "old")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, z := range w.zones {
		got[z.Name] = ""
		for _, p := range z.Primaries {
			got[z.Name] += primaryText(p) + " "
		}
	}
	want := map[string]string{
		"one.example.": "", "shop.example.": "", "0/25.2.0.192.in-addr.arpa.": "",
		"away.example.": "192.0.2.61:54,key=xfr [2001:db8::61]:853,tls=opportunistic ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	body := skein.NewSource{}
	w.complete(&body)
	if keys := []skein.TransferKey{{Name: "xfr", Algorithm: "hmac-sha256", Secret: "c2VjcmV0"}}; body.Secrets == nil || !cmp.Equal(body.Secrets.Keys, keys) {
		t.Errorf("keys: %+v; want the one that zones name", body.Secrets)
	}
	left := map[string]string{}
	for _, p := range w.left {
		left[p.Name] = p.Text
	}
	wantLeft := map[string]string{
		"localhost": "every server has it for itself", ".": "it is of type hint", "b.example": "it is of class CH",
		"shop.example": "it is there already, in another view", "lost.example": "its primaries nowhere are not defined",
	}
	if diff := cmp.Diff(wantLeft, left); diff != "" {
		t.Error(diff)
	}
}

// Includes stay within the root, whatever they say.
func TestANamedConfLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside.conf")
	root := filepath.Join(dir, "root")
	if err := errors.Join(os.Mkdir(root, 0o755), os.WriteFile(outside, []byte(`zone "out.example" { type master; };`), 0o600), os.Symlink(outside, filepath.Join(root, "link.conf"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{outside, "../outside.conf", "/../outside.conf", "link.conf", "*.conf"} {
		conf := filepath.Join(dir, "named.conf")
		if err := os.WriteFile(conf, []byte(`include "`+name+`";`), 0o600); err != nil {
			t.Fatal(err)
		}
		flags := zoneFlags{namedConf: conf, root: root}
		if w, err := flags.read(&app{}, "old"); err == nil || len(w.zones) > 0 {
			t.Errorf("%s: %v, %v; want an error", name, w.zones, err)
		}
	}
}

// A list of zones is read whole, or the line is named that is wrong; no zone is in it twice.
func FuzzZoneList(f *testing.F) {
	f.Add("# comment\n one.example \n\ntwo.example.  # more\nONE.example\n")
	f.Add("bücher.example\r\n*.example\n0/25.2.0.192.in-addr.arpa")
	f.Add("a..b\n")
	f.Fuzz(func(t *testing.T, text string) {
		var w wanted
		err := w.readList(text, "old")
		seen := map[string]bool{}
		for _, z := range w.zones {
			if seen[strings.ToLower(z.Name)] || z.Source != "old" {
				t.Fatalf("%q: %+v", text, w.zones)
			}
			seen[strings.ToLower(z.Name)] = true
		}
		if err == nil {
			var again wanted
			var names []string
			for _, z := range w.zones {
				names = append(names, z.Name)
			}
			if err := again.readList(strings.Join(names, "\n"), "old"); err != nil || !cmp.Equal(again.zones, w.zones) {
				t.Fatalf("%q: %+v, read again %+v, %v", text, w.zones, again.zones, err)
			}
		}
	})
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "-", 24 * time.Hour: "24h", 90 * time.Minute: "1h30m", 10 * time.Minute: "10m", 90 * time.Second: "1m30s", time.Hour + 30*time.Second: "1h0m30s"} {
		if got := span(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestVersionsSideBySide(t *testing.T) {
	t.Parallel()
	set := func(name, of string, ttl uint32, data ...string) skein.RecordSet {
		return skein.RecordSet{Name: name, Type: of, TTL: ttl, Data: data}
	}
	ours := []skein.RecordSet{set("a.", "NS", 300, "ns."), set("a.", "SOA", 300, "x"), set("www.a.", "A", 300, "192.0.2.1", "192.0.2.2"), set("old.a.", "A", 300, "192.0.2.3")}
	theirs := []skein.RecordSet{set("a.", "SOA", 300, "y"), set("a.", "NS", 300, "ns."), set("new.a.", "A", 60, "192.0.2.4"), set("www.a.", "A", 300, "192.0.2.1")}
	var out bytes.Buffer
	(&app{out: &out, err: &out}).sayVersions("OURS", ours, "THEIRS", theirs)
	want := `RECORD    OURS           THEIRS
a. SOA    300 x          300 y
www.a. A  300 192.0.2.1  300 192.0.2.1
          300 192.0.2.2
old.a. A  300 192.0.2.3  -
new.a. A  -              60 192.0.2.4
the same in both: 1 record
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// Of a copy that was not read nothing is shown but how to decide.
func TestAVersionThatWasNotRead(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := skein.WaitingDetail{Waiting: skein.Waiting{ID: 3, Kind: skein.WaitingConflict, Zone: "a.example.", Source: "member ns2", Serial: 9, Mend: "put ours above them"},
		Now: []skein.RecordSet{{Name: "a.example.", Type: "NS", TTL: 300, Data: []string{"ns."}}}}
	(&app{out: &out, err: &out}).sayWaiting(w, "")
	if got := out.String(); !strings.Contains(got, "what member ns2 has is not known here") || !strings.Contains(got, "next: put ours above them") || strings.Contains(got, "THEIRS") {
		t.Error(got)
	}
}

// Where nobody can be asked, nothing happens without --yes.
func TestConfirm(t *testing.T) {
	t.Parallel()
	a := &app{in: strings.NewReader("y\n"), out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	if err := a.confirm(false, "--plan", "Go on?"); codeOf(err) != exitUsage || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("a pipe: %v", err)
	}
	if err := a.confirm(true, "--plan", "Go on?"); err != nil {
		t.Errorf("--yes: %v", err)
	}
}
