package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

const problemType = "application/problem+json"

// problem is an error on its way out: the document, and the headers that go with it.
type problem struct {
	skein.ErrorDocument
	header http.Header
}

func (p *problem) Error() string           { return p.Detail }
func (p *problem) GetStatus() int          { return p.Status }
func (p *problem) GetHeaders() http.Header { return p.header }

// ContentType tells the framework what the document is.
func (p *problem) ContentType(string) string { return problemType }

// httpError is a refusal with a status that its kind alone does not give.
type httpError struct {
	status int
	header http.Header
	err    *skein.Error
}

func (e *httpError) Error() string { return e.err.Error() }
func (e *httpError) Unwrap() error { return e.err }

// lateError carries the receipt so far out of a wait.
type lateError struct {
	error
	receipt skein.Receipt
}

func (e *lateError) Unwrap() error { return e.error }

// statusOf is the map from kind to HTTP status.
func statusOf(k skein.Kind) int {
	switch k {
	case skein.KindInvalid:
		return http.StatusUnprocessableEntity
	case skein.KindUnknown:
		return http.StatusUnauthorized
	case skein.KindForbidden:
		return http.StatusForbidden
	case skein.KindNotFound:
		return http.StatusNotFound
	case skein.KindConflict:
		return http.StatusConflict
	case skein.KindUnavailable:
		return http.StatusServiceUnavailable
	case skein.KindTimeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// problemOf is the one place where errors become HTTP. What a kind does not
// cover is internal: its text is for the log, the caller gets the request id.
func problemOf(err error, requestID string) *problem {
	e := kindly(err)
	p := &problem{header: http.Header{}, ErrorDocument: skein.ErrorDocument{
		Type: "about:blank", Status: statusOf(e.Kind), Detail: e.What,
		Kind: e.Kind, Mend: e.Mend, Problems: e.Problems, Waiting: e.Waiting, RequestID: requestID,
	}}
	var special *httpError
	var late *lateError
	switch {
	case errors.As(err, &special):
		p.Status = special.status
		if special.header != nil {
			p.header = special.header.Clone()
		}
	case errors.As(err, &late):
		p.Receipt = &late.receipt
	case errors.Is(err, skein.ErrChanged):
		p.Status, p.Changed = http.StatusPreconditionFailed, true
	case errors.Is(err, skein.ErrCodeNeeded):
		p.Code = true
	case errors.Is(err, control.ErrTooMany):
		p.Status = http.StatusTooManyRequests
		p.header.Set("Retry-After", "30")
	}
	switch p.Status {
	case http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", `Bearer realm="skein"`)
	case http.StatusServiceUnavailable:
		p.header.Set("Retry-After", "5")
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// kindly returns the error in our words, whatever it was.
func kindly(err error) *skein.Error {
	var e *skein.Error
	switch {
	case errors.As(err, &e) && statusOf(e.Kind) != http.StatusInternalServerError:
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &skein.Error{Kind: skein.KindTimeout, What: "this took longer than the server allows", Mend: "try again later"}
	case errors.Is(err, context.Canceled):
		return &skein.Error{Kind: skein.KindUnavailable, What: "the request was given up before it was done", Mend: "send it again with the same change id"}
	}
	return &skein.Error{Kind: skein.KindInternal, What: "something went wrong inside Skein", Mend: "the server's log has the reason under this request id"}
}

// translate turns the framework's own errors (decoding, validation, limits)
// into ours. It runs as a transformer: the framework's constructor is a
// variable of its package, and is better left alone.
func (s *server) translate(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problemOf(&httpError{status: model.Status, err: decodeError(model)}, requestID(ctx.Context()))
	if p.Kind == skein.KindInternal {
		s.Log.Error("answering failed", "request", p.RequestID, "error", model)
	}
	return p, nil
}

// decodeError says in our words what the framework found. What was sent is
// not repeated: it may be a secret.
func decodeError(model *huma.ErrorModel) *skein.Error {
	e := &skein.Error{Kind: skein.KindInvalid, Mend: "see /api/docs for what this operation takes"}
	for _, detail := range model.Errors {
		if detail != nil {
			e.Problems = append(e.Problems, skein.Problem{Name: detail.Location, Text: withoutInput(detail)})
		}
	}
	switch model.Status {
	case http.StatusRequestEntityTooLarge:
		e.What, e.Mend = "what was sent is larger than this operation takes", "send zone text to /zones/NAME/file, which takes up to "+strconv.Itoa(maxText>>20)+" MB"
	case http.StatusUnsupportedMediaType:
		e.What, e.Mend = "this operation does not take that media type", "send application/json"
	case http.StatusNotAcceptable:
		e.What, e.Mend = "no media type that is accepted can be given", "accept application/json"
	case http.StatusRequestTimeout:
		e.Kind, e.What, e.Mend = skein.KindTimeout, "what was to be sent did not arrive in time", "send it again"
	case http.StatusBadRequest:
		e.What = "what was sent cannot be read"
	case http.StatusUnprocessableEntity:
		e.What = "what was sent is not what this operation takes"
	default:
		e.Kind = skein.KindInternal
	}
	if len(e.Problems) == 1 && e.Kind == skein.KindInvalid {
		e.What += ": " + strings.TrimPrefix(e.Problems[0].Name+": ", ": ") + e.Problems[0].Text
	}
	return e
}

func withoutInput(detail *huma.ErrorDetail) string {
	if text, ok := detail.Value.(string); ok && len(text) > 0 {
		return strings.ReplaceAll(detail.Message, text, "…")
	}
	return detail.Message
}

// writeProblem answers outside of the framework's handlers.
func writeProblem(w http.ResponseWriter, p *problem) {
	for key, values := range p.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.ErrorDocument) // the caller may be gone
}
