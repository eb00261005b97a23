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

// doors are those that a source can have, as the command line names them.
var doors = []string{skein.DoorAPI, skein.DoorPlesk, skein.DoorRNDC, skein.DoorWHM, skein.DoorTransfer}

func (a *app) sourceAdd() *cobra.Command {
	var flags sourceFlags
	var dryRun bool
	c := &cobra.Command{
		Use:   "add api|plesk|rndc|whm|transfer NAME",
		Short: "Add a panel, server or program that zones come from",
		Long: "Adds a source. Its door is how zones come: api (a program, or people with a token), plesk (the hook), rndc (a\n" +
			"panel that drives Skein as it would a BIND), whm (a cPanel server that has Skein in its DNS cluster), or transfer\n" +
			"(a nameserver whose zones Skein transfers). One of the door api, plesk or whm needs a token: skein token create\n" +
			"NAME --source NAME. The zones of a transfer source come from --zone, --zones-file or --named-conf, from --catalog,\n" +
			"or by themselves (--auto).",
		Example: examples(
			"skein source add plesk plesk-1 --network 192.0.2.0/24 --silence 24h",
			"skein source add rndc plesk-old --network 192.0.2.7 --new-key rndc.key",
			"skein source add whm web1.example.net --network 192.0.2.8",
			"skein source add transfer ns-old --primary 192.0.2.53,key=xfr --tsig-key-file xfr.key --zones-file zones.txt",
			"skein source add transfer cyberpanel --primary 192.0.2.60 --network 192.0.2.60 --auto",
			"skein source add transfer knot --primary 192.0.2.70 --catalog catalog.example.net"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return doors, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		Args: oneDoor,
		RunE: func(c *cobra.Command, args []string) error {
			body := skein.NewSource{Door: args[0], Name: args[1]}
			want, err := flags.zones.read(a, body.Name)
			if err != nil {
				return err
			}
			if dryRun {
				return a.show(want.preview(), func() { a.sayWanted(want) })
			}
			if err := flags.apply(a, c, &body); err != nil {
				return err
			}
			want.complete(&body)
			cl, err := a.client()
			if err != nil {
				return err
			}
			made, err := cl.AddSource(c.Context(), body)
			if err != nil {
				return err
			}
			return a.showSource(c.Context(), cl, made, want, "added")
		},
	}
	flags.on(c)
	c.Flags().BoolVar(&dryRun, "plan", false, "say which zones would be transferred, and change nothing")
	return c
}

func oneDoor(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(2)(c, args); err != nil {
		return err
	}
	if !slices.Contains(doors, args[0]) {
		return fmt.Errorf("the door %q is unknown; there are: %s", args[0], strings.Join(doors, ", "))
	}
	return nil
}

// sourceChange is what `source add` and `edit` print as JSON.
type sourceChange struct {
	Source skein.Source `json:"source"`
	transferPlan
	Result *transfersIn `json:"transfer_result,omitempty"`
}

// transferPlan is which zones of those that were named are to come.
type transferPlan struct {
	Zones []skein.NewTransferZone `json:"transfer_zones,omitempty"`
	Left  []skein.Problem         `json:"left_out,omitempty"`
}

func (w wanted) preview() transferPlan { return transferPlan{Zones: w.zones, Left: w.left} }

func (a *app) sayWanted(w wanted) {
	for _, z := range w.zones {
		a.say("+ %s", z.Name)
	}
	a.warn(w.left)
	a.say("%s would be transferred, %d left out", plural(len(w.zones), "zone"), len(w.left))
}

// showSource prints a source that was just made or changed, and asks for its zones.
func (a *app) showSource(ctx context.Context, cl *client.Client, s skein.Source, w wanted, verb string) error {
	change := sourceChange{Source: s}
	if len(w.zones) > 0 {
		result, err := w.put(ctx, a, cl)
		if err != nil {
			return err
		}
		change.Left, change.Result = w.left, &result
	}
	err := a.show(change, func() {
		a.say("source %s is %s (%s)", s.Name, verb, s.Door)
		a.warn(w.left)
		if r := change.Result; r != nil {
			for _, p := range r.Failed {
				a.note("skein: %s", problem(p))
			}
			a.say("zones to transfer: %d new, %d there already, %d failed, %d left out", r.Added, r.There, len(r.Failed), len(w.left))
		}
		if next := nextOf(s); verb == "added" && next != "" {
			a.say("next: %s", next)
		}
	})
	if err == nil && change.Result != nil && change.Result.first != nil {
		return &exitError{code: codeOf(change.Result.first)}
	}
	return err
}

// nextOf is what a new source still needs.
func nextOf(s skein.Source) string {
	switch s.Door {
	case skein.DoorAPI, skein.DoorPlesk, skein.DoorWHM:
		return fmt.Sprintf("skein token create %s --source %s --output %s.token", s.Name, s.Name, s.Name)
	case skein.DoorTransfer:
		return "skein source show " + s.Name + " --transfer-zones"
	}
	return ""
}
