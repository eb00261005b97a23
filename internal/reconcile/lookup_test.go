package reconcile

import (
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
)

func TestWhatAnAnswerToALookupMeans(t *testing.T) {
	t.Parallel()
	record := []string{"www.example.com. 60 A 192.0.2.1"}
	for situation, row := range map[string]struct {
		found probe.Found
		want  skein.LookupOutcome
	}{
		"records":                      {probe.Found{Code: "NOERROR", Authoritative: true, Answer: record}, skein.LookupAnswers},
		"nothing of the type":          {probe.Found{Code: "NOERROR", Authoritative: true, Authority: record}, skein.LookupNoData},
		"no such name":                 {probe.Found{Code: "NXDOMAIN", Authoritative: true}, skein.LookupNoName},
		"a CNAME to no such name":      {probe.Found{Code: "NXDOMAIN", Authoritative: true, Answer: record}, skein.LookupNoName},
		"to whom a part is delegated":  {probe.Found{Code: "NOERROR", Authority: record}, skein.LookupReferral},
		"refused":                      {probe.Found{Code: "REFUSED"}, skein.LookupFails},
		"a zone that is not loaded":    {probe.Found{Code: "SERVFAIL"}, skein.LookupFails},
		"a resolver's answer":          {probe.Found{Code: "NOERROR", Answer: record}, skein.LookupFails},
		"a resolver's NXDOMAIN":        {probe.Found{Code: "NXDOMAIN"}, skein.LookupFails},
		"nothing, and of no authority": {probe.Found{Code: "NOERROR"}, skein.LookupFails},
	} {
		if got := outcomeOf(row.found); got != row.want {
			t.Errorf("%s: %s, want %s", situation, got, row.want)
		}
	}
}
