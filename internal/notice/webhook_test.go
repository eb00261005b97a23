package notice

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var disabled = Notice{
	ID: "N1", At: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), Kind: MemberFails, Subject: "ns2.example.net",
	Text: "member ns2.example.net was disabled after 10 failures in a row", Mend: "skein member test ns2.example.net",
}

func TestAWebhookGetsTheNoticeSigned(t *testing.T) {
	t.Parallel()
	var body []byte
	var head http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		head = r.Header
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	at := time.Unix(1_800_000_000, 0)
	hook := &Webhook{Label: "ops", URL: server.URL, Secret: []byte("a secret"), Now: func() time.Time { return at }}
	if err := hook.Send(t.Context(), disabled); err != nil {
		t.Fatal(err)
	}
	var got Notice
	if err := json.Unmarshal(body, &got); err != nil || got != disabled {
		t.Errorf("the webhook got %s (%v)", body, err)
	}
	if got, want := head.Get(Signature), Sign([]byte("a secret"), at.Unix(), body); got != want {
		t.Errorf("signed %q, want %q", got, want)
	}
	if head.Get(Signature) == Sign([]byte("another"), at.Unix(), body) || head.Get(Signature) == Sign([]byte("a secret"), at.Unix(), body[1:]) {
		t.Error("the signature does not depend on secret and body")
	}
	// The value that a receiver in another language computes (RFC 2104).
	if got := Sign([]byte("key"), 1, []byte("body")); got != "t=1,v1=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5" {
		t.Errorf("signature %s", got)
	}
}

func TestWhatAWebhookAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		ok      bool
		forGood bool
	}{
		"taken":                     {200, true, false},
		"taken, nothing to say":     {204, true, false},
		"moved":                     {302, false, false},
		"no such hook":              {404, false, true},
		"the secret is wrong":       {401, false, true},
		"too many of them":          {429, false, false},
		"the sender was too slow":   {408, false, false},
		"the receiver is in a mess": {500, false, false},
		"the receiver is away":      {503, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it followed a redirect") }))
			defer elsewhere.Close()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", elsewhere.URL)
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			err := (&Webhook{URL: server.URL}).Send(t.Context(), disabled)
			if (err == nil) != c.ok || errors.Is(err, errRefused) != c.forGood {
				t.Errorf("status %d: %v", c.status, err)
			}
		})
	}
}

func TestTheSecretsOfAWebhookStayOutOfErrors(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	end()
	for _, url := range []string{"http://127.0.0.1:1/hooks/s3cr3t", "http://[::1:s3cr3t/", "ftp://example.net/s3cr3t"} {
		hook := &Webhook{URL: url}
		for _, err := range []error{hook.Check(), hook.Send(ctx, disabled)} {
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v", err)
			}
		}
	}
}
