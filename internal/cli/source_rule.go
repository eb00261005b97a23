package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) sourceRule() *cobra.Command {
	return group("rule", "Let one source do with another's zones what else would wait for a person",
		a.ruleAdd(), a.ruleList(), a.ruleRemove())
}

func (a *app) ruleAdd() *cobra.Command {
	return a.ruleChange("add", "Make a standing rule between two sources",
		"Makes a standing rule. takeover: what --to saves or deletes of zones of --from becomes its own, without a person,\n"+
			"as when accounts move from one panel to another. overlay: --to may put RRsets of its own into zones of --from, which\n"+
			"then survive what --from sends, such as ACME records.",
		(*client.Client).PutSourceRule, "is made",
		"skein source rule add takeover --from plesk-1 --to plesk-2",
		"skein source rule add overlay --from plesk-1 --to certbot")
}

func (a *app) ruleRemove() *cobra.Command {
	return a.ruleChange("remove", "End a standing rule; what was done under it stays", "",
		(*client.Client).DeleteSourceRule, "is removed", "skein source rule remove takeover --from plesk-1 --to plesk-2")
}

func (a *app) ruleChange(verb, short, long string, do func(*client.Client, context.Context, skein.SourceRule) error, done string, lines ...string) *cobra.Command {
	var rule skein.SourceRule
	c := &cobra.Command{
		Use:       verb + " takeover|overlay --from SOURCE --to SOURCE",
		Short:     short,
		Long:      long,
		Example:   examples(lines...),
		ValidArgs: []string{skein.RuleTakeover, skein.RuleOverlay},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			rule.Kind = args[0]
			if rule.From == "" || rule.To == "" {
				return usage("say --from SOURCE, whose zones they are, and --to SOURCE, who may")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			if err := do(cl, c.Context(), rule); err != nil {
				return err
			}
			return a.show(rule, func() { a.say("the rule %s %s: %s", rule.Kind, done, ruleText(rule)) })
		},
	}
	c.Flags().StringVar(&rule.From, "from", "", "source that the zones belong to")
	c.Flags().StringVar(&rule.To, "to", "", "source that may")
	takes(c.Flags(), "from", "SOURCE", "to", "SOURCE")
	for _, flag := range []string{"from", "to"} {
		completeFlag(c, flag, a.completeSource)
	}
	return c
}

func ruleText(r skein.SourceRule) string {
	if r.Kind == skein.RuleOverlay {
		return fmt.Sprintf("%s may put RRsets of its own into zones of %s", r.To, r.From)
	}
	return fmt.Sprintf("%s may take zones of %s over", r.To, r.From)
}

func (a *app) ruleList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the standing rules between sources",
		Example: examples("skein source rule list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListSourceRules(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("RULE", "FROM", "TO", "MADE BY", "SINCE")
				for _, r := range list.Rules {
					t.row(r.Kind, r.From, r.To, dash(r.By), when(r.At))
				}
				t.print(a, "no rules; see skein source rule add --help")
			})
		},
	}
}
