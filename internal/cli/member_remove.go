package cli

import (
	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) memberRemove() *cobra.Command {
	var query client.RemoveMember
	var yes bool
	var expect expectFlag
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a member out, after a look at what becomes of its zones",
		Long: "Takes a member out and revokes its keys. With --clean Skein's zones are deleted on it first; without it they\n" +
			"stay there, on a BIND secondary until they expire. How many they are is shown first.",
		Example: examples(
			"skein member remove ns2.example.net --clean --plan",
			"skein member remove ns2.example.net --clean --yes"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			m, etag, err := cl.GetMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			query.Expect = expect.orElse(etag)
			ask := query
			ask.DryRun = true
			preview, err := cl.RemoveMember(c.Context(), args[0], ask)
			if err != nil {
				return err
			}
			if query.DryRun {
				return a.show(preview, func() { a.sayMemberRemoval(m, query.Clean, preview) })
			}
			if a.format != "json" {
				a.sayMemberRemoval(m, query.Clean, preview)
			}
			if preview.Zones > 0 {
				if err := a.confirm(yes, "--plan", "Remove "+m.Name+"?"); err != nil {
					return err
				}
			}
			done, err := cl.RemoveMember(c.Context(), args[0], query)
			if err != nil {
				return err
			}
			return a.show(done, func() {
				if query.Clean {
					a.say("%s is removed, %s deleted on it", m.Name, plural(done.Removed, "zone"))
				} else {
					a.say("%s is removed; %s", m.Name, stay(m, done.Left))
				}
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&query.Clean, "clean", false, "first delete Skein's zones on the member")
	f.BoolVar(&query.DryRun, "plan", false, "show what would become of its zones, and change nothing")
	f.BoolVar(&yes, "yes", false, "do not ask")
	expect.on(c)
	return c
}

// sayMemberRemoval says what would become of a member's zones.
func (a *app) sayMemberRemoval(m skein.Member, clean bool, r skein.MemberRemoval) {
	if clean {
		a.say("%s is to be removed; %s would be deleted on it", m.Name, plural(r.Zones, "zone"))
	} else {
		a.say("%s is to be removed; %s (--clean deletes them)", m.Name, stay(m, r.Zones))
	}
}

// stay says how long zones are left on a member: what was transferred expires,
// what was put there does not.
func stay(m skein.Member, zones int) string {
	transferred := m.Driver != "whm"
	switch {
	case zones == 1 && transferred:
		return "1 zone stays on it until it expires"
	case zones == 1:
		return "1 zone stays on it"
	case transferred:
		return plural(zones, "zone") + " stay on it until they expire"
	}
	return plural(zones, "zone") + " stay on it"
}
