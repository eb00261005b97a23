package cli

import (
	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) zoneDiff() *cobra.Command {
	var from, to, member string
	c := &cobra.Command{
		Use:   "diff NAME [FILE]",
		Short: "Compare a zone with a file, with an earlier revision, or with what a member serves",
		Long: "Compares a zone with a file, two of its revisions, or what a member really serves (by a whole transfer).\n" +
			"Lines with - are only in the first, + only in the second. Exit code 0: the same; 1: different. The SOA\n" +
			"serial is not compared with a file.",
		Example: examples(
			"skein zone diff example.com example.com.zone",
			"skein zone diff example.com --from 12 --to 15",
			"skein zone diff example.com --member ns2.example.net"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := zoneName(args[0])
			if err != nil {
				return err
			}
			ways := 0
			for _, given := range []bool{len(args) == 2, from != "" || to != "", member != ""} {
				if given {
					ways++
				}
			}
			if ways != 1 {
				return usage("say what to compare with: FILE, --from REVISION, or --member NAME")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			var delta skein.DeltaBody
			switch {
			case len(args) == 2:
				var text string
				if text, err = a.readAll(args[1]); err == nil {
					delta, err = cl.DiffZoneFile(c.Context(), string(name), []byte(text))
				}
			default:
				var query client.DiffQuery
				if query, err = diffQuery(from, to, member); err == nil {
					delta, err = cl.DiffZone(c.Context(), string(name), query)
				}
			}
			if err != nil {
				return err
			}
			if err := a.show(delta, func() { a.sayDelta(delta) }); err != nil {
				return err
			}
			if len(delta.Removed)+len(delta.Added) > 0 {
				return &exitError{code: exitFailed}
			}
			return nil
		},
	}
	c.Flags().StringVar(&from, "from", "", "revision to compare from")
	c.Flags().StringVar(&to, "to", "", "revision to compare with (default: the newest)")
	c.Flags().StringVar(&member, "member", "", "compare with what this member serves")
	takes(c.Flags(), "from", "REVISION", "to", "REVISION", "member", "NAME")
	return c
}

func diffQuery(from, to, member string) (q client.DiffQuery, err error) {
	q.Member = member
	for text, into := range map[string]*skein.Revision{from: &q.From, to: &q.To} {
		if text != "" {
			if *into, err = parseRevision(text); err != nil {
				return q, err
			}
		}
	}
	return q, nil
}
