package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// auditFlags are what skein audit was asked for.
type auditFlags struct {
	query        client.AuditQuery
	since, until string
	refused      bool
	limit        int
	follow, diff bool
}

func (a *app) audit() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit [NUMBER]",
		Short: "List who changed what, and what was refused, newest first; or show one entry",
		Long: "Lists changes and refusals, newest first. --since and --until take a time (2026-11-25T12:00:00Z), or how long ago it\n" +
			"was (36h). -f shows the oldest first, and goes on with what happens from now on. --diff shows below each what it\n" +
			"changed or would have changed; the number of an entry shows that of one.",
		Example: examples(
			"skein audit --limit 20",
			"skein audit --zone example.com --diff",
			"skein audit --actor nora --since 36h --refused",
			"skein audit -f",
			"skein audit 4711"),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return a.auditDiff(c.Context(), cl, args[0])
			}
			if err := f.read(c); err != nil {
				return err
			}
			if f.follow {
				return a.followAudit(c.Context(), cl, f)
			}
			all, err := newestAudit(c.Context(), cl, f.query, f.limit)
			if err != nil {
				return err
			}
			return a.showAudit(c.Context(), cl, all, f.diff)
		},
	}
	a.auditOn(c, &f)
	return c
}

func (a *app) auditOn(c *cobra.Command, f *auditFlags) {
	flags := c.Flags()
	flags.StringVar(&f.query.Zone, "zone", "", "only what was done to this zone")
	flags.StringVar(&f.query.Actor, "actor", "", "only what this user or token did")
	flags.StringVar(&f.query.Tenant, "tenant", "", "only what the people and programs of this tenant did")
	flags.StringVar(&f.query.Source, "source", "", "only what was done in the name of this source")
	flags.StringVar(&f.since, "since", "", "from this time on, or so long ago")
	flags.StringVar(&f.until, "until", "", "before this time, or so long ago")
	flags.BoolVar(&f.refused, "refused", false, "only what was refused; with =false only what was done")
	flags.IntVar(&f.limit, "limit", 50, "at most so many; with -f so many to begin with")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with what happens from now on")
	flags.BoolVar(&f.diff, "diff", false, "show below each what it changed")
	takes(flags, "zone", "NAME", "actor", "NAME", "tenant", "NAME", "source", "NAME", "since", "TIME", "until", "TIME", "limit", "N")
	completeFlag(c, "zone", a.completeZone)
	completeFlag(c, "tenant", a.completeTenant)
	completeFlag(c, "source", a.completeSource)
}

// read makes the query of what was said.
func (f *auditFlags) read(c *cobra.Command) (err error) {
	if f.limit < 1 {
		return usage("--limit is how many to show: 1 or more")
	}
	if f.since != "" {
		if f.query.Since, err = parseTime("since", f.since, time.Now()); err != nil {
			return err
		}
	}
	if f.until != "" {
		if f.query.Until, err = parseTime("until", f.until, time.Now()); err != nil {
			return err
		}
	}
	if c.Flags().Changed("refused") {
		f.query.Refused = &f.refused
	}
	return nil
}

// newestAudit returns the newest entries, newest first, at most limit, and
// where the older ones go on.
func newestAudit(ctx context.Context, cl *client.Client, q client.AuditQuery, limit int) (skein.AuditList, error) {
	all := skein.AuditList{Entries: []skein.AuditEntry{}}
	for len(all.Entries) < limit {
		q.Page = skein.Page{Cursor: all.Next, Limit: min(limit-len(all.Entries), 1000)}
		part, err := cl.ListAudit(ctx, q)
		if err != nil {
			return all, err
		}
		all.Entries = append(all.Entries, part.Entries...)
		if all.Next = part.Next; all.Next == "" {
			break
		}
	}
	return all, nil
}

func (a *app) showAudit(ctx context.Context, cl *client.Client, list skein.AuditList, diff bool) error {
	if diff {
		if err := addDiffs(ctx, cl, list.Entries); err != nil {
			return err
		}
	}
	return a.show(list, func() {
		t := auditTable()
		for _, e := range list.Entries {
			a.auditRow(t, e)
		}
		t.print(a, "nothing has happened that fits")
	})
}

func auditTable() *table {
	return newTable("NUMBER", "WHEN", "WHO", "TENANT", "DOOR", "FROM", "ACTION", "ZONE", "CHANGE")
}

// auditRow prints an entry, with what it changed below it.
func (a *app) auditRow(t *table, e skein.AuditEntry) {
	what := "-" // it changed no records; what it changed else is below
	switch {
	case e.Refused != "":
		what = "refused: " + e.Refused
	case e.Revision != 0:
		what = fmt.Sprintf("+%d -%d", e.Added, e.Removed)
	}
	t.row(strconv.FormatInt(e.Seq, 10), when(e.At), e.Actor.Name, dash(e.Tenant), e.Actor.Door, dash(e.Addr), e.Action, e.Zone.Unicode(), what)
	if len(e.Diff) == 0 {
		return
	}
	t.flush(a)
	for _, line := range e.Diff {
		a.say("    %s", line)
	}
}

// addDiffs asks for what is not in the log itself but in the history of zones.
func addDiffs(ctx context.Context, cl *client.Client, entries []skein.AuditEntry) error {
	for i, e := range entries {
		if len(e.Diff) > 0 {
			continue
		}
		diff, err := cl.AuditDiff(ctx, e.Seq)
		if err != nil {
			return err
		}
		entries[i].Diff = diff.Lines
	}
	return nil
}

func (a *app) auditDiff(ctx context.Context, cl *client.Client, number string) error {
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return usage("%q is no number of an entry; skein audit lists them", number)
	}
	diff, err := cl.AuditDiff(ctx, seq)
	if err != nil {
		return err
	}
	return a.show(diff, func() {
		for _, line := range diff.Lines {
			a.say("%s", line)
		}
	})
}

// followAudit shows the newest entries, the oldest first, and then what comes.
func (a *app) followAudit(ctx context.Context, cl *client.Client, f auditFlags) error {
	// From the end of the whole log on: of what is asked for there may be nothing yet.
	end, err := newestAudit(ctx, cl, client.AuditQuery{}, 1)
	if err != nil {
		return err
	}
	list, err := newestAudit(ctx, cl, f.query, f.limit)
	if err != nil {
		return err
	}
	slices.Reverse(list.Entries)
	after := int64(-1)
	for _, e := range append(end.Entries, list.Entries...) {
		after = max(after, e.Seq)
	}
	t := auditTable()
	for {
		if err := a.followed(ctx, cl, t, list.Entries, f.diff); err != nil {
			return err
		}
		if len(list.Entries) < followPage { // else there is more at once
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Second):
			}
		}
		f.query.Page, f.query.After = skein.Page{Limit: followPage}, after
		if list, err = cl.ListAudit(ctx, f.query); err != nil {
			return err
		}
		for _, e := range list.Entries {
			after = e.Seq
		}
	}
}

// followPage is how many entries are asked for at once.
const followPage = 1000

// followed shows what has come.
func (a *app) followed(ctx context.Context, cl *client.Client, t *table, entries []skein.AuditEntry, diff bool) error {
	if diff {
		if err := addDiffs(ctx, cl, entries); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if a.format == "json" {
			if err := json.NewEncoder(a.out).Encode(e); err != nil {
				return err
			}
			continue
		}
		a.auditRow(t, e)
	}
	if len(t.rows) > 0 {
		t.flush(a)
	}
	return nil
}
