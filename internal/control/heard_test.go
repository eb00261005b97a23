package control_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// A source that has gone quiet is shown as that; what was heard is kept beside the truth.
func TestSilence(t *testing.T) {
	t.Parallel()
	kept := &observed{}
	w := newWorldWith(t, func(c *control.Config) { c.Observed = kept })
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Silence: time.Hour}})
	w.must(err)
	silent := func(want bool) {
		t.Helper()
		if s, err := w.Source(w.ctx(), anna, "plesk1"); err != nil || s.Status.Silent != want {
			t.Errorf("%+v, %v; want silent %v", s.Status, err, want)
		}
	}
	silent(false)
	w.later(time.Hour + time.Second)
	silent(true)
	w.must(w.save(plesk1, example, 1, "")()) // whatever it says
	silent(false)
	if s, _ := w.Source(w.ctx(), anna, "plesk1"); !s.Status.Heard.Equal(w.clock()) || s.Status.Zones != 1 {
		t.Errorf("%+v", s.Status)
	}
	w.later(30 * time.Minute)
	w.Heard("plesk1")
	heard := w.clock()
	ctx, stop := context.WithCancel(w.ctx())
	stop()
	w.must(w.Watch(ctx))
	w.reopen()
	if s, _ := w.Source(w.ctx(), anna, "plesk1"); !s.Status.Heard.Equal(heard) {
		t.Errorf("after a start: %+v", s.Status)
	}
	// Lost, it costs an alarm that comes late.
	kept.text = []byte("{")
	w.later(2 * time.Hour)
	w.reopen()
	silent(false)
	w.later(2 * time.Hour)
	silent(true)
}

// What was heard is written down every minute, and only if there is news.
func TestWhatWasHeardIsWrittenDown(t *testing.T) {
	t.Parallel()
	kept := &observed{}
	w := newWorldWith(t, func(c *control.Config) { c.Observed = kept })
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		go w.Watch(ctx)
		w.Heard("plesk1")
		time.Sleep(5*time.Minute + time.Second)
		synctest.Wait()
		if kept.saves != 1 {
			t.Errorf("written %d times", kept.saves)
		}
		w.Heard("plesk1")
		stop()
		synctest.Wait()
		if kept.saves != 2 {
			t.Errorf("at the end written %d times", kept.saves)
		}
	})
}

// observed keeps one text.
type observed struct {
	text  []byte
	saves int
}

func (o *observed) Load(context.Context, string) ([]byte, error) { return o.text, nil }

func (o *observed) Save(_ context.Context, _ string, text []byte) error {
	o.text = text
	o.saves++
	return nil
}
