package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// holds are the kinds that the command hold is about: an approval is a hold of
// what is to be new.
var holds = []string{skein.WaitingHold, skein.WaitingApproval}

func (a *app) hold() *cobra.Command {
	return group("hold", "Decide about changes that wait because they look like a mistake",
		a.holdList(), a.holdShow(), a.holdRelease(), a.holdDiscard())
}

func (a *app) holdList() *cobra.Command {
	var filter skein.WaitingFilter
	c := &cobra.Command{
		Use:   "list",
		Short: "List changes that wait for a person",
		Long: "Lists the changes that wait: those that look like a mistake (a mass deletion, a staging server, an unsigned version\n" +
			"of a signed zone), and new zones that need an approval. What is served stays as it was. Conflicts between two\n" +
			"sources are apart: skein conflict list.",
		Example: examples("skein hold list", "skein hold list --source plesk-1"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			filter.Kinds = holds
			return showList(a, "waiting", cl.AllWaiting(c.Context(), filter), newTable("HOLD", "KIND", "ZONE", "SOURCE", "ACTION", "SINCE", "REASON"),
				func(w skein.Waiting) []string {
					return []string{fmt.Sprint(w.ID), w.Kind, w.Zone.Unicode(), w.Source, w.Action, when(w.At), w.Reason}
				}, "nothing is held")
		},
	}
	a.filterOn(c, &filter)
	return c
}

// filterOn gives a command the flags that select what waits.
func (a *app) filterOn(c *cobra.Command, filter *skein.WaitingFilter) {
	c.Flags().StringVar(&filter.Source, "source", "", "only changes of this source")
	c.Flags().StringVar(&filter.Zone, "zone", "", "only changes of this zone")
	takes(c.Flags(), "source", "NAME", "zone", "NAME")
	completeFlag(c, "source", a.completeSource)
	completeFlag(c, "zone", a.completeZone)
}

func (a *app) holdShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show NUMBER",
		Short:             "Show a change that waits: what the zone holds, and what it would hold",
		Example:           examples("skein hold show 17"),
		ValidArgsFunction: a.completeWaiting(holds),
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.showWaiting(c, args[0], holds)
		},
	}
}

func (a *app) holdRelease() *cobra.Command {
	return a.holdDecide("release", "Let a change through, or all that fit", "Release", "released",
		func(ctx context.Context, cl *client.Client, w seen) error {
			r, err := cl.ReleaseWaiting(ctx, w.ID, w.etag)
			if err != nil {
				return err
			}
			return a.showReleased(w.Waiting, r)
		}, (*client.Client).ReleaseAllWaiting)
}

func (a *app) holdDiscard() *cobra.Command {
	return a.holdDecide("discard", "Drop a change, or all that fit; the zones stay as they are", "Discard", "discarded",
		func(ctx context.Context, cl *client.Client, w seen) error {
			if err := cl.DiscardWaiting(ctx, w.ID, w.etag); err != nil {
				return err
			}
			return a.show(w.Waiting, func() { a.say("hold %d is discarded: %s stays as it is", w.ID, w.Zone.Unicode()) })
		}, (*client.Client).DiscardAllWaiting)
}

type decideAll func(*client.Client, context.Context, skein.WaitingFilter) (skein.WaitingResult, error)

func (a *app) holdDecide(verb, short, question, done string, one func(context.Context, *client.Client, seen) error, many decideAll) *cobra.Command {
	var filter skein.WaitingFilter
	var all, yes bool
	c := &cobra.Command{
		Use:   verb + " NUMBER | --all [--source NAME] [--zone NAME]",
		Short: short,
		Example: examples(
			"skein hold "+verb+" 17",
			"skein hold "+verb+" --all --source plesk-1"),
		ValidArgsFunction: a.completeWaiting(holds),
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return usage("say either a NUMBER or --all; skein hold list shows them")
			}
			if all && a.await.For != "" {
				return usage("--wait is for one change; wait for zones with skein wait")
			}
			if !all && (filter.Source != "" || filter.Zone != "") {
				return usage("--source and --zone select with --all")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			if !all {
				w, err := a.look(c.Context(), cl, args[0], holds)
				if err != nil {
					return err
				}
				return one(c.Context(), cl, w)
			}
			filter.Kinds = holds
			n, err := a.previewWaiting(c.Context(), cl, filter)
			if err != nil || n == 0 {
				return err
			}
			if err := a.confirm(yes, "skein hold list", fmt.Sprintf("%s %s?", question, plural(n, "change"))); err != nil {
				return err
			}
			return a.decideMany(c.Context(), cl, filter, many, done)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all that wait, or those that --source and --zone select")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	if verb == "release" {
		a.waitOn(c)
	}
	a.filterOn(c, &filter)
	return c
}

// previewWaiting says what a decision about many is about.
func (a *app) previewWaiting(ctx context.Context, cl *client.Client, filter skein.WaitingFilter) (n int, err error) {
	const shown = 20
	t := newTable("HOLD", "ZONE", "SOURCE", "ACTION", "SINCE")
	for w, err := range cl.AllWaiting(ctx, filter) {
		if err != nil {
			return 0, err
		}
		if n++; n <= shown {
			t.row(fmt.Sprint(w.ID), w.Zone.Unicode(), w.Source, w.Action, when(w.At))
		}
	}
	if a.format != "json" {
		t.print(a, "nothing is held")
		if n > shown {
			a.say("… and %d more", n-shown)
		}
	} else if n == 0 {
		return 0, a.show(skein.WaitingResult{}, func() {})
	}
	return n, nil
}

func (a *app) decideMany(ctx context.Context, cl *client.Client, filter skein.WaitingFilter, many decideAll, done string) error {
	result, err := many(cl, ctx, filter)
	if err != nil {
		return err
	}
	err = a.show(result, func() {
		for _, p := range result.Failed {
			a.note("skein: %s", problem(p))
		}
		a.say("%s %s, %d failed", plural(result.Done, "change"), done, len(result.Failed))
	})
	if err == nil && len(result.Failed) > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}
