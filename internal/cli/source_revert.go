package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) sourceRevert() *cobra.Command {
	var since string
	var body skein.RevertBody
	var yes bool
	c := &cobra.Command{
		Use:   "revert NAME --since TIME",
		Short: "Undo what a source changed since a time, after a look at the plan",
		Long: "Undoes everything that a source changed since a time: each zone becomes what it was before the first of those\n" +
			"changes. Zones that others have changed since are listed, and left alone. Each zone is a change of its own with a\n" +
			"higher serial. --since is a time (2026-11-24T09:30:00Z), or how long ago (90m). What was interrupted goes on with\n" +
			"the --id of its plan.",
		Example: examples(
			"skein source revert plesk-1 --since 2h --plan",
			"skein source revert plesk-1 --since 2026-11-24T09:30:00Z"),
		ValidArgsFunction: a.completeSource,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if body.Since, err = parseTime("since", since, time.Now()); err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			ask := body
			ask.DryRun = true
			plan, err := cl.RevertSource(c.Context(), args[0], ask)
			if err != nil {
				return err
			}
			if body.DryRun {
				return a.show(plan, func() { a.sayRevert(plan) })
			}
			if a.format != "json" {
				a.sayRevert(plan)
			}
			if len(plan.Steps) == 0 {
				return a.show(plan, func() {})
			}
			if err := a.confirm(yes, "--plan", "Undo these changes?"); err != nil {
				return err
			}
			body.ID = plan.ID
			done, err := cl.RevertSource(c.Context(), args[0], body)
			if err != nil {
				a.note("to go on: skein source revert %s --since %s --id %s", args[0], body.Since.Format(time.RFC3339Nano), plan.ID)
				return err
			}
			return a.showReverted(done)
		},
	}
	f := c.Flags()
	f.StringVar(&since, "since", "", "time, or how long ago")
	f.StringVar(&body.ID, "id", "", "go on with the plan of this id")
	f.BoolVar(&body.DryRun, "plan", false, "show the plan, and change nothing")
	f.BoolVar(&yes, "yes", false, "do not ask")
	takes(f, "since", "TIME", "id", "ID")
	return c
}

// parseTime reads the value of a flag that is a time, or how long ago it was.
func parseTime(flag, text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return now.Add(-ago).UTC(), nil
	}
	if t, ok := parseMoment(text); ok {
		return t, nil
	}
	return time.Time{}, usage("--%s %q is neither a time, such as 2026-11-24T09:30:00Z, nor how long ago, such as 90m", flag, text)
}

// parseMoment reads a time, in this machine's zone if it names none.
func parseMoment(text string) (t time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func (a *app) sayRevert(r skein.Revert) {
	t := newTable("ZONE", "ACTION", "TO REVISION", "REASON")
	left := 0
	for _, s := range r.Steps {
		to := "-"
		if s.To != 0 {
			to = fmt.Sprint(s.To)
		}
		if s.Action == skein.RevertLeave {
			left++
		}
		t.row(s.Zone.Unicode(), s.Action, to, s.Reason)
	}
	t.print(a, r.Source+" has changed nothing since "+when(r.Since))
	if len(r.Steps) > 0 {
		more := ""
		if r.More {
			more = " and more"
		}
		a.say("%s%s to undo, %d left alone", plural(len(r.Steps)-left, "zone"), more, left)
	}
}

// showReverted says what became of the plan; a step that failed makes the
// command fail.
func (a *app) showReverted(r skein.Revert) error {
	done, left, failed := 0, 0, 0
	for _, s := range r.Steps {
		switch {
		case s.Done:
			done++
		case s.Action == skein.RevertLeave:
			left++
		default:
			failed++
		}
	}
	err := a.show(r, func() {
		for _, s := range r.Steps {
			if !s.Done && s.Action != skein.RevertLeave {
				a.note("skein: %s: %s", s.Zone.Unicode(), s.Reason)
			}
		}
		a.say("%s undone, %d left alone, %d failed", plural(done, "zone"), left, failed)
		if r.More {
			a.say("there are more; the same command again goes on")
		}
	})
	if err == nil && failed > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}
