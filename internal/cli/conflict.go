package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

var conflicts = []string{skein.WaitingConflict}

func (a *app) conflict() *cobra.Command {
	return group("conflict", "Decide whose version of a zone counts, where two sources have it",
		a.conflictList(), a.conflictShow(), a.conflictResolve())
}

func (a *app) conflictList() *cobra.Command {
	var filter skein.WaitingFilter
	c := &cobra.Command{
		Use:   "list",
		Short: "List what sources did to zones that belong to others",
		Long: "Lists saves and deletions that a source sent of a zone that belongs to another. None of them was applied; the\n" +
			"newest version of each source is kept until a person decides.",
		Example: examples("skein conflict list", "skein conflict list --zone example.com"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			filter.Kinds = conflicts
			return showList(a, "waiting", cl.AllWaiting(c.Context(), filter), newTable("CONFLICT", "ZONE", "THEIRS", "ACTION", "SINCE", "REASON"),
				func(w skein.Waiting) []string {
					return []string{fmt.Sprint(w.ID), w.Zone.Unicode(), w.Source, w.Action, when(w.At), w.Reason}
				}, "no conflicts")
		},
	}
	a.filterOn(c, &filter)
	return c
}

func (a *app) conflictShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show NUMBER",
		Short:             "Show both versions of a zone side by side",
		Example:           examples("skein conflict show 17"),
		ValidArgsFunction: a.completeWaiting(conflicts),
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.showWaiting(c, args[0], conflicts)
		},
	}
}

func (a *app) conflictResolve() *cobra.Command {
	var take string
	c := &cobra.Command{
		Use:   "resolve NUMBER --take theirs|ours",
		Short: "Say whose version counts",
		Long: "Says whose version counts. ours: the zone stays as it is, and the other version is dropped. theirs: the other source\n" +
			"gets the zone, with its version; what was before can be restored.",
		Example: examples(
			"skein conflict show 17",
			"skein conflict resolve 17 --take ours",
			"skein conflict resolve 17 --take theirs"),
		ValidArgsFunction: a.completeWaiting(conflicts),
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if take != "theirs" && take != "ours" {
				return usage("say --take ours, the zone as it is, or --take theirs; skein conflict show %s has both", args[0])
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			w, err := a.look(c.Context(), cl, args[0], conflicts)
			if err != nil {
				return err
			}
			if take == "theirs" {
				r, err := cl.ReleaseWaiting(c.Context(), w.ID, w.etag)
				if err != nil {
					return err
				}
				return a.showReleased(w.Waiting, r)
			}
			if err := cl.DiscardWaiting(c.Context(), w.ID, w.etag); err != nil {
				return err
			}
			return a.show(w.Waiting, func() {
				a.say("conflict %d is resolved: %s stays as it is, what %s sent is dropped", w.ID, w.Zone.Unicode(), w.Source)
			})
		},
	}
	c.Flags().StringVar(&take, "take", "", "ours (the zone as it is) or theirs (what the other source sent)")
	takes(c.Flags(), "take", "WHOSE")
	a.waitOn(c)
	_ = c.RegisterFlagCompletionFunc("take", cobra.FixedCompletions([]string{"theirs", "ours"}, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
	return c
}
