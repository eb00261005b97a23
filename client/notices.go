package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// TryNotices sends a trial to every target of notices.
func (c *Client) TryNotices(ctx context.Context) (skein.NoticeTrialList, error) {
	return send[skein.NoticeTrialList](ctx, c, http.MethodPost, "/notices/trial", nil)
}

// GetMetrics returns the metrics of the node and its members, in the text
// format of Prometheus.
func (c *Client) GetMetrics(ctx context.Context) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/metrics"})
}
