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
