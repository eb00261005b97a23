package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
)

func (a *app) cluster() *cobra.Command {
	return group("cluster", "See the whole at a glance, and say what holds for all members",
		a.clusterStatus(), a.clusterEnable(), a.clusterDisable(), a.clusterSettings(), a.clusterTryNotices())
}

func (a *app) clusterStatus() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show the node, whether clustering is enabled, the number of zones, and every member",
		Example: examples("skein cluster status"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			status, err := cl.GetStatus(c.Context())
			if err != nil {
				return err
			}
			return a.show(status, func() {
				a.say("skein %s  %s, revision %d; you are %s", status.Version, plural(status.Zones, "zone"), status.Revision, status.You.Name)
				if status.Cluster != nil {
					a.sayClustering(*status.Cluster, status.Members)
				}
				if p := status.Propagation; p != nil && p.Hour.Seen > 0 {
					a.say("changes of the last hour: half were seen on a member within %v, 99%% within %v", p.Hour.P50.Round(100*time.Microsecond), p.Hour.P99.Round(100*time.Microsecond))
				}
				a.say("")
				a.sayMembers(status.Members)
			})
		},
	}
}

func (a *app) clusterTryNotices() *cobra.Command {
	return &cobra.Command{
		Use:     "try-notices",
		Short:   "Send a trial to everywhere that notices go, and say what became of it",
		Long:    "Sends a trial by mail, to the webhooks and to the chats that the node's file of notices names. Exit code 1 if one of\nthem did not take it.",
		Example: examples("skein cluster try-notices"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.TryNotices(c.Context())
			if err != nil {
				return err
			}
			failed := 0
			t := newTable("TARGET", "OUTCOME")
			for _, trial := range list.Trials {
				outcome := "sent"
				if !trial.OK {
					failed++
					outcome = trial.Text
				}
				t.row(trial.Target, outcome)
			}
			if err := a.show(list, func() { t.print(a, "the file of notices names no target") }); err != nil || failed == 0 {
				return err
			}
			return &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("%s did not take the trial", plural(failed, "target")), Mend: "what is sent to it waits on disk; look at the server, or mend the file of notices and start the node again"}
		},
	}
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of this program",
		Example: examples("skein version"),
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.show(map[string]string{"version": daemon.Version}, func() { a.say("skein %s", daemon.Version) })
		},
	}
}
