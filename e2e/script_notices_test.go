package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/notice"
)

// webhook keeps the notices that came.
type webhook struct {
	mu  sync.Mutex // owns the rest
	got []notice.Notice
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n notice.Notice
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, n)
}

func (h *webhook) notices() []notice.Notice {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]notice.Notice(nil), h.got...)
}

func (s *story) takeNotices(ts *testscript.TestScript, args []string) {
	if s.hook != nil {
		ts.Fatalf("there is a webhook already")
	}
	s.hook = &webhook{}
	server := httptest.NewServer(s.hook)
	ts.Defer(server.Close)
	targets := fmt.Sprintf("webhooks:\n- name: ops\n  url: %s/\n  secret: a secret of both\n", server.URL)
	ts.Check(os.WriteFile(ts.MkAbs("notices.yaml"), []byte(targets), 0o600))
}

// told waits for a notice; one only of the kind and subject may have come, so
// that nobody is told twice.
func (s *story) told(ts *testscript.TestScript, args []string) {
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	if s.hook == nil {
		ts.Fatalf("nobody takes notices; say notices, and start the node with --notices $WORK/notices.yaml")
	}
	eventually(s.t, "the notice "+args[0]+" comes", func() error {
		all := s.hook.notices()
		found := 0
		for _, n := range all {
			if string(n.Kind) == args[0] && pattern.MatchString(n.Text) {
				found++
			}
		}
		switch found {
		case 1:
			return nil
		case 0:
			return fmt.Errorf("these came: %+v", all)
		}
		ts.Fatalf("%s was told %d times: %+v", args[0], found, all)
		return nil
	})
}
