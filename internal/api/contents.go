package api

import (
	"encoding/base64"
	"mime"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// zoneFile is the media type of zone file text (RFC 4027).
const zoneFile = "text/dns"

// read returns contents that came in, whichever way they are written.
func (s *server) read(origin zone.Name, c skein.ZoneContents) ([]zone.RRset, []skein.Problem, error) {
	switch {
	case c.File != "" && c.Records != nil:
		return nil, nil, invalid("contents were given twice, as file and as records", "give one of them")
	case c.File != "":
		return s.readFile(origin, c.File)
	case c.Records != nil:
		sets, err := skein.RRsets(c.Records, origin)
		return sets, nil, err
	}
	return nil, nil, invalid("no contents were given", "give file (zone file text) or records")
}

func (s *server) readFile(origin zone.Name, text string) ([]zone.RRset, []skein.Problem, error) {
	sets, warnings, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: origin, MaxRecords: s.MaxRecords})
	if err != nil {
		return nil, nil, skein.InvalidZone(origin, err)
	}
	return sets, skein.ProblemsOf(warnings), nil
}

// takesText refuses media types that are no text. An empty one is fine.
func takesText(contentType string) error {
	kind, params, err := mime.ParseMediaType(contentType)
	plain := []string{zoneFile, "text/plain", "application/octet-stream"}
	charset := strings.ToLower(params["charset"])
	if contentType == "" || err == nil && slices.Contains(plain, kind) && slices.Contains([]string{"", "utf-8", "us-ascii"}, charset) {
		return nil
	}
	return &httpError{status: 415, err: &skein.Error{Kind: skein.KindInvalid, What: "this operation takes zone file text", Mend: "send it as " + zoneFile}}
}

// writeFile answers with contents as a zone file.
func writeFile(revision skein.Revision, c zone.Contents) *fileOut {
	file := strings.TrimSuffix(strings.ReplaceAll(string(c.Origin()), "/", "_"), ".")
	if file == "" {
		file = "ROOT"
	}
	return &fileOut{
		ETag:        etag(revision),
		ContentType: zoneFile,
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": file + ".zone"}),
		// What fails while writing is the connection, and nobody is left to tell.
		Body: func(ctx huma.Context) { _ = zone.Print(ctx.BodyWriter(), c, zone.PrintOptions{}) },
	}
}

func countRecords(sets []zone.RRset) (n int) {
	for _, s := range sets {
		n += len(s.Data)
	}
	return n
}

// A cursor is where the part before ended: opaque, so that it may change.

func writeCursor(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
}

// readCursor returns n parts, all of them empty for the empty cursor.
func readCursor(text string, n int) ([]string, error) {
	if text == "" {
		return make([]string, n), nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), "\x00")
	if err != nil || len(parts) != n {
		return nil, invalid("this cursor is not one of this list", "start without a cursor")
	}
	return parts, nil
}

func pathSegment(s string) string {
	if s == "." {
		return "%2E"
	}
	return url.PathEscape(s)
}
