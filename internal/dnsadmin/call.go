package dnsadmin

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
)

// argument is one of a call, in the order in which the caller sends them.
type argument struct{ key, value string }

// call is one that is made at the server.
type call struct {
	method, path string
	args         []argument
	zones        []byte // what a ZoneWriter wrote; it comes before the arguments
	page         bool   // an answer in HTML is one
}

// form writes the arguments as cPanel::PublicAPI does.
func (k call) form() []byte {
	var b bytes.Buffer
	b.Write(k.zones)
	for i, a := range k.args {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(a.key)
		b.WriteByte('=')
		encode(&b, a.value, upperDigits, false)
	}
	return b.Bytes()
}

// text is what of the arguments a person is shown.
func (k call) text() string {
	if len(k.zones) > 0 {
		return fmt.Sprintf("%d octets of zones: %s", len(k.zones), start(string(k.zones)))
	}
	var b strings.Builder
	for i, a := range k.args {
		if i > 0 {
			b.WriteByte('&')
		}
		if a.key == argPass {
			a.value = "(secret)"
		}
		b.WriteString(a.key + "=" + start(a.value))
	}
	return b.String()
}

// shown bounds what of a request or an answer a person is shown, in octets.
const shown = 2000

func start(text string) string {
	if len(text) > shown {
		return text[:shown] + "…"
	}
	return text
}

// Exchange is a call and what came of it. The token is not in it.
type Exchange struct {
	Began   time.Time
	Call    string // as "POST /scripts2/synczones_local"
	Request string // arguments, long ones cut
	Answer  string // its beginning
	Err     error
}

func (c *Client) trace(x Exchange) {
	if c.o.Trace != nil {
		c.o.Trace(x)
	}
}

// do makes a call, and has its answer read while it comes. Whole says that its end
// is known: else it is where the server hung up, which it may do halfway.
func (c *Client) do(ctx context.Context, k call, read func(in *bufio.Reader, whole bool) error) (err error) {
	w := &watch{after: c.o.Silence}
	ctx, w.give = context.WithCancelCause(ctx)
	defer w.give(nil)
	defer context.AfterFunc(c.life, func() { w.give(net.ErrClosed) })()
	began := time.Now()
	defer func() {
		c.trace(Exchange{Began: began, Call: k.method + " " + k.path, Request: k.text(), Answer: string(w.seen), Err: err})
	}()
	w.begin()
	a, err := c.send(ctx, k, w)
	if errors.Is(err, syscall.EPIPE) && ctx.Err() == nil { // it had hung up before it was told all, as when it was restarted
		a, err = c.send(ctx, k, w)
	}
	w.answered()
	if err != nil {
		return err
	}
	defer a.Body.Close()
	in := bufio.NewReaderSize(answer{w, ctx, a.Body}, 32<<10)
	if err = status(a, in, k); err == nil {
		err = read(in, a.ContentLength >= 0 || len(a.TransferEncoding) > 0)
	}
	if w.failed != nil { // whatever was made of what came
		return c.noAnswer(ctx, w.failed)
	}
	return err
}

// send makes a call and returns its answer as far as that it comes.
func (c *Client) send(ctx context.Context, k call, w *watch) (*http.Response, error) {
	r, err := c.request(ctx, k, w)
	if err != nil {
		return nil, err
	}
	a, err := c.http.Do(r)
	if err != nil {
		return nil, c.noAnswer(ctx, err)
	}
	return a, nil
}

// request writes a call.
func (c *Client) request(ctx context.Context, k call, w *watch) (*http.Request, error) {
	form := k.form()
	url := "https://" + c.o.Addr + k.path
	if k.method == http.MethodGet {
		r, err := http.NewRequestWithContext(ctx, k.method, url+"?"+string(form), nil)
		if err != nil {
			return nil, err
		}
		return r, c.head(r)
	}
	r, err := http.NewRequestWithContext(ctx, k.method, url, request{w, bytes.NewReader(form)})
	if err != nil {
		return nil, err
	}
	r.ContentLength = int64(len(form))
	r.GetBody = func() (io.ReadCloser, error) { return request{w, bytes.NewReader(form)}, nil }
	r.Header.Set("Content-Type", "application/octet-stream")
	return r, c.head(r)
}

// head sets what all calls have. Each may be made twice, and says so: then a
// connection that the server gave up meanwhile is none that fails a call.
func (c *Client) head(r *http.Request) error {
	if strings.ContainsAny(c.o.User+c.o.Token, "\r\n\x00") {
		return fmt.Errorf("%w: the token or the name of its user has a line end in it", ErrDenied)
	}
	r.Header.Set("Authorization", SchemeWHM+" "+c.o.User+":"+c.o.Token)
	r.Header.Set("User-Agent", "skein")
	r.Header["Idempotency-Key"] = []string{} // for net/http alone: it is not sent
	return nil
}

// status makes an error of an answer that is none, with the beginning of what it says.
func status(a *http.Response, in *bufio.Reader, k call) error {
	head := beginning(in)
	said := firstWords(head)
	switch {
	case a.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w: it does not take the token (%s)", ErrDenied, a.Status)
	case a.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: its user may not do this (%s): %s", ErrDenied, a.Status, said)
	case a.StatusCode >= 502 && a.StatusCode <= 504:
		return fmt.Errorf("%w for now (%s): %s", ErrAway, a.Status, said)
	case a.StatusCode < 200 || a.StatusCode > 299:
		return fmt.Errorf("%w (%s to %s): %s%s", ErrAnswer, a.Status, k.path, a.Header.Get("Location"), said)
	case !k.page && isHTML(head):
		return fmt.Errorf("%w: a page for browsers, %s", ErrAnswer, said)
	}
	return nil
}

// beginning returns what has come of an answer, once something has.
func beginning(in *bufio.Reader) []byte {
	_, _ = in.Peek(1) // what is wrong with it shows when it is read
	head, _ := in.Peek(min(in.Buffered(), 512))
	return head
}

func isHTML(head []byte) bool {
	head = bytes.ToLower(bytes.TrimSpace(head))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// firstWords are those of an answer that a message may quote.
func firstWords(head []byte) string {
	words := strings.Join(strings.Fields(strings.ToValidUTF8(string(head), "?")), " ")
	if len(words) > 200 {
		words = words[:200] + "…"
	}
	return fmt.Sprintf("%q", words)
}

// noAnswer says why nothing came, or half of it.
func (c *Client) noAnswer(ctx context.Context, err error) error {
	if errors.Is(err, ErrCertificate) {
		return err
	}
	if errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, new(tls.RecordHeaderError)) {
		return fmt.Errorf("%w: what listens at %s does not speak TLS: %w", ErrAnswer, c.o.Addr, err)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("%w at %s: %w", ErrAway, c.o.Addr, err)
}

// watch ends a call while nothing comes or goes. What the caller does between
// two reads of an answer takes as long as it takes.
type watch struct {
	after time.Duration
	give  context.CancelCauseFunc

	mu    sync.Mutex  // owns timer, which the sending of a request resets beside the call
	timer *time.Timer // nil once there is an answer

	seen   []byte // the beginning of the answer
	failed error  // why it broke off
}

func (w *watch) over() { w.give(fmt.Errorf("nothing came for %s", w.after)) }

func (w *watch) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.after, w.over)
}

// sent notes that a part of the request went out.
func (w *watch) sent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Reset(w.after)
	}
}

func (w *watch) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}

// request is a body that the transport sends.
type request struct {
	*watch
	from *bytes.Reader
}

func (r request) Read(p []byte) (int, error) {
	r.sent()
	return r.from.Read(p)
}

// Close is for the transport; there is nothing to close.
func (r request) Close() error { return nil }

// answer is a body that comes.
type answer struct {
	*watch
	ctx  context.Context // of the call
	from io.Reader
}

func (r answer) Read(p []byte) (int, error) {
	timer := time.AfterFunc(r.after, r.over)
	n, err := r.from.Read(p)
	timer.Stop()
	if room := shown - len(r.seen); room > 0 {
		r.seen = append(r.seen, p[:min(n, room)]...)
	}
	if err == io.EOF && r.ctx.Err() != nil { // it may be that of a server that saw us hang up
		err = context.Cause(r.ctx)
	}
	if err != nil && err != io.EOF {
		r.failed = err
	}
	return n, err
}
