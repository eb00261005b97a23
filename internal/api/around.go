package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/skein-dns/skein"
)

// call is what is known of one request; the handlers find it in the context.
// The goroutine that serves the request owns it.
type call struct {
	id        string
	request   *http.Request
	operation string
	actor     skein.Actor
	out       *http.ResponseController
	room      func() // gives back the room that the body took
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

func requestID(ctx context.Context) string { return callOf(ctx).id }

// actorOf returns who makes the call; the zero Actor may do nothing.
func actorOf(ctx context.Context) skein.Actor { return callOf(ctx).actor }

func newID() string { return rand.Text() }

// arrived is called when all of the request was read: from now on the peer
// may be silent, and has as long as the handler to take the answer.
func (c *call) arrived(limit time.Duration) {
	if c.out != nil {
		_ = c.out.SetReadDeadline(time.Time{}) // not every writer has deadlines
		_ = c.out.SetWriteDeadline(time.Now().Add(limit + time.Minute))
	}
}

// read is called when nothing of the body is needed any more.
func (c *call) read() {
	if c.room != nil {
		c.room()
	}
}

// failed logs what the caller is not told: causes, and everything internal.
func (c *call) failed(log *slog.Logger, p *problem, err error) {
	level := slog.LevelDebug
	switch {
	case errors.Is(err, context.Canceled):
	case p.Kind == skein.KindInternal:
		level = slog.LevelError
	case p.Kind == skein.KindUnavailable:
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "refused", "request", c.id, "operation", c.operation, "kind", p.Kind, "error", err)
}

// around is what every request passes: an id, headers that keep browsers
// safe, problem documents also for what no route takes, and the access log.
func (s *server) around(mux *http.ServeMux) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, &skein.Error{Kind: skein.KindForbidden, What: "a page of another site may not call this API", Mend: "call it from your program, or from a page of this server"})
	}))
	inner := guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			s.noRoute(mux, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &answerLog{ResponseWriter: w}
		c := &call{id: newID(), out: http.NewResponseController(seen)}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		c.request = r
		started := s.Now()
		_ = c.out.SetWriteDeadline(time.Now().Add(2 * time.Minute)) // operations set their own
		protect(w.Header())
		w.Header().Set("Skein-Request-Id", c.id)
		defer func() {
			s.recovered(recover(), seen, r)
			s.Log.Info("request", "method", r.Method, "path", r.URL.Path, "status", seen.status, "bytes", seen.bytes,
				"took", s.Now().Sub(started), "operation", c.operation, "actor", c.actor.Name, "peer", r.RemoteAddr, "request", c.id)
		}()
		inner.ServeHTTP(seen, r)
	})
}

// protect sets the headers of a server that has no foreign parts.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// recovered turns a panic into a 500. The framework panics when it cannot
// write an answer; that is only news if the caller is still there.
func (s *server) recovered(cause any, w *answerLog, r *http.Request) {
	if cause == nil {
		return
	}
	level := slog.LevelError
	if r.Context().Err() != nil {
		level = slog.LevelDebug
	}
	s.Log.Log(r.Context(), level, "panic", "request", requestID(r.Context()), "cause", cause, "stack", string(debug.Stack()))
	if w.status == 0 {
		writeProblem(w, problemOf(errors.New("panic"), requestID(r.Context())))
	}
}

// refuse answers with the problem of err.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	c := callOf(r.Context())
	p := problemOf(err, c.id)
	c.failed(s.Log, p, err)
	writeProblem(w, p)
}

// noRoute asks the mux what is wrong, so that there is one table of routes.
func (s *server) noRoute(mux http.Handler, w http.ResponseWriter, r *http.Request) {
	asked := &discard{header: http.Header{}}
	mux.ServeHTTP(asked, r)
	refusal := &httpError{status: asked.status, header: http.Header{}, err: &skein.Error{
		Kind: skein.KindNotFound, What: "there is nothing at this path", Mend: "see /api/docs for what there is"}}
	if asked.status == http.StatusMethodNotAllowed {
		allow := asked.header.Get("Allow")
		refusal.header.Set("Allow", allow)
		refusal.err = &skein.Error{Kind: skein.KindInvalid, What: r.Method + " is not for this path", Mend: "it takes " + allow}
	}
	s.refuse(w, r, refusal)
}

// discard keeps status and headers and drops the text.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// answerLog counts what is written, for the access log.
type answerLog struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets deadlines and flushing through.
func (a *answerLog) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answerLog) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answerLog) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}
