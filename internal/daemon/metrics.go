package daemon

import (
	"fmt"
	"net/http"

	"github.com/skein-dns/skein/internal/nameserver"
)

// metrics shows the nameserver's counters in the text format of Prometheus.
func metrics(s *nameserver.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		stats := s.Stats()
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
			{"panics", "queries that made a handler panic", stats.Panics.Load()},
		} {
			fmt.Fprintf(w, "# HELP skein_nameserver_%[1]s_total %[2]s\n# TYPE skein_nameserver_%[1]s_total counter\nskein_nameserver_%[1]s_total %[3]d\n", m.name, m.help, m.value)
		}
	})
}
