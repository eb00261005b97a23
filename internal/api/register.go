package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The limits of bodies, in octets.
const (
	maxText   = 64 << 20 // zone text, whole zones, a panel's push
	maxBody   = 1 << 20
	maxPublic = 4 << 10 // from whoever comes along
)

// route is an operation's line in the table. The zero fields are the usual.
type route struct {
	id, method, path string // id: the client's method in kebab case
	summary, doc     string
	tag              string
	public           bool          // needs no token
	big              bool          // takes up to maxText
	status           int           // of success, if not 200
	timeout          time.Duration // of the handler; a minute
	refuses          []int         // statuses beside those that every operation may give
	answers          string        // media type, if not JSON
	opaque           bool          // the body is JSON that the handler alone understands
}

// handle registers a handler: f is a plain function of what came in, with the
// actor in ctx. Its error becomes a problem document, its context a deadline.
// An input with a WaitInput has the answer wait for members.
func handle[I, O any](s *server, r route, f func(context.Context, *I) (*O, error)) {
	if r.timeout == 0 {
		r.timeout = time.Minute
	}
	huma.Register(s.api, s.operation(r), func(ctx context.Context, in *I) (*O, error) {
		call := callOf(ctx)
		enough, patience, err := awaited(in)
		call.arrived(r.timeout + patience)
		var out *O
		if err == nil {
			limited, cancel := context.WithTimeout(ctx, r.timeout)
			defer cancel()
			out, err = f(limited, in)
		}
		if err == nil {
			s.await(ctx, out, enough, patience)
			return out, nil
		}
		p := problemOf(err, call.id)
		call.failed(s.Log, p, err)
		return nil, p
	})
}

func (s *server) operation(r route) huma.Operation {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: prefix + r.path,
		Summary: r.summary, Description: r.doc, Tags: []string{r.tag},
		DefaultStatus: r.status, MaxBodyBytes: maxBody, BodyReadTimeout: 30 * time.Second,
		Security:                     []map[string][]string{{"token": {}}},
		RejectUnknownQueryParameters: true,
		Responses:                    map[string]*huma.Response{},
	}
	if r.big {
		op.MaxBodyBytes, op.BodyReadTimeout = maxText, 10*time.Minute
	}
	if r.opaque { // the framework would want one string of it
		op.SkipValidateBody = true
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}}}
	}
	if r.public {
		op.Security, op.MaxBodyBytes = []map[string][]string{}, maxPublic
	}
	if r.answers != "" {
		op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{
			r.answers: {Schema: &huma.Schema{Type: huma.TypeString}},
		}}
	}
	for _, status := range append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable}, r.refusals()...) {
		op.Responses[strconv.Itoa(status)] = s.problemResponse(status)
	}
	return op
}

func (r route) refusals() []int {
	statuses := append([]int{http.StatusUnprocessableEntity}, r.refuses...)
	if !r.public {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if r.method != http.MethodGet && r.method != http.MethodDelete {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return statuses
}

// Common inputs. They are exported because the framework looks at exported
// fields only.

// IDInput is how a change names itself.
type IDInput struct {
	ChangeID       string `header:"Skein-Change-Id" maxLength:"200" example:"0b1f6a2e" doc:"a change sent again with the same id is not applied twice; one is made up if missing"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"another name of Skein-Change-Id"`
}

// ChangeInput is how a change names itself and what it expects.
type ChangeInput struct {
	IDInput
	WaitInput
	IfMatch string `header:"If-Match" maxLength:"64" example:"\"17\"" doc:"the ETag that the zone must have, or * for any: 412 if it has changed"`
}

// id returns the change's id, made up if the caller gave none.
func (in IDInput) id() string {
	switch {
	case in.ChangeID != "":
		return in.ChangeID
	case in.IdempotencyKey != "":
		return in.IdempotencyKey
	}
	return newID()
}

// target reads which zone a change is about, and the revision that it is
// expected at; nil for any.
func target(z ZoneInput, change ChangeInput) (name zone.Name, revision *skein.Revision, err error) {
	if name, err = z.zone(); err != nil {
		return "", nil, err
	}
	revision, _, err = change.expect()
	return name, revision, err
}

// expect reads If-Match: nil if nothing is expected, and whether the zone must exist.
func (in ChangeInput) expect() (revision *skein.Revision, exists bool, err error) {
	switch in.IfMatch {
	case "":
		return nil, false, nil
	case "*":
		return nil, true, nil
	}
	n, err := readTag(in.IfMatch, 64)
	return new(skein.Revision(n)), true, err
}

// ExpectInput is what a change of something that has versions expects.
type ExpectInput struct {
	IfMatch string `header:"If-Match" maxLength:"64" example:"\"3\"" doc:"the ETag that it must have, or * for any: 412 if it has changed"`
}

// version reads If-Match: nil if any version will do.
func (in ExpectInput) version() (*int, error) {
	if in.IfMatch == "" || in.IfMatch == "*" {
		return nil, nil
	}
	n, err := readTag(in.IfMatch, 31)
	return new(int(n)), err
}

// readTag reads the number in an ETag.
func readTag(tag string, bits int) (uint64, error) {
	text, err := strconv.Unquote(tag)
	if err == nil {
		var n uint64
		if n, err = strconv.ParseUint(text, 10, bits); err == nil {
			return n, nil
		}
	}
	return 0, invalid("If-Match is not an ETag of this API", `give it as it came, in quotes: "17"`)
}

// VersionOut carries the version of what it shows as ETag.
type VersionOut[T any] struct {
	ETag string `header:"ETag" doc:"its version, for If-Match"`
	Body T
}

func versionOut[T any](body T, version int, err error) (*VersionOut[T], error) {
	if err != nil {
		return nil, err
	}
	return &VersionOut[T]{versionTag(version), body}, nil
}

func etag(r skein.Revision) string { return strconv.Quote(strconv.FormatUint(uint64(r), 10)) }

func versionTag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

func invalid(what, mend string) error {
	return &skein.Error{Kind: skein.KindInvalid, What: what, Mend: mend}
}

// Common outputs.

type out[T any] struct{ Body T }

// ZoneOut carries a zone's revision as ETag.
type ZoneOut[T any] struct {
	ETag string `header:"ETag" doc:"the zone's revision, for If-Match"`
	Body T
}

// fileOut is zone file text, written as it is made.
type fileOut struct {
	ETag        string `header:"ETag"`
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        func(huma.Context)
}
