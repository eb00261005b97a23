package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/spool"
)

const (
	maxPush    = 64 << 20         // octets that a panel may send at once
	hookWait   = 10 * time.Second // the panel's user waits for us
	background = time.Hour        // how long the background deliverer tries
)

func (a *app) hook() *cobra.Command {
	return group("hook", "What panels call for each change", a.hookPlesk())
}

func (a *app) hookPlesk() *cobra.Command {
	h := pleskHook{app: a}
	c := &cobra.Command{
		Use:   "plesk",
		Short: "Take what Plesk's custom DNS backend sends on standard input",
		Long: "Reads Plesk's tasks from standard input, writes them to a spool on disk, and delivers everything in the spool,\n" +
			"in order. When Skein is away it ends with 0 at once all the same, and delivers later in the background.\n" +
			"Tasks that are refused are kept in the spool's folder refused, with the reason.",
		Example: "  skein hook plesk < create.json\n" +
			"  plesk bin server_dns --enable-custom-backend \"/usr/local/bin/skein hook plesk --url https://skein.example.net:8443 --token-file /etc/skein/plesk-1.token\"",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if h.dir == "" {
				h.dir = daemon.PleskSpool(a.dataDir())
			}
			if h.deliverOnly {
				return h.deliverInBackground(c.Context())
			}
			return h.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&h.dir, "spool", "", "folder of the spool (default: spool/plesk in the data directory)")
	f.StringVar(&h.also, "also", "", "run this command too, with the same input: Plesk has one slot only")
	f.BoolVar(&h.deliverOnly, "deliver", false, "deliver what is in the spool, and take nothing in")
	f.Lookup("deliver").Hidden = true
	takes(f, "spool", "DIR", "also", "COMMAND")
	return c
}

// pleskHook is one call by Plesk.
type pleskHook struct {
	app         *app
	dir         string
	also        string
	deliverOnly bool
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
	err = h.runAlso(ctx, body)
	if taken != nil && err != nil {
		h.app.failText(taken)
	}
	if err == nil {
		err = taken
	}
	return err
}

func (h *pleskHook) take(ctx context.Context, body []byte) error {
	if err := checkPush(body); err != nil {
		return err
	}
	queue, err := spool.Open(h.dir)
	if err != nil {
		return &skein.Error{Kind: skein.KindUnavailable, What: "the push cannot be kept", Mend: "name a folder that this user may write to with --spool DIR", Cause: err}
	}
	// With the turn in hand before the push is there, nobody else delivers it
	// and its outcome is ours to print. Without, we put it first and then wait.
	turn, _ := queue.TryTurn()
	push, err := queue.Put(body)
	if err != nil {
		return errors.Join(err, release(turn))
	}
	ctx, cancel := context.WithTimeout(ctx, hookWait)
	defer cancel()
	if turn == nil {
		turn, err = queue.Turn(ctx)
	}
	if err == nil {
		err = turn.Deliver(ctx, h.deliver)
		release(turn)
	}
	if err == nil {
		return nil
	}
	h.app.note("skein: kept for later (%s): %v", push.ID, err)
	return h.startBackground()
}

func release(t *spool.Turn) error {
	if t != nil {
		t.Release()
	}
	return nil
}

// checkPush refuses what is no JSON at all; everything else is the door's business.
func checkPush(body []byte) error {
	if len(body) > maxPush {
		return &skein.Error{Kind: skein.KindInternal, What: fmt.Sprintf("the input is larger than %d MB", maxPush>>20)}
	}
	var any json.RawMessage
	if err := json.Unmarshal(body, &any); err != nil {
		return &skein.Error{Kind: skein.KindInternal, What: "the input is not JSON", Cause: err, Mend: "Plesk sends a JSON array of tasks on standard input; nothing was kept"}
	}
	return nil
}

// deliver hands one push to the node and prints what became of each task.
func (h *pleskHook) deliver(ctx context.Context, push spool.Entry) error {
	cl, err := h.app.client()
	if err != nil {
		return err
	}
	defer cl.Close()
	report, err := cl.PushPlesk(ctx, push.ID, push.Body)
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindConflict, skein.KindNotFound:
		h.app.note("skein: refused: %v", err)
		return &spool.Refused{Report: []byte(err.Error() + "\n")}
	}
	if err != nil {
		return err
	}
	refused := false
	h.app.show(report, func() {
		for _, task := range report.Tasks {
			h.app.say("%s", taskLine(task))
		}
	})
	for _, task := range report.Tasks {
		refused = refused || task.Outcome == "refused"
	}
	if refused {
		text, err := json.MarshalIndent(report, "", "  ")
		return errors.Join(&spool.Refused{Report: text}, err)
	}
	return nil
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

// startBackground leaves a process behind that delivers when Skein is back.
// It is in a session of its own and holds none of Plesk's pipes.
func (h *pleskHook) startBackground() error {
	program, err := os.Executable()
	if err != nil {
		return nil // the next call delivers
	}
	args := []string{"skein", "hook", "plesk", "--deliver", "--spool", h.dir}
	for flag, value := range map[string]string{"--data": h.app.data, "--url": h.app.url, "--token-file": h.app.tokenFile} {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	child := &exec.Cmd{Path: program, Args: args, Env: h.app.environ, SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	if err := child.Start(); err != nil {
		h.app.note("skein: no background delivery (%v); the next call delivers", err)
		return nil
	}
	return child.Process.Release()
}

// deliverInBackground tries until the spool is empty, an hour is over or
// another background deliverer is at work.
func (h *pleskHook) deliverInBackground(ctx context.Context) error {
	queue, err := spool.Open(h.dir)
	if err != nil {
		return err
	}
	place, err := queue.Background()
	if errors.Is(err, spool.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	defer place.Release()
	ctx, cancel := context.WithTimeout(ctx, background)
	defer cancel()
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 30*time.Second) {
		if turn, err := queue.Turn(ctx); err == nil {
			err = turn.Deliver(ctx, h.deliver)
			turn.Release()
		}
		if n, err := queue.Len(); err != nil || n == 0 { // or the folder is gone
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// runAlso runs the other handler. Its output and exit code are passed through.
func (h *pleskHook) runAlso(ctx context.Context, body []byte) error {
	words, err := splitWords(h.also)
	if err != nil || len(words) == 0 {
		return usage("--also %q is not a command: %v", h.also, err)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin = bytes.NewReader(body)
	cmd.Stdout, cmd.Stderr, cmd.Env = h.app.out, h.app.err, h.app.environ
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
