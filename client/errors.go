package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/skein-dns/skein"
)

// timeoutError carries the receipt so far out of a wait that timed out.
type timeoutError struct {
	err     *skein.Error
	receipt *skein.Receipt
}

func (e *timeoutError) Error() string { return e.err.Error() }
func (e *timeoutError) Unwrap() error { return e.err }

// refusal makes an *skein.Error of an answer that is not a success.
func (c *Client) refusal(resp *http.Response, body []byte) error {
	var doc skein.ErrorDocument
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(body, &doc) != nil || doc.Kind == "" {
		return &skein.Error{
			Kind: kindOfStatus(resp.StatusCode),
			What: c.where + " answered " + strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode) + " and not in the API's words",
			Mend: "is it skein that listens there, and no proxy in between?",
		}
	}
	e := &skein.Error{Kind: doc.Kind, What: doc.Detail, Mend: doc.Mend, Problems: doc.Problems, Waiting: doc.Waiting}
	switch {
	case doc.Changed:
		e.Cause = skein.ErrChanged
	case doc.Code:
		e.Cause = skein.ErrCodeNeeded
	}
	if doc.Receipt != nil {
		return &timeoutError{e, doc.Receipt}
	}
	return e
}

// kindOfStatus is for answers of something in between; the API gives the kind itself.
func kindOfStatus(status int) skein.Kind {
	switch status {
	case http.StatusUnauthorized:
		return skein.KindUnknown
	case http.StatusForbidden:
		return skein.KindForbidden
	case http.StatusNotFound:
		return skein.KindNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return skein.KindConflict
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
		return skein.KindUnavailable
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return skein.KindTimeout
	}
	if status >= 400 && status < 500 {
		return skein.KindInvalid
	}
	return skein.KindInternal
}

// unreachable tells why no answer came.
func (c *Client) unreachable(ctx context.Context, cause error) error {
	var pinned *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &skein.Error{Kind: skein.KindTimeout, What: c.where + " did not answer in time", Cause: cause}
	case ctx.Err() != nil:
		return &skein.Error{Kind: skein.KindUnavailable, What: "interrupted", Cause: ctx.Err()}
	case errors.As(cause, &host):
		return &skein.Error{Kind: skein.KindUnavailable, What: c.where + " shows a certificate for another name", Mend: "use a name or address that the certificate holds, or give the server one that holds this", Cause: cause}
	case errors.As(cause, &pinned), errors.As(cause, &authority):
		return &skein.Error{Kind: skein.KindUnavailable, What: c.where + " shows a certificate of an authority that is not trusted here", Mend: "pin the server's CA with skein login", Cause: cause}
	}
	return &skein.Error{Kind: skein.KindUnavailable, What: "cannot reach Skein at " + c.where, Mend: "is skein serve running?", Cause: cause}
}
