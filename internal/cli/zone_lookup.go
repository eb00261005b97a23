package cli

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) zoneLookup() *cobra.Command {
	return &cobra.Command{
		Use:   "lookup NAME [TYPE]",
		Short: "Ask each member of a name's zone for its records",
		Long: "Asks every member that serves the zone of a name for records of it, of type A if no other is named, and shows\n" +
			"what each answers over DNS, and under which name, where it has one (NSID). Nobody else is asked. Exit code 1: they do not all answer, or not the same.",
		Example:           examples("skein zone lookup www.example.com", "skein zone lookup example.com MX"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := zoneName(args[0])
			if err != nil {
				return err
			}
			typ := ""
			if len(args) == 2 {
				typ = args[1]
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			found, err := cl.Lookup(c.Context(), string(name), typ)
			if err != nil {
				return err
			}
			if err := a.show(found, func() { a.sayLookup(found) }); err != nil {
				return err
			}
			if !agreed(found.Answers) {
				return &exitError{code: exitFailed}
			}
			return nil
		},
	}
}

func (a *app) sayLookup(l skein.Lookup) {
	for _, m := range l.Answers {
		text := lookupText(m)
		if m.Took > 0 {
			text += fmt.Sprintf(", after %v", m.Took.Round(100*time.Microsecond))
		}
		if m.NSID != "" {
			text += ", as " + m.NSID
		}
		a.say("%s: %s", m.Member, text)
		for _, line := range slices.Concat(m.Answer, m.Authority) {
			a.say("  %s", line)
		}
	}
	if len(l.Answers) == 0 {
		a.note("the zone %s has no members", l.Zone)
	}
}

// lookupText says what a member answers.
func lookupText(m skein.LookupAnswer) string {
	switch m.Outcome {
	case skein.LookupAnswers:
		return "answers"
	case skein.LookupNoData:
		return "has nothing of this type at the name"
	case skein.LookupNoName:
		return "says that there is no such name"
	case skein.LookupReferral:
		return "refers to other nameservers"
	case skein.LookupFails:
		if m.Code == "NOERROR" || m.Code == "NXDOMAIN" {
			return "answers without authority"
		}
		return "answers " + m.Code
	case skein.LookupNotAsked:
		return "is not asked: " + m.Reason
	}
	return "does not answer"
}

// agreed reports whether all members that can be asked answer the same.
func agreed(all []skein.LookupAnswer) bool {
	var first *skein.LookupAnswer
	for _, m := range all {
		m.Answer = slices.Sorted(slices.Values(m.Answer))
		switch {
		case m.Outcome == skein.LookupNotAsked:
		case m.Outcome == skein.LookupSilent || m.Outcome == skein.LookupFails:
			return false
		case first == nil:
			first = &m
		case m.Outcome != first.Outcome || !slices.Equal(m.Answer, first.Answer):
			return false
		}
	}
	return true
}
