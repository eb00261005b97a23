package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// syncFlags are the flags of a synchronisation.
type syncFlags struct {
	all, force, unconfigured, plan, detach bool
	to, from                               []string
	cancel                                 string
}

func (a *app) sync() *cobra.Command {
	var flags syncFlags
	c := &cobra.Command{
		Use:   "sync [ZONE]",
		Short: "Synchronise zones with members, or see how far that has come",
		Long: "Synchronises one zone, or all of them: newer copies on members that are read come into this cluster, and with --to\n" +
			"members that are written are brought in step, at once and whatever was seen of them before. --plan shows first\n" +
			"what would be created, replaced and told, and where there is a conflict.\n\n" +
			"It goes on in the background, also when this command is interrupted and when the node is started again. Without a\n" +
			"zone or --all the command shows what runs; the same command again follows it.",
		Example: examples(
			"skein sync example.com                              # one zone, to this cluster only",
			"skein sync --all                                    # all zones, to this cluster only",
			"skein sync example.com --to all                     # one zone, to all servers",
			"skein sync --all --to all --include-unconfigured    # all zones, also those not configured here, to all servers",
			"skein sync --all --from web1.example.net --plan",
			"skein sync                                          # how far it has come"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			switch {
			case flags.cancel != "":
				job, err := cl.CancelSync(c.Context(), flags.cancel)
				if err != nil {
					return err
				}
				return a.showSync(job)
			case len(args) == 0 && !flags.all:
				return a.watchSyncs(c.Context(), cl, flags)
			}
			request, err := flags.request(args)
			if err != nil {
				return err
			}
			job, err := cl.StartSync(c.Context(), request)
			if err != nil {
				return err
			}
			if flags.plan {
				return a.show(job, func() { a.saySyncPlan(job) })
			}
			return a.followSync(c.Context(), cl, job, flags.detach)
		},
	}
	f := c.Flags()
	f.BoolVar(&flags.all, "all", false, "all zones")
	f.StringArrayVar(&flags.to, "to", nil, "member that is brought in step, or all of those that are written; give one flag for each")
	f.StringArrayVar(&flags.from, "from", nil, "member whose newer copies are taken in (default: all that are read)")
	f.BoolVar(&flags.unconfigured, "include-unconfigured", false, "also zones that are not configured here")
	f.BoolVar(&flags.force, "force-overwrite", false, "put ours above a newer copy on a member, with a higher serial")
	f.BoolVar(&flags.plan, "plan", false, "show what would be done, and change nothing")
	f.BoolVar(&flags.detach, "detach", false, "do not wait until it is done")
	f.StringVar(&flags.cancel, "cancel", "", "end the job of this id; what it has done stays")
	takes(f, "to", "MEMBER", "from", "MEMBER", "cancel", "ID")
	completeFlag(c, "to", a.completeMember)
	completeFlag(c, "from", a.completeMember)
	return c
}

// request is what the command line asks for.
func (f syncFlags) request(args []string) (r skein.SyncRequest, err error) {
	switch {
	case len(args) > 0 && f.all:
		return r, usage("say a zone or --all, not both")
	case f.unconfigured && !f.all:
		return r, usage("--include-unconfigured is for --all")
	case len(args) > 0:
		if r.Zone, err = zoneName(args[0]); err != nil {
			return r, err
		}
	}
	r.From, r.Unconfigured, r.Force, r.DryRun = f.from, f.unconfigured, f.force, f.plan
	if len(f.to) == 1 && f.to[0] == "all" {
		r.ToAll = true
		return r, nil
	}
	r.To = f.to
	return r, nil
}

// watchSyncs follows the job that runs, or lists those that ended.
func (a *app) watchSyncs(ctx context.Context, cl *client.Client, flags syncFlags) error {
	if len(flags.to)+len(flags.from) > 0 || flags.force || flags.plan || flags.unconfigured {
		return usage("say a zone, or --all for all of them")
	}
	list, err := cl.ListSyncs(ctx)
	if err != nil {
		return err
	}
	for _, job := range list.Jobs {
		if job.State == skein.SyncRunning && a.format != "json" && !flags.detach {
			return a.followSync(ctx, cl, job, false)
		}
	}
	return a.show(list, func() {
		t := newTable("ID", "BEGAN", "BY", "WHAT", "STATE", "DONE", "CREATED", "REPLACED", "TOLD", "CONFLICTS", "FAILED")
		for _, job := range list.Jobs {
			t.row(job.ID, when(job.Began), job.By, syncText(job.Request), job.State, syncDone(job),
				fmt.Sprint(job.Created), fmt.Sprint(job.Replaced), fmt.Sprint(job.Told), fmt.Sprint(job.Conflicts), fmt.Sprint(job.Failed))
		}
		t.print(a, "nothing was synchronised yet; see skein sync --help")
	})
}

// syncText says what a job is about.
func syncText(r skein.SyncRequest) string {
	text := "all zones"
	if r.Zone != "" {
		text = r.Zone.Unicode()
	}
	if len(r.From) > 0 {
		text += " from " + strings.Join(r.From, ", ")
	}
	switch {
	case r.ToAll:
		text += " to all servers"
	case len(r.To) > 0:
		text += " to " + strings.Join(r.To, ", ")
	default:
		text += " to this cluster"
	}
	return text
}

// The pauses between two looks at a job.
const (
	firstLook = 100 * time.Millisecond
	lastLook  = 2 * time.Second
	sayEvery  = 5 * time.Second // a line where there is no bar
)

// followSync shows how far a job has come until it ends: a bar on a terminal,
// lines elsewhere. Whoever gives up leaves it running.
func (a *app) followSync(ctx context.Context, cl *client.Client, job skein.SyncJob, detach bool) error {
	if detach {
		return a.show(job, func() { a.sayWhereToLook(job) })
	}
	bar := a.progress(job.Total, syncText(job.Request))
	defer bar.Finish()
	said := time.Now()
	for pause := firstLook; job.State == skein.SyncRunning; pause = min(2*pause, lastLook) {
		select {
		case <-ctx.Done():
			bar.Clear()
			a.sayWhereToLook(job)
			return &exitError{code: exitFailed}
		case <-time.After(pause):
		}
		now, err := cl.GetSync(ctx, job.ID)
		if err != nil {
			if ctx.Err() != nil {
				continue
			}
			return err
		}
		job = now
		bar.ChangeMax(job.Total)
		bar.Set(job.Done)
		if !terminal(a.err) && time.Since(said) >= sayEvery {
			a.note("%s done, at %s", syncDone(job), job.At.Unicode())
			said = time.Now()
		}
	}
	bar.Finish()
	return a.showSync(job)
}

func (a *app) sayWhereToLook(job skein.SyncJob) {
	a.note("%s: it goes on in the background; look with: skein sync, end it with: skein sync --cancel %s", syncText(job.Request), job.ID)
}

// showSync says what came of a job; one that failed, or met a conflict, makes
// the command fail.
func (a *app) showSync(job skein.SyncJob) error {
	err := a.show(job, func() {
		a.say("%s %s: %s", syncText(job.Request), a.colour(job.State), syncCounts(job))
		for _, s := range job.Steps {
			a.note("%s on %s: %s", s.Zone.Unicode(), s.Member, s.Reason)
		}
		if job.Last != "" && job.Failed != len(job.Steps) {
			a.note("the last failure: %s", job.Last)
		}
		if job.Conflicts > 0 {
			a.note("see what is newer there with: skein conflict list")
		}
	})
	switch {
	case err != nil:
		return err
	case job.Failed > 0 || job.State == skein.SyncFailed:
		return &exitError{code: exitFailed}
	case job.Conflicts > 0:
		return &exitError{code: exitRefused}
	}
	return nil
}

// syncDone counts looks: of every zone at every member.
func syncDone(job skein.SyncJob) string { return fmt.Sprintf("%d/%d", job.Done, job.Total) }

func syncCounts(job skein.SyncJob) string {
	return fmt.Sprintf("%s done, %d created, %d replaced, %d told, %d the same, %d in conflict, %d failed",
		syncDone(job), job.Created, job.Replaced, job.Told, job.Same, job.Conflicts, job.Failed)
}

// saySyncPlan shows what would be done.
func (a *app) saySyncPlan(job skein.SyncJob) {
	t := newTable("ZONE", "MEMBER", "ACTION", "OURS", "THERE", "REASON")
	for _, s := range job.Steps {
		t.row(s.Zone.Unicode(), s.Member, s.Action, serial(s.Ours), serial(s.Theirs), s.Reason)
	}
	t.print(a, "there is nothing to do")
	a.say("%s, would be: %d created, %d replaced, %d told, %d the same, %d in conflict; nothing was changed",
		syncText(job.Request), job.Created, job.Replaced, job.Told, job.Same, job.Conflicts)
}
