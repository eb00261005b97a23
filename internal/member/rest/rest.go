// Package rest speaks to the JSON APIs of clouds: over HTTPS, with a user and a
// key, at a bounded rate, with answers of bounded size, and with failures in the
// words of drivers.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein/internal/member"
)

const (
	silence   = 30 * time.Second
	mostBytes = 64 << 20 // of an answer
	someBytes = 500      // of an answer in an error or the debug log

	firstWait = time.Second
	longWait  = 30 * time.Second
)

// Options of a Client.
type Options struct {
	Base      string // the address of the API
	User, Key string
	PerSecond rate.Limit    // calls; 0: 5
	Silence   time.Duration // how long a call may take; 30 s by default
	Denied    []int         // statuses that say that the credentials are wrong, besides 401 and 403
	// Failure makes an error of an answer that is none of success, where the API
	// has words for it; nil if it has not.
	Failure func(status int, body []byte) error
	Trace   member.Trace
	Now     func() time.Time

	// Of tests: waits, and connects where the address does not say.
	Pause func(ctx context.Context, d time.Duration) error
	Dial  func(ctx context.Context, network, at string) (net.Conn, error)
}

// Client is safe for concurrent use.
type Client struct {
	o         Options
	base      string
	http      *http.Client
	transport *http.Transport
	rate      *rate.Limiter
}

// Failed is an answer that says that a call failed.
type Failed struct {
	Status int
	Code   string // the API's
	Text   string
}

func (f *Failed) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d: %s %s", f.Status, f.Code, f.Text))
}

// New checks the address. Credentials go over HTTPS, but to this machine itself.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.Base)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%.300q is no address of an API: say --endpoint https://HOST/PATH", o.Base)
	case u.Scheme == "http" && !local(u.Hostname()):
		return nil, fmt.Errorf("credentials are not sent to %s without TLS: say --endpoint https://…", u.Host)
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 5
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	if o.Dial != nil {
		t.DialContext = o.Dial
	}
	c := &Client{o: o, base: strings.TrimSuffix(o.Base, "/"), transport: t, rate: rate.NewLimiter(o.PerSecond, 5)}
	c.http = &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the key goes nowhere else
	return c, nil
}

func local(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends connections that are not in use.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Call sends in, unless it is nil, and reads the answer into out, unless that is
// nil. It waits where the API says that there were too many calls, as long as ctx allows.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	return c.call(ctx, method, path, false, in, out)
}

// Read is Call for a POST that changes nothing: it may be sent again, on another
// connection, where the API has closed the one that was kept.
func (c *Client) Read(ctx context.Context, path string, in, out any) error {
	return c.call(ctx, http.MethodPost, path, true, in, out)
}

func (c *Client) call(ctx context.Context, method, path string, again bool, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	for n := 0; ; n++ {
		if err := c.rate.Wait(ctx); err != nil {
			return fmt.Errorf("%w: waiting for the turn of %s %s: %w", member.ErrAway, method, path, err)
		}
		began := c.o.Now()
		status, head, answer, err := c.exchange(ctx, method, path, again, body)
		if err == nil && status/100 != 2 {
			err = c.failure(status, answer)
		} else if err == nil && out != nil {
			if err = json.Unmarshal(answer, out); err != nil {
				err = fmt.Errorf("%w: its answer to %s %s cannot be read: %w: %.200q", member.ErrAway, method, path, err, answer)
			}
		}
		c.o.Trace.Record(began, c.o.Now(), method+" "+path, clip(body), clip(answer), err)
		if status != http.StatusTooManyRequests {
			return err
		}
		if err := c.o.Pause(ctx, waitOf(head, n)); err != nil {
			return fmt.Errorf("%w: it allows no more calls for now: %w", member.ErrAway, err)
		}
	}
}

// waitOf is how long to wait after so many refusals, or as long as the answer says.
func waitOf(head http.Header, n int) time.Duration {
	if s, err := strconv.Atoi(head.Get("Retry-After")); err == nil && s > 0 && s < 3600 {
		return time.Duration(s) * time.Second
	}
	return min(firstWait<<min(n, 10), longWait)
}

func clip(b []byte) string {
	if len(b) > someBytes {
		return strings.ToValidUTF8(string(b[:someBytes]), "") + "…"
	}
	return string(b)
}

func (c *Client) exchange(ctx context.Context, method, path string, again bool, body []byte) (status int, head http.Header, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Silence)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.SetBasicAuth(c.o.User, c.o.Key)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if again {
		req.Header["Idempotency-Key"] = nil // net/http's mark; it is not sent
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%w: %w", member.ErrAway, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	switch {
	case err != nil:
		return 0, nil, nil, fmt.Errorf("%w: half an answer to %s %s: %w", member.ErrAway, method, path, err)
	case len(answer) > mostBytes:
		return 0, nil, nil, fmt.Errorf("its answer to %s %s is larger than %d octets", method, path, mostBytes)
	}
	return res.StatusCode, res.Header, answer, nil
}

// failure puts an answer that says no into the words of drivers.
func (c *Client) failure(status int, answer []byte) error {
	err := error(&Failed{Status: status, Text: clip(answer)})
	named := false
	if c.o.Failure != nil {
		if said := c.o.Failure(status, answer); said != nil {
			err, named = said, true
		}
	}
	switch {
	case errors.Is(err, member.ErrAway), errors.Is(err, member.ErrDenied):
	case status == http.StatusUnauthorized, status == http.StatusForbidden, slices.Contains(c.o.Denied, status):
		return fmt.Errorf("%w: %w", member.ErrDenied, err)
	case status >= http.StatusInternalServerError && !named: // something before it answers in its place
		return fmt.Errorf("%w: %w", member.ErrAway, err)
	}
	return err
}
