package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

func (a *app) zoneTrace() *cobra.Command {
	return &cobra.Command{
		Use:   "trace NAME",
		Short: "Follow a zone's delegation from the root",
		Long: "Goes from the root of the DNS down to a zone, as a resolver does that remembers nothing, and shows whom each step\n" +
			"refers to, what each nameserver answers, and what is wrong with the mend. Exit code 1: resolvers do not find the zone,\n" +
			"or not by all of its nameservers.",
		Example:           examples("skein zone trace example.com"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := zoneName(args[0])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			found, err := cl.TraceZone(c.Context(), string(name))
			if err != nil {
				return err
			}
			if err := a.show(found, func() { a.sayTrace(found) }); err != nil {
				return err
			}
			if slices.ContainsFunc(found.Faults, func(f skein.TraceFault) bool { return !f.Warning }) {
				return &exitError{code: exitFailed}
			}
			return nil
		},
	}
}

func (a *app) sayTrace(t skein.Trace) {
	for _, step := range t.Steps {
		switch {
		case step.Refers != "":
			a.say("%s refers to %s: %s", step.Zone, step.Refers, traceNames(step.Nameservers))
		case len(step.Nameservers) > 0:
			a.say("%s is there: %s", step.Zone, traceNames(step.Nameservers))
		default:
			a.say("%s leads no further", step.Zone)
		}
		for _, s := range step.Servers {
			a.say("  %s: %s", traceServer(s), traceText(s))
		}
		if step.Unasked > 0 {
			a.say("  and %d more, not asked", step.Unasked)
		}
	}
	for _, f := range t.Faults {
		kind := "wrong"
		if f.Warning {
			kind = "look"
		}
		a.say("%s: %s", kind, f.Text)
		a.say("  %s", f.Mend)
	}
	if len(t.Faults) == 0 {
		a.say("nothing is wrong")
	}
}

// traceServer names a server, by its address alone where that is all there is.
func traceServer(s skein.TraceServer) string {
	switch {
	case !s.Address.IsValid():
		return string(s.Name)
	case s.Name == zone.Root:
		return s.Address.String()
	}
	return fmt.Sprintf("%s %s", s.Name, s.Address)
}

func traceText(s skein.TraceServer) string {
	text := map[skein.TraceOutcome]string{
		skein.TraceAnswers: "has the zone", skein.TraceRefers: "refers to them", skein.TraceNoName: "has no delegation",
		skein.TraceLame: s.Reason, skein.TraceSilent: "does not answer", skein.TraceNotAsked: "is not asked: " + s.Reason,
	}[s.Outcome]
	if s.Took > 0 {
		text += fmt.Sprintf(", after %v", s.Took.Round(100*time.Microsecond))
	}
	return text
}

func traceNames(all []zone.Name) string {
	if len(all) == 0 {
		return "on the same servers"
	}
	names := make([]string, len(all))
	for i, n := range all {
		names[i] = string(n)
	}
	return strings.Join(names, " ")
}
