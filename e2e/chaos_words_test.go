package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/skein-dns/skein"
)

const (
	shownZones = 3  // of a member that is behind
	shownSaid  = 30 // lines of what was said to it about each, and by it
)

// failed ends the test with what there is to know: of each member that is
// behind its state, what it lacks and what was last said to it about that, and
// where the node's workers stand. The last words of the servers follow by themselves.
func (c *chaos) failed(what string, behind []skein.Member) {
	c.t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, what)
	for _, m := range behind {
		s := *m.Status
		audit := s.Audit
		s.Audit = nil
		fmt.Fprintf(&b, "%s: %+v\n  audit of contents: %+v\n", m.Name, s, audit)
		for i, z := range c.wanting(m.Name) {
			if i == shownZones {
				fmt.Fprintln(&b, "  and others")
				break
			}
			b.WriteString(c.about(m.Name, z))
		}
	}
	fmt.Fprintf(&b, "the node's workers:\n%s", c.workers())
	c.t.Fatal(b.String())
}

// wanting are the zones that a member is not known to have as they are wanted,
// and those that it was to delete.
func (c *chaos) wanting(member string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(c.wanted)) {
		r, err := c.api.GetReceipt(c.t.Context(), name, 0)
		if err != nil || slices.ContainsFunc(r.Members, func(m skein.MemberZone) bool { return m.Member == member && m.State != skein.StateVerified }) {
			all = append(all, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.gone)) {
		if c.server(member).hasNot(c.t.Context(), name) != nil {
			all = append(all, name)
		}
	}
	return all
}

func (c *chaos) server(name string) *troubled {
	for _, s := range c.servers {
		if s.name == name {
			return s
		}
	}
	return nil
}

// about is what there is to know of one zone on a member.
func (c *chaos) about(member, name string) string {
	var b strings.Builder
	s, ctx := c.server(member), context.WithoutCancel(c.t.Context())
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := c.api.GetReceipt(ctx, name, 0)
	fmt.Fprintf(&b, "  %s: wanted is revision %d, serial %d (%v)\n", name, r.Revision, r.Serial, err)
	for _, m := range r.Members {
		if m.Member == member {
			fmt.Fprintf(&b, "    the node knows: %+v\n", m)
		}
	}
	if hosts, is := c.wanted[name]; is {
		err = s.has(ctx, name, r.Serial, hosts)
	} else {
		err = s.hasNot(ctx, name)
	}
	fmt.Fprintf(&b, "    asked now: %v\n", err)
	for _, line := range naming(c.saidTo(ctx, member), name) {
		fmt.Fprintf(&b, "    told: %s\n", line)
	}
	for _, line := range naming(strings.Split(s.said(), "\n"), name) {
		fmt.Fprintf(&b, "    it said: %s\n", line)
	}
	return b.String()
}

// naming are the last lines that name a zone, or a catalog.
func naming(lines []string, name string) (some []string) {
	for _, line := range lines {
		if strings.Contains(line, strings.TrimSuffix(name, ".")) || strings.Contains(line, "catalog.skein") {
			some = append(some, fmt.Sprintf("%.600s", line))
		}
	}
	return some[max(0, len(some)-shownSaid):]
}

// saidTo is what was said to a member.
func (c *chaos) saidTo(ctx context.Context, member string) (said []string) {
	for line, err := range c.api.GetMemberLog(ctx, member, false) {
		if err != nil {
			return append(said, err.Error())
		}
		said = append(said, string(line))
	}
	return said
}

// workers ends the node, and returns where its goroutines are that speak to
// members, or wait for a lock of those that do.
func (c *chaos) workers() string {
	before := len(c.node.out.String())
	c.node.cmd.Process.Signal(syscall.SIGQUIT)
	<-c.node.done
	var at []string
	for stack := range strings.SplitSeq(c.node.out.String()[before:], "\n\n") {
		if strings.Contains(stack, "/internal/member/") || strings.Contains(stack, "/internal/reconcile.") && strings.Contains(stack, "sync.(*Mutex)") {
			at = append(at, stack)
		}
	}
	if at == nil {
		return "none of them speaks to its member"
	}
	return strings.Join(at, "\n\n")
}
