package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) wait() *cobra.Command {
	var enough string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "wait ZONE",
		Short: "Wait until members were seen serving the newest change of a zone",
		Long: "Waits until enough members were seen serving the newest change of a zone: they were asked over DNS, and\n" +
			"answered with the serial. A deleted zone is waited for until members no longer serve it. Exit code 5: not in time.",
		Example: examples(
			"skein wait example.com",
			"skein wait example.com --for majority --timeout 5m"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := zoneName(args[0])
			if err != nil {
				return err
			}
			if err := checkWhom("for", enough); err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			start := time.Now()
			receipt, err := cl.WaitZone(c.Context(), string(name), client.WaitQuery{For: enough, Timeout: timeout})
			if err != nil {
				return late(receipt, err)
			}
			return a.show(receipt, func() {
				a.sayReceipt(receipt)
				a.say("%s: serial %d is served (%v)", name.Unicode(), receipt.Serial, time.Since(start).Round(time.Millisecond))
			})
		},
	}
	c.Flags().StringVar(&enough, "for", "all", "all, majority or a number of members")
	c.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait, at most 10m")
	takes(c.Flags(), "for", "WHOM", "timeout", "DURATION")
	return c
}

// checkWhom checks what a flag says of how many members something is waited for.
func checkWhom(flag, whom string) error {
	if n, err := strconv.Atoi(whom); whom != "all" && whom != "majority" && (err != nil || n < 1) {
		return usage("--%s %q: say all, majority or a number of members", flag, whom)
	}
	return nil
}

// waitOn gives a command that changes zones the flags that have it wait for members.
func (a *app) waitOn(c *cobra.Command) {
	c.Flags().StringVar(&a.await.For, "wait", "", "wait until members were seen serving the change: all, majority or a number of them; exit code 5: not in time")
	c.Flags().DurationVar(&a.await.Timeout, "timeout", 30*time.Second, "how long to wait, at most 10m")
	takes(c.Flags(), "wait", "WHOM", "timeout", "DURATION")
}

// showArrived shows a change, and where it has arrived if that was waited for.
func (a *app) showArrived(r skein.ZoneResult, people func()) error {
	err := a.show(r, func() {
		people()
		if r.Receipt != nil {
			a.sayReceipt(*r.Receipt)
		}
	})
	if err == nil && r.Late != "" {
		err = notYet(r)
	}
	return err
}

// notYet says that a change is made, and not everywhere where it was waited for.
func notYet(r skein.ZoneResult) error {
	return &exitError{exitTimeout, &skein.Error{Kind: skein.KindTimeout, What: "the change is made, and goes on its way; but " + r.Late,
		Mend: "skein wait " + r.Zone.Name.Unicode() + " waits on"}}
}

// late says which members are not there yet.
func late(r skein.Receipt, err error) error {
	var e *skein.Error
	if !errors.As(err, &e) || e.Kind != skein.KindTimeout || r.Zone == "" {
		return err // nothing came from the server
	}
	out := *e
	for _, m := range r.Members {
		if m.State == skein.StateVerified || strings.Contains(e.Error(), m.Member) {
			continue
		}
		text := m.Member + " is " + string(m.State)
		if m.Reason != "" {
			text += ": " + m.Reason
		}
		out.Problems = append(out.Problems, skein.Problem{Text: text})
	}
	return &lateError{&out, r}
}

// lateError carries the receipt so far to -o json.
type lateError struct {
	error
	receipt skein.Receipt
}

func (e *lateError) Unwrap() error { return e.error }
