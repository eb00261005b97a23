package api

import (
	"context"
	"io"
	"testing"

	"github.com/skein-dns/skein"
)

// overseen lets those oversee the cluster whom err lets.
type overseen struct {
	*stub
	err error
}

func (o overseen) ClusterSettings(context.Context, skein.Actor) (skein.ClusterSettings, error) {
	return skein.ClusterSettings{}, o.err
}

func TestMetricsAreWherePrometheusLooks(t *testing.T) {
	t.Parallel()
	write := func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "skein_zones 7\n")
		return err
	}
	url, _ := serve(t, Config{Control: overseen{&stub{}, nil}, Metrics: write})
	for _, path := range []string{"/metrics", "/api/v1/metrics"} {
		resp, body := ask(t, url, "GET "+path, "")
		if resp.StatusCode != 200 || body != "skein_zones 7\n" || resp.Header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
			t.Errorf("%s: %d %s %q", path, resp.StatusCode, resp.Header.Get("Content-Type"), body)
		}
		if resp, _ := ask(t, url, "GET "+path, "", "Authorization: "); resp.StatusCode != 401 {
			t.Errorf("%s without a token: %d", path, resp.StatusCode)
		}
	}
	url, _ = serve(t, Config{Control: overseen{&stub{}, &skein.Error{Kind: skein.KindForbidden, What: "no"}}, Metrics: write})
	if resp, body := ask(t, url, "GET /metrics", ""); resp.StatusCode != 403 {
		t.Errorf("who may not oversee the cluster: %d %s", resp.StatusCode, body)
	}
}
