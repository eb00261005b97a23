package cli

import (
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein/internal/daemon"
)

func (a *app) demo() *cobra.Command {
	var dir string
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run a whole cluster on loopback, to look at; Ctrl-C ends it",
		Long: "Starts a node, a second Skein nameserver and, where BIND is installed, two BIND secondaries, all on free\n" +
			"loopback ports; puts sample zones in as a panel would, and prints what to try. Nothing outside of a temporary\n" +
			"folder is touched, and nothing is left behind.",
		Example: examples("skein demo"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.format == "json" {
				return usage("the demo is for people; it has no -o json")
			}
			ctx := c.Context()
			if !signal.Ignored(syscall.SIGHUP) { // the terminal is closed
				var stop func()
				ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
				defer stop()
			}
			return daemon.Demo(ctx, daemon.DemoConfig{Dir: dir, Once: once, Out: a.out, Err: a.err, Environ: a.environ})
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "keep everything in this folder (default: a temporary one, removed at the end)")
	c.Flags().BoolVar(&once, "once", false, "end as soon as all members serve the sample zones")
	takes(c.Flags(), "dir", "DIR")
	return c
}
