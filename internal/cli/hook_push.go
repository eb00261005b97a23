package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

const (
	maxPush  = 64 << 20         // octets that a panel may send at once
	hookWait = 10 * time.Second // the panel's user waits for us
	pushWait = 10 * time.Minute // for one push in the background: what the API gives it
)

// pleskHook is one call by Plesk.
type pleskHook struct {
	app       *app
	settings  string              // folder that was named
	installed *pleskhost.Settings // nil: told by flags and environment
	dir       string              // of the spool
	also      string
	wait      time.Duration // for Skein's answer
	leave     func() error  // leaves the background deliverer behind
}

// run takes one push. Plesk only logs the exit code, so it is 0 unless the
// input is broken, nothing could be kept, or the other command failed.
func (h *pleskHook) run(ctx context.Context) error {
	body, err := io.ReadAll(io.LimitReader(h.app.in, maxPush+1))
	if err != nil {
		return fmt.Errorf("reading standard input: %w", err)
	}
	taken := h.take(ctx, body)
	if h.also == "" {
		return taken
	}
	// The other one gets everything, also what is too large for us.
	err = h.runAlso(ctx, io.MultiReader(bytes.NewReader(body), h.app.in))
	if taken == nil {
		return err
	}
	if err != nil { // what became of the push comes first
		h.app.note("skein: the other command (--also) failed too: %v", err)
	}
	return taken
}

// take keeps a push, and delivers it if Skein is there.
func (h *pleskHook) take(ctx context.Context, body []byte) error {
	if err := checkPush(body); err != nil {
		return err
	}
	queue, err := spool.Open(h.dir)
	if err != nil {
		return notKept(err, "name a folder that this user may write to with --spool DIR")
	}
	if err := queue.Note(zonesIn(body)); err != nil {
		h.app.note("skein: %v", err) // the push itself is another matter
	}
	return h.putAndDeliver(ctx, queue, func() (spool.Entry, error) {
		push, err := queue.Put(body)
		if err != nil {
			err = notKept(err, "make room, and let Plesk send everything again: plesk repair dns -sync-zones -y")
		}
		return push, err
	})
}

func (h *pleskHook) putAndDeliver(ctx context.Context, queue *spool.Spool, put func() (spool.Entry, error)) error {
	away := h.knownAway(queue)
	// With the turn in hand before the push is there, nobody else delivers it
	// and its outcome is ours to print. Without, we put it first and then wait.
	turn, _ := queue.TryTurn()
	push, err := put()
	if err != nil {
		release(turn)
		return err
	}
	if away {
		release(turn)
		h.app.note("skein: kept for later (%s), behind what waits already", push.ID)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, h.wait)
	defer cancel()
	if turn == nil {
		turn, err = queue.Turn(ctx)
	}
	if err == nil {
		err = h.round(ctx, turn)
		release(turn)
	}
	if err == nil {
		return nil
	}
	h.app.note("skein: kept for later (%s): %v", push.ID, err)
	return h.leave()
}

// notKept is the one failure that Plesk must hear of: nobody will send the push again.
func notKept(err error, mend string) error {
	return &skein.Error{Kind: skein.KindUnavailable, What: "the push cannot be kept", Mend: mend, Cause: err}
}

// knownAway reports whether pushes wait already and the background deliverer
// is on them: the panel's user need not wait for the same silence again.
func (h *pleskHook) knownAway(queue *spool.Spool) bool {
	if n, err := queue.Len(); err != nil || n == 0 {
		return false
	}
	place, err := queue.Background()
	release(place)
	return errors.Is(err, spool.ErrBusy)
}

func release(t *spool.Turn) {
	if t != nil {
		t.Release()
	}
}

// checkPush refuses what is no JSON at all; everything else is the door's
// business. It is internal by kind, so that the exit code is 1: the usage is right.
func checkPush(body []byte) error {
	if len(body) > maxPush {
		return &skein.Error{Kind: skein.KindInternal, What: fmt.Sprintf("the input is larger than %d MB", maxPush>>20), Mend: "nothing was kept"}
	}
	var any json.RawMessage
	if err := json.Unmarshal(body, &any); err != nil {
		return &skein.Error{Kind: skein.KindInternal, What: "the input is not JSON", Cause: err, Mend: "Plesk sends a JSON array of tasks on standard input; nothing was kept"}
	}
	return nil
}

// round delivers what is in the spool, as far as it goes.
func (h *pleskHook) round(ctx context.Context, turn *spool.Turn) error {
	cl, err := h.client()
	if err != nil {
		return err
	}
	defer cl.Close()
	return turn.Deliver(ctx, func(ctx context.Context, push spool.Entry) error {
		ctx, cancel := context.WithTimeout(ctx, pushWait)
		defer cancel()
		report, err := cl.PushPlesk(ctx, push.ID, push.Body)
		h.print(report, err)
		return daemon.SpoolVerdict(report, err)
	})
}

// print tells what became of each task.
func (h *pleskHook) print(report skein.DoorReport, err error) {
	if skein.KindOf(err) == skein.KindInvalid {
		h.app.note("skein: refused: %v", err)
	}
	if err != nil {
		return
	}
	_ = h.app.show(report, func() {
		for _, task := range report.Tasks {
			h.app.say("%s", taskLine(task))
		}
	})
}

func taskLine(t skein.TaskResult) string {
	line := fmt.Sprintf("%s %s: %s", t.Command, t.Subject, t.Outcome)
	if t.Text != "" {
		line += ": " + t.Text
	}
	for _, p := range t.Problems {
		line += "\n  " + problem(p)
	}
	return line
}

// runAlso runs the other handler. Its output and exit code are passed through.
func (h *pleskHook) runAlso(ctx context.Context, in io.Reader) error {
	words, err := splitWords(h.also)
	if err == nil && len(words) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return usage("--also %q is not a command: %v", h.also, err)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = in, h.app.out, h.app.err, h.app.environ
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return &exitError{code: exit.ExitCode()}
	}
	if err != nil {
		return fmt.Errorf("running --also: %w", err)
	}
	return nil
}
