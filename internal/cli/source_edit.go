package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) sourceEdit() *cobra.Command {
	var flags sourceFlags
	var drop, from []string
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a source; what is not named stays as it is",
		Long: "Changes a source. A flag that lists something (--network, --primary, --catalog, --tsig-key-file) gives the whole\n" +
			"list anew; --zone, --zones-file and --named-conf add zones, --drop-zone takes one away: the zone is deleted, and\n" +
			"can be brought back. --zone-primary says where one zone comes from, if not from the source's primaries.",
		Example: examples(
			"skein source edit plesk-1 --network 192.0.2.0/24 --network 2001:db8::/32 --silence 12h",
			"skein source edit ns-old --zone example.com --drop-zone example.net",
			"skein source edit ns-old --zone-primary example.com=192.0.2.55,key=xfr",
			"skein source edit ns-old --primary 192.0.2.54,key=xfr --tsig-key-file new.key"),
		ValidArgsFunction: a.completeSource,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().NFlag() == 0 {
				return usage("say what is to change; see the flags")
			}
			want, err := flags.zones.read(a, args[0])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			s, err := changeSource(c.Context(), cl, args[0], func(body *skein.NewSource) error { return flags.apply(a, c, body) })
			if err != nil {
				return err
			}
			if err := a.primariesOfZones(c.Context(), cl, s.Name, from); err != nil {
				return err
			}
			for _, text := range drop {
				if err := a.dropTransfer(c.Context(), cl, s.Name, text); err != nil {
					return err
				}
			}
			return a.showSource(c.Context(), cl, s, want, "changed")
		},
	}
	flags.on(c)
	c.Flags().StringArrayVar(&drop, "drop-zone", nil, "zone that is not to be transferred any more; it is deleted")
	c.Flags().StringArrayVar(&from, "zone-primary", nil, "where one zone of it comes from, as with --primary; one flag for each, and ZONE= alone for the source's primaries")
	takes(c.Flags(), "drop-zone", "NAME", "zone-primary", "ZONE=ADDR")
	return c
}

// primariesOfZones gives zones primaries of their own: all that are named for a
// zone are its list from then on.
func (a *app) primariesOfZones(ctx context.Context, cl *client.Client, source string, from []string) error {
	lists, order := map[zone.Name][]skein.TransferPrimary{}, []zone.Name(nil)
	for _, text := range from {
		of, at, ok := strings.Cut(text, "=")
		if !ok {
			return usage("--zone-primary: %q is not ZONE=ADDR, such as example.com=192.0.2.55", text)
		}
		name, err := zoneName(of)
		if err != nil {
			return err
		}
		if _, known := lists[name]; !known {
			order, lists[name] = append(order, name), nil
		}
		if at == "" {
			continue
		}
		p, err := parseTransferPrimary(at)
		if err != nil {
			return usage("--zone-primary: %s", err)
		}
		lists[name] = append(lists[name], p)
	}
	for _, name := range order {
		if _, err := cl.ChangeTransferZone(ctx, skein.NewTransferZone{Name: string(name), Source: source, Primaries: lists[name]}); err != nil {
			return err
		}
		if len(lists[name]) == 0 {
			a.note("%s comes from the source's primaries", name.Unicode())
			continue
		}
		a.note("%s comes from primaries of its own", name.Unicode())
	}
	return nil
}

// dropTransfer ends the transfers of a zone, if it is this source that asks for it.
func (a *app) dropTransfer(ctx context.Context, cl *client.Client, source, text string) error {
	name, err := zoneName(text)
	if err != nil {
		return err
	}
	z, err := cl.GetTransferZone(ctx, string(name))
	if err != nil {
		return err
	}
	if z.Source != source {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("%s is transferred for the source %s, and was left alone", name.Unicode(), z.Source),
			Mend: fmt.Sprintf("skein source edit %s --drop-zone %s", z.Source, name)}
	}
	if err := cl.DeleteTransferZone(ctx, string(name)); err != nil {
		return err
	}
	a.note("%s is not transferred any more", name.Unicode())
	return nil
}

// changeSource reads a source, changes it and sends it back. Who was faster is
// not overwritten: it begins again with what that one made.
func changeSource(ctx context.Context, cl *client.Client, name string, change func(*skein.NewSource) error) (skein.Source, error) {
	for try := 0; ; try++ {
		s, etag, err := cl.GetSource(ctx, name)
		if err != nil {
			return s, err
		}
		body := s.AsNew()
		body.Expect = etag
		if err := change(&body); err != nil {
			return s, err
		}
		s, err = cl.EditSource(ctx, body)
		if !errors.Is(err, skein.ErrChanged) || try == 3 {
			return s, err
		}
	}
}

func (a *app) sourcePause() *cobra.Command {
	return a.sourceSwitch("pause", "Refuse everything from a source until it is resumed; its zones stay", true)
}

func (a *app) sourceResume() *cobra.Command {
	return a.sourceSwitch("resume", "Take changes from a source again", false)
}

func (a *app) sourceSwitch(verb, short string, paused bool) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " NAME",
		Short:             short,
		Example:           examples("skein source " + verb + " plesk-1"),
		ValidArgsFunction: a.completeSource,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			s, err := changeSource(c.Context(), cl, args[0], func(body *skein.NewSource) error {
				body.Paused = paused
				return nil
			})
			if err != nil {
				return err
			}
			return a.show(s, func() {
				if paused {
					a.say("%s is paused: what it sends is refused, its zones are served as they are", s.Name)
					return
				}
				a.say("%s is resumed; let it send again what was refused meanwhile", s.Name)
			})
		},
	}
}
