package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/spool"
)

// panelHost is the machine of a panel, with the data directory of a node that
// may or may not run.
type panelHost struct {
	t     *testing.T
	dir   string
	out   bytes.Buffer
	left  int // background deliverers left behind
	mu    sync.Mutex
	got   []delivery // what arrived at the node
	twice map[string]int
}

type delivery struct{ id, body string }

func newPanelHost(t *testing.T) *panelHost {
	return &panelHost{t: t, dir: t.TempDir(), twice: map[string]int{}}
}

// nodeRuns starts a stand-in of the node's socket, which answers as it is told
// to. It ends with the test, or when stop is called.
func (p *panelHost) nodeRuns(answer func(http.ResponseWriter, delivery)) (stop func()) {
	p.t.Helper()
	l, err := net.Listen("unix", daemon.Socket(p.dir))
	if err != nil {
		p.t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/v1/doors/plesk" {
			p.t.Errorf("%s, %v", r.URL, err)
		}
		answer(w, delivery{r.Header.Get("Skein-Change-Id"), string(body)})
	})}
	go server.Serve(l)
	stop = func() { server.Close() }
	p.t.Cleanup(stop)
	return stop
}

// take is a node that does what it is given, once for each id.
func (p *panelHost) take(w http.ResponseWriter, d delivery) {
	p.arrived(d)
	json.NewEncoder(w).Encode(skein.DoorReport{Tasks: []skein.TaskResult{{Command: "delete", Subject: d.body, Outcome: "applied"}}})
}

func (p *panelHost) arrived(d delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.twice[d.id]++; p.twice[d.id] == 1 {
		p.got = append(p.got, d)
	}
}

func (p *panelHost) bodies() (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.got {
		all = append(all, d.body)
	}
	return all
}

// hook is one call by the panel.
func (p *panelHost) hook(in io.Reader) *pleskHook {
	a := &app{in: in, out: &p.out, err: &p.out, env: map[string]string{}, environ: os.Environ(), format: "table", data: p.dir}
	h := &pleskHook{app: a, wait: hookWait, leave: func() error { p.left++; return nil }}
	h.dir = h.defaultDir()
	return h
}

// call runs the hook with a push and returns its exit code.
func (p *panelHost) call(body string) int {
	p.t.Helper()
	return p.code(p.hook(strings.NewReader(body)).run(p.t.Context()))
}

func (p *panelHost) code(err error) int {
	if err == nil {
		return exitDone
	}
	var exit *exitError
	if !errors.As(err, &exit) || exit.err != nil {
		(&app{err: &p.out}).failText(err)
	}
	return codeOf(err)
}

func (p *panelHost) queue() *spool.Spool {
	p.t.Helper()
	queue, err := spool.Open(daemon.PleskSpool(p.dir))
	if err != nil {
		p.t.Fatal(err)
	}
	return queue
}

func (p *panelHost) waiting(want int) {
	p.t.Helper()
	if n, err := p.queue().Len(); err != nil || n != want {
		p.t.Errorf("%d pushes wait, %v; want %d\n%s", n, err, want, &p.out)
	}
}

// A push that meets trouble is kept, is no error for Plesk, and arrives later:
// once, and before those that came after it.
func TestHookKeepsWhatMeetsTrouble(t *testing.T) {
	t.Parallel()
	document := func(w http.ResponseWriter, status int, kind skein.Kind) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(skein.ErrorDocument{Status: status, Kind: kind, Detail: "trouble"})
	}
	for situation, node := range map[string]func(*panelHost) func(http.ResponseWriter, delivery){
		"no node runs": nil,
		"the disk of the node is full": func(*panelHost) func(http.ResponseWriter, delivery) {
			return func(w http.ResponseWriter, _ delivery) { document(w, 503, skein.KindUnavailable) }
		},
		"the token is not known": func(*panelHost) func(http.ResponseWriter, delivery) {
			return func(w http.ResponseWriter, _ delivery) { document(w, 401, skein.KindUnknown) }
		},
		"there is no Skein at that address": func(*panelHost) func(http.ResponseWriter, delivery) {
			return func(w http.ResponseWriter, _ delivery) { http.Error(w, "nginx", 404) }
		},
		"the node dies before it is done": func(*panelHost) func(http.ResponseWriter, delivery) {
			return func(http.ResponseWriter, delivery) { panic(http.ErrAbortHandler) }
		},
		"the node dies after it is done": func(p *panelHost) func(http.ResponseWriter, delivery) {
			return func(_ http.ResponseWriter, d delivery) { p.arrived(d); panic(http.ErrAbortHandler) }
		},
		"the node answers nonsense": func(p *panelHost) func(http.ResponseWriter, delivery) {
			return func(w http.ResponseWriter, d delivery) { p.arrived(d); io.WriteString(w, "<html>") }
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			p := newPanelHost(t)
			stop := func() {}
			if node != nil {
				stop = p.nodeRuns(node(p))
			}
			for n, body := range []string{`["first"]`, `["second"]`} {
				if code := p.call(body); code != exitDone || p.left != n+1 || !strings.Contains(p.out.String(), "kept for later") {
					t.Errorf("exit %d, %d left behind\n%s", code, p.left, &p.out)
				}
				p.waiting(n + 1)
			}
			stop()
			p.nodeRuns(p.take)
			if code := p.call(`["third"]`); code != exitDone || p.left != 2 {
				t.Errorf("exit %d, %d left behind\n%s", code, p.left, &p.out)
			}
			if got, want := p.bodies(), []string{`["first"]`, `["second"]`, `["third"]`}; !slices.Equal(got, want) {
				t.Errorf("arrived: %q, want %q", got, want)
			}
			if !strings.Contains(p.out.String(), `delete ["third"]: applied`) {
				t.Errorf("the outcome is not told:\n%s", &p.out)
			}
			p.waiting(0)
		})
	}
}

// A node that accepts and never answers costs the panel's user some seconds, once.
func TestHookDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	p := newPanelHost(t)
	var asked sync.WaitGroup
	asked.Add(1)
	calls := 0
	stop := p.nodeRuns(func(_ http.ResponseWriter, d delivery) {
		calls++
		asked.Done() // a second call would panic
		<-t.Context().Done()
	})
	h := p.hook(strings.NewReader(`["first"]`))
	h.wait = 50 * time.Millisecond
	if code := p.code(h.run(t.Context())); code != exitDone || p.left != 1 {
		t.Fatalf("exit %d, %d left behind\n%s", code, p.left, &p.out)
	}
	asked.Wait()

	place, err := p.queue().Background() // as the deliverer that was left behind has it
	if err != nil {
		t.Fatal(err)
	}
	if code := p.call(`["second"]`); code != exitDone || p.left != 1 || calls != 1 {
		t.Errorf("exit %d, %d left behind, %d calls of a node that is known not to answer\n%s", code, p.left, calls, &p.out)
	}
	p.waiting(2)
	place.Release()
	stop()

	p.nodeRuns(p.take)
	if err := p.hook(nil).deliverInBackground(t.Context()); err != nil {
		t.Error(err)
	}
	if got, want := p.bodies(), []string{`["first"]`, `["second"]`}; !slices.Equal(got, want) {
		t.Errorf("arrived: %q, want %q", got, want)
	}
	p.waiting(0)
}

// One background deliverer is enough, and it ends when nothing waits.
func TestOneBackgroundDeliverer(t *testing.T) {
	t.Parallel()
	p := newPanelHost(t)
	p.call(`["first"]`)
	place, err := p.queue().Background()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.hook(nil).deliverInBackground(t.Context()); err != nil {
		t.Error(err)
	}
	p.waiting(1)
	place.Release()
	p.nodeRuns(p.take)
	if err := p.hook(nil).deliverInBackground(t.Context()); err != nil {
		t.Error(err)
	}
	p.waiting(0)
	if err := p.hook(nil).deliverInBackground(t.Context()); err != nil {
		t.Error(err)
	}
}

// A push that can never be right is put aside, and is in nobody's way.
func TestHookPutsAsideWhatIsRefused(t *testing.T) {
	t.Parallel()
	p := newPanelHost(t)
	p.nodeRuns(func(w http.ResponseWriter, d delivery) {
		if d.body == "42" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(422)
			json.NewEncoder(w).Encode(skein.ErrorDocument{Status: 422, Kind: skein.KindInvalid, Detail: "neither an array of tasks nor a task"})
			return
		}
		p.take(w, d)
	})
	for _, body := range []string{"42", `["good"]`} {
		if code := p.call(body); code != exitDone || p.left != 0 {
			t.Errorf("%s: exit %d, %d left behind\n%s", body, code, p.left, &p.out)
		}
	}
	if got := p.bodies(); !slices.Equal(got, []string{`["good"]`}) {
		t.Errorf("arrived: %q", got)
	}
	p.waiting(0)
	reasons, _ := filepath.Glob(filepath.Join(daemon.PleskSpool(p.dir), "refused", "*.reason"))
	if len(reasons) != 1 || !strings.Contains(p.out.String(), "refused: neither an array") {
		t.Errorf("%d reasons kept\n%s", len(reasons), &p.out)
	}
}

// Several calls at once: everything arrives once, each caller's in its order.
func TestHooksAtOnce(t *testing.T) {
	t.Parallel()
	p := newPanelHost(t)
	p.nodeRuns(p.take)
	const callers, each = 4, 5
	hosts := [callers]*panelHost{}
	var all sync.WaitGroup
	for c := range callers {
		hosts[c] = &panelHost{t: t, dir: p.dir}
		all.Go(func() {
			for n := range each {
				if code := hosts[c].call(fmt.Sprintf("[%d,%d]", c, n)); code != exitDone || hosts[c].left > 0 {
					t.Errorf("exit %d, %d left behind\n%s", code, hosts[c].left, &hosts[c].out)
				}
			}
		})
	}
	all.Wait()
	p.waiting(0)
	var next [callers]int
	for _, body := range p.bodies() {
		var c, n int
		if _, err := fmt.Sscanf(body, "[%d,%d]", &c, &n); err != nil || n != next[c] {
			t.Fatalf("%s came where %d was due: %q", body, next[c], p.bodies())
		}
		next[c]++
	}
	if next != [callers]int{each, each, each, each} {
		t.Errorf("arrived of each: %v", next)
	}
}

// What the other handler is given, and what Plesk hears of it.
func TestAlso(t *testing.T) {
	t.Parallel()
	const good = `[{"command":"delete"}]`
	for situation, c := range map[string]struct {
		in, also string
		code     int
		says     string
		waits    int
	}{
		"it gets the same":                  {good, `cat`, 0, good, 1},
		"its exit code is passed on":        {good, `sh -c 'cat >/dev/null; exit 255'`, 255, "", 1},
		"it does not read":                  {good, `true`, 0, "", 1},
		"it cannot be found":                {good, `/nowhere/at-all`, 1, "/nowhere/at-all", 1},
		"it is killed":                      {good, `sh -c 'kill -9 $$'`, 1, "killed", 1},
		"no shell is involved":              {good, `echo $(id) ; rm -rf /nowhere | cat > x`, 0, "$(id) ; rm -rf /nowhere | cat > x", 1},
		"a quote is open":                   {good, `echo 'x`, 2, "a quote is not closed", 1},
		"it is only blanks":                 {good, `  `, 2, "it is empty", 1},
		"what is not JSON is passed on too": {`[{`, `cat`, 1, "[{", 0},
		"both fail, and ours comes first":   {`[{`, `sh -c 'exit 7'`, 1, "failed too: exit 7\nskein: the input is not JSON", 0},
		"what is too large for us is whole": {`[` + strings.Repeat(" ", maxPush+9) + `]`, `wc -c`, 1, fmt.Sprint(maxPush + 11), 0},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			p := newPanelHost(t)
			h := p.hook(strings.NewReader(c.in))
			h.also = c.also
			if code := p.code(h.run(t.Context())); code != c.code || !strings.Contains(p.out.String(), c.says) {
				t.Errorf("exit %d, want %d with %q\n%.2000s", code, c.code, c.says, &p.out)
			}
			p.waiting(c.waits)
		})
	}
}

// What cannot be kept is the one thing that Plesk must hear of.
func TestNothingKeptIsAnError(t *testing.T) {
	t.Parallel()
	t.Run("the spool cannot be made", func(t *testing.T) {
		t.Parallel()
		p := newPanelHost(t)
		h := p.hook(strings.NewReader("[]"))
		h.dir = filepath.Join(p.dir, "file", "spool")
		if err := os.WriteFile(filepath.Dir(h.dir), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if code := p.code(h.run(t.Context())); code != exitFailed || !strings.Contains(p.out.String(), "--spool DIR") {
			t.Errorf("exit %d\n%s", code, &p.out)
		}
	})
	t.Run("the disk is full", func(t *testing.T) {
		t.Parallel()
		if os.Geteuid() != 0 {
			return // only root may mount
		}
		p := newPanelHost(t)
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", p.dir).CombinedOutput(); err != nil {
			t.Fatalf("mounting a small tmpfs as root: %v\n%s", err, out)
		}
		t.Cleanup(func() { syscall.Unmount(p.dir, syscall.MNT_DETACH) })
		if code := p.call(`["first"]`); code != exitDone {
			t.Fatalf("exit %d\n%s", code, &p.out)
		}
		large := `["` + strings.Repeat("x", 2<<20) + `"]`
		if code := p.call(large); code != exitFailed || !strings.Contains(p.out.String(), "no space left") || !strings.Contains(p.out.String(), "sync-zones") {
			t.Errorf("exit %d\n%s", code, &p.out)
		}
		p.waiting(1)
		if code := p.call(`["second"]`); code != exitDone {
			t.Errorf("there is room again: exit %d\n%s", code, &p.out)
		}
		p.waiting(2)
	})
	t.Run("the token would come from standard input", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		code := Main([]string{"hook", "plesk", "--url", "https://skein.example:8443", "--token-file", "-"}, strings.NewReader("[]"), &out, &out, nil)
		if code != exitUsage || !strings.Contains(out.String(), "name a file") {
			t.Errorf("exit %d\n%s", code, &out)
		}
	})
}

// The node delivers from its own spool as the Plesk server on its machine.
func TestPushesForElsewhereLieElsewhere(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		app  app
		want string
	}{
		"the node on this machine":            {app{data: "/data"}, "/data/spool/plesk"},
		"its directory is in the environment": {app{env: map[string]string{"SKEIN_DATA": "/data"}}, "/data/spool/plesk"},
		"nothing is said":                     {app{}, "/var/lib/skein/spool/plesk"},
		"a node elsewhere":                    {app{url: "https://skein.example:8443"}, "/var/lib/skein/spool/plesk-remote"},
		"which the environment names":         {app{env: map[string]string{"SKEIN_URL": "https://skein.example:8443"}}, "/var/lib/skein/spool/plesk-remote"},
		"the flag outdoes it":                 {app{data: "/data", env: map[string]string{"SKEIN_URL": "https://skein.example:8443"}}, "/data/spool/plesk"},
	} {
		h := pleskHook{app: &c.app}
		if got := h.defaultDir(); got != c.want {
			t.Errorf("%s: %s, want %s", situation, got, c.want)
		}
	}
}
