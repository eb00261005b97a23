package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

// maxClock is how far the clocks may be apart before it is worth a word: the
// times in logs and audit are compared by people.
const maxClock = time.Minute

func (a *app) hookPleskCheck() *cobra.Command {
	var named string
	c := &cobra.Command{
		Use:   "check",
		Short: "Look whether Plesk calls the hook and what it takes arrives",
		Long: "On the Plesk server, as root: says what Plesk calls and whether that is this hook, whether Skein answers and as\n" +
			"whom it knows this server, what waits in the spool and since when, and how far the clocks are apart. Changes nothing.\n\n" +
			"It ends with 1 if anything is not as it must be.",
		Example: examples("skein hook plesk check", "skein hook plesk check -o json"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if os.Geteuid() != 0 {
				return notRoot()
			}
			dir, err := settingsDir(named)
			if err != nil {
				return err
			}
			return a.showChecks((&hookCheck{app: a, dir: dir}).run(c.Context()))
		},
	}
	settingsFlag(c.Flags(), &named)
	return c
}

// hookCheck collects findings.
type hookCheck struct {
	app    *app
	dir    pleskhost.Dir
	checks []skein.Check
}

func (h *hookCheck) fine(name, format string, args ...any) {
	h.checks = append(h.checks, skein.Check{Name: name, OK: true, Text: fmt.Sprintf(format, args...)})
}

func (h *hookCheck) warn(name, mend, format string, args ...any) {
	h.checks = append(h.checks, skein.Check{Name: name, OK: true, Warn: true, Text: fmt.Sprintf(format, args...), Mend: mend})
}

func (h *hookCheck) wrong(name, mend, format string, args ...any) {
	h.checks = append(h.checks, skein.Check{Name: name, Text: fmt.Sprintf(format, args...), Mend: mend})
}

func (h *hookCheck) run(ctx context.Context) []skein.Check {
	s, err := h.dir.Load()
	if err != nil {
		h.wrong("settings", "skein hook plesk install", "%v", err)
		h.registered(ctx)
		return h.checks
	}
	h.fine("settings", "%s, mode %s, to %s%s", h.dir, s.Mode, s.URL, s.Data)
	h.registered(ctx)
	h.also(s)
	h.server(ctx, s)
	h.spool(s)
	return h.checks
}

func (h *hookCheck) registered(ctx context.Context) {
	const again = "skein hook plesk install registers it; what is called now is kept, and can be called too with --also"
	panel, err := pleskhost.FindPanel(h.app.environ)
	now := ""
	if err == nil {
		now, err = panel.Registered(ctx)
	}
	command := ""
	if err == nil {
		command, err = ownCommand(h.dir)
	}
	switch {
	case err != nil:
		h.wrong("registered", "mend that first", "%v", err)
	case now == "":
		h.wrong("registered", again, "Plesk calls nothing: changes do not leave it")
	case !pleskhost.Ours(now, h.dir):
		h.wrong("registered", again, "Plesk calls something else: %s", now)
	case now != command:
		h.warn("registered", "skein hook plesk install names this one", "Plesk calls the hook, but another program than this one: %s", now)
	default:
		h.fine("registered", "Plesk calls %s", now)
	}
}

func (h *hookCheck) also(s pleskhost.Settings) {
	if s.Also == "" {
		return
	}
	words, err := splitWords(s.Also)
	if err == nil && len(words) > 0 {
		_, err = exec.LookPath(words[0])
	}
	if err != nil {
		h.wrong("also", "skein hook plesk install --also ''", "the other command cannot be run: %v", err)
		return
	}
	h.fine("also", "the same input goes to %s", s.Also)
}

func (h *hookCheck) server(ctx context.Context, s pleskhost.Settings) {
	in := hookInstall{app: h.app}
	report, err := in.try(ctx, s)
	if err != nil {
		h.wrong("server", failureOf(err).Mend, "%v", failureOf(err).Detail)
		return
	}
	h.fine("server", "Skein answers, and takes what comes from here as source %s, in mode %s", report.Source, report.Mode)
	cl, err := (&pleskHook{app: &app{data: s.Data, env: map[string]string{}}, installed: &s}).client()
	if err != nil {
		return
	}
	defer cl.Close()
	there, err := cl.Clock(ctx)
	switch apart := time.Since(there); {
	case err != nil:
		h.warn("clock", "", "the node's clock cannot be seen: %v", err)
	case apart.Abs() > maxClock:
		h.warn("clock", "set up NTP on both; zones do not suffer, but times in logs cannot be compared", "this clock and the node's are about %v apart", apart.Abs().Round(time.Minute))
	default:
		h.fine("clock", "within a minute of the node's")
	}
}

func (h *hookCheck) spool(s pleskhost.Settings) {
	queue, err := spool.Open(s.Spool)
	var found spool.Found
	if err == nil {
		found, err = queue.Look()
	}
	const deliver = "skein hook plesk --deliver"
	switch {
	case err != nil:
		h.wrong("spool", "make room, and the folder root's", "%v", err)
		return
	case found.Waiting == 0:
		h.fine("spool", "nothing waits in %s", s.Spool)
	case found.Busy:
		h.warn("spool", "", "%d pushes wait in %s, since %s; they are being delivered", found.Waiting, s.Spool, when(found.Since))
	default:
		h.wrong("spool", deliver+"; and have cron do that now and then", "%d pushes wait in %s, since %s, and nobody delivers them", found.Waiting, s.Spool, when(found.Since))
	}
	if pass, err := queue.Pass(); err == nil {
		h.warn("pass", "skein hook plesk --end ends it", "a full pass has begun at %s and noted %d zones, the last one at %s", when(pass.Begun), len(pass.Names), when(pass.Last))
	} else if !errors.Is(err, spool.ErrNoPass) {
		h.warn("pass", "skein hook plesk --begin --anew", "%v", err)
	}
	if found.Refused > 0 {
		h.warn("refused", "read the .reason files, mend it, let Plesk send the zones again, and delete the files", "%d pushes with tasks that were refused are kept in %s/refused", found.Refused, s.Spool)
	}
}

// showChecks prints findings and fails if one is not as it must be.
func (a *app) showChecks(checks []skein.Check) error {
	bad := 0
	for _, c := range checks {
		if !c.OK {
			bad++
		}
	}
	err := a.show(checks, func() {
		for _, c := range checks {
			mark := "ok  "
			switch {
			case !c.OK:
				mark = "BAD "
			case c.Warn:
				mark = "warn"
			}
			a.say("%s  %-10s  %s", mark, c.Name, c.Text)
			if c.Mend != "" {
				a.say("                  mend: %s", c.Mend)
			}
		}
	})
	if err == nil && bad > 0 {
		err = &exitError{code: exitFailed}
	}
	return err
}
