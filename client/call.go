package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skein-dns/skein"
)

const (
	patience  = 2 * time.Minute // a call without a deadline of its own
	maxAnswer = 512 << 20       // octets; more than any zone that the server takes
	tries     = 3
)

// call is one request; the zero fields are left out.
type call struct {
	method   string
	path     string // below /api/v1, escaped
	query    url.Values
	header   http.Header
	body     []byte
	mime     string        // of the body
	changeID string        // sent as Skein-Change-Id; allows a retry
	waits    bool          // changes a zone: its answer can wait for members
	patience time.Duration // if not the usual
	etag     *string       // where to put that of the answer
}

// name escapes one segment of a path. A lone dot would be cleaned away.
func name(s string) string {
	if s == "." {
		return "%2E"
	}
	return url.PathEscape(s)
}

// get, and send below, decode the answer into a T.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	return answer[T](ctx, c, call{method: http.MethodGet, path: path, query: query})
}

func send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	return answer[T](ctx, c, call{method: method, path: path}.json(body))
}

func answer[T any](ctx context.Context, c *Client, what call) (T, error) {
	var out T
	text, err := c.do(ctx, what)
	if err != nil || len(text) == 0 {
		return out, err
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, &skein.Error{Kind: skein.KindInternal, What: c.where + " answered something else than the API does", Mend: "is it skein that listens there?", Cause: err}
	}
	return out, nil
}

// tagged is get for what has an ETag.
func tagged[T any](ctx context.Context, c *Client, path string) (out T, etag string, err error) {
	out, err = answer[T](ctx, c, call{method: http.MethodGet, path: path, etag: &etag})
	return out, etag, err
}

// json gives the call a body; nil means none.
func (what call) json(body any) call {
	if body == nil {
		return what
	}
	// Wire types marshal; what could fail are only invalid netip or time values.
	what.body, _ = json.Marshal(body)
	what.mime = "application/json"
	return what
}

// change makes the call one that the server applies once, however often it arrives.
func (what call) change(id string, expect *skein.Revision) call {
	what.changeID, what.waits = id, true
	if id == "" {
		what.changeID = rand.Text()
	}
	what.header = http.Header{}
	if expect != nil {
		what.header.Set("If-Match", etag(*expect))
	}
	return what
}

// expect makes the call one that fails if what it is about has another ETag.
func (what call) expect(etag string) call {
	if etag != "" {
		what.header = http.Header{"If-Match": {etag}}
	}
	return what
}

func etag(r skein.Revision) string { return `"` + strconv.FormatUint(uint64(r), 10) + `"` }

// do sends the call and returns the answer's body, or an *skein.Error. A
// connection that broke after it was made leaves open whether a change
// happened: it is sent again if it has a change id.
func (c *Client) do(ctx context.Context, what call) ([]byte, error) {
	limit := what.patience
	if limit == 0 {
		limit = patience
	}
	if what.waits && c.wait.For != "" {
		what.query = c.wait.on(what.query)
		limit += c.wait.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for try := 1; ; try++ {
		text, err := c.once(ctx, what)
		var broken *brokenError
		if !errors.As(err, &broken) {
			return text, err
		}
		if !broken.sent || what.changeID == "" || try == tries || ctx.Err() != nil {
			return nil, c.unreachable(ctx, broken.cause)
		}
		select {
		case <-time.After(time.Duration(try) * 100 * time.Millisecond):
		case <-ctx.Done():
			return nil, c.unreachable(ctx, ctx.Err())
		}
	}
}

// brokenError: no whole answer came. sent: the request may have arrived.
type brokenError struct {
	cause error
	sent  bool
}

func (e *brokenError) Error() string { return e.cause.Error() }

func (c *Client) once(ctx context.Context, what call) ([]byte, error) {
	resp, err := c.open(ctx, what)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, c.most))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return nil, &skein.Error{Kind: skein.KindInternal, What: fmt.Sprintf("%s answered with more than %d octets", c.where, long.Limit), Mend: "ask for less at once"}
	}
	if err != nil {
		return nil, &brokenError{err, true}
	}
	if resp.StatusCode >= 300 {
		return nil, c.refusal(resp, text)
	}
	if what.etag != nil {
		*what.etag = resp.Header.Get("ETag")
	}
	return text, nil
}

// open sends the request; the caller closes the answer's body.
func (c *Client) open(ctx context.Context, what call) (*http.Response, error) {
	address := c.base + "/api/v1" + what.path
	if len(what.query) > 0 {
		address += "?" + what.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, what.method, address, bytes.NewReader(what.body))
	if err != nil {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: "cannot make a request of " + quote(what.path), Cause: err}
	}
	for key, values := range what.header {
		req.Header[key] = values
	}
	if what.mime != "" {
		req.Header.Set("Content-Type", what.mime)
	}
	if what.changeID != "" {
		req.Header.Set("Skein-Change-Id", what.changeID)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("User-Agent", "skein")
	resp, err := c.http.Do(req)
	if err != nil {
		var dial *net.OpError
		return nil, &brokenError{err, !(errors.As(err, &dial) && dial.Op == "dial")}
	}
	return resp, nil
}

func pageQuery(p skein.Page) url.Values {
	q := url.Values{}
	put(q, "cursor", p.Cursor)
	put(q, "contains", p.Contains)
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	return q
}

// put sets a parameter unless it is empty.
func put(q url.Values, key, value string) {
	if value != "" {
		q.Set(key, value)
	}
}

func flag(q url.Values, key string, on bool) {
	if on {
		q.Set(key, "true")
	}
}

func quote(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "�")) }
