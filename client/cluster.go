package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// GetCluster returns the settings of the cluster, and the ETag that
// EditCluster takes.
func (c *Client) GetCluster(ctx context.Context) (settings skein.ClusterSettings, etag string, err error) {
	return tagged[skein.ClusterSettings](ctx, c, "/cluster")
}

// EditCluster changes settings of the cluster; what is missing stays as it is.
// With an ETag only if they are as they were when they were read.
func (c *Client) EditCluster(ctx context.Context, edit skein.EditCluster, etag string) (skein.ClusterSettings, error) {
	return answer[skein.ClusterSettings](ctx, c, call{method: http.MethodPatch, path: "/cluster"}.json(edit).expect(etag))
}

// EnableClustering lets members be told again; they catch up with what has
// changed since.
func (c *Client) EnableClustering(ctx context.Context) (skein.ClusterSettings, error) {
	return send[skein.ClusterSettings](ctx, c, http.MethodPost, "/cluster/enable", nil)
}

// DisableClustering keeps every member from being told anything: they, and the
// nameserver here, go on with what was served last.
func (c *Client) DisableClustering(ctx context.Context) (skein.ClusterSettings, error) {
	return send[skein.ClusterSettings](ctx, c, http.MethodPost, "/cluster/disable", nil)
}
