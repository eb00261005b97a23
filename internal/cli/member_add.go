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
		Args: cobra.ExactArgs(1),
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
			if result.Config == "" {
				return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("there is nothing to paste on a %s member", result.Member.Driver),
					Mend: "skein member drivers " + result.Member.Driver + " tells what it needs, skein member add brings it in"}
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
	flags.onNew(a, c)
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
	var sync bool
	c := &cobra.Command{
		Use:   "add DRIVER NAME",
		Short: "Test a server that has its keys, and bring it in",
		Long: "Tests a server, and if it passes brings it in: a member that is written gets every zone, one that is read is asked\n" +
			"for what it has. Its rndc key comes from a file; its transfer key must be known to it as well (skein member config\n" +
			"prints it). Two members of one name or at one address are refused, and so is this server itself.\n" +
			"A panel's server that would be written every zone stays pending, and a warning says how many those are: with\n" +
			"--only-present it is written only those that it has; skein member enable gives it all.",
		Example: examples(
			"skein member add bind ns2.example.net --address 192.0.2.53 --rndc-key-file rndc.key",
			"skein member add whm web1.example.org --address 192.0.2.10 --token-file token --only-present"),
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			body, err := flags.member(a, args[0], args[1])
			if err != nil {
				return err
			}
			if sync && body.Role == skein.RoleWriteOnly {
				return usage("a member that is write-only is never read: leave --sync out, it gets every zone anyway; or --role synchronize")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.AddMember(c.Context(), body)
			if err != nil {
				return err
			}
			if err := a.showBroughtIn(c.Context(), cl, result); err != nil || !sync {
				return err
			}
			job, err := cl.StartSync(c.Context(), skein.SyncRequest{From: []string{result.Member.Name}, Unconfigured: true})
			if err == nil {
				a.sayWhereToLook(job)
			}
			return err
		},
	}
	flags.onNew(a, c)
	f := c.Flags()
	f.BoolVar(&flags.body.Pending, "pending", false, "store it without a test")
	f.BoolVar(&flags.body.Debug, "debug", false, "write down everything that is said to it and what it answers")
	f.BoolVar(&sync, "sync", false, "take in all its zones at once, for a member that is read")
	c.MarkFlagsMutuallyExclusive("pending", "sync")
	return c
}
