package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) userPassword() *cobra.Command {
	return &cobra.Command{
		Use:   "password [NAME]",
		Short: "Change your password, or set another user's",
		Long: "Changes a password, and ends the user's sessions. Your own needs the old one. They are asked for on a\n" +
			"terminal, and else read from standard input, a line each: the old one, the new one.",
		Example:           examples("skein user password", "skein user password nora < password"),
		ValidArgsFunction: a.completeUser,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			user, own, err := userOrMe(c.Context(), cl, args)
			if err != nil {
				return err
			}
			var body skein.SetPassword
			if own {
				if body.Old, err = a.hidden("old password"); err != nil {
					return err
				}
			}
			if body.New, err = a.newPassword("new password of " + user); err != nil {
				return err
			}
			if err := cl.SetPassword(c.Context(), user, body); err != nil {
				return err
			}
			return a.show(map[string]string{"changed": user}, func() { a.say("the password of %s is changed; its sessions are ended", user) })
		},
	}
}

// userOrMe is the user of the first argument, else the caller; own says
// whether they are the same.
func userOrMe(ctx context.Context, cl *client.Client, args []string) (user string, own bool, err error) {
	me, err := cl.GetMe(ctx)
	if err != nil {
		return "", false, err
	}
	if user = argument(args); me.User == nil {
		if user == "" {
			err = usage("%s is no user, who signs in with a password; name one", me.Actor.Name)
		}
		return user, false, err
	}
	user = orElse(user, me.User.Name)
	return user, user == me.User.Name, nil
}

func (a *app) userTOTP() *cobra.Command {
	return group("totp", "Use an authenticator: a login then needs a one-time code too", a.totpBegin(), a.totpConfirm(), a.totpDrop())
}

func (a *app) totpBegin() *cobra.Command {
	return &cobra.Command{
		Use:   "begin",
		Short: "Show the secret for your authenticator, this once",
		Long: "Makes a secret, and shows it once: type it into an authenticator (RFC 6238), or make a QR code of the URL. It counts\n" +
			"when skein user totp confirm has seen a code of it.",
		Example: examples("skein user totp begin"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			setup, err := cl.BeginTOTP(c.Context())
			if err != nil {
				return err
			}
			return a.show(setup, func() {
				a.say("%s", setup.Secret)
				a.say("%s", setup.URL)
				a.note("next: skein user totp confirm, with a code that it shows")
			})
		},
	}
}

func (a *app) totpConfirm() *cobra.Command {
	return &cobra.Command{
		Use:     "confirm",
		Short:   "Prove with a code that your authenticator works; from then on a login needs one",
		Long:    "Reads a code from the terminal or from standard input.",
		Example: examples("skein user totp confirm"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			code, err := a.hidden("one-time code")
			if err != nil {
				return err
			}
			if err := cl.ConfirmTOTP(c.Context(), code); err != nil {
				return err
			}
			return a.show(map[string]bool{"totp": true}, func() { a.say("from now on a login needs a code") })
		},
	}
}

func (a *app) totpDrop() *cobra.Command {
	return &cobra.Command{
		Use:               "drop NAME",
		Short:             "Take the authenticator of a user away, who has lost it",
		Example:           examples("skein user totp drop nora"),
		ValidArgsFunction: a.completeUser,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			if err := cl.DropTOTP(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]bool{"totp": false}, func() { a.say("a login of %s needs no code any more", args[0]) })
		},
	}
}

func (a *app) userSessions() *cobra.Command {
	var end string
	c := &cobra.Command{
		Use:               "sessions [NAME]",
		Short:             "List where you are signed in, or another user; or end a session",
		Example:           examples("skein user sessions", "skein user sessions nora", "skein user sessions --end 4f1c"),
		ValidArgsFunction: a.completeUser,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			user, _, err := userOrMe(c.Context(), cl, args)
			if err != nil {
				return err
			}
			if end != "" {
				if err := cl.EndSession(c.Context(), user, end); err != nil {
					return err
				}
				return a.show(map[string]string{"ended": end}, func() { a.say("the session %s is ended", end) })
			}
			list, err := cl.ListSessions(c.Context(), user)
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("ID", "USER", "BEGAN", "SEEN", "EXPIRES", "FROM", "PROGRAM")
				for _, s := range list.Sessions {
					t.row(s.ID, s.User, when(s.Created), when(s.Seen), when(s.Expires), dash(s.Addr), dash(s.Agent))
				}
				t.print(a, "no sessions")
			})
		},
	}
	c.Flags().StringVar(&end, "end", "", "end this session")
	takes(c.Flags(), "end", "ID")
	return c
}
