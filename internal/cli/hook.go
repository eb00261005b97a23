package cli

import "github.com/spf13/cobra"

func (a *app) hook() *cobra.Command {
	return group("hook", "What panels call for each change", a.hookPlesk())
}

func (a *app) hookPlesk() *cobra.Command {
	h := pleskHook{app: a, wait: hookWait}
	h.leave = h.startBackground
	var flags hookFlags
	c := &cobra.Command{
		Use:   "plesk",
		Short: "Take what Plesk's custom DNS backend sends on standard input",
		Long: "Reads Plesk's tasks from standard input, writes them to a spool on disk, and delivers everything in the spool,\n" +
			"in order. When Skein is away it ends with 0 at once all the same, and delivers later in the background.\n" +
			"Tasks that are refused are kept in the spool's folder refused, with the reason. What waits for a person at\n" +
			"Skein (skein hold list, skein conflict list) has arrived, and is not sent again.\n\n" +
			"Where to deliver to it finds in the settings that skein hook plesk install wrote, unless --url or --data is given.\n\n" +
			"Plesk says nothing when a domain is suspended, disabled or switched off. What it does not speak of is found by a full\n" +
			"pass: between --begin and --end Plesk sends all that it has, and Skein names the zones of this source that did not come.\n\n" +
			"It ends with 1 if nothing could be kept, and with the other command's code if only that failed (--also).",
		Example: examples(
			"skein hook plesk < create.json",
			"skein hook plesk --deliver",
			"skein hook plesk --begin           # then: plesk repair dns -sync-zones -y",
			"skein hook plesk --end"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.check(); err != nil {
				return err
			}
			if err := h.findSettings(); err != nil {
				return err
			}
			switch {
			case flags.deliver:
				return h.deliverInBackground(c.Context())
			case flags.begin:
				return h.beginPass(flags.anew)
			case flags.end:
				return h.endPass(c.Context(), flags.deleteMissing)
			}
			return h.run(c.Context())
		},
	}
	f := c.Flags()
	settingsFlag(f, &h.settings)
	f.StringVar(&h.dir, "spool", "", "folder of the spool (default: that of the settings; else spool/plesk in the data directory, spool/plesk-remote with --url)")
	f.StringVar(&h.also, "also", "", "run this command too, with the same input: Plesk has one slot only")
	f.BoolVar(&flags.deliver, "deliver", false, "take nothing in: deliver what waits in the spool, and try until that is done (for cron, after a reboot)")
	f.BoolVar(&flags.begin, "begin", false, "take nothing in: begin a full pass")
	f.BoolVar(&flags.anew, "anew", false, "with --begin: give up the pass that goes on")
	f.BoolVar(&flags.end, "end", false, "take nothing in: end the full pass, and hear which zones did not come")
	f.BoolVar(&flags.deleteMissing, "delete-missing", false, "with --end: delete the zones that did not come; many deletions at once wait for a person")
	takes(f, "spool", "DIR", "also", "COMMAND")
	c.AddCommand(a.hookPleskInstall(), a.hookPleskCheck(), a.hookPleskUninstall())
	return c
}
