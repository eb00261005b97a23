package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) token() *cobra.Command {
	return group("token", "Make, list and delete API tokens", a.tokenCreate(), a.tokenList(), a.tokenDelete())
}

func (a *app) tokenCreate() *cobra.Command {
	var body skein.CreateToken
	var lifetime time.Duration
	var file string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a token for a panel or a program",
		Long: "Makes a token. Zones that are put in with it belong to its source, and no other source can replace or\n" +
			"delete them. The token is shown this once; --output writes it to a file that only you can read.",
		Example: examples("skein token create plesk-1 --source plesk-1 --output plesk-1.token"),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			body.Name = args[0]
			if lifetime > 0 {
				body.Expires = time.Now().Add(lifetime).UTC()
			}
			token, err := cl.CreateToken(c.Context(), body)
			if err != nil {
				return err
			}
			if file == "" {
				return a.show(token, func() { a.say("%s", token.Secret) })
			}
			if err := writeFile(file, []byte(token.Secret+"\n"), 0o600); err != nil {
				if gone := cl.DeleteToken(c.Context(), token.ID); gone != nil {
					a.note("the token %s could not be taken back: %v", token.ID, gone)
				}
				return err
			}
			token.Secret = ""
			return a.show(token, func() { a.say("token %s (%s) is in %s", token.Name, token.ID, file) })
		},
	}
	f := c.Flags()
	f.StringVar(&body.Source, "source", "", "source that its zones belong to (default: NAME, with --admin: admin)")
	f.BoolVar(&body.Admin, "admin", false, "an administrator's token: may do everything")
	f.DurationVar(&lifetime, "expires-in", 0, "lifetime, such as 2160h (default: no end)")
	f.StringVar(&file, "output", "", "write the token to this file, mode 0600, instead of showing it")
	takes(f, "source", "NAME", "expires-in", "DURATION", "output", "FILE")
	return c
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List tokens, without their secrets",
		Example: examples("skein token list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListTokens(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("ID", "NAME", "SOURCE", "ADMIN", "CREATED", "EXPIRES")
				for _, token := range list.Tokens {
					t.row(token.ID, token.Name, token.Source, yes(token.Admin), when(token.Created), when(token.Expires))
				}
				t.print(a, "no tokens; make one with: skein token create NAME")
			})
		},
	}
}

func (a *app) tokenDelete() *cobra.Command {
	return &cobra.Command{
		Use:     "delete ID",
		Short:   "Delete a token; it is worthless at once",
		Example: examples("skein token delete 4f1c"),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			if err := cl.DeleteToken(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]string{"deleted": args[0]}, func() { a.say("token %s is deleted", args[0]) })
		},
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
