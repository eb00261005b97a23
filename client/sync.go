package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// StartSync synchronises zones with members in the background, or with DryRun
// returns the plan. The same request again returns the job that runs.
func (c *Client) StartSync(ctx context.Context, r skein.SyncRequest) (skein.SyncJob, error) {
	return answer[skein.SyncJob](ctx, c, call{method: http.MethodPost, path: "/sync", patience: bulkPatience}.json(r))
}

// ListSyncs returns the jobs that run and those that ended, the newest first.
func (c *Client) ListSyncs(ctx context.Context) (skein.SyncList, error) {
	return get[skein.SyncList](ctx, c, "/sync", nil)
}

// GetSync returns how far a job has come.
func (c *Client) GetSync(ctx context.Context, id string) (skein.SyncJob, error) {
	return get[skein.SyncJob](ctx, c, "/sync/"+name(id), nil)
}

// CancelSync ends a job; what it has done stays.
func (c *Client) CancelSync(ctx context.Context, id string) (skein.SyncJob, error) {
	return send[skein.SyncJob](ctx, c, http.MethodDelete, "/sync/"+name(id), nil)
}
