package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) template() *cobra.Command {
	return group("template", "What new zones are made from: zone files with variables",
		a.templateList(), a.templateShow(), a.templatePut(), a.templateCheck(), a.templateDelete())
}

func (a *app) templateList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List templates, and whose they are",
		Example: examples("skein template list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListTemplates(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("TEMPLATE", "WHOSE", "VERSION", "CHANGED")
				for _, one := range list.Templates {
					if one.Builtin {
						t.row(one.Name, "comes with Skein", "-", "-")
					} else {
						t.row(one.Name, one.Tenant, fmt.Sprint(one.Version), when(one.Changed))
					}
				}
				t.print(a, "there are no templates")
			})
		},
	}
}

func (a *app) templateShow() *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use:               "show NAME",
		Short:             "Print a template, to be changed and put in again",
		Long:              "Prints a template: the one of this name that your zones are made from, or that of --tenant.",
		Example:           examples("skein template show standard > standard.template"),
		ValidArgsFunction: a.completeTemplate,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			t, _, err := cl.GetTemplate(c.Context(), tenant, args[0])
			if err != nil {
				return err
			}
			return a.show(t, func() { fmt.Fprint(a.out, t.Text) })
		},
	}
	tenantFlag(c, &tenant)
	return c
}

// tenantFlag is the flag that says whose a template is.
func tenantFlag(c *cobra.Command, tenant *string) {
	c.Flags().StringVar(tenant, "tenant", "", "whose template it is: root's, or a reseller's")
	takes(c.Flags(), "tenant", "TENANT")
}

func (a *app) templatePut() *cobra.Command {
	var body skein.PutTemplate
	var expect expectFlag
	c := &cobra.Command{
		Use:   "put NAME FILE",
		Short: "Make a template, or change one; - is standard input",
		Long: "Makes a template of a zone file with variables, or changes the one of that name. It is tried with examples by the\n" +
			"rules of editors, and taken only if they are right zones. An entry whose variable has no value is left out of a zone.\n" +
			"What you put under the name of one that comes with Skein takes its place, until it is deleted.\n\n" +
			"The variables, as WHM has them: %domain% %ip% %ipv6% %ftpip% %maildomain% %nameserver% %nameserver2% %nameserver3%\n" +
			"%nameserver4% %nameservera% (to 4) %nameserverentry% (to 4) %serial% %ttl% %nsttl% %rpemail% %reseller% %cpversion%",
		Example: examples(
			"skein template put standard standard.template",
			"skein template put shop - --tenant hosting < shop.template"),
		ValidArgsFunction: a.completeTemplate,
		Args:              cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if body.Text, err = a.readAll(args[1]); err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			t, err := cl.PutTemplate(c.Context(), args[0], body, expect.orElse(""))
			if err != nil {
				return err
			}
			a.warn(t.Warnings)
			return a.show(t, func() { a.say("the template %s of %s is at version %d", t.Name, t.Tenant, t.Version) })
		},
	}
	tenantFlag(c, &body.Tenant)
	expect.on(c)
	return c
}

func (a *app) templateCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE",
		Short:   "Say whether a template would be taken; - is standard input",
		Example: examples("skein template check standard.template"),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.readAll(args[0])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.CheckTemplate(c.Context(), text)
			if err != nil {
				return err
			}
			err = a.show(result, func() {
				for _, p := range result.Problems {
					a.say("%s: %s", args[0], problem(p))
				}
				if result.OK {
					a.say("%s is good", args[0])
				}
			})
			if err == nil && !result.OK {
				return &exitError{code: exitFailed}
			}
			return err
		},
	}
}

func (a *app) templateDelete() *cobra.Command {
	var tenant string
	var expect expectFlag
	c := a.takesAway(&cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a template; one that comes with Skein is in force again in its place",
		Example:           examples("skein template delete standard"),
		ValidArgsFunction: a.completeTemplate,
	}, "the template %s is deleted", "deleted", func(cl *client.Client, ctx context.Context, name string) error {
		return cl.DeleteTemplate(ctx, tenant, name, expect.orElse(""))
	})
	tenantFlag(c, &tenant)
	expect.on(c)
	return c
}

func (a *app) completeTemplate(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListTemplates(ctx)
		for _, t := range list.Templates {
			names = append(names, t.Name)
		}
		return names, err
	})
}
