package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) member() *cobra.Command {
	return group("member", "Bring nameservers in, look at them and take them out",
		a.memberConfig(), a.memberAdd(), a.memberTest(), a.memberList(), a.memberShow(),
		a.memberSwitch("enable", "Let a member take part", (*client.Client).EnableMember),
		a.memberSwitch("disable", "Write nothing to a member until it is enabled; what it serves stays", (*client.Client).DisableMember),
		a.memberRemove())
}

func (a *app) memberTest() *cobra.Command {
	return &cobra.Command{
		Use:               "test NAME",
		Short:             "Test a member; a pending one that passes is enabled",
		Example:           examples("skein member test ns2.example.net"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.TestMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.showTest(c.Context(), cl, result)
		},
	}
}

// showTest prints findings; a failed one makes the command fail.
func (a *app) showTest(ctx context.Context, cl *client.Client, r skein.MemberResult) error {
	failed := 0
	for _, check := range r.Checks {
		if !check.OK {
			failed++
		}
	}
	err := a.show(r, func() {
		t := newTable("CHECK", "RESULT", "FOUND")
		for _, check := range r.Checks {
			result := "ok"
			switch {
			case !check.OK:
				result = "failed"
			case check.Warn:
				result = "warning"
			}
			t.row(check.Name, result, check.Text)
		}
		t.print(a, "the member was not tested")
		for _, check := range r.Checks {
			if check.Mend != "" && (!check.OK || check.Warn) {
				a.say("mend %s: %s", check.Name, check.Mend)
			}
		}
		a.say("%s is %s", r.Member.Name, a.colour(string(r.Member.State)))
		if failed == 0 && len(r.Checks) > 0 {
			a.say("try: dig +short %s SOA @%s%s", someZone(ctx, cl), r.Member.Address, portFlag(r.Member.Port))
		}
	})
	if err == nil && failed > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}

// portFlag is dig's, where it is needed.
func portFlag(port uint16) string {
	if port == 53 {
		return ""
	}
	return fmt.Sprintf(" -p %d", port)
}

// someZone is a zone to try; the word ZONE where there is none.
func someZone(ctx context.Context, cl *client.Client) string {
	list, err := cl.ListZones(ctx, skein.Page{Limit: 1})
	if err != nil || len(list.Zones) == 0 {
		return "ZONE"
	}
	return string(list.Zones[0].Name)
}

func (a *app) memberList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List members with what was observed of them",
		Example: examples("skein member list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListMembers(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() { a.sayMembers(list.Members) })
		},
	}
}

func (a *app) sayMembers(members []skein.Member) {
	t := newTable("MEMBER", "DRIVER", "STATE", "ADDRESS", "VERSION", "VERIFIED", "WAITING", "FAILED", "LAST ERROR")
	for _, m := range members {
		s := skein.MemberStatus{}
		if m.Status != nil {
			s = *m.Status
		}
		version, _, _ := strings.Cut(s.Version, " (") // BIND adds what branch it is of
		t.row(m.Name, m.Driver, string(m.State), m.DNS().String(), dash(version),
			fmt.Sprintf("%d/%d", s.Verified, s.Zones), fmt.Sprint(s.Pending+s.Stale), fmt.Sprint(s.Failed), s.LastError)
	}
	t.print(a, "no members yet; see skein member config --help")
}

func (a *app) memberShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a member",
		Example:           examples("skein member show ns2.example.net"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			m, err := cl.GetMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(m, func() { a.sayMember(m) })
		},
	}
}

func (a *app) sayMember(m skein.Member) {
	line := func(key, format string, args ...any) { a.say("%-12s %s", key, fmt.Sprintf(format, args...)) }
	line("name", "%s", m.Name)
	line("driver", "%s, %s", m.Driver, m.Role)
	line("state", "%s", a.colour(string(m.State)))
	if m.DisabledBy != "" {
		line("disabled by", "%s", m.DisabledBy)
	}
	line("dns", "%s", m.DNS())
	line("rndc", "%s", m.RNDC())
	if m.View != "" {
		line("view", "%s", m.View)
	}
	for _, p := range m.Primaries {
		line("primary", "%s port %d", p.Address, p.Port)
	}
	line("keys", "%s %s (%s)", m.TSIGKey, m.AuditKey, m.Algorithm)
	line("created", "%s", when(m.Created))
	s := m.Status
	if s == nil {
		return
	}
	line("reachable", "%s, last seen %s, %v", yes(s.Reachable), when(s.LastSeen), s.Latency.Round(10*time.Microsecond))
	line("version", "%s", dash(s.Version))
	line("zones", "%d wanted, %d verified, %d waiting, %d stale, %d failed", s.Zones, s.Verified, s.Pending, s.Stale, s.Failed)
	if s.LastError != "" {
		line("last error", "%s", s.LastError)
	}
}

func (a *app) memberSwitch(verb, short string, do func(*client.Client, context.Context, string) (skein.Member, error)) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " NAME",
		Short:             short,
		Example:           examples("skein member " + verb + " ns2.example.net"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			m, err := do(cl, c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(m, func() { a.say("%s is %s", m.Name, m.State) })
		},
	}
}

func (a *app) memberRemove() *cobra.Command {
	var clean bool
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a member out; its keys are revoked",
		Long: "Takes a member out and revokes its keys. With --clean Skein's zones are deleted on it first; without it they\n" +
			"stay there until they expire.",
		Example:           examples("skein member remove ns2.example.net --clean"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			removal, err := cl.RemoveMember(c.Context(), args[0], clean)
			if err != nil {
				return err
			}
			return a.show(removal, func() {
				if clean {
					a.say("%s is removed, %s deleted on it", args[0], plural(removal.Removed, "zone"))
				} else {
					a.say("%s is removed; its zones stay on it until they expire (--clean would have deleted them)", args[0])
				}
			})
		},
	}
	c.Flags().BoolVar(&clean, "clean", false, "first delete Skein's zones on the member")
	return c
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
