package whm

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// batchOf is a batch of small zones, whose text has padding.
func batchOf(n, padding int) io.Reader {
	pad := url.QueryEscape(strings.Repeat("; "+strings.Repeat("x", 77)+"\n", padding/80))
	parts := make([]io.Reader, 0, n+1)
	for i := range n {
		name := fmt.Sprintf("d%05d.example", i)
		parts = append(parts, strings.NewReader("cpdnszone-"+name+"="+pad+url.QueryEscape(zoneText(name, i+1, "192.0.2.1"))+"&"))
	}
	return io.MultiReader(append(parts, strings.NewReader("dnsuniqid=many"))...)
}

// Ten thousand zones in one batch, and a batch of 50 MB (a tenth of each under
// the race detector), are taken, few at a time; the answer stays short whatever
// is refused.
func TestLargeBatches(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct{ zones, padding int }{
		"10,000 zones": {10_000 / share, 0},
		"50 MB":        {50 / share, 1 << 20},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			w := f.world(&world{T: t})
			got := w.send(w.request("", http.MethodPost, "synczones_local", batchOf(c.zones, c.padding)))
			if want := fmt.Sprintf("%d zones were taken by skein.example.net, 0 were refused\n", c.zones); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if names := f.names(); len(names) != c.zones || f.most > parallel {
				t.Errorf("%d zones, %d at once", len(names), f.most)
			}
			list := w.get("", "getzonelist_local?dnsuniqid=a")
			if n := strings.Count(list, "\n"); n != c.zones {
				t.Errorf("%d zones are listed", n)
			}
			if all := w.post("", "getallzones_local", "dnsuniqid=b"); strings.Count(all, "cpdnszone-") != c.zones || len(all) < c.zones*c.padding {
				t.Errorf("%d octets of all zones", len(all))
			}
		})
	}
	t.Run("all refused", func(t *testing.T) {
		t.Parallel()
		f := newFake()
		f.trouble = func(zone.Name) error { return &skein.Error{Kind: skein.KindForbidden, What: "no"} }
		w := f.world(&world{T: t})
		got := w.send(w.request("", http.MethodPost, "synczones_local", batchOf(maxRefusals+5, 0)))
		lines := strings.Split(strings.TrimSpace(got), "\n")
		if len(lines) != maxRefusals+2 || !strings.Contains(lines[maxRefusals], "5 more were refused") || !strings.HasPrefix(lines[7], "d00007.example => refused: no") {
			t.Errorf("%d lines, the last\n%s", len(lines), strings.Join(lines[max(0, len(lines)-3):], "\n"))
		}
	})
}

// One zone that is too long is refused by name; the others land.
func TestZoneThatIsTooLong(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.value = 100 << 10
	w := f.world(&world{T: t})
	body := io.MultiReader(strings.NewReader("cpdnszone-long%2eexample=%3b"), bytes.NewReader(bytes.Repeat([]byte("x"), f.value+1)), strings.NewReader("&"+pair("example.com", zoneText("example.com", 1, "192.0.2.1"))+"dnsuniqid=a"))
	got := w.send(w.request("", http.MethodPost, "synczones_local", body))
	if !like("long.example => refused: …1 zones were taken by skein.example.net, 1 were refused\n", got) {
		t.Errorf("%.500s", got)
	}
}

// A body that is longer than any, and one that breaks off: nothing was changed.
func TestBodiesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	f := newFake()
	w := f.world(&world{T: t})
	status, got := w.raw(fmt.Sprintf("POST /scripts2/synczones_local HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", int64(maxBody)+1))
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(got, "nothing was changed") {
		t.Errorf("too long: %d %s", status, got)
	}
	conn, err := tls.Dial("tcp", w.server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}) // of the test itself
	if err != nil {
		t.Fatal(err)
	}
	half := pair("example.com", zoneText("example.com", 1, "192.0.2.1"))
	fmt.Fprintf(conn, "POST /scripts2/synczones_local HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(half)+1000, half)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(conn) // whatever came
	conn.Close()
	if !strings.Contains(string(answer), "400 Bad Request") || !strings.Contains(string(answer), "broke off") {
		t.Errorf("broken off: %s", answer)
	}
	for situation, body := range map[string]string{
		"gzip that is none":     "\x1f\x8bnonsense",
		"gzip that breaks off":  gzipped(pair("example.com", zoneText("example.com", 1, "192.0.2.1")))[:40],
		"fields without number": strings.Repeat("&x", formLimits.Pairs+1),
	} {
		if got := w.post("", "synczones_local", body); !strings.HasPrefix(got, "4") || !strings.Contains(got, "nothing was changed") {
			t.Errorf("%s: %s", situation, got)
		}
	}
	if names := f.names(); len(names) > 0 {
		t.Errorf("changed all the same: %v", names)
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text) // a Buffer takes everything
	_ = z.Close()
	return b.String()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	w := newFake().world(&world{T: t})
	text := zoneText("example.com", 1, "192.0.2.1")
	if got := w.post("", "synczones_local", gzipped(pair("example.com", text)+"dnsuniqid=a")); !strings.HasPrefix(got, "1 zones were taken") {
		t.Error(got)
	}
	if got := w.post("", "getzone_local", gzipped("zone=example.com&dnsuniqid=b")); got != text {
		t.Error(got)
	}
}

// Trouble that may go away by itself is a status that has the sender come again;
// then all is well, also if the same came by another way meanwhile.
func TestTrouble(t *testing.T) {
	t.Parallel()
	for situation, trouble := range map[string]error{
		"unavailable": &skein.Error{Kind: skein.KindUnavailable, What: "the disk is full"},
		"a bug":       errors.New("disk /dev/sda1"),
	} {
		for call, form := range map[string]string{
			"savezone_local":     saving("d00001.example", zoneText("d00001.example", 1, "192.0.2.1"), "a"),
			"quickzoneadd_local": saving("d00001.example", zoneText("d00001.example", 1, "192.0.2.1"), "a"),
			"synczones_local":    pair("d00000.example", zoneText("d00000.example", 1, "192.0.2.1")) + pair("d00001.example", zoneText("d00001.example", 1, "192.0.2.1")) + "dnsuniqid=a",
			"removezone_local":   "zone=d00001.example&dnsuniqid=b",
			"removezones_local":  "zones=d00001.example&dnsuniqid=b",
			"zoneexists_local":   "zone=d00001.example&dnsuniqid=b",
			"getzone_local":      "zone=d00001.example&dnsuniqid=b",
			"getzones_local":     "zones=d00001.example&dnsuniqid=b",
		} {
			f := newFake()
			w := f.world(&world{T: t})
			f.trouble = func(name zone.Name) error {
				if name == "d00001.example." {
					return trouble
				}
				return nil
			}
			if got := w.post("", call, form); !strings.HasPrefix(got, "503 ") || strings.Contains(got, "sda1") {
				t.Errorf("%s, %s: %s", situation, call, got)
			}
			f.trouble = func(zone.Name) error { return nil }
			if got := w.post("", call, form); strings.HasPrefix(got, "503 ") || strings.Contains(got, "already") {
				t.Errorf("%s, %s again: %s", situation, call, got)
			}
		}
	}
}

// Half an answer cannot be taken for a whole one.
func TestHalfAnAnswer(t *testing.T) {
	t.Parallel()
	f := newFake()
	w := f.world(&world{T: t})
	if got := w.send(w.request("", http.MethodPost, "synczones_local", batchOf(100, 1000))); !strings.HasPrefix(got, "100 zones") {
		t.Fatal(got)
	}
	f.trouble = func(name zone.Name) error {
		if name == "d00090.example." {
			return errors.New("disk")
		}
		return nil
	}
	if got := w.post("", "getallzones_local", "dnsuniqid=a"); !strings.HasSuffix(got, "; broken off") || !strings.Contains(got, "cpdnszone-d00010") {
		t.Errorf("%.200s … %s", got, got[max(0, len(got)-50):])
	}
}

// Tokens that are wrong, too old, or used from elsewhere, and a paused source.
func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tokens["wrong"] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	w.tokens["old"] = w.token(skein.CreateToken{Name: "old", Source: "cpanel-1", Expires: time.Now().Add(time.Hour)})
	w.tokens["elsewhere"] = w.token(skein.CreateToken{Name: "elsewhere", Source: "cpanel-1", Scope: skein.Scope{Networks: prefixes("198.51.100.0/24")}})
	w.tokens["here"] = w.token(skein.CreateToken{Name: "here", Source: "cpanel-1", Scope: skein.Scope{Networks: prefixes("127.0.0.0/8", "::1/128")}})
	w.tokens["gone"] = w.tokens["cpanel-2"]
	w.later(2 * time.Hour)
	list, err := w.control.Tokens(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range list {
		if token.Name == "cpanel-2" {
			if err := w.control.DeleteToken(t.Context(), root, token.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for source, want := range map[string]string{"wrong": "401 ", "old": "401 ", "gone": "401 ", "elsewhere": "403 ", "here": "0", "cpanel-1": "0"} {
		if got := w.post(source, "zoneexists_local", "zone=example.com&dnsuniqid=a"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}
