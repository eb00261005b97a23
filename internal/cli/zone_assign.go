package cli

import (
	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) zoneAssign() *cobra.Command {
	var body skein.AssignZone
	var change changeFlags
	c := &cobra.Command{
		Use:   "assign NAME TENANT",
		Short: "Hand a zone over to another tenant, with its history",
		Example: examples(
			"skein zone assign example.com north-hosting --plan",
			"skein zone assign example.com north-hosting"),
		ValidArgsFunction: a.completeAssign,
		Args:              cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			body.Tenant, body.Expect, body.ChangeID = args[1], change.revision(), change.id
			r, err := cl.AssignZone(c.Context(), string(name), body)
			if err != nil {
				return err
			}
			a.warn(r.Warnings)
			return a.showArrived(r, func() {
				switch name := r.Zone.Name.Unicode(); {
				case !r.Changed:
					a.say("%s: unchanged, it is the affair of %s already", name, body.Tenant)
				case r.DryRun:
					a.say("%s: would be the affair of %s", name, body.Tenant)
				default:
					a.say("%s: is the affair of %s now; revision %d", name, r.Zone.Owner, r.Zone.Revision)
				}
			})
		},
	}
	c.Flags().BoolVar(&body.DryRun, "plan", false, "say what would change, and change nothing")
	change.on(a, c)
	return c
}

// completeAssign offers zones, then tenants.
func (a *app) completeAssign(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 {
		return a.completeTenant(c, nil, begun)
	}
	return a.completeZone(c, args, begun)
}
