package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// completion prints the script that makes a shell complete our commands.
func (a *app) completion(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "Print the script that completes commands, zones, members and sources in a shell",
		Example:   examples("skein completion bash > /etc/bash_completion.d/skein", "skein completion zsh > /usr/local/share/zsh/site-functions/_skein"),
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			}
			return root.GenFishCompletion(a.out, true)
		},
	}
}

const (
	completeWithin = 2 * time.Second // whoever pressed the key waits
	completeAtMost = 100
)

// completeZone offers zones for the first argument of a command.
func (a *app) completeZone(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListZones(ctx, skein.ZoneFilter{}, skein.Page{Contains: begun, Limit: completeAtMost})
		for _, z := range list.Zones {
			names = append(names, string(z.Name)) // as A-labels: shells count octets
		}
		return names, err
	})
}

// completeDeleted offers deleted zones for the first argument of a command.
func (a *app) completeDeleted(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListDeletedZones(ctx, skein.Page{Contains: begun, Limit: completeAtMost})
		for _, z := range list.Zones {
			names = append(names, string(z.Name))
		}
		return names, err
	})
}

// completeMember offers members for the first argument of a command.
func (a *app) completeMember(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListMembers(ctx)
		for _, m := range list.Members {
			names = append(names, m.Name)
		}
		return names, err
	})
}

// completeSource offers sources for the first argument of a command.
func (a *app) completeSource(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListSources(ctx)
		for _, s := range list.Sources {
			names = append(names, s.Name)
		}
		return names, err
	})
}

// completeTenant offers tenants for the first argument of a command.
func (a *app) completeTenant(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListTenants(ctx)
		for _, t := range list.Tenants {
			names = append(names, t.Name)
		}
		return names, err
	})
}

// completeUser offers users for the first argument of a command.
func (a *app) completeUser(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListUsers(ctx)
		for _, u := range list.Users {
			names = append(names, u.Name)
		}
		return names, err
	})
}

// completePool offers pools for the first argument of a command.
func (a *app) completePool(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (names []string, err error) {
		list, err := cl.ListPools(ctx)
		for _, p := range list.Pools {
			names = append(names, p.Name)
		}
		return names, err
	})
}

// completeFlag offers for the value of a flag what a command offers for its
// first argument.
func completeFlag(c *cobra.Command, flag string, offer cobra.CompletionFunc) {
	_ = c.RegisterFlagCompletionFunc(flag, func(c *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return offer(c, nil, begun)
	}) // fails only for a flag that is not there
}

// complete asks the node for the first argument of a command.
func (a *app) complete(ctx context.Context, args []string, ask func(context.Context, *client.Client) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault // files, for commands that take one
	}
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	cl, err := a.client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp // a shell has no place for the reason
	}
	names, err := ask(ctx, cl)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
