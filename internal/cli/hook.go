package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

const (
	maxPush  = 64 << 20         // octets that a panel may send at once
	hookWait = 10 * time.Second // the panel's user waits for us
	pushWait = 10 * time.Minute // for one push in the background: what the API gives it
)

func (a *app) hook() *cobra.Command {
	return group("hook", "What panels call for each change", a.hookPlesk())
}

func (a *app) hookPlesk() *cobra.Command {
	h := pleskHook{app: a, wait: hookWait}
	h.leave = h.startBackground
	var deliver bool
	var pass hookPass
	c := &cobra.Command{
		Use:   "plesk",
		Short: "Take what Plesk's custom DNS backend sends on standard input",
		Long: "Reads Plesk's tasks from standard input, writes them to a spool on disk, and delivers everything in the spool,\n" +
			"in order. When Skein is away it ends with 0 at once all the same, and delivers later in the background.\n" +
			"Tasks that are refused are kept in the spool's folder refused, with the reason. What waits for a person at\n" +
			"Skein (skein hold list, skein conflict list) has arrived, and is not sent again.\n\n" +
			"Where to deliver to it finds in the settings that skein hook plesk install wrote, unless --url or --data is given.\n\n" +
			"Plesk says nothing when a domain is suspended, disabled or switched off. What it does not speak of is found by a full\n" +
			"pass: between --begin and --end Plesk sends all that it has, and Skein names the zones of this source that did not come.\n\n" +
			"It ends with 1 if nothing could be kept, and with the other command's code if only that failed (--also).",
		Example: examples(
			"skein hook plesk < create.json",
			"skein hook plesk --deliver",
			"skein hook plesk --begin           # then: plesk repair dns -sync-zones -y",
			"skein hook plesk --end"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := pass.check(); err != nil {
				return err
			}
			if err := h.findSettings(); err != nil {
				return err
			}
			switch {
			case deliver:
				return h.deliverInBackground(c.Context())
			case pass.begin:
				return h.beginPass(pass.anew)
			case pass.end:
				return h.endPass(c.Context(), pass.deleteMissing)
			}
			return h.run(c.Context())
		},
	}
	f := c.Flags()
	settingsFlag(f, &h.settings)
	f.StringVar(&h.dir, "spool", "", "folder of the spool (default: that of the settings; else spool/plesk in the data directory, spool/plesk-remote with --url)")
	f.StringVar(&h.also, "also", "", "run this command too, with the same input: Plesk has one slot only")
	f.BoolVar(&deliver, "deliver", false, "take nothing in: deliver what waits in the spool, and try until that is done (for cron, after a reboot)")
	f.BoolVar(&pass.begin, "begin", false, "take nothing in: begin a full pass")
	f.BoolVar(&pass.anew, "anew", false, "with --begin: give up the pass that goes on")
	f.BoolVar(&pass.end, "end", false, "take nothing in: end the full pass, and hear which zones did not come")
	f.BoolVar(&pass.deleteMissing, "delete-missing", false, "with --end: delete the zones that did not come; many deletions at once wait for a person")
	takes(f, "spool", "DIR", "also", "COMMAND")
	c.AddCommand(a.hookPleskInstall(), a.hookPleskCheck(), a.hookPleskUninstall())
	return c
}

// settingsFlag says where the hook's settings lie.
func settingsFlag(f *pflag.FlagSet, dir *string) {
	f.StringVar(dir, "settings", "", "folder of the hook's settings (default "+pleskhost.DefaultDir+")")
	takes(f, "settings", "DIR")
}

// settingsDir makes the folder that was named absolute, since Plesk is told of it.
func settingsDir(named string) (pleskhost.Dir, error) {
	if named == "" {
		return pleskhost.DefaultDir, nil
	}
	dir, err := filepath.Abs(named)
	return pleskhost.Dir(dir), err
}

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

// findSettings says where to: what was installed on this machine, unless flags
// name something else. The environment does not count, since Plesk's is its own.
func (h *pleskHook) findSettings() error {
	if h.app.tokenFile == "-" {
		return usage("the token cannot come from standard input, where Plesk's tasks are: name a file with --token-file")
	}
	if h.settings != "" || h.app.url == "" && h.app.data == "" {
		dir, err := settingsDir(h.settings)
		if err != nil {
			return err
		}
		found, err := dir.Load()
		absent := errors.Is(err, pleskhost.ErrNone) || errors.Is(err, fs.ErrPermission)
		switch {
		case err == nil:
			h.use(found)
		case h.settings != "" || !absent:
			return &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("the hook, run by user %d, does not know where to deliver to", os.Geteuid()),
				Cause: err, Mend: "as root: skein hook plesk install; and it is root that must run the hook"}
		}
	}
	if h.dir == "" {
		h.dir = h.defaultDir()
	}
	return nil
}

func (h *pleskHook) use(s pleskhost.Settings) {
	h.installed = &s
	h.app.data, h.app.url = s.Data, s.URL
	if h.dir == "" {
		h.dir = s.Spool
	}
	if h.also == "" {
		h.also = s.Also
	}
}

// client reaches the node that the settings name, else that of the flags.
func (h *pleskHook) client() (*client.Client, error) {
	if h.installed == nil || h.installed.URL == "" {
		return h.app.client()
	}
	return client.New(client.Config{URL: h.installed.URL, Token: h.installed.Token, CA: []byte(h.installed.CA)})
}

// defaultDir: the node on this machine delivers from its own spool as the
// Plesk server on this machine. What goes elsewhere, as somebody else, must
// not lie in it.
func (h *pleskHook) defaultDir() string {
	if h.app.url == "" && (h.app.data != "" || h.app.env["SKEIN_URL"] == "") {
		return daemon.PleskSpool(h.app.dataDir())
	}
	return daemon.PleskSpool(h.app.dataDir()) + "-remote"
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
