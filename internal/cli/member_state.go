package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) memberEnable() *cobra.Command {
	var plan, yes bool
	var expect expectFlag
	c := &cobra.Command{
		Use:   "enable NAME",
		Short: "Let a member take part; it is told what it has missed",
		Long: "Lets a member take part: it is told what it has missed. Where it was pending or observed Skein begins to write: the\n" +
			"member is tested, and what would be written is shown first (--plan shows it alone).",
		Example: examples(
			"skein member enable ns2.example.net",
			"skein member enable ns2.example.net --plan"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			if plan {
				return a.showPlan(c.Context(), cl, args[0])
			}
			m, etag, err := cl.GetMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			var seen string
			if m.State == skein.MemberObserved || m.State == skein.MemberPending {
				what, err := cl.GetMemberPlan(c.Context(), args[0])
				if err != nil {
					return err
				}
				if a.format != "json" {
					a.sayPlan(what)
				}
				if err := a.confirm(yes, "--plan", "Write this to "+m.Name+"?"); err != nil {
					return err
				}
				seen = what.Confirm
			}
			return a.switched(cl.EnableMember(c.Context(), args[0], expect.orElse(etag), seen))
		},
	}
	c.Flags().BoolVar(&plan, "plan", false, "show what would be written to it, and change nothing")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	expect.on(c)
	return c
}

func (a *app) memberObserve() *cobra.Command {
	return a.memberSwitch("observe", "Look at a member and compare; nothing is written to it",
		"Looks at a member and compares: what it serves is reported zone by zone, and nothing at all is written to it, no\n"+
			"NOTIFY either. So Skein can be tried for weeks beside what runs today. What enabling it would change, says\n"+
			"skein member enable NAME --plan.", (*client.Client).ObserveMember)
}

func (a *app) memberDisable() *cobra.Command {
	return a.memberSwitch("disable", "Write nothing to a member until a person enables it; what it serves stays",
		"Writes nothing to a member until a person enables it again: it never comes back by itself. What it serves stays,\n"+
			"and it may go on to transfer.", (*client.Client).DisableMember)
}

func (a *app) memberSwitch(verb, short, long string, do func(*client.Client, context.Context, string, string) (skein.Member, error)) *cobra.Command {
	var expect expectFlag
	c := &cobra.Command{
		Use:               verb + " NAME",
		Short:             short,
		Long:              long,
		Example:           examples("skein member " + verb + " ns2.example.net"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			return a.switched(do(cl, c.Context(), args[0], expect.orElse("")))
		},
	}
	expect.on(c)
	return c
}

func (a *app) switched(m skein.Member, err error) error {
	if err != nil {
		return err
	}
	return a.show(m, func() { a.say("%s is %s", m.Name, a.colour(string(m.State))) })
}

func (a *app) showPlan(ctx context.Context, cl *client.Client, member string) error {
	plan, err := cl.GetMemberPlan(ctx, member)
	if err != nil {
		return err
	}
	return a.show(plan, func() { a.sayPlan(plan) })
}

// sayPlan says what would be written to a member.
func (a *app) sayPlan(p skein.MemberPlan) {
	t := newTable("ZONE", "ACTION", "OURS", "THERE", "REASON")
	for _, s := range p.Examples {
		t.row(s.Zone.Unicode(), s.Action, serial(s.Ours), serial(s.Theirs), s.Reason)
	}
	if len(p.Examples) > 0 {
		t.print(a, "")
	}
	a.say("%s of %s: %d to add, %d to replace, %d to delete, %d the same, %d foreign (left alone)%s%s%s",
		plural(p.Zones, "zone"), p.Member, p.Add, p.Replace, p.Delete, p.Same, p.Foreign,
		further(p.Left, "not there (not added)"), further(p.Lacks, "with records that it cannot hold"), further(p.Unknown, "not known yet"))
}

// further is one more number of a plan, where there is something to tell.
func further(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d %s", n, what)
}

// serial prints one; "-" for none.
func serial(n uint32) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatUint(uint64(n), 10)
}

// expectFlag is --expect of what has versions.
type expectFlag struct{ version int }

func (e *expectFlag) on(c *cobra.Command) {
	c.Flags().IntVar(&e.version, "expect", 0, "change it only if it is still at this version")
	takes(c.Flags(), "expect", "VERSION")
}

// orElse is the ETag that is expected: of the flag, or one that was read.
func (e *expectFlag) orElse(etag string) string {
	if e.version == 0 {
		return etag
	}
	return strconv.Quote(strconv.Itoa(e.version))
}
