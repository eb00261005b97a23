package dnsadmin

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// testdata/captured.txt is what cPanel::PublicAPI 2.8 was seen to send.
func captured(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/captured.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

const capturedZone = "$TTL 14400\nexample.com. 86400 IN SOA ns1.example.net. root.example.net. (\n 2026010101 ; serial\n 3600 1800 1209600 86400 )\nwww 14400 IN A 192.0.2.10\n"

// The client sends, octet for octet, what cPanel's own sends.
func TestSendsWhatWasCaptured(t *testing.T) {
	t.Parallel()
	const id, name = "dnsuid0001", "example.com"
	both := []string{"example.com", "example.net"}
	var mu sync.Mutex // owns sent
	var sent []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := fmt.Sprintf("%-5s%s", r.Method, r.RequestURI)
		if r.Method == http.MethodPost {
			line = fmt.Sprintf("%-37s[%d] %s", line, r.ContentLength, body)
			if got := r.Header.Get("Content-Type"); got != "application/octet-stream" {
				t.Errorf("%s is sent as %s", r.URL.Path, got)
			}
		}
		if got := r.Header.Get("Authorization"); got != "whm root:TOKEN123" {
			t.Errorf("%s is sent by %s", r.URL.Path, got)
		}
		mu.Lock()
		sent = append(sent, line)
		mu.Unlock()
		_, _ = io.WriteString(w, map[string]string{ShowVersion: "11.138.0.6", GetHostname: "ns1.example.net", ZoneExists: "1", Trust: "has been established"}[r.URL.Path])
	})
	var zones bytes.Buffer
	w := NewZoneWriter(&zones)
	_, _ = w.Write("example.com", []byte("$TTL 14400\n")), w.Write("example.net", []byte("x"))
	_ = w.Flush()
	each := func(string, []byte, error) error { return nil }
	say := func(_ string, err error) error { return err }
	ctx := t.Context()
	var errs []error
	for _, call := range []func() error{
		func() error { _, err := c.Version(ctx); return err },
		func() error { _, err := c.Hostname(ctx); return err },
		func() error { _, err := c.ZoneExists(ctx, id, name); return err },
		func() error { return c.ZoneList(ctx, id, func(string) error { return nil }) },
		func() error { _, err := c.Zone(ctx, id, name); return err },
		func() error { return c.Zones(ctx, id, both, each) },
		func() error { return c.AllZones(ctx, id, each) },
		func() error { return say(c.Save(ctx, id, name, []byte(capturedZone))) },
		func() error { return say(c.QuickAdd(ctx, id, name, []byte(capturedZone))) },
		func() error { return say(c.Sync(ctx, id, zones.Bytes())) },
		func() error { return say(c.AddConf(ctx, id, name)) },
		func() error { return say(c.Remove(ctx, id, name)) },
		func() error { return say(c.RemoveAll(ctx, id, both)) },
		func() error { return say(c.Reload(ctx, id, both)) },
		func() error { return say(c.ReloadBIND(ctx, id)) },
		func() error { return say(c.ReconfigBIND(ctx, id)) },
		func() error { return say(c.CleanDNS(ctx, id)) },
		func() error { _, err := c.IPs(ctx, id); return err },
		func() error { _, err := c.Paths(ctx, id); return err },
		func() error { return c.Trust(ctx, "root", "web1.example.org", "TOK2", Spoken) },
	} {
		errs = append(errs, call())
	}
	want := captured(t)
	for i := range max(len(want), len(sent)) {
		switch {
		case i >= len(sent) || i >= len(want):
			t.Fatalf("%d calls were made, %d captured", len(sent), len(want))
		case errs[i] != nil:
			t.Errorf("%s: %v", want[i], errs[i])
		case strings.Join(strings.Fields(sent[i]), " ") != strings.Join(strings.Fields(want[i]), " "):
			t.Errorf("sent %s\nwant %s", sent[i], want[i])
		}
	}
}

// The server's side reads them, whatever they call their content.
func TestReadsWhatWasCaptured(t *testing.T) {
	t.Parallel()
	id := func(more ...string) url.Values {
		all := url.Values{"dnsuniqid": {"dnsuid0001"}}
		for i := 0; i < len(more); i += 2 {
			all.Set(more[i], more[i+1])
		}
		return all
	}
	want := map[string]url.Values{
		ShowVersion: {}, GetHostname: {},
		GetZoneList: id(), GetAllZones: id(), CleanDNS: id(), GetIPs: id(), GetPath: id(),
		ZoneExists: id("zone", "example.com"), GetZone: id("zone", "example.com"),
		AddZoneConf: id("zone", "example.com"), RemoveZone: id("zone", "example.com"),
		GetZones: id("zones", "example.com,example.net"), RemoveZones: id("zones", "example.com,example.net"),
		ReloadZones: id("zone", "example.com,example.net"),
		ReloadBIND:  id("zone", ""), ReconfigBIND: id("zone", ""),
		SaveZone:     id("zone", "example.com", "zonedata", capturedZone),
		QuickZoneAdd: id("zone", "example.com", "zonedata", capturedZone),
		SyncZones:    id("cpdnszone-example.com", "$TTL 14400\n", "cpdnszone-example.net", "x"),
		Trust:        {"recurse": {"0"}, "user": {"root"}, "clustermaster": {"web1.example.org"}, "pass": {"TOK2"}, "version": {"11.138.0.6"}},
	}
	for _, line := range captured(t) {
		words := strings.Fields(line)
		body := ""
		if words[0] == http.MethodPost {
			body = words[3]
		}
		r := httptest.NewRequest(words[0], words[1], strings.NewReader(body))
		r.Header.Set("Content-Type", "application/octet-stream")
		got, err := Values(r, Small)
		if err != nil || !reflect.DeepEqual(got, want[r.URL.Path]) {
			t.Errorf("%s: %v, %v", line, got, err)
		}
		delete(want, r.URL.Path)
	}
	if len(want) > 0 {
		t.Errorf("not captured: %v", want)
	}
}

// The two that were captured with their headers.
func TestReadsHeaders(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]url.Values{
		"zonelist.http":   {"dnsuniqid": {"dnsuid0001"}},
		"zoneexists.http": {"dnsuniqid": {"dnsuid0001"}, "zone": {"example.com"}},
	} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Values(r, Small)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", file, got, err)
		}
		scheme, user, secret, ok := Credentials(r.Header.Get("Authorization"))
		if got := []string{scheme, user, secret}; !ok || !slices.Equal(got, []string{SchemeWHM, "root", "TOKEN123"}) {
			t.Errorf("%s: %v, %v", file, got, ok)
		}
	}
}
