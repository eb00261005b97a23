package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) zoneOverlay() *cobra.Command {
	return group("overlay", "See and end what in a zone is not its origin's",
		a.overlayList(),
		a.overlayEnd("drop", "Drop an overlay: what the zone's origin has beneath is in service again", (*client.Client).DropOverlay),
		a.overlayEnd("adopt", "Adopt an overlay: it is the origin's own, which may replace it with what it sends next", (*client.Client).AdoptOverlay))
}

func (a *app) overlayList() *cobra.Command {
	return &cobra.Command{
		Use:   "list ZONE",
		Short: "List the RRsets of a zone that are not its origin's",
		Long: "Lists the RRsets that others than the zone's origin put in. They survive what the origin sends. One that is absent\n" +
			"was deleted though the origin sends it. Beneath stands what the origin has itself.",
		Example:           examples("skein zone overlay list example.com"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			list, err := cl.ListOverlays(c.Context(), string(name))
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("NAME", "TYPE", "SOURCE", "TTL", "DATA", "BENEATH")
				for _, o := range list.Overlays {
					ttl, data := fmt.Sprint(o.TTL), strings.Join(o.Data, ", ")
					if o.Absent {
						ttl, data = "-", "absent"
					}
					beneath := "-"
					if o.Hidden != nil {
						beneath = fmt.Sprintf("%d %s", o.Hidden.TTL, strings.Join(o.Hidden.Data, ", "))
					}
					t.row(o.Name, o.Type, o.Source, ttl, data, beneath)
				}
				t.print(a, name.Unicode()+" has no overlays: all of it is its origin's")
			})
		},
	}
}

func (a *app) overlayEnd(verb, short string, do func(*client.Client, context.Context, string, skein.EndOverlay) (skein.ZoneResult, error)) *cobra.Command {
	var end skein.EndOverlay
	var change changeFlags
	c := &cobra.Command{
		Use:   verb + " ZONE NAME TYPE",
		Short: short,
		Example: examples(
			"skein zone overlay "+verb+" example.com _acme-challenge TXT --plan",
			"skein zone overlay "+verb+" example.com _acme-challenge TXT"),
		ValidArgsFunction: a.completeOverlay,
		Args:              cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			owner, err := ownerName(args[1], name)
			if err != nil {
				return err
			}
			t, err := zone.ParseType(args[2])
			if err != nil {
				return usage("%s", err)
			}
			end.Name, end.Type = string(owner), t.String()
			end.Expect, end.ChangeID = change.revision(), change.id
			r, err := do(cl, c.Context(), string(name), end)
			if err != nil {
				return err
			}
			return a.showChange(r)
		},
	}
	c.Flags().BoolVar(&end.DryRun, "plan", false, "say what would change, and change nothing")
	change.on(a, c)
	return c
}

// completeOverlay offers zones, then the names of their overlays, then types.
func (a *app) completeOverlay(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeZone(c, args, begun)
	}
	return a.complete(c.Context(), nil, func(ctx context.Context, cl *client.Client) (words []string, err error) {
		origin, err := zoneName(args[0])
		if err != nil {
			return nil, err
		}
		list, err := cl.ListOverlays(ctx, string(origin))
		for _, o := range list.Overlays {
			switch len(args) {
			case 1:
				words = append(words, o.Name)
			case 2:
				if owner, err := ownerName(args[1], origin); err == nil && owner.Equal(zone.Name(o.Name)) {
					words = append(words, o.Type)
				}
			}
		}
		return slices.Compact(words), err
	})
}
