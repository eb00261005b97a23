package cli

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) memberLog() *cobra.Command {
	var follow bool
	c := &cobra.Command{
		Use:   "log NAME",
		Short: "Show what was said to a member that is debugged",
		Long: "Shows what was said to a member since it is debugged (skein member debug NAME on): each request, how long it took\n" +
			"and what came of it, the oldest first; secrets are left out. With -o json a line is an object.",
		Example: examples(
			"skein member log ns2.example.net",
			"skein member log ns2.example.net -f"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			for line, err := range cl.GetMemberLog(c.Context(), args[0], follow) {
				if err != nil {
					return err
				}
				a.sayTransaction(line)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what is said from now on")
	return c
}

// transaction is a line of the debug log.
type transaction struct {
	At      time.Time     `json:"at"`
	What    string        `json:"what"`
	Request string        `json:"request"`
	Answer  string        `json:"answer"`
	Took    time.Duration `json:"took_ns"`
	Outcome string        `json:"outcome"`
}

// sayTransaction prints a line of the log; one that is not as we know them as it is.
func (a *app) sayTransaction(line json.RawMessage) {
	var t transaction
	if a.format == "json" || json.Unmarshal(line, &t) != nil || t.What == "" {
		a.say("%s", line)
		return
	}
	a.say("%s  %s  %s: %s", when(t.At), t.What, span(t.Took.Round(10*time.Microsecond)), t.Outcome)
	for _, part := range []struct{ sign, text string }{{">", t.Request}, {"<", t.Answer}} {
		for text := range strings.Lines(part.text) {
			a.say("  %s %s", part.sign, strings.TrimRight(text, "\r\n"))
		}
	}
}
