package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) sourceEdit() *cobra.Command {
	var flags sourceFlags
	var drop []string
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a source; what is not named stays as it is",
		Long: "Changes a source. A flag that lists something (--network, --primary, --catalog, --tsig-key-file) gives the whole\n" +
			"list anew; --zone, --zones-file and --named-conf add zones, --drop-zone takes one away: the zone is deleted, and\n" +
			"can be brought back.",
		Example: examples(
			"skein source edit plesk-1 --network 192.0.2.0/24 --network 2001:db8::/32 --silence 12h",
			"skein source edit ns-old --zone example.com --drop-zone example.net",
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
	takes(c.Flags(), "drop-zone", "NAME")
	return c
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
