package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) zoneRestore() *cobra.Command {
	var to string
	var dryRun bool
	var change changeFlags
	c := &cobra.Command{
		Use:   "restore NAME --to REVISION",
		Short: "Make a zone what it was at an earlier revision",
		Long: "Makes what a zone held at a revision of its history its contents again, also of an earlier life of its name.\n" +
			"It is a new change with a higher serial, so that every nameserver takes it, and can be undone like any other.",
		Example: examples(
			"skein zone history example.com",
			"skein zone restore example.com --to 12 --plan    # what would change",
			"skein zone restore example.com --to 12"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := zoneName(args[0])
			if err != nil {
				return err
			}
			if to == "" {
				return usage("say --to REVISION; skein zone history lists them")
			}
			body := skein.RestoreBody{DryRun: dryRun, Expect: change.revision(), ChangeID: change.id}
			if body.To, err = parseRevision(to); err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.RestoreZone(c.Context(), string(name), body)
			if err != nil {
				return err
			}
			return a.showChange(result)
		},
	}
	c.Flags().StringVar(&to, "to", "", "revision to restore")
	c.Flags().BoolVar(&dryRun, "plan", false, "say what would change, and change nothing")
	takes(c.Flags(), "to", "REVISION")
	change.on(a, c)
	return c
}

func (a *app) zoneUndelete() *cobra.Command {
	var body skein.UndeleteBody
	c := &cobra.Command{
		Use:   "undelete NAME",
		Short: "Bring a deleted zone back",
		Long: "Brings a deleted zone back with what it held, to the source that it belonged to, under a higher serial.\n" +
			"That is refused if the name is taken; skein zone restore then gives the zone there older contents.",
		Example: examples(
			"skein zone list --deleted",
			"skein zone undelete example.com"),
		ValidArgsFunction: a.completeDeleted,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			r, err := cl.UndeleteZone(c.Context(), string(name), body)
			if err != nil {
				return err
			}
			a.warn(r.Warnings)
			return a.showArrived(r, func() {
				what := fmt.Sprintf("%s with origin %s", plural(r.Zone.Records, "record"), r.Zone.Origin)
				if r.DryRun {
					a.say("%s: would be back, %s", r.Zone.Name.Unicode(), what)
					return
				}
				a.say("%s: back, %s, serial %d, revision %d", r.Zone.Name.Unicode(), what, r.Zone.Serial, r.Zone.Revision)
			})
		},
	}
	c.Flags().BoolVar(&body.DryRun, "plan", false, "say what would come back, and change nothing")
	c.Flags().StringVar(&body.ChangeID, "change-id", "", "repeat a change with its id, and it is not made twice")
	takes(c.Flags(), "change-id", "ID")
	a.waitOn(c)
	return c
}

// listDeleted prints what can be brought back.
func (a *app) listDeleted(ctx context.Context, cl *client.Client, contains string) error {
	return showList(a, "zones", cl.AllDeletedZones(ctx, contains), newTable("ZONE", "SERIAL", "REVISION", "ORIGIN", "DELETED", "KEPT UNTIL"),
		func(z skein.DeletedZone) []string {
			return []string{z.Name.Unicode(), fmt.Sprint(z.Serial), fmt.Sprint(z.Last), z.Origin, when(z.Changed), when(z.Until)}
		}, "no deleted zones are kept")
}
