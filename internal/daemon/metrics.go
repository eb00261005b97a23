package daemon

import (
	"fmt"
	"io"
	"net/http"

	"github.com/skein-dns/skein/internal/nameserver"
)

// metrics shows a nameserver's counters in the text format of Prometheus, and
// how many zones it serves and how many it should but does not.
func metrics(s *nameserver.Server, zones func() (served, failing int)) http.Handler {
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
			{"tls_failures", "TLS connections that failed", stats.TLSFailures.Load()},
			{"panics", "queries that made a handler panic", stats.Panics.Load()},
		} {
			metric(w, m.name+"_total", "counter", m.help, m.value)
		}
		served, failing := zones()
		metric(w, "zones", "gauge", "zones that are served", uint64(served))
		metric(w, "zones_failing", "gauge", "zones whose file is broken, or that were not transferred or have expired", uint64(failing))
	})
}

func metric(w io.Writer, name, kind, help string, value uint64) {
	fmt.Fprintf(w, "# HELP skein_nameserver_%[1]s %[2]s\n# TYPE skein_nameserver_%[1]s %[3]s\nskein_nameserver_%[1]s %[4]d\n", name, help, kind, value)
}
