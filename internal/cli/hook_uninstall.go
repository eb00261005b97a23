package cli

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

func (a *app) hookPleskUninstall() *cobra.Command {
	var named string
	c := &cobra.Command{
		Use:   "uninstall",
		Short: "Have Plesk call again what it called before",
		Long: "On the Plesk server, as root: puts the command line back that the hook took the place of, or empties Plesk's slot,\n" +
			"and removes the settings with the token. What another program has registered since is left alone. While anything waits in\n" +
			"the spool the settings stay, so that it can be delivered. Zones stay at Skein as they are.",
		Example: examples("skein hook plesk uninstall"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if os.Geteuid() != 0 {
				return notRoot()
			}
			dir, err := settingsDir(named)
			if err != nil {
				return err
			}
			return a.uninstallHook(c.Context(), dir)
		},
	}
	settingsFlag(c.Flags(), &named)
	return c
}

// uninstalled is what the command answers.
type uninstalled struct {
	Calls    string `json:"calls"`    // what Plesk calls now
	Settings bool   `json:"settings"` // they are still there
	Spool    string `json:"spool"`
	spool.Found
}

func (a *app) uninstallHook(ctx context.Context, dir pleskhost.Dir) error {
	s, err := dir.Load()
	if err != nil && !errors.Is(err, pleskhost.ErrNone) {
		return err
	}
	panel, err := findPanel(a.environ)
	if err != nil {
		return err
	}
	out := uninstalled{Spool: s.Spool}
	if out.Calls, err = putBack(ctx, panel, dir, s.Evicted); err != nil {
		return pleskFailed("Plesk goes on calling the hook", err)
	}
	if s.Command == "" { // nothing was installed, or this is the second time
		return a.show(out, func() { a.say("%s; there are no settings", callsNow(out.Calls)) })
	}
	unlock, err := dir.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	queue, err := spool.Open(s.Spool)
	if err == nil {
		out.Found, err = queue.Look()
	}
	if err != nil {
		return err
	}
	if out.Settings = out.Waiting > 0; !out.Settings {
		if err := dir.Remove(); err != nil {
			return err
		}
	}
	return a.show(out, func() {
		a.say("%s", callsNow(out.Calls))
		if out.Waiting > 0 {
			a.say("%d pushes are left in %s, since %s", out.Waiting, s.Spool, when(out.Since))
			a.say("deliver them with skein hook plesk --deliver, and uninstall again: the settings are kept until then")
		}
		if out.Refused > 0 {
			a.say("%d pushes that were refused are left in %s/refused", out.Refused, s.Spool)
		}
		if out.Waiting == 0 {
			a.say("the settings and the token are removed; delete the token at Skein too: skein token list, skein token delete ID")
		}
	})
}

// putBack gives the slot back to whoever had it, unless somebody else has it by now.
func putBack(ctx context.Context, panel pleskhost.Panel, dir pleskhost.Dir, evicted string) (calls string, err error) {
	now, err := panel.Registered(ctx)
	switch {
	case err != nil || !pleskhost.Ours(now, dir):
		return now, err
	case evicted == "":
		return "", panel.Unregister(ctx)
	}
	return evicted, panel.Register(ctx, evicted)
}

func callsNow(command string) string {
	if command == "" {
		return "Plesk calls nothing now: changes do not leave it"
	}
	return "Plesk calls " + command
}
