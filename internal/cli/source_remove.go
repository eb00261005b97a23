package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) sourceRemove() *cobra.Command {
	var query client.RemoveQuery
	var yes bool
	c := &cobra.Command{
		Use:   "remove NAME --zones keep|hand-over|recycle",
		Short: "Remove a source, after a look at what goes with it",
		Long: "Removes a source with its tokens, keys, rules and overlays, and what waits of it. Its zones stay (keep), go to\n" +
			"another source (hand-over --to NAME), or are deleted and kept to be brought back for a time (recycle). What goes\n" +
			"with it is shown first.",
		Example: examples(
			"skein source remove plesk-1 --zones keep --plan",
			"skein source remove plesk-1 --zones hand-over --to plesk-2",
			"skein source remove ns-old --zones recycle --yes"),
		ValidArgsFunction: a.completeSource,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			switch query.Zones {
			case skein.ZonesKeep, skein.ZonesRecycle:
				if query.To != "" {
					return usage("--to is for --zones hand-over")
				}
			case skein.ZonesHanded:
				if query.To == "" {
					return usage("say --to NAME: the source that gets the zones")
				}
			default:
				return usage("say what becomes of its zones: --zones keep, --zones hand-over --to NAME, or --zones recycle")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			ask := query
			ask.DryRun = true
			preview, err := cl.RemoveSource(c.Context(), args[0], ask)
			if err != nil {
				return err
			}
			if query.DryRun {
				return a.show(preview, func() { a.sayRemoval(preview) })
			}
			if a.format != "json" {
				a.sayRemoval(preview)
			}
			if err := a.confirm(yes, "--plan", "Remove "+args[0]+"?"); err != nil {
				return err
			}
			done, err := cl.RemoveSource(c.Context(), args[0], query)
			if err != nil {
				return err
			}
			return a.show(done, func() { a.sayRemoved(done) })
		},
	}
	f := c.Flags()
	f.StringVar(&query.Zones, "zones", "", "what becomes of its zones: keep, hand-over or recycle")
	f.StringVar(&query.To, "to", "", "source that gets them, with --zones hand-over")
	f.BoolVar(&query.DryRun, "plan", false, "say what would go, and change nothing")
	f.BoolVar(&yes, "yes", false, "do not ask")
	takes(f, "zones", "CHOICE", "to", "NAME")
	return c
}

// becomes says what becomes of the zones of a source.
func becomes(r skein.SourceRemoval) string {
	switch r.Choice {
	case skein.ZonesHanded:
		return "go to " + r.To
	case skein.ZonesRecycle:
		return "are deleted, and can be brought back"
	}
	return "stay; administrators look after them"
}

func (a *app) sayRemoval(r skein.SourceRemoval) {
	a.say("removing the source %s", r.Name)
	names := make([]string, len(r.Examples))
	for i, name := range r.Examples {
		names[i] = name.Unicode()
	}
	more := strings.Join(names, ", ")
	if r.Zones > len(names) {
		more += ", …"
	}
	a.sayLine("zones", "%s", strings.TrimSuffix(fmt.Sprintf("%d, which %s: %s", r.Zones, becomes(r), more), ": "))
	a.sayLine("overlays", "%d end", r.Overlays)
	a.sayLine("tokens", "%d become worthless", r.Tokens)
	a.sayLine("rules", "%d end", r.Rules)
	a.sayLine("transfers", "%d end", r.TransferZones)
	a.sayLine("waiting", "%d are discarded", r.Waiting)
}

func (a *app) sayRemoved(r skein.SourceRemoval) {
	what := map[string]string{skein.ZonesKeep: "kept", skein.ZonesHanded: "handed over to " + r.To, skein.ZonesRecycle: "deleted"}[r.Choice]
	a.say("%s is removed; %s %s", r.Name, plural(r.Zones, "zone"), what)
	if r.Choice == skein.ZonesRecycle && r.Zones > 0 {
		a.say("bring one back with: skein zone undelete NAME")
	}
}
