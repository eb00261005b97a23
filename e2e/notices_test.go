package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein/internal/notice"
)

// A change that waits for a person is told to one, though the receiver is away
// at first and Skein is killed meanwhile; and it is told once.
func TestAWaitingChangeIsTold(t *testing.T) {
	t.Parallel()
	const secret = "a secret of both"
	var mu sync.Mutex // owns what follows
	away, tries, got := true, 0, []notice.Notice{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		tries++
		if away {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var n notice.Notice
		stamp, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get(notice.Signature), "t="), ",")
		var seconds int64
		if _, bad := fmt.Sscan(stamp, &seconds); err != nil || bad != nil || json.Unmarshal(body, &n) != nil ||
			r.Header.Get(notice.Signature) != notice.Sign([]byte(secret), seconds, body) {
			t.Errorf("this is no signed notice: %s %q", body, r.Header.Get(notice.Signature))
		}
		got = append(got, n)
	}))
	defer receiver.Close()
	file := filepath.Join(t.TempDir(), "notices.yaml")
	targets := fmt.Sprintf("webhooks:\n- name: ops\n  url: %s/hooks\n  secret: %s\n", receiver.URL, secret)
	if err := os.WriteFile(file, []byte(targets), 0o600); err != nil {
		t.Fatal(err)
	}

	n := newNode(t, "--notices", file)
	p1, p2 := newPanel(t, n, "plesk-1"), newPanel(t, n, "plesk-2")
	p1.says("create shop.example.: applied", plesk("create", "shop.example."))
	p2.says("create shop.example.: waiting", plesk("create", "shop.example."))
	n.stop()
	n.start() // it looks at once
	eventually(t, "the receiver was tried", func() error {
		mu.Lock()
		defer mu.Unlock()
		if tries == 0 {
			return fmt.Errorf("nobody called")
		}
		return nil
	})
	n.kill()
	mu.Lock()
	away = false
	mu.Unlock()
	n.start()
	eventually(t, "the notice came", func() error {
		mu.Lock()
		defer mu.Unlock()
		if len(got) == 0 {
			return fmt.Errorf("nothing came in %d attempts", tries)
		}
		return nil
	})
	n.stop()
	n.start()
	n.stop()
	mu.Lock()
	defer mu.Unlock()
	if len(got) != 1 || got[0].Kind != notice.ChangeWaits || got[0].Subject != "shop.example." || !strings.Contains(got[0].Text, "plesk-2") {
		t.Errorf("told %+v", got)
	}
}
