package api

import (
	"bytes"
	"context"
	"net/http"
)

func (s *server) metricsRoutes() {
	handle(s, route{id: "get-metrics", method: "GET", path: "/metrics", tag: "Status", answers: "text/plain",
		summary: "Read the metrics", doc: "Of the node and its members, as Prometheus reads them; also at `/metrics`. For administrators, and for tokens of root that only read."}, s.getMetrics)
}

// metricsAt is where Prometheus looks if it is told nothing else.
func metricsAt(mux *http.ServeMux) {
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = prefix + "/metrics"
		mux.ServeHTTP(w, r)
	})
}

type metricsOut struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *server) getMetrics(ctx context.Context, _ *none) (*metricsOut, error) {
	if _, err := s.Control.ClusterSettings(ctx, actorOf(ctx)); err != nil { // they tell of all of the cluster
		return nil, err
	}
	var b bytes.Buffer
	if err := s.Metrics(ctx, &b); err != nil {
		return nil, err
	}
	return &metricsOut{"text/plain; version=0.0.4; charset=utf-8", b.Bytes()}, nil
}
