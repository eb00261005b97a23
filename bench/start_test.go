package bench

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	model "github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// BenchmarkStart starts servers of $ZONES zones (10,000; $SERVERS, all), one after
// the other and each with a thread for each processor: until zones all over
// answer, and memory once all have been asked. Skein's nameserver and its node start once more,
// from the images that they left.
func BenchmarkStart(b *testing.B) {
	folder, names := writeZones(b, zonesAsked(b))
	unix.Sync() // that the system has yet to write them is nobody's time
	how := setting{threads: runtime.NumCPU()}
	for _, p := range peers {
		if !p.chosen() {
			continue
		}
		b.Run(p.name, func(b *testing.B) {
			if p.name == "skein" {
				startTwice(b, how, names, "files", func(at netip.AddrPort) []string {
					return append(skeinAlone(b, at, folder), "--image", filepath.Join(folder, "..", "image"))
				})
				return
			}
			s := newSubject(b, p.name)
			s.start(b, p.conf(b, s.at, folder, names, how.threads), how, names)
			s.reportStart(b, "files")
		})
	}
	if peers[0].chosen() {
		b.Run("node", func(b *testing.B) { startNode(b, how, names) })
	}
}

// startNode measures a node whose store has the zones.
func startNode(b *testing.B, how setting, names []string) {
	data := startSkein(b, "--log-level", "error").stopped()
	fill(b, filepath.Join(data, "skein.db"), names)
	unix.Sync()
	startTwice(b, how, names, "store", func(at netip.AddrPort) []string {
		api, _ := freeAddr(b)
		return []string{os.Getenv("SKEIN"), "serve", "--data", data, "--dns", at.String(), "--api", api}
	})
}

// startTwice measures Skein's start from where its zones come from, and from the
// image that it left: the median of some.
func startTwice(b *testing.B, how setting, names []string, from string, argv func(netip.AddrPort) []string) {
	const starts = 5
	var images []*subject
	for i := range 1 + starts {
		s := newSubject(b, "skein")
		s.start(b, argv(s.at), how, names)
		s.stop()
		if i == 0 {
			s.reportStart(b, from)
		} else {
			images = append(images, s)
		}
	}
	slices.SortFunc(images, func(s, t *subject) int { return int(s.loaded - t.loaded) })
	b.Logf("from the image: %v to %v", images[0].loaded, images[starts-1].loaded)
	images[starts/2].reportStart(b, "image")
}

// start runs it until it answers for zones all over, and then sees that it does for all, and
// what memory that takes.
func (s *subject) start(b *testing.B, argv []string, how setting, names []string) {
	b.Helper()
	client := &dns.Client{Timeout: 100 * time.Millisecond} // what comes while it loads may be lost
	patience := giveUp + time.Duration(len(names))*time.Millisecond
	began := time.Now()
	s.run(b, argv, how)
	for i := len(names) - 1; i >= 0; i -= 1 + len(names)/20 {
		for q := new(dns.Msg).SetQuestion(names[i], dns.TypeSOA); ; {
			if m, _, err := client.Exchange(q, s.at.String()); err == nil && len(m.Answer) == 1 {
				break
			} else if time.Since(began) > patience {
				b.Fatalf("%s does not answer for %s", s.name, names[i])
			} else if err == nil {
				time.Sleep(time.Millisecond)
			}
		}
	}
	s.loaded = time.Since(began)
	s.await(b, names)
	s.memory = s.least(5)
}

func (s *subject) reportStart(b *testing.B, from string) {
	b.ReportMetric(s.loaded.Seconds(), from+"-s")
	b.ReportMetric(float64(s.memory)/1e6, from+"-MB")
	b.ReportMetric(0, "ns/op")
}

// stopped ends the node, and returns its data directory.
func (s *skein) stopped() (data string) {
	s.tb.Helper()
	if err := syscall.Kill(s.pid, syscall.SIGINT); err != nil {
		s.tb.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := s.try("", "cluster", "status"); err != nil {
			return s.data
		} else if time.Since(began) > giveUp {
			s.tb.Fatal("the node does not end")
		}
	}
}

// fill puts zones into the store of a node that does not run: through its API a
// million take a quarter of an hour.
func fill(b *testing.B, path string, names []string) {
	b.Helper()
	db, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	writes := func(yield func(store.Write) bool) {
		for i, name := range names {
			sets, _, err := zone.Parse(strings.NewReader(zoneText(i)), zone.Options{Origin: zone.Name(name)})
			if err != nil {
				b.Fatal(err)
			}
			w := store.Write{
				Zone: model.Zone{Name: zone.Name(name), Pool: model.DefaultPool, Created: time.Now()}, Serial: 1, Delta: zone.Delta{Add: sets},
				Change: model.Change{ID: "import" + name, At: time.Now(), Action: "import"},
			}
			if !yield(w) {
				return
			}
		}
	}
	if err := db.Import(b.Context(), writes, func(store.Commit) {}); err != nil {
		b.Fatal(err)
	}
}
