package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/danielgtaylor/huma/v2"

	"github.com/skein-dns/skein"
)

// What is being sent at the same time fits into memory: who is too many waits
// a little, and is then told to come again.
func TestBodiesWaitForRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, op := newLimits(), &huma.Operation{MaxBodyBytes: maxText}
		admit := func(octets int64) (func(), error) {
			r, _ := http.NewRequestWithContext(t.Context(), "PUT", "/", nil)
			r.ContentLength = octets
			return l.admit(r, op)
		}
		var all []func()
		for range maxBodies / maxText { // one says nothing of its length, the others lie about it
			done, err := admit(map[bool]int64{true: -1, false: 1 << 40}[all == nil])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, done)
		}
		if _, err := admit(0); err != nil {
			t.Errorf("one without a body: %v", err)
		}
		if _, err := admit(1); skein.KindOf(err) != skein.KindUnavailable {
			t.Errorf("one too many: %v", err)
		}
		admitted := make(chan error)
		go func() {
			_, err := admit(1000)
			admitted <- err
		}()
		synctest.Wait() // it waits
		all[0]()
		if err := <-admitted; err != nil {
			t.Errorf("there is room again: %v", err)
		}
	})
}

func TestWaitsAreLimited(t *testing.T) {
	t.Parallel()
	waiting, end := make(chan bool, 1), make(chan bool)
	s := newServer(Config{Log: slog.New(slog.DiscardHandler), Control: &stub{wait: func(context.Context) (skein.Receipt, error) {
		waiting <- true
		<-end
		return skein.Receipt{}, nil
	}}})
	s.limits.waits = make(places, 1)
	server := httptest.NewServer(s.handler())
	defer server.Close()
	const wait = "GET /api/v1/zones/example.com/wait"
	var first sync.WaitGroup
	first.Go(func() {
		if resp, body := ask(t, server.URL, wait, ""); resp.StatusCode != 200 {
			t.Errorf("the first: %d %s", resp.StatusCode, body)
		}
	})
	<-waiting
	resp, body := ask(t, server.URL, wait, "")
	if doc := document(t, resp, body); resp.StatusCode != 503 || doc.Mend == "" {
		t.Errorf("one too many: %d %+v", resp.StatusCode, doc)
	}
	close(end)
	first.Wait()
	if resp, body := ask(t, server.URL, wait, ""); resp.StatusCode != 200 {
		t.Errorf("after the first has ended: %d %s", resp.StatusCode, body)
	}
}
