package client

import (
	"context"
	"net/http"
	"time"

	"github.com/skein-dns/skein"
)

// Clock returns what the node's clock shows, to the second: the Date header
// (RFC 9110 section 6.6.1) of an answer. It needs no token.
func (c *Client) Clock(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := c.open(ctx, call{method: http.MethodGet, path: "/health"})
	if err != nil {
		return time.Time{}, c.unreachable(ctx, err)
	}
	resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, &skein.Error{Kind: skein.KindInternal, What: c.where + " does not say what time it is", Cause: err}
	}
	return at, nil
}
