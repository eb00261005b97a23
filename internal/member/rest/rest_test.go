package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/member"
)

func TestCall(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		answer http.HandlerFunc
		kind   error // nil: none of the kinds
		fails  bool
		says   string
	}{
		"an answer":           {answer: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"n":7}`) }},
		"a page of a gateway": {answer: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>Hotel WLAN") }, fails: true, kind: member.ErrAway, says: "Hotel WLAN"},
		"half an answer": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "99")
			fmt.Fprint(w, `{"n":`)
		}, fails: true, kind: member.ErrAway},
		"no answer":              {answer: func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, fails: true, kind: member.ErrAway},
		"wrong credentials":      {answer: status(401, ""), fails: true, kind: member.ErrDenied},
		"no right":               {answer: status(403, ""), fails: true, kind: member.ErrDenied},
		"wrong by its own words": {answer: status(406, ""), fails: true, kind: member.ErrDenied},
		"a fault of a gateway":   {answer: status(502, "Bad Gateway"), fails: true, kind: member.ErrAway, says: "Bad Gateway"},
		"a fault with words":     {answer: status(500, `{"error":"no such zone"}`), fails: true, says: "no such zone"},
		"refused":                {answer: status(400, `{"error":"no such zone"}`), fails: true, says: "no such zone"},
		"sent elsewhere": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.invalid/", http.StatusFound)
		}, fails: true, says: "302"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(row.answer)
			t.Cleanup(s.Close)
			c, err := New(Options{Base: s.URL + "/v1/", User: "u", Key: "k", Silence: 300 * time.Millisecond, Denied: []int{406}, Failure: func(_ int, body []byte) error {
				if strings.HasPrefix(string(body), "{") {
					return errors.New(string(body))
				}
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var out struct{ N int }
			err = c.Call(t.Context(), "POST", "/x", map[string]int{"a": 1}, &out)
			if (err != nil) != row.fails || row.fails && !strings.Contains(err.Error(), row.says) || errors.Is(err, member.ErrAway) != (row.kind == member.ErrAway) || errors.Is(err, member.ErrDenied) != (row.kind == member.ErrDenied) {
				t.Errorf("%v", err)
			}
			if !row.fails && out.N != 7 {
				t.Errorf("%+v", out)
			}
		})
	}
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, text)
	}
}

func TestTooManyCalls(t *testing.T) {
	t.Parallel()
	left := 3
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, key, _ := r.BasicAuth()
		if left--; left >= 0 {
			if left == 1 {
				w.Header().Set("Retry-After", "17")
			}
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprintf(w, `{"user":%q,"key":%q}`, user, key)
	}))
	t.Cleanup(s.Close)
	var waits []time.Duration
	var log []member.Transaction
	c, err := New(Options{Base: s.URL, User: "u", Key: "k-secret",
		Trace: member.Trace(func(x member.Transaction) { x.Answer = ""; log = append(log, x) }),
		Pause: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ User, Key string }
	if err := c.Call(t.Context(), "GET", "/x", nil, &out); err != nil || out.User != "u" || out.Key != "k-secret" {
		t.Errorf("%+v %v", out, err)
	}
	if fmt.Sprint(waits) != "[1s 17s 4s]" {
		t.Error(waits)
	}
	if text := fmt.Sprint(log); len(log) != 4 || strings.Contains(text, "k-secret") {
		t.Error(text)
	}
}

func TestAddressesOfAPIs(t *testing.T) {
	t.Parallel()
	for base, fine := range map[string]bool{
		"https://api.example/rest/v3.1": true, "http://127.0.0.1:8080": true, "http://[::1]:80/x": true, "http://localhost": true,
		"http://api.example": false, "http://192.0.2.1": false, "ftp://api.example": false, "api.example": false, "https://u:p@api.example": false, "": false,
	} {
		if _, err := New(Options{Base: base}); (err == nil) != fine {
			t.Errorf("%s: %v", base, err)
		}
	}
}
