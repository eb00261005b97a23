package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/api"
)

// openapi is the part of the document that the tests look at.
type openapi struct {
	OpenAPI    string
	Info       struct{ Title, Version string }
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]any }
}

type operation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []struct {
		Name, In    string
		Required    bool
		Description string
	}
	RequestBody *struct {
		Content map[string]struct{ Schema any }
	}
	Responses map[string]struct {
		Description string
		Content     map[string]struct{ Schema any }
	}
	Security []map[string][]string
}

func readDocument(t *testing.T) (doc openapi, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	api.New(api.Config{Log: slog.New(slog.DiscardHandler), Version: "test"}).ServeHTTP(w, httptest.NewRequest("GET", "/api/openapi.json", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc, w.Body.String()
}

// each calls f for every operation of the document.
func (doc openapi) each(f func(method, path string, op operation)) {
	for path, item := range doc.Paths {
		for method, op := range item {
			f(strings.ToUpper(method), path, op)
		}
	}
}

// The list of operations is the API's promise: a change of it must be meant.
func TestOperationsAreAsAgreed(t *testing.T) {
	t.Parallel()
	doc, _ := readDocument(t)
	var lines []string
	doc.each(func(method, path string, op operation) {
		var statuses, access = []string{}, "token"
		for status := range op.Responses {
			statuses = append(statuses, status)
		}
		if len(op.Security) == 0 {
			access = "public"
		}
		slices.Sort(statuses)
		lines = append(lines, fmt.Sprintf("%-42s %-6s %-18s %-6s %s", path, method, op.OperationID, access, strings.Join(statuses, " ")))
	})
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/operations.golden"
	want, err := os.ReadFile(file)
	if err != nil && os.Getenv("UPDATE") == "" {
		t.Fatal(err)
	}
	if got != string(want) {
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("the operations differ from %s (UPDATE=1 rewrites it, if this is meant):\n%s", file, got)
	}
}

func TestTheDocumentIsWholeAndOf31(t *testing.T) {
	t.Parallel()
	doc, text := readDocument(t)
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") || doc.Info.Title == "" || doc.Info.Version == "" {
		t.Errorf("head: %s %+v", doc.OpenAPI, doc.Info)
	}
	for _, ref := range regexp.MustCompile(`"\$ref": *"([^"]*)"`).FindAllStringSubmatch(text, -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		if _, there := doc.Components.Schemas[name]; !ok || !there {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	seen := map[string]bool{}
	parameter := regexp.MustCompile(`\{(\w+)\}`)
	doc.each(func(method, path string, op operation) {
		where := method + " " + path
		if op.OperationID == "" || seen[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s: id %q, summary %q, tags %v", where, op.OperationID, op.Summary, op.Tags)
		}
		seen[op.OperationID] = true
		var inPath, declared []string
		for _, m := range parameter.FindAllStringSubmatch(path, -1) {
			inPath = append(inPath, m[1])
		}
		for _, p := range op.Parameters {
			if p.In == "path" {
				declared = append(declared, p.Name)
			}
		}
		if !slices.Equal(inPath, declared) {
			t.Errorf("%s declares %v", where, declared)
		}
		for status, response := range op.Responses {
			if response.Description == "" {
				t.Errorf("%s: %s has no description", where, status)
			}
			if _, problem := response.Content["application/problem+json"]; problem != (status >= "400") {
				t.Errorf("%s: %s has content %v", where, status, response.Content)
			}
		}
	})
}

// clientExtras are methods of the client that are no operations.
var clientExtras = []string{"AllDeletedZones", "AllRecords", "AllServiceDomains", "AllTransferZones", "AllWaiting", "AllZones", "Clock", "Close", "Waiting"}

// Every operation has a client method that calls it, and every client method
// calls an operation.
func TestClientAndOperationsAreTheSame(t *testing.T) {
	t.Parallel()
	doc, _ := readDocument(t)
	want := map[string]string{} // client method → "METHOD /path" as a pattern
	doc.each(func(method, path string, op operation) {
		name := ""
		for word := range strings.SplitSeq(op.OperationID, "-") {
			if word == "totp" {
				word = "TOTP"
			}
			name += strings.ToUpper(word[:1]) + word[1:]
		}
		want[name] = "^" + method + " " + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"
	})
	for name, got := range calledByMethods(t) {
		pattern, known := want[name]
		delete(want, name)
		switch {
		case slices.Contains(clientExtras, name):
		case !known:
			t.Errorf("client method %s is no operation", name)
		case !regexp.MustCompile(pattern).MatchString(got):
			t.Errorf("client method %s calls %q, the operation is %s", name, got, pattern)
		}
	}
	for name := range want {
		t.Errorf("operation %s has no client method", name)
	}
}

// calledByMethods calls every method of a client with simple arguments and
// returns the request that each made.
func calledByMethods(t *testing.T) map[string]string {
	t.Helper()
	var last string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last = r.Method + " " + r.URL.EscapedPath()
		io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]string{}
	value := reflect.ValueOf(c)
	for i := range value.NumMethod() {
		method, args := value.Method(i), []reflect.Value{}
		for j := range method.Type().NumIn() {
			args = append(args, simple(t.Context(), method.Type().In(j)))
		}
		last = ""
		for _, result := range method.Call(args) {
			if result.Kind() == reflect.Func { // a sequence: take one
				result.Call([]reflect.Value{reflect.MakeFunc(result.Type().In(0), func([]reflect.Value) []reflect.Value {
					return []reflect.Value{reflect.ValueOf(false)}
				})})
			}
		}
		called[value.Type().Method(i).Name] = last
	}
	return called
}

// simple makes an argument of a type.
func simple(ctx context.Context, of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(ctx))
	case reflect.String:
		v.SetString("x")
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Struct: // what goes into the path
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && f.CanSet() {
				f.SetString("x")
			}
		}
	}
	return v
}
