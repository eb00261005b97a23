package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) poolList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the pools that you may see",
		Example: examples("skein pool list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListPools(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("POOL", "TENANT", "MEMBERS", "NAMESERVERS", "RULE")
				for _, p := range list.Pools {
					var names []string
					for _, ns := range p.Nameservers {
						names = append(names, ns.Name.Unicode())
					}
					t.row(p.Name, orElse(p.Tenant, skein.RootTenant), fmt.Sprint(len(p.Members)), dash(strings.Join(names, " ")), string(p.Rule))
				}
				t.print(a, "no pools")
			})
		},
	}
}

func (a *app) poolCreate() *cobra.Command {
	var body skein.NewPool
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a pool: members and a nameserver set of its own for the zones of a tenant",
		Long: "Makes a pool for a tenant that may have one (skein tenant edit NAME --clustering), which has the tenant's name. Zones\n" +
			"move there when that is said: skein tenant edit TENANT --pool NAME.",
		Example: examples("skein pool create north-hosting", "skein pool create north-hosting --tenant north-hosting"),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			body.Name = args[0]
			p, err := cl.CreatePool(c.Context(), body)
			if err != nil {
				return err
			}
			return a.show(p, func() {
				a.say("pool %s is made; add a member to it: skein member add DRIVER NAME --pool %s", p.Name, p.Name)
			})
		},
	}
	c.Flags().StringVar(&body.Tenant, "tenant", "", "whose pool it is (default: yours)")
	takes(c.Flags(), "tenant", "NAME")
	completeFlag(c, "tenant", a.completeTenant)
	return c
}

func (a *app) poolDelete() *cobra.Command {
	return a.takesAway(&cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a pool that has no members and serves no tenant's zones any more",
		Example:           examples("skein pool delete north"),
		ValidArgsFunction: a.completePool,
	}, "the pool %s is deleted", "deleted", (*client.Client).DeletePool)
}

func (a *app) poolShare() *cobra.Command {
	var role string
	var plan bool
	c := &cobra.Command{
		Use:   "share NAME MEMBER",
		Short: "Have a member serve the zones of another pool too",
		Long: "Shares a member with a pool, with a role of its own there: what root has as standalone may have any, what root has as\n" +
			"synchronize or write-only one of these two. In a role that writes the member is given the zones of the pool at once:\n" +
			"--plan shows before what would be written to it.",
		Example: examples("skein pool share north ns1.example.net", "skein pool share north ns2.example.net --role write-only",
			"skein pool share north ns2.example.net --role write-only --plan"),
		ValidArgsFunction: a.completeShare,
		Args:              cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			r, err := cl.ShareMember(c.Context(), args[0], args[1], skein.ShareMember{Role: skein.Role(role), DryRun: plan})
			if err != nil {
				return err
			}
			return a.show(r, func() {
				if !plan {
					a.say("%s serves the pool %s too", r.Member.Name, args[0])
					return
				}
				if r.Plan != nil {
					a.sayPlan(*r.Plan)
				}
				a.say("nothing was changed")
			})
		},
	}
	c.Flags().StringVar(&role, "role", "", "of the member in this pool (default: that which it has)")
	c.Flags().BoolVar(&plan, "plan", false, "show what would be written to it, and change nothing")
	takes(c.Flags(), "role", "ROLE")
	return c
}

func (a *app) poolUnshare() *cobra.Command {
	return &cobra.Command{
		Use:               "unshare NAME MEMBER",
		Short:             "Have a member serve the zones of another pool no more; what it has of them stays on it",
		Example:           examples("skein pool unshare north ns1.example.net"),
		ValidArgsFunction: a.completeShare,
		Args:              cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			r, err := cl.UnshareMember(c.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return a.show(r, func() { a.say("%s serves the pool %s no more", r.Member.Name, args[0]) })
		},
	}
}

// completeShare offers pools, then members.
func (a *app) completeShare(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 {
		return a.completeMember(c, nil, begun)
	}
	return a.completePool(c, args, begun)
}
