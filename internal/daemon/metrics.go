package daemon

import (
	"net/http"

	"github.com/skein-dns/skein/internal/metrics"
	"github.com/skein-dns/skein/internal/nameserver"
)

// nameserverMetrics shows a nameserver's counters, and how many zones it serves
// and how many it should but does not.
func nameserverMetrics(s *nameserver.Server, zones func() (served, failing int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", metrics.ContentType)
		served, failing := zones()
		_ = metrics.Write(w, append(answering(s.Stats()), // else the peer has gone
			metrics.One("skein_nameserver_zones", metrics.Gauge, "zones that are served", float64(served)),
			metrics.One("skein_nameserver_zones_failing", metrics.Gauge, "zones whose file is broken, or that were not transferred or have expired", float64(failing))))
	})
}

// answering is what a nameserver counts.
func answering(stats *nameserver.Stats) (all []metrics.Family) {
	for _, m := range []struct {
		name, help string
		value      uint64
	}{
		{"queries", "queries that arrived", stats.Queries.Load()},
		{"responses", "responses sent", stats.Responses.Load()},
		{"refused", "queries answered with REFUSED", stats.Refused.Load()},
		{"transfers", "zone transfers sent whole", stats.Transfers.Load()},
		{"transfer_failures", "zone transfers that broke off", stats.TransferFailures.Load()},
		{"bad_tsig", "messages with a wrong signature", stats.BadTSIG.Load()},
		{"tls_failures", "TLS connections that failed", stats.TLSFailures.Load()},
		{"panics", "queries that made a handler panic", stats.Panics.Load()},
	} {
		all = append(all, metrics.One("skein_nameserver_"+m.name+"_total", metrics.Counter, m.help, float64(m.value)))
	}
	return all
}
