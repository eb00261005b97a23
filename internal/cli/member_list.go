package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) memberList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List members: where they are, what they are, how they are",
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

// sayMembers prints the table of servers.
func (a *app) sayMembers(members []skein.Member) {
	t := newTable("MEMBER", "ADDRESS", "USERNAME", "DRIVER", "VERSION", "STATE", "ROLE", "LATENCY", "IN STEP", "BEHIND", "LAST ERROR")
	for _, m := range members {
		s := memberStatus(m)
		inStep, behind := fmt.Sprintf("%d/%d", s.Verified, s.Zones), fmt.Sprint(s.Behind)
		if s.Unknown > 0 {
			inStep, behind = fmt.Sprintf("?/%d", s.Zones), "?"
		}
		t.row(m.Name, whereabouts(m), dash(m.Username), m.Driver, version(m), string(shownState(m)), string(m.Role),
			latency(m), inStep, behind, s.LastError)
	}
	t.print(a, "no members yet; skein member drivers lists the kinds that there are, skein member add brings one in")
}

func memberStatus(m skein.Member) skein.MemberStatus {
	if m.Status == nil {
		return skein.MemberStatus{}
	}
	return *m.Status
}

// shownState is the state for people: one that takes part and does not answer
// is unreachable.
func shownState(m skein.Member) skein.MemberState {
	if m.State == skein.MemberEnabled && m.Status != nil && !m.Status.Reachable && m.Status.LastError != "" {
		return skein.MemberUnreachable
	}
	return m.State
}

// version is that of a member's server.
func version(m skein.Member) string {
	v, _, _ := strings.Cut(memberStatus(m).Version, " (") // BIND adds what branch it is of
	if v == "" {
		return unasked(m)
	}
	return v
}

// latency is how long a member took to answer a command.
func latency(m skein.Member) string {
	d := memberStatus(m).Latency
	if d == 0 {
		return unasked(m)
	}
	return d.Round(10 * time.Microsecond).String()
}

// unasked says why something is not known of a member: whoever is only looked
// at is asked over DNS, which tells neither a version nor how fast commands are.
func unasked(m skein.Member) string {
	if m.State == skein.MemberObserved || m.Role == skein.RoleStandalone {
		return "not asked"
	}
	return "-"
}

// whereabouts is where a member is: where it answers DNS or, if nobody asks it
// so, where its API is.
func whereabouts(m skein.Member) string {
	if m.Address.IsValid() {
		return m.DNS().String()
	}
	return dash(m.Endpoint)
}
