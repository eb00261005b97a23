package notice

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestChatSendsTheSentence(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(string(body))
	}))
	defer server.Close()
	chat := &Chat{Label: "chat", URL: "generic://" + strings.TrimPrefix(server.URL, "http://") + "/hook?disabletls=yes"}
	if err := chat.Check(); err != nil {
		t.Fatal(err)
	}
	if err := chat.Send(t.Context(), disabled); err != nil {
		t.Fatal(err)
	}
	if text, _ := got.Load().(string); !strings.Contains(text, disabled.Text) || !strings.Contains(text, disabled.Mend) {
		t.Errorf("the service got %q", text)
	}
}

func TestTheSecretsOfAChatStayOutOfErrors(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer server.Close()
	for _, url := range []string{
		"generic://" + strings.TrimPrefix(server.URL, "http://") + "/s3cr3t?disabletls=yes",
		"generic://127.0.0.1:1/s3cr3t?disabletls=yes",
		"slack://s3cr3t@s3cr3t", "nosuch://s3cr3t", "%s3cr3t",
	} {
		chat := &Chat{Label: "chat", URL: url}
		errs := []error{chat.Check()}
		if errs[0] == nil {
			errs = append(errs, chat.Send(t.Context(), disabled))
			if errs[1] == nil {
				t.Errorf("%s: sent", url)
			}
		}
		for _, err := range errs {
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v", err)
			}
		}
	}
}
