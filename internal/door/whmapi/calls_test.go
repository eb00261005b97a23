package whmapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

var update = flag.Bool("update", false, "write what is answered into testdata/calls")

// The stories in testdata/calls: a line that begins with $ is what somebody
// does, and the lines behind it are what comes of it.
//
//	$ whm FUNCTION ARGUMENTS     a call of WHM API 1, its answer as it is
//	$ uapi MODULE/FUNCTION …     of UAPI
//	$ api2 MODULE FUNCTION …     of API 2, on the port of cPanel
//	$ as NAME                    from now on with another token
//	$ lines ZONE                 parse_dns_zone, decoded
//	$ zone ZONE                  what is published of it, but comments
func TestCalls(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/calls/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			story, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &teller{world: newWorld(t), who: "cpanel-1"}
			got := s.tell(string(story))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(story) && !*update {
				t.Errorf("came out as\n%s", firstDifference(got, string(story)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n%s\nand not\n%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines and not %d", len(a), len(b))
}

// teller carries a story out.
type teller struct {
	*world
	who string
}

func (s *teller) tell(story string) string {
	var b strings.Builder
	within := false
	for line := range strings.Lines(story) {
		switch {
		case strings.HasPrefix(line, "$ "):
			b.WriteString(line)
			b.WriteString(s.do(strings.Fields(line)[1:]))
			within = true
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
			b.WriteString(line)
			within = false
		case !within:
			s.Fatalf("%q belongs to nothing", line)
		}
	}
	return b.String()
}

func (s *teller) do(words []string) string {
	switch words[0] {
	case "as":
		if s.who = words[1]; s.tokens[s.who] == "" {
			s.Fatalf("%s has no token", s.who)
		}
		return ""
	case "whm":
		return s.call(s.whm, "/json-api/"+words[1], append(words[2:], "api.version=1"))
	case "whm0":
		return s.call(s.whm, "/json-api/"+words[1], words[2:])
	case "uapi":
		return s.call(s.cpanel, "/execute/"+words[1], words[2:])
	case "api2":
		return s.call(s.cpanel, "/json-api/cpanel", append(words[3:], "cpanel_jsonapi_apiversion=2", "cpanel_jsonapi_module="+words[1], "cpanel_jsonapi_func="+words[2]))
	case "lines":
		return s.linesOf(words[1])
	case "zone":
		return s.published(words[1])
	}
	s.Fatalf("nobody can do %s", words[0])
	return ""
}

// The secret of a token and its id, which are others each time.
var (
	secretText = regexp.MustCompile(`"token":"[0-9A-Z]{32}"`)
	idText     = regexp.MustCompile(`\([a-z0-9]{12}\)`)
)

// form is arguments that are written NAME=VALUE, with ~ for a space.
func form(words []string) url.Values {
	values := url.Values{}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		values.Add(name, strings.ReplaceAll(value, "~", " "))
	}
	return values
}

func (s *teller) call(h http.Handler, path string, arguments []string) string {
	s.Helper()
	code, body := s.send(s.who, h, httptest.NewRequest(http.MethodGet, path+"?"+form(arguments).Encode(), nil))
	var any json.RawMessage
	if err := json.Unmarshal([]byte(body), &any); code == http.StatusOK && err != nil {
		s.Errorf("%s: no JSON: %v\n%s", path, err, body)
	}
	for who, secret := range s.tokens {
		if strings.Contains(body, secret) {
			s.Errorf("%s shows the token of %s", path, who)
		}
	}
	if code != http.StatusOK {
		body = fmt.Sprintf("%d %s", code, body)
	}
	body = secretText.ReplaceAllString(body, `"token":"SECRET"`)
	return idText.ReplaceAllString(body, "(ID)")
}

func (s *teller) linesOf(name string) string {
	_, body := s.send(s.who, s.cpanel, httptest.NewRequest(http.MethodGet, "/execute/DNS/parse_zone?zone="+name, nil))
	var a struct{ Data []item }
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		s.Fatal(err)
	}
	var b bytes.Buffer
	for _, it := range a.Data {
		fmt.Fprintf(&b, "%d %s", it.LineIndex, it.Type)
		if it.Type == "record" {
			fmt.Fprintf(&b, " %s %d %s", plainText(s, it.DName), *it.TTL, it.RecordType)
		}
		for _, text := range append(it.Data, it.Text) {
			if text != "" {
				fmt.Fprintf(&b, " %q", plainText(s, text))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func plainText(t testing.TB, coded string) string {
	text, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func (s *teller) published(name string) string {
	_, contents, err := s.control.Contents(s.Context(), root, zone.Name(name+"."))
	if err != nil {
		return string(skein.KindOf(err)) + "\n"
	}
	var b strings.Builder
	s.must(zone.Print(&b, contents, zone.PrintOptions{}))
	var list []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "$") {
			list = append(list, strings.Join(strings.Fields(line), " ")+"\n")
		}
	}
	return strings.Join(list, "")
}
