package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/skein-dns/skein"
)

// maxLine bounds one line of the stream, and one event, in octets.
const maxLine = 1 << 20

// Events yields what happens from now on, or, as far as it is still known,
// after a revision. It ends with ctx, or with one error when the connection
// does; go on by calling it again with the last revision that was seen.
func (c *Client) Events(ctx context.Context, after skein.Revision) iter.Seq2[skein.Event, error] {
	return func(yield func(skein.Event, error) bool) {
		err := c.stream(ctx, after, func(e skein.Event) bool { return yield(e, nil) })
		if err != nil && ctx.Err() == nil {
			yield(skein.Event{}, err)
		}
	}
}

func (c *Client) stream(ctx context.Context, after skein.Revision, each func(skein.Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // also when the reader has had enough
	what := call{method: http.MethodGet, path: "/events", header: http.Header{"Accept": {"text/event-stream"}}}
	if after > 0 {
		what.header.Set("Last-Event-ID", strconv.FormatUint(uint64(after), 10))
	}
	return c.follow(ctx, what, func(r io.Reader) error { return eachEvent(r, each) })
}

// lines calls each for every line of an answer that may go on for long.
func (c *Client) lines(ctx context.Context, what call, each func([]byte) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.follow(ctx, what, func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		for lines.Scan() {
			if len(lines.Bytes()) > 0 && !each(lines.Bytes()) {
				return nil
			}
		}
		return lines.Err()
	})
}

// follow reads an answer while it comes.
func (c *Client) follow(ctx context.Context, what call, read func(io.Reader) error) error {
	resp, err := c.open(ctx, what)
	var broken *brokenError
	if errors.As(err, &broken) {
		return c.unreachable(ctx, broken.cause)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxLine))
		return c.refusal(resp, text)
	}
	if err := read(resp.Body); err != nil {
		return c.unreachable(ctx, err)
	}
	return nil
}

// eachEvent reads server-sent events (the data lines of each; their names and
// ids are in the data as well).
func eachEvent(r io.Reader, each func(skein.Event) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var data strings.Builder
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			if data.Len() > maxLine {
				return bufio.ErrTooLong
			}
			data.WriteString(strings.TrimPrefix(text, " "))
			continue
		}
		if lines.Text() != "" || data.Len() == 0 {
			continue // a comment (heartbeat), a field we do not need, or nothing to tell
		}
		var e skein.Event
		if err := json.Unmarshal([]byte(data.String()), &e); err != nil {
			return err
		}
		data.Reset()
		if !each(e) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF // the server never ends a stream by itself
}
