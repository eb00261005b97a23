package bench

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkDNSAdmin sends N zones through the WHM door in one synczones, as a
// cPanel server does that synchronises all of its own: once while the node is
// empty, and once more with later serials. Then it reads them back with one
// getallzones. Beside the time it is said how much memory the node took at
// most, above what it had before: the first time that is also what it goes on
// to keep of N zones.
func BenchmarkDNSAdmin(b *testing.B) {
	addr, _ := freeAddr(b)
	s := startSkein(b, "--whm", addr)
	s.run("source", "add", "whm", "web1.hoster.example")
	token := filepath.Join(b.TempDir(), "token")
	s.run("token", "create", "web1", "--source", "web1.hoster.example", "--output", token)
	secret, err := os.ReadFile(token)
	if err != nil {
		b.Fatal(err)
	}
	d := &dnsadmin{b: b, s: s, addr: addr, secret: strings.TrimSpace(string(secret))}
	d.call("showversion", nil).Close()
	b.ResetTimer()
	b.Run("new", func(b *testing.B) { d.sync(b, 2026112301) })
	b.Run("synczones", func(b *testing.B) { d.sync(b, 2026112302) })
	b.Run("getallzones", func(b *testing.B) { d.all(b) })
}

// dnsadmin is a cPanel server as its peer sees it.
type dnsadmin struct {
	b            *testing.B
	s            *skein
	addr, secret string
	calls        int
	zones        int // that are there
}

func (d *dnsadmin) call(action string, body io.Reader) io.ReadCloser {
	d.b.Helper()
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	q, err := http.NewRequest(method, "https://"+d.addr+"/scripts2/"+action, body)
	if err != nil {
		d.b.Fatal(err)
	}
	q.Header.Set("Authorization", "whm root:"+d.secret)
	q.Header.Set("Content-Type", "application/octet-stream")
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	answer, err := t.RoundTrip(q)
	if err != nil {
		d.b.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		d.b.Fatalf("%s: %s\n%s", action, answer.Status, text)
	}
	return answer.Body
}

func (d *dnsadmin) sync(b *testing.B, serial int) {
	read, write := io.Pipe()
	d.calls++
	go func() {
		w := bufio.NewWriterSize(write, 1<<16)
		for i := range b.N {
			text := strings.Replace(zoneText(i), "2026112301", strconv.Itoa(serial), 1)
			fmt.Fprintf(w, "cpdnszone-%s=%s&", url.QueryEscape(strings.TrimSuffix(zoneName(i), ".")), url.QueryEscape(text))
		}
		fmt.Fprintf(w, "dnsuniqid=bench%d", d.calls)
		w.Flush()
		write.Close()
	}()
	peak := d.s.peak(b)
	start := time.Now()
	answer := d.call("synczones_local", read)
	said, err := io.ReadAll(answer)
	if answer.Close(); err != nil {
		b.Fatal(err)
	}
	report(b, b.N, start, peak())
	d.zones = max(d.zones, b.N)
	if got := len(strings.Fields(string(d.list()))); got != d.zones {
		b.Fatalf("%d zones are there, of %d; it said\n%s", got, d.zones, said[:min(len(said), 2000)])
	}
}

func (d *dnsadmin) list() []byte {
	answer := d.call("getzonelist_local", nil)
	defer answer.Close()
	text, err := io.ReadAll(answer)
	if err != nil {
		d.b.Fatal(err)
	}
	return text
}

// all reads every zone that there is, whatever N says.
func (d *dnsadmin) all(b *testing.B) {
	peak := d.s.peak(b)
	start := time.Now()
	answer := d.call("getallzones_local", strings.NewReader("dnsuniqid=bench"))
	defer answer.Close()
	n, scanner := 0, bufio.NewScanner(answer)
	scanner.Buffer(nil, 1<<20)
	scanner.Split(pairs)
	for scanner.Scan() {
		if bytes.HasPrefix(scanner.Bytes(), []byte("cpdnszone-")) {
			n++
		}
	}
	if scanner.Err() != nil || n != d.zones {
		b.Fatalf("%d zones came, of %d: %v", n, d.zones, scanner.Err())
	}
	report(b, n, start, peak())
}

// pairs splits a form at its ampersands.
func pairs(data []byte, end bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '&'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if end && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func report(b *testing.B, zones int, start time.Time, peak int) {
	b.ReportMetric(float64(zones)/time.Since(start).Seconds(), "zones/s")
	b.ReportMetric(float64(peak)/1024, "MB-above-idle")
}

// peak begins to watch the node's memory; the function that it returns says
// how many KB it took at most, above what it has now.
func (s *skein) peak(b *testing.B) func() int {
	b.Helper()
	status := func(key string) int {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
		if err != nil {
			b.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), key+":")
		kb, err := strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			b.Fatal(err)
		}
		return kb
	}
	// 5 sets the highest mark back to what is resident now (proc_pid_clear_refs).
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
	idle := status("VmRSS")
	return func() int { return status("VmHWM") - idle }
}
