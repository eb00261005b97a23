package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) tenant() *cobra.Command {
	return group("tenant", "Give resellers and customers zones of their own", a.tenantAdd(), a.tenantList(), a.tenantShow(), a.tenantEdit(), a.tenantRemove())
}

func (a *app) tenantAdd() *cobra.Command {
	var body skein.NewTenant
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a tenant: a reseller, or a customer of one",
		Long: "Adds a tenant. What its people put in belongs to a source of its own name; it sees and changes its own zones, and\n" +
			"those of the tenants below it. Others do not exist for it.",
		Example: examples(
			"skein tenant add north-hosting",
			"skein tenant add north-hosting --clustering",
			"skein tenant add shop --kind customer --parent north-hosting"),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			body.Name = args[0]
			t, err := cl.AddTenant(c.Context(), body)
			if err != nil {
				return err
			}
			return a.show(t, func() {
				a.sayTenant(t)
				a.say("next: skein user add NAME --tenant %s", t.Name)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&body.Kind, "kind", "", "reseller or customer (default: reseller, below a reseller customer)")
	f.StringVar(&body.Parent, "parent", "", "tenant above it (default: yours)")
	f.BoolVar(&body.Clustering, "clustering", false, "it may have a pool and members of its own")
	f.StringVar(&body.Pool, "pool", "", "pool that serves its zones (default: that of the tenant above it)")
	takes(f, "kind", "KIND", "parent", "NAME", "pool", "POOL")
	completeFlag(c, "kind", cobra.FixedCompletions([]string{skein.TenantReseller, skein.TenantCustomer}, cobra.ShellCompDirectiveNoFileComp))
	completeFlag(c, "parent", a.completeTenant)
	completeFlag(c, "pool", a.completePool)
	return c
}

func (a *app) tenantList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List tenants: yours, and those below it",
		Example: examples("skein tenant list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListTenants(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("TENANT", "KIND", "PARENT", "ZONES", "POOL", "CLUSTERING")
				for _, tenant := range list.Tenants {
					t.row(tenant.Name, tenant.Kind, dash(tenant.Parent), fmt.Sprint(tenant.Zones), dash(tenant.Pool), yes(tenant.Clustering || tenant.Kind == skein.TenantRoot))
				}
				t.print(a, "no tenants; add one with: skein tenant add NAME")
			})
		},
	}
}

func (a *app) tenantShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a tenant",
		Example:           examples("skein tenant show north-hosting"),
		ValidArgsFunction: a.completeTenant,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			t, _, err := cl.GetTenant(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(t, func() { a.sayTenant(t) })
		},
	}
}

func (a *app) sayTenant(t skein.Tenant) {
	a.say("tenant      %s, a %s", t.Name, t.Kind)
	if t.Parent != "" {
		a.say("below       %s", t.Parent)
	}
	a.say("zones       %d", t.Zones)
	a.say("pool        %s", orElse(t.Pool, "that of the tenant above it"))
	a.say("clustering  %s", yes(t.Clustering || t.Kind == skein.TenantRoot))
}

func (a *app) tenantEdit() *cobra.Command {
	var clustering bool
	var pool string
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a tenant; what is not named stays as it is",
		Long: "Changes a tenant. With --clustering=false its pool and members stay, and it sees them no more. With another pool\n" +
			"its zones move in the background, one after the other.",
		Example: examples(
			"skein tenant edit north-hosting --clustering",
			"skein tenant edit north-hosting --pool north-pool"),
		ValidArgsFunction: a.completeTenant,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().NFlag() == 0 {
				return usage("say what is to change; see the flags")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			var body skein.EditTenant
			if c.Flags().Changed("clustering") {
				body.Clustering = &clustering
			}
			if c.Flags().Changed("pool") {
				body.Pool = &pool
			}
			t, err := cl.EditTenant(c.Context(), args[0], body)
			if err != nil {
				return err
			}
			return a.show(t, func() { a.sayTenant(t) })
		},
	}
	c.Flags().BoolVar(&clustering, "clustering", false, "it may have a pool and members of its own")
	c.Flags().StringVar(&pool, "pool", "", "pool that serves its zones; empty for that of the tenant above it")
	takes(c.Flags(), "pool", "POOL")
	completeFlag(c, "pool", a.completePool)
	return c
}

func (a *app) tenantRemove() *cobra.Command {
	return a.takesAway(&cobra.Command{
		Use:               "remove NAME",
		Short:             "Remove a tenant that has no zones, sources, users and tenants below it any more",
		Example:           examples("skein tenant remove north-hosting"),
		ValidArgsFunction: a.completeTenant,
	}, "the tenant %s is removed", "removed", (*client.Client).RemoveTenant)
}
