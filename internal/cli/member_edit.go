package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) memberEdit() *cobra.Command {
	return a.memberChange("edit", (*client.Client).EditMember,
		"Change a member; what is not named stays as it is",
		"Changes a member: what is not named stays as it is, its keys too. It is tested with the new settings, and keeps the\n"+
			"old ones if it fails. Another address means that every zone on it is looked at anew. What another role\n"+
			"changes on it is shown first (--plan shows it alone).",
		"skein member edit ns2.example.net --address 192.0.2.54",
		"skein member edit web1.example.net --role synchronize --plan",
		"skein member edit web1.example.org --only-present=false --reverse-trust",
		"skein member edit ns2.example.net --rndc-key-file rndc.key")
}

func (a *app) memberReplace() *cobra.Command {
	return a.memberChange("replace", (*client.Client).ReplaceMember,
		"Put a new machine in a member's place, under the same name",
		"Puts a new machine in a member's place, under the same name and, where no others are given, with the same keys:\n"+
			"paste the block of skein member config on it first. Nothing counts that was seen of the old machine: every zone is\n"+
			"looked at anew, and put on the new one.",
		"skein member replace ns2.example.net --address 192.0.2.54",
		"skein member replace ns2.example.net")
}

func (a *app) memberChange(verb string, do func(*client.Client, context.Context, string, skein.EditMember) (skein.MemberResult, error), short, long string, lines ...string) *cobra.Command {
	var flags memberFlags
	var expect expectFlag
	var plan, pending bool
	c := &cobra.Command{
		Use:               verb + " NAME",
		Short:             short,
		Long:              long,
		Example:           examples(lines...),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			edit, err := flags.edit(a, c)
			if err != nil {
				return err
			}
			edit.DryRun, edit.Pending = plan, pending
			cl, err := a.client()
			if err != nil {
				return err
			}
			// What was decided on what was seen is refused if that has changed.
			_, etag, err := cl.GetMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			edit.Expect = expect.orElse(etag)
			if (edit.Role != nil || edit.Only != nil) && !plan && !pending {
				if edit.Confirm, err = a.showRole(c.Context(), cl, args[0], edit); err != nil {
					return err
				}
			}
			result, err := do(cl, c.Context(), args[0], edit)
			if err != nil {
				return err
			}
			return a.showTest(c.Context(), cl, result)
		},
	}
	flags.on(c)
	f := c.Flags()
	f.BoolVar(&plan, "plan", false, "test it and show what would be written to it, and change nothing")
	f.BoolVar(&pending, "pending", false, "keep the settings without a test; nothing is written to it until it passes one")
	expect.on(c)
	return c
}

// showRole shows what a member's new role would change on it, and returns what
// the change is confirmed with.
func (a *app) showRole(ctx context.Context, cl *client.Client, member string, edit skein.EditMember) (confirm string, err error) {
	edit.DryRun = true
	looked, err := cl.EditMember(ctx, member, edit)
	if err != nil || looked.Plan == nil {
		return "", err
	}
	if a.format != "json" {
		a.sayPlan(*looked.Plan)
	}
	return looked.Plan.Confirm, nil
}

// edit returns what the flags change.
func (m *memberFlags) edit(a *app, c *cobra.Command) (e skein.EditMember, err error) {
	given := c.Flags().Changed
	body, err := m.parse(a)
	if err != nil {
		return e, err
	}
	if given("address") {
		e.Address = &body.Address
	}
	if given("port") {
		e.Port = &body.Port
	}
	if given("rndc-port") {
		e.RNDCPort = &body.RNDCPort
	}
	if given("rndc-address") {
		e.RNDCAddress = &body.RNDCAddress
	}
	if given("view") {
		e.View = &body.View
	}
	if given("username") {
		e.Username = &body.Username
	}
	if given("endpoint") {
		e.Endpoint = &body.Endpoint
	}
	if given("pin") {
		e.Pin = &body.Pin
	}
	if given("only-present") {
		e.Only = &body.Only
	}
	if given("repair") {
		e.Repair = &body.Repair
	}
	e.Settings = body.Settings
	if given("reverse-trust") {
		e.Trust = &body.Trust
	}
	if given("primary-address") {
		e.Primaries = &body.Primaries
	}
	if given("primary") {
		e.Primary = &body.Primary
	}
	if given("role") {
		e.Role = &body.Role
	}
	if body.Algorithm != "" { // also that of keys from files
		e.Algorithm = &body.Algorithm
	}
	e.Secrets = body.Secrets
	return e, nil
}

func (a *app) memberDebug() *cobra.Command {
	return &cobra.Command{
		Use:   "debug NAME on|off",
		Short: "Write down everything that is said to a member and what it answers",
		Long: "Writes every request to a member down, with its answer and how long it took; secrets are left out. The log is kept\n" +
			"short: skein member log NAME shows it.",
		Example:           examples("skein member debug ns2.example.net on", "skein member debug ns2.example.net off"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] != "on" && args[1] != "off" {
				return usage("say on or off")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			on := args[1] == "on"
			result, err := cl.EditMember(c.Context(), args[0], skein.EditMember{Debug: &on})
			if err != nil {
				return err
			}
			return a.show(result.Member, func() {
				a.say("debugging %s is %s", result.Member.Name, args[1])
				if on {
					a.say("look at it with: skein member log %s -f", result.Member.Name)
				}
			})
		},
	}
}
