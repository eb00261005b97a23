package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) memberConfig() *cobra.Command {
	var flags memberFlags
	var name, file string
	var style skein.ConfigStyle
	c := &cobra.Command{
		Use:   "config DRIVER",
		Short: "Make a pending member, and print the configuration to paste on it",
		Long: "Makes the keys of a new member, stores it as pending, and prints the block to paste into its configuration.\n" +
			"The block holds secrets: --output writes it to a file at mode 0600. For a member that exists it is printed again.",
		Example: examples(
			"skein member config bind --name ns2.example.net --address 192.0.2.53 --output ns2.conf",
			"skein member config bind --name ns2.example.net --merge    # again, for a named.conf with options"),
		Args: oneDriver,
		RunE: func(c *cobra.Command, args []string) error {
			if name == "" {
				return usage("say --name NAME: how the member is to be called, such as its host name")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			var result skein.MemberResult
			if flags.address == "" {
				result, err = cl.GetMemberConfig(c.Context(), name, style)
				if skein.KindOf(err) == skein.KindNotFound {
					return usage("there is no member %s yet; to make it, say --address IP", name)
				}
			} else {
				var body skein.NewMember
				if body, err = flags.member(a, args[0], name); err != nil {
					return err
				}
				body.Style = style
				result, err = cl.ConfigureMember(c.Context(), body)
			}
			if err != nil {
				return err
			}
			if file != "" {
				if err := writeFile(file, []byte(result.Config), 0o600); err != nil {
					return err
				}
				result.Config = ""
				return a.show(result, func() {
					a.say("%s is %s; put %s on it, then: skein member test %s", name, result.Member.State, file, name)
				})
			}
			if a.format != "json" {
				a.note("%s is %s; paste the block on it, then: skein member test %s", name, result.Member.State, name)
			}
			return a.show(result, func() { fmt.Fprint(a.out, result.Config) })
		},
	}
	flags.on(c)
	f := c.Flags()
	f.StringVar(&name, "name", "", "name of the member")
	f.StringVar(&style.Directory, "directory", "", "its working directory, which it may write to (default: /var/cache/bind)")
	f.BoolVar(&style.Merge, "merge", false, "it has an options statement already: print the lines for that one apart")
	f.StringVar(&file, "output", "", "write the block to this file, mode 0600, instead of printing it")
	takes(f, "name", "NAME", "directory", "DIR", "output", "FILE")
	return c
}

func (a *app) memberAdd() *cobra.Command {
	var flags memberFlags
	c := &cobra.Command{
		Use:   "add DRIVER NAME",
		Short: "Test a server that has its keys, and bring it in",
		Long: "Tests a server, and if it passes brings it in: every zone is pushed to it. Its rndc key comes from a file;\n" +
			"its transfer key must be known to it as well (skein member config prints it).",
		Example: examples("skein member add bind ns2.example.net --address 192.0.2.53 --rndc-key-file rndc.key"),
		Args:    twoDriver,
		RunE: func(c *cobra.Command, args []string) error {
			body, err := flags.member(a, args[0], args[1])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.AddMember(c.Context(), body)
			if err != nil {
				return err
			}
			return a.showTest(c.Context(), cl, result)
		},
	}
	flags.on(c)
	c.Flags().BoolVar(&flags.body.Pending, "pending", false, "store it without a test")
	return c
}

func oneDriver(c *cobra.Command, args []string) error { return drivers(c, args, 1) }
func twoDriver(c *cobra.Command, args []string) error { return drivers(c, args, 2) }

func drivers(c *cobra.Command, args []string, n int) error {
	if err := cobra.ExactArgs(n)(c, args); err != nil {
		return err
	}
	if args[0] != "bind" {
		return fmt.Errorf("the driver %q is unknown; there is: bind", args[0])
	}
	return nil
}
