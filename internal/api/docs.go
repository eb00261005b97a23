package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-dns/skein"
)

// page is the documentation's page: it reads openapi.json and asks no other host.
//
//go:embed docs/docs.html docs/docs.js docs/docs.css
var pageFiles embed.FS

const about = `Skein keeps a group of nameservers in step. A zone that is put in here is answered by every member moments later, and a receipt says which members were *seen* serving it.

* **Who asks:** ` + "`Authorization: Bearer TOKEN`" + `. The unix socket on the machine itself needs none.
* **Errors** are problem documents (RFC 9457) with a kind for programs, a sentence for people and the mend.
* **Changes** may be sent again: with the same ` + "`Skein-Change-Id`" + ` a change is applied once. ` + "`If-Match`" + ` with a zone's ETag (its revision) makes it fail with 412 if somebody else was faster.
* **Lists** come in parts: go on with ` + "`next`" + ` as ` + "`cursor`" + ` until it is missing.`

// describe returns the framework's configuration: the head of the document,
// and our problem documents in place of its own.
func (s *server) describe() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Skein", Version: s.Version, Description: about},
			Servers: []*huma.Server{{URL: "/"}},
			Tags: []*huma.Tag{
				{Name: "Zones", Description: "Create, replace and delete zones, and see where they have arrived."},
				{Name: "Records", Description: "Single RRsets, and whole zones as files."},
				{Name: "History", Description: "What was, what changed, and who did it."},
				{Name: "Ownership", Description: "Whose zone it is, and what in it is not its origin's."},
				{Name: "Sources", Description: "The panels, servers, programs and people that zones come from, and the rules between them."},
				{Name: "Transfer zones", Description: "The zones that sources ask to be transferred from their nameservers."},
				{Name: "Waiting", Description: "Changes that wait for a person: holds, conflicts and approvals."},
				{Name: "Members", Description: "The servers that Skein keeps in step."},
				{Name: "Cluster", Description: "What holds for all members, and synchronising zones with them."},
				{Name: "Pools", Description: "The nameserver set that zones show."},
				{Name: "Notices", Description: "What people are told."},
				{Name: "Tenants", Description: "Resellers and customers, whose zones are their own affair."},
				{Name: "Users", Description: "The people of a tenant, and what they sign in with."},
				{Name: "Sessions", Description: "People who are signed in."},
				{Name: "Access", Description: "Tokens of programs."},
				{Name: "Doors", Description: "Ways in for panels."},
				{Name: "Status", Description: "How things are."},
			},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "An API token"}},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.translate},
	}
}

func (s *server) problemResponse(status int) *huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[skein.ErrorDocument](), true, "")
	response := &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
	if example := exampleProblem(status); example != nil {
		response.Content[problemType].Example = example
	}
	return response
}

// exampleProblem shows one error of each status, made as real ones are.
func exampleProblem(status int) *skein.ErrorDocument {
	var err error
	switch status {
	case http.StatusUnauthorized:
		err = &skein.Error{Kind: skein.KindUnknown, What: "this token is not valid", Mend: "ask an administrator for a new one: skein token create"}
	case http.StatusNotFound:
		err = &skein.Error{Kind: skein.KindNotFound, What: "there is no zone example.com.", Mend: "create it first"}
	case http.StatusConflict:
		err = &skein.Error{Kind: skein.KindConflict, What: "the zone example.com. belongs to plesk1.example.net", Mend: "change it there"}
	case http.StatusPreconditionFailed:
		err = &skein.Error{Kind: skein.KindConflict, What: "the zone example.com. is at revision 18, not 17", Mend: "read it again and repeat the change", Cause: skein.ErrChanged}
	case http.StatusUnprocessableEntity:
		err = &skein.Error{Kind: skein.KindInvalid, What: "the contents of example.com. are not right", Mend: "mend the lines that are named and send it again",
			Problems: []skein.Problem{{Line: 7, Name: "www.example.com.", Text: "www.example.com. has a CNAME and other records beside it"}}}
	case http.StatusServiceUnavailable:
		err = &skein.Error{Kind: skein.KindUnavailable, What: "the disk that holds the data is full", Mend: "make room; nothing was changed"}
	default:
		return nil
	}
	return &problemOf(err, "4XQ7M2…").ErrorDocument
}

// serveDocs serves the document and its page. Nothing is registered after it.
func (s *server) serveDocs(mux *http.ServeMux) {
	doc := s.api.OpenAPI()
	tidy(doc)
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		panic("api: the description of the operations does not marshal: " + err.Error()) // a mistake in this package
	}
	started := s.Now()
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		http.ServeContent(w, r, "", started, bytes.NewReader(text))
	})
	for name, file := range map[string]string{"docs": "docs.html", "docs.js": "docs.js", "docs.css": "docs.css"} {
		mux.HandleFunc("GET /api/"+name, func(w http.ResponseWriter, r *http.Request) {
			content, _ := pageFiles.ReadFile("docs/" + file) // embedded
			http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
		})
	}
}

// tidy takes out of the document what the framework puts in and is not so.
func tidy(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas.Map()
	delete(schemas, "ErrorModel") // the framework's own errors, which never go out
	delete(schemas, "ErrorDetail")
	for path, why := range map[string]string{
		"/zones":                 "A dry run: nothing was created",
		"/zones/{name}/undelete": "A dry run: nothing was created",
		"/transfer-zones":        "The source asked for it already",
	} {
		create := doc.Paths[prefix+path].Post.Responses
		create["200"] = &huma.Response{Description: why, Content: create["201"].Content}
	}
	takes := map[string]bool{}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			switch {
			case op == nil:
			case op.RequestBody == nil:
				for _, status := range []string{"400", "408", "413", "415"} {
					delete(op.Responses, status)
				}
			default:
				for _, media := range op.RequestBody.Content {
					reach(schemas, media.Schema, takes)
				}
			}
		}
	}
	for name, schema := range schemas {
		if !takes[name] && schema.Type == huma.TypeObject {
			schema.AdditionalProperties = nil // answers may grow; what is sent is checked
		}
	}
}

// reach notes the named schemas that a schema is made of.
func reach(schemas map[string]*huma.Schema, s *huma.Schema, seen map[string]bool) {
	if s == nil {
		return
	}
	if name := path.Base(s.Ref); s.Ref != "" && !seen[name] {
		seen[name] = true
		reach(schemas, schemas[name], seen)
	}
	reach(schemas, s.Items, seen)
	for _, property := range s.Properties {
		reach(schemas, property, seen)
	}
}
