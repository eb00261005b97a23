package cli

import (
	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) zoneTakeover() *cobra.Command {
	var body skein.TakeoverBody
	var change changeFlags
	c := &cobra.Command{
		Use:   "takeover NAME --to SOURCE",
		Short: "Give a zone to another source",
		Long: "Gives a zone to another source: from now on that one may replace and delete it, and its former one may not. If a\n" +
			"version of the new source waits (skein conflict list), it becomes the zone in the same change.",
		Example: examples(
			"skein zone takeover example.com --to plesk-2 --plan",
			"skein zone takeover example.com --to plesk-2"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if body.To == "" {
				return usage("say --to SOURCE: who gets the zone; skein source list shows them")
			}
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			body.Expect, body.ChangeID = change.revision(), change.id
			r, err := cl.TakeOverZone(c.Context(), string(name), body)
			if err != nil {
				return err
			}
			a.warn(r.Warnings)
			return a.showArrived(r, func() { a.sayTakeover(r, body.To) })
		},
	}
	c.Flags().StringVar(&body.To, "to", "", "source that gets the zone")
	c.Flags().BoolVar(&body.DryRun, "plan", false, "say what would change, and change nothing")
	takes(c.Flags(), "to", "SOURCE")
	completeFlag(c, "to", a.completeSource)
	change.on(a, c)
	return c
}

func (a *app) sayTakeover(r skein.ZoneResult, to string) {
	name := r.Zone.Name.Unicode()
	switch {
	case !r.Changed:
		a.say("%s: unchanged, it belongs to %s already", name, to)
		return
	case r.DryRun:
		a.say("%s: would go from %s to %s", name, orElse(r.Zone.OriginBefore, "nobody"), to)
	default:
		a.say("%s: belongs to %s now, before to %s; serial %d, revision %d", name, r.Zone.Origin, orElse(r.Zone.OriginBefore, "nobody"), r.Zone.Serial, r.Zone.Revision)
	}
	a.sayDelta(r.Delta)
}
