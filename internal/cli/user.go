package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) user() *cobra.Command {
	return group("user", "Let people sign in with a password", a.userAdd(), a.userList(), a.userShow(), a.userEdit(), a.userPassword(),
		a.userTOTP(), a.userSessions(), a.userRemove())
}

func (a *app) userAdd() *cobra.Command {
	var body skein.NewUser
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user; the password is asked for, or read from standard input",
		Long: "Adds a user, who sees and changes what its tenant may, or with the role read-only only sees it. The password is\n" +
			"asked for on a terminal, and else read from the first line of standard input.",
		Example: examples(
			"skein user add anna",
			"skein user add nora --tenant north-hosting < password",
			"skein user add audit --role read-only"),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			body.Name = args[0]
			if body.Role == "" {
				if body.Role, err = wholeRole(c.Context(), cl, body.Tenant); err != nil {
					return err
				}
			}
			if body.Password, err = a.newPassword("password of " + body.Name); err != nil {
				return err
			}
			u, err := cl.AddUser(c.Context(), body)
			if err != nil {
				return err
			}
			return a.show(u, func() { a.say("user %s is added to the tenant %s, with the role %s", u.Name, u.Tenant, u.Role) })
		},
	}
	c.Flags().StringVar(&body.Tenant, "tenant", "", "tenant of the user (default: yours)")
	c.Flags().StringVar((*string)(&body.Role), "role", "", "root, reseller, customer or read-only (default: all that the tenant may)")
	takes(c.Flags(), "tenant", "NAME", "role", "ROLE")
	completeFlag(c, "tenant", a.completeTenant)
	completeFlag(c, "role", completeRole())
	return c
}

// wholeRole is the role that may do all that a tenant may; the caller's tenant
// if none is named.
func wholeRole(ctx context.Context, cl *client.Client, tenant string) (skein.AccessRole, error) {
	if tenant == "" {
		me, err := cl.GetMe(ctx)
		if err != nil {
			return "", err
		}
		tenant = orElse(me.Actor.Tenant, skein.RootTenant)
	}
	t, _, err := cl.GetTenant(ctx, tenant)
	return skein.AccessRole(t.Kind), err // a kind of tenant is a role
}

// completeRole offers the roles of users and tokens.
func completeRole() cobra.CompletionFunc {
	return cobra.FixedCompletions([]string{string(skein.RoleRoot), string(skein.RoleReseller), string(skein.RoleCustomer), string(skein.RoleReadOnly)}, cobra.ShellCompDirectiveNoFileComp)
}

func (a *app) userList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the users of your tenant and of those below it",
		Example: examples("skein user list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListUsers(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("USER", "TENANT", "ROLE", "STATE", "TOTP", "LAST LOGIN")
				for _, u := range list.Users {
					t.row(u.Name, u.Tenant, string(u.Role), stateOfUser(u), yes(u.TOTP), when(u.LastLogin))
				}
				t.print(a, "no users; add one with: skein user add NAME")
			})
		},
	}
}

func stateOfUser(u skein.User) string {
	if u.Disabled {
		return "disabled"
	}
	return "ok"
}

func (a *app) userShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show [NAME]",
		Short:             "Show a user; without a name, who you are and what you may",
		Example:           examples("skein user show", "skein user show anna"),
		ValidArgsFunction: a.completeUser,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				me, err := cl.GetMe(c.Context())
				if err != nil {
					return err
				}
				return a.show(me, func() { a.sayMe(me) })
			}
			u, _, err := cl.GetUser(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(u, func() { a.sayUser(u) })
		},
	}
}

func (a *app) sayUser(u skein.User) {
	a.say("user        %s", u.Name)
	a.say("tenant      %s", u.Tenant)
	a.say("role        %s", u.Role)
	a.say("state       %s", stateOfUser(u))
	a.say("totp        %s", yes(u.TOTP))
	a.say("last login  %s", when(u.LastLogin))
}

func (a *app) sayMe(me skein.Me) {
	if me.User != nil {
		a.sayUser(*me.User)
		return
	}
	a.say("token       %s", me.Actor.Name)
	a.say("tenant      %s", orElse(me.Actor.Tenant, skein.RootTenant))
	a.say("role        %s", orElse(string(me.Actor.Role), "panel"))
	a.say("source      %s", me.Actor.Source)
	a.say("limited to  %s", dash(scopeText(me.Scope)))
}

func (a *app) userEdit() *cobra.Command {
	var role string
	var disable, enable bool
	c := &cobra.Command{
		Use:               "edit NAME",
		Short:             "Change a user's role, or whether it may sign in; what is not named stays as it is",
		Long:              "Changes a user. One that is disabled is signed out at once.",
		Example:           examples("skein user edit anna --role read-only", "skein user edit anna --disable"),
		ValidArgsFunction: a.completeUser,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().NFlag() == 0 {
				return usage("say what is to change; see the flags")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			var body skein.EditUser
			if role != "" {
				body.Role = new(skein.AccessRole(role))
			}
			if disable || enable {
				body.Disabled = &disable
			}
			u, err := cl.EditUser(c.Context(), args[0], body)
			if err != nil {
				return err
			}
			return a.show(u, func() { a.sayUser(u) })
		},
	}
	f := c.Flags()
	f.StringVar(&role, "role", "", "root, reseller, customer or read-only")
	f.BoolVar(&disable, "disable", false, "it cannot sign in any more")
	f.BoolVar(&enable, "enable", false, "it can again")
	takes(f, "role", "ROLE")
	c.MarkFlagsMutuallyExclusive("disable", "enable")
	completeFlag(c, "role", completeRole())
	return c
}

func (a *app) userRemove() *cobra.Command {
	return a.takesAway(&cobra.Command{
		Use:               "remove NAME",
		Short:             "Remove a user, and sign it out",
		Example:           examples("skein user remove anna"),
		ValidArgsFunction: a.completeUser,
	}, "the user %s is removed", "removed", (*client.Client).RemoveUser)
}
