package nameserver

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// marked is a zone in which every set carries the version: a TTL, an address,
// a name or a text of that number.
func marked(t testing.TB, version int) zone.Contents {
	t.Helper()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("@ %[1]d SOA v%[1]d.ns v%[1]d.host %[1]d 1 1 1 %[1]d", version)
	line("@ %[1]d NS v%[1]d.ns", version)
	line("v%[1]d.ns %[1]d A 10.0.%d.%d", version, version>>8, version&255)
	line("@ %[1]d MX 1 v%[1]d.ns", version)
	line("alias %[1]d CNAME v%[1]d.middle", version)
	line("v%[1]d.middle %[1]d CNAME end", version)
	line("end %[1]d TXT \"%[1]d\"", version)
	line("*.wild %[1]d TXT \"%[1]d\"", version)
	line("cut %[1]d NS v%[1]d.ns.cut", version)
	line("v%[1]d.ns.cut %[1]d A 10.0.%d.%d", version, version>>8, version&255)
	line("old %[1]d DNAME v%[1]d.wild", version)
	for i := range 50 { // so that a transfer is of several pieces
		line("n%d %d TXT \"%d\"", i, version, version)
	}
	return contents(t, "z.", b.String())
}

// versions returns what the records of a message carry.
func versions(m *dns.Msg) map[uint32]bool {
	found := map[uint32]bool{}
	for _, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range section {
			found[rr.Header().Ttl] = true
			for _, word := range strings.FieldsFunc(rr.String(), func(r rune) bool { return strings.ContainsRune(". \t", r) }) {
				if n, err := strconv.ParseUint(strings.TrimPrefix(word, "v"), 10, 32); err == nil && strings.HasPrefix(word, "v") {
					found[uint32(n)] = true
				}
			}
			switch rr := rr.(type) {
			case *dns.SOA:
				found[rr.Serial] = true
			case *dns.A:
				found[uint32(rr.A[2])<<8|uint32(rr.A[3])] = true
			case *dns.TXT:
				n, _ := strconv.Atoi(rr.Txt[0])
				found[uint32(n)] = true
			}
		}
	}
	return found
}

// No answer and no transfer mixes two versions, while versions come as fast
// as they can and readers never stop.
func TestNoAnswerMixesVersions(t *testing.T) {
	t.Parallel()
	var all []zone.Contents
	for v := 1; v <= 300; v++ {
		all = append(all, marked(t, v))
	}
	s := serve(t, Options{})
	s.SetAccess(Access{TransferNets: loopback})
	s.Put(all[0])
	stop := make(chan struct{})
	var readers sync.WaitGroup
	questions := []string{"z. MX +tcp", "z. NS +tcp", "alias.z. TXT +tcp", "x.wild.z. TXT +tcp", "nosuch.z. A +tcp", "cut.z. A +tcp", "x.old.z. TXT +tcp", "z. ANY +tcp", "end.z. A +tcp"}
	for reader := range 4 {
		readers.Go(func() {
			for i := reader; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				q, via := query(t, questions[i%len(questions)])
				m := ask(t, s, q, via)
				if found := versions(m); len(found) != 1 {
					t.Errorf("%s mixes %v: %s", questions[i%len(questions)], found, m)
					return
				}
			}
		})
	}
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			c, _, err := xfr.Fetch(t.Context(), xfr.Request{Server: s.Addrs()[0], Zone: "z."})
			if err != nil {
				t.Error(err)
				return
			}
			soa, _ := c.SOA()
			if !c.Equal(all[soa.Serial-1]) {
				t.Errorf("what was transferred is not version %d", soa.Serial)
				return
			}
		}
	})
	for _, c := range all {
		s.Put(c)
		if t.Failed() {
			break
		}
	}
	close(stop)
	readers.Wait()
}
