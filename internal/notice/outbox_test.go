package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// person is a target whose server can be away, hang or refuse.
type person struct {
	name string

	mu    sync.Mutex
	fails error
	hangs bool
	got   []string
	tries int
}

func (p *person) Name() string { return p.name }

func (p *person) Send(ctx context.Context, n Notice) error {
	p.mu.Lock()
	p.tries++
	fails, hangs := p.fails, p.hangs
	if fails == nil && !hangs {
		p.got = append(p.got, n.Text)
	}
	p.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return fails
}

func (p *person) set(fails error, hangs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails, p.hangs = fails, hangs
}

func (p *person) read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

func (p *person) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

// outbox opens and runs one; stop ends it as a shutdown does.
func outbox(t *testing.T, dir string, keep int, targets ...Target) (out *Outbox, stop func()) {
	t.Helper()
	out, err := Open(Options{Dir: dir, Targets: targets, Keep: keep, Random: func() float64 { return 0.999 }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { out.Run(ctx); close(ended) }()
	return out, func() { cancel(); <-ended }
}

func post(t *testing.T, o *Outbox, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := o.Post(Notice{Kind: MemberBack, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestANoticeGoesToEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		mail, chat := &person{name: "mail"}, &person{name: "chat"}
		out, stop := outbox(t, dir, 0, mail, chat)
		post(t, out, "one", "two")
		synctest.Wait()
		for _, p := range []*person{mail, chat} {
			if got := p.read(); !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("%s got %q", p.name, got)
			}
		}
		stop()
	})
}

func TestAHungWebhookDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		hook, mail := &person{name: "hook", hangs: true}, &person{name: "mail"}
		out, stop := outbox(t, dir, 0, hook, mail)
		post(t, out, "one")
		synctest.Wait()
		if got := mail.read(); len(got) != 1 {
			t.Errorf("mail got %q while the webhook hung", got)
		}
		hook.set(nil, false)
		time.Sleep(sendTime + firstWait)
		synctest.Wait()
		if got := hook.read(); len(got) != 1 {
			t.Errorf("the webhook got %q once it was well", got)
		}
		stop()
	})
}

func TestAMailServerThatWasAwayGetsWhatItMissed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		mail := &person{name: "mail", fails: errors.New("connection refused")}
		out, stop := outbox(t, dir, 0, mail)
		post(t, out, "one")
		time.Sleep(time.Hour)
		post(t, out, "two")
		synctest.Wait()
		stop() // and Skein is started anew meanwhile
		if tries := mail.tried(); tries < 5 || tries > 20 {
			t.Errorf("%d attempts in an hour: from seconds up to ten minutes apart", tries)
		}
		mail.set(nil, false)
		_, stop = outbox(t, dir, 0, mail)
		synctest.Wait()
		if got := mail.read(); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("got %q", got)
		}
		stop()
	})
}

func TestWhatIsRefusedForGoodStandsInNobodysWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		mail := &person{name: "mail", fails: fmt.Errorf("no such user: %w", errRefused)}
		out, stop := outbox(t, dir, 0, mail)
		post(t, out, "one")
		synctest.Wait()
		mail.set(nil, false)
		post(t, out, "two")
		synctest.Wait()
		if got := mail.read(); !slices.Equal(got, []string{"two"}) {
			t.Errorf("got %q", got)
		}
		stop()
	})
}

func TestMoreThanIsKeptIsCounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		mail := &person{name: "mail", fails: errors.New("away")}
		out, stop := outbox(t, dir, 2, mail)
		post(t, out, "one", "two", "three", "four", "five")
		synctest.Wait()
		mail.set(nil, false)
		time.Sleep(maxWait)
		synctest.Wait()
		got := mail.read()
		if len(got) != 3 || got[0] != "one" || got[1] != "two" || !strings.HasPrefix(got[2], "3 notices were left out") {
			t.Errorf("got %q", got)
		}
		stop()
	})
}

func TestNamesOfTargetsAreFolders(t *testing.T) {
	t.Parallel()
	for name, targets := range map[string][]Target{
		"a way out":   {&person{name: "../mail"}},
		"none":        {&person{name: ""}},
		"two of one":  {&person{name: "mail"}, &person{name: "mail"}},
		"upper case":  {&person{name: "Mail"}},
		"with a dot":  {&person{name: "mail.box"}},
		"with spaces": {&person{name: "mail box"}},
	} {
		if _, err := Open(Options{Dir: t.TempDir(), Targets: targets}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
