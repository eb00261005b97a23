package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) member() *cobra.Command {
	return group("member", "Bring nameservers in, look at them and take them out",
		a.memberDrivers(), a.memberConfig(), a.memberAdd(), a.memberTest(), a.memberImport(), a.memberList(), a.memberShow(), a.memberEdit(), a.memberReplace(),
		a.memberEnable(), a.memberObserve(), a.memberDisable(), a.memberDebug(), a.memberLog(), a.memberRemove())
}

func (a *app) memberTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test NAME",
		Short: "Test a member; a pending one that passes is enabled",
		Long: "Tries everything that a member must be able to do. A pending one that passes is enabled; but a panel's server, which\n" +
			"would be given all zones beside its own, stays pending until a person says which it is to get.",
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
			return a.showBroughtIn(c.Context(), cl, result)
		},
	}
}

// showBroughtIn prints findings; a member that they leave pending makes the
// command fail, as a failed one does.
func (a *app) showBroughtIn(ctx context.Context, cl *client.Client, r skein.MemberResult) error {
	err := a.showTest(ctx, cl, r)
	if err == nil && len(r.Checks) > 0 && r.Member.State == skein.MemberPending {
		return &exitError{code: exitFailed}
	}
	return err
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
		if r.Plan != nil {
			a.sayPlan(*r.Plan)
		}
		if r.DryRun {
			a.say("nothing was changed")
			return
		}
		a.say("%s is %s", r.Member.Name, a.colour(string(r.Member.State)))
		switch {
		case failed > 0 || len(r.Checks) == 0:
		case r.Member.State == skein.MemberPending && slices.ContainsFunc(r.Checks, func(k skein.Check) bool { return k.Name == skein.CheckKind && k.Warn }):
			// Its mend is what comes next.
		case r.Member.State == skein.MemberPending:
			a.say("next: skein member test %s brings it in", r.Member.Name)
		case r.Member.State == skein.MemberDisabled || r.Member.State == skein.MemberDisabledThreshold:
			a.say("next: skein member enable %s", r.Member.Name)
		case !r.Member.Address.IsValid(): // nobody asks it over DNS
		default:
			a.say("try: dig +short %s SOA @%s%s", zoneOn(ctx, cl, r.Member), r.Member.Address, portFlag(r.Member.Port))
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

// zoneOn is a zone to try at a member, one of the first; the word ZONE where
// none of them is served there.
func zoneOn(ctx context.Context, cl *client.Client, m skein.Member) string {
	list, err := cl.ListZones(ctx, skein.ZoneFilter{}, skein.Page{Limit: 100})
	if err != nil {
		return "ZONE"
	}
	for _, z := range list.Zones {
		pool := orElse(z.Pool, skein.DefaultPool)
		if pool == orElse(m.Pool, skein.DefaultPool) || slices.ContainsFunc(m.Shares, func(s skein.Share) bool { return s.Pool == pool }) {
			return string(z.Name)
		}
	}
	return "ZONE"
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
			m, _, err := cl.GetMember(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(m, func() { a.sayMember(m) })
		},
	}
}

func (a *app) sayMember(m skein.Member) {
	a.sayLine("name", "%s", m.Name)
	a.sayLine("driver", "%s, %s", m.Driver, m.Role)
	a.sayLine("state", "%s", a.colour(string(shownState(m))))
	if m.DisabledBy != "" {
		a.sayLine("disabled", "by %s since %s", m.DisabledBy, when(m.DisabledAt))
	}
	if m.DisabledWhy != "" {
		a.sayLine("why", "%s", m.DisabledWhy)
	}
	if m.Address.IsValid() {
		a.sayLine("dns", "%s", m.DNS())
	}
	if m.RNDCPort != 0 {
		a.sayLine("rndc", "%s", m.RNDC())
	}
	if m.Username != "" {
		a.sayLine("username", "%s", m.Username)
	}
	if m.View != "" {
		a.sayLine("view", "%s", m.View)
	}
	for _, p := range m.Primaries {
		a.sayLine("primary", "%s port %d", p.Address, p.Port)
	}
	for _, p := range m.Others {
		a.sayLine("primary", "%s port %d (member %s)", p.Address, p.Port, p.Member)
	}
	if m.Primary {
		a.sayLine("is primary", "other members transfer from it too")
	}
	if m.Endpoint != "" {
		a.sayLine("endpoint", "%s", m.Endpoint)
	}
	if m.Pin != "" {
		a.sayLine("certificate", "%s", m.Pin)
	}
	if m.Only != "" {
		a.sayLine("only", "zones that it has already")
	}
	if m.Repair != "" {
		a.sayLine("repair", "what was changed or deleted there is only reported")
	}
	if m.Trust {
		a.sayLine("reverse trust", "it may change zones here, with a token of its own")
	}
	if m.TSIGKey != "" {
		a.sayLine("keys", "%s %s (%s)", m.TSIGKey, m.AuditKey, m.Algorithm)
	}
	a.sayLine("pool", "%s", orElse(m.Pool, skein.DefaultPool))
	for _, s := range m.Shares {
		a.sayLine("shared with", "%s, as %s", s.Pool, s.Role)
	}
	if m.Debug {
		a.sayLine("debug", "on: skein member log %s", m.Name)
	}
	a.sayLine("created", "%s, now version %d", when(m.Created), m.Version)
	s := m.Status
	if s == nil {
		return
	}
	a.sayLine("reachable", "%s, last seen %s", yes(s.Reachable), when(s.LastSeen))
	a.sayLine("latency", "%s", latency(m))
	a.sayLine("version", "%s", orElse(s.Version, unasked(m)))
	if len(s.NSIDs) > 0 {
		a.sayLine("answers as", "%s", strings.Join(s.NSIDs, ", "))
	}
	if s.Unknown > 0 {
		a.sayLine("zones", "%d wanted; nobody looks at them while the member is %s", s.Zones, m.State)
	} else {
		a.sayLine("zones", "%d wanted, %d verified, %d behind, %d waiting, %d stale, %d failed", s.Zones, s.Verified, s.Behind, s.Pending, s.Stale, s.Failed)
	}
	if s.Ahead > 0 {
		a.sayLine("ahead", "%s newer there than here: skein conflict list", plural(s.Ahead, "zone"))
	}
	if s.Foreign+s.Differs+s.Absent > 0 {
		a.sayLine("of these", "%d differ, %d are not Skein's, %d are gone there", s.Differs, s.Foreign, s.Absent)
	}
	if !s.BehindSince.IsZero() {
		a.sayLine("behind", "since %s", when(s.BehindSince))
	}
	if s.There != nil {
		others := ""
		if *s.There > s.Zones {
			others = "; the others: skein member import " + m.Name + " --plan"
		}
		a.sayLine("zones there", "%d in all; Skein wants %d%s", *s.There, s.Zones, others)
	}
	if audit := s.Audit; audit != nil {
		a.sayLine("contents", "%d compared in this round, %d found to differ; last round ended %s", audit.Compared, audit.Found, when(audit.Round))
		if audit.Refused != "" {
			a.sayLine("not compared", "%s", audit.Refused)
		}
	}
	if s.Expiring > 0 {
		a.sayLine("expiring", "its primary does not answer it: %s, first %s at %s", plural(s.Expiring, "zone"), s.ExpiresZone.Unicode(), when(s.Expires))
	}
	if s.LastError != "" {
		a.sayLine("last error", "%s", s.LastError)
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
