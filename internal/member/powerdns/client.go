package powerdns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/stream"
)

const (
	smallAnswer = 1 << 20 // octets of an answer that is read whole
	tracedMost  = 4 << 10 // octets of a request and of an answer in the debug log

	firstPause, lastPause = 20 * time.Millisecond, 640 * time.Millisecond // before a call is made again
)

// client speaks to the API of one server.
type client struct {
	base    string // of all paths, such as http://192.0.2.14:8081/api/v1/servers/localhost
	key     string
	http    *http.Client
	silence time.Duration
	trace   member.Trace
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	said   string
}

func (r *refusal) Error() string {
	if r.said == "" {
		return fmt.Sprintf("%d %s", r.status, http.StatusText(r.status))
	}
	return fmt.Sprintf("%s (%d)", r.said, r.status)
}

// refused reports whether an error is an answer with that status.
func refused(err error, status int) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == status
}

// errSilent: nothing came from the member for long.
var errSilent = errors.New("it does not answer")

// errNotAPI: what answers is not what we speak to.
var errNotAPI = errors.New("what answers is no API of PowerDNS")

// call sends a request and, unless into is nil, reads the answer into that.
// Errors are of the kinds of package member where reconcile treats them apart;
// else a refusal, which is about what was asked.
//
// What fails within PowerDNS is tried again for a moment: over SQLite it does
// when two of its threads write at once. All calls can be made twice.
func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	for pause := firstPause; ; pause *= 2 {
		err := c.once(ctx, method, path, body, into)
		if !refused(err, http.StatusInternalServerError) || pause > lastPause {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return c.away(ctx, ctx.Err())
		}
	}
}

func (c *client) once(ctx context.Context, method, path string, body, into any) error {
	return c.stream(ctx, method, path, body, func(r io.Reader) error {
		if into == nil {
			return nil
		}
		return json.NewDecoder(io.LimitReader(r, smallAnswer)).Decode(into)
	})
}

// stream is call for answers that are read while they come.
func (c *client) stream(ctx context.Context, method, path string, body any, read func(io.Reader) error) (err error) {
	var request []byte
	if body != nil {
		if request, err = json.Marshal(body); err != nil {
			return err
		}
	}
	answer := &head{most: tracedMost}
	began := time.Now()
	err = c.exchange(ctx, method, path, request, func(r io.Reader) error { return read(io.TeeReader(r, answer)) })
	c.trace.Record(began, time.Now(), method+" "+path, string(request[:min(len(request), tracedMost)]), answer.String(), err)
	return err
}

func (c *client) exchange(ctx context.Context, method, path string, body []byte, read func(io.Reader) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := time.AfterFunc(c.silence, func() { cancel(errSilent) })
	defer patience.Stop()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-API-Key", c.key)
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.away(ctx, err)
	}
	defer resp.Body.Close()
	in := &watched{r: resp.Body, patience: patience, silence: c.silence}
	if resp.StatusCode/100 != 2 {
		return c.judge(resp.StatusCode, in)
	}
	err = read(in)
	switch {
	case in.err != nil: // whatever was made of what came
		return c.away(ctx, in.err)
	case errors.Is(err, stream.ErrShape), errors.As(err, new(*json.SyntaxError)), errors.As(err, new(*json.UnmarshalTypeError)), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w (%s): %w", errNotAPI, c.base, err)
	}
	return err
}

// away makes an error of a connection that failed.
func (c *client) away(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	// A connection that is closed before the question is written has many names,
	// one of which net/http does not export.
	if strings.HasSuffix(err.Error(), "server closed idle connection") || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) {
		err = io.EOF
	}
	return fmt.Errorf("%w: %s: %w", member.ErrAway, c.base, err)
}

// judge makes an error of an answer that is no success.
func (c *client) judge(status int, in io.Reader) error {
	text, _ := io.ReadAll(io.LimitReader(in, tracedMost))
	r := &refusal{status, sayRefused(text)}
	switch status {
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: it does not take our API key (401); give the one of api-key in its pdns.conf with --token-file", member.ErrDenied)
	case http.StatusForbidden:
		return fmt.Errorf("%w: %v; something in front of its API keeps us out", member.ErrDenied, r)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("%w: %s: %v", member.ErrAway, c.base, r)
	}
	return r
}

// sayRefused finds the reason in an answer: the API gives it as JSON, whatever
// stands in front of it as a page.
func sayRefused(text []byte) string {
	var said struct {
		Error  string   `json:"error"`
		Errors []string `json:"errors"`
	}
	if err := json.Unmarshal(text, &said); err == nil && said.Error != "" {
		return strings.Join(append([]string{said.Error}, said.Errors...), "; ")
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return fmt.Sprintf("%.200s", line)
}

// watched is a body of which each part that comes extends patience.
type watched struct {
	r        io.Reader
	patience *time.Timer
	silence  time.Duration
	err      error // that was not its end
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 && w.patience.Stop() {
		w.patience.Reset(w.silence)
	}
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// head keeps the beginning of what is written to it.
type head struct {
	bytes.Buffer
	most int
}

func (h *head) Write(p []byte) (int, error) {
	if room := h.most - h.Len(); room > 0 {
		h.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
