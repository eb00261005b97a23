package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) source() *cobra.Command {
	return group("source", "See where zones come from, and say who may do what with them",
		a.sourceAdd(), a.sourceList(), a.sourceShow(), a.sourceEdit(), a.sourcePause(), a.sourceResume(),
		a.sourceRemove(), a.sourceRevert(), a.sourceRule())
}

func (a *app) sourceList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List sources: the panels, servers, programs and people that zones come from",
		Example: examples("skein source list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListSources(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("SOURCE", "DOOR", "STATE", "ZONES", "WAITING", "LAST HEARD", "SILENCE ALARM")
				for _, s := range list.Sources {
					st := statusOf(s)
					t.row(s.Name, s.Door, stateOf(s), fmt.Sprint(st.Zones), fmt.Sprint(st.Waiting), when(st.Heard), span(s.Silence))
				}
				t.print(a, "no sources yet; see skein source add --help")
			})
		},
	}
}

func statusOf(s skein.Source) skein.SourceStatus {
	if s.Status == nil {
		return skein.SourceStatus{}
	}
	return *s.Status
}

// stateOf is one word for how a source is.
func stateOf(s skein.Source) string {
	switch {
	case s.Paused:
		return "paused"
	case statusOf(s).Silent:
		return "silent"
	}
	return "ok"
}

func (a *app) sourceShow() *cobra.Command {
	var zones bool
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a source, or the zones that it asks to be transferred",
		Example: examples(
			"skein source show plesk-1",
			"skein source show ns-old --transfer-zones"),
		ValidArgsFunction: a.completeSource,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			s, _, err := cl.GetSource(c.Context(), args[0])
			if err != nil {
				return err
			}
			if zones {
				return a.listTransferZones(c.Context(), cl, s.Name)
			}
			return a.show(s, func() { a.saySource(s) })
		},
	}
	c.Flags().BoolVar(&zones, "transfer-zones", false, "list the zones that it asks to be transferred")
	return c
}

func (a *app) listTransferZones(ctx context.Context, cl *client.Client, source string) error {
	return showList(a, "zones", cl.AllTransferZones(ctx, source), newTable("ZONE", "PRIMARIES", "CATALOG", "GROUP", "SINCE", "STATE"),
		func(z skein.TransferZone) []string {
			primaries := make([]string, len(z.Primaries))
			for i, p := range z.Primaries {
				primaries[i] = primaryText(p)
			}
			return []string{z.Name.Unicode(), dash(strings.Join(primaries, " ")), dash(string(z.Catalog)), dash(z.Group), when(z.At), transferState(z.Status)}
		}, "it asks for no zones; skein source edit "+source+" --zone NAME adds one")
}

// transferState is how the transfers of a zone go, in a few words.
func transferState(t *skein.TransferStatus) string {
	switch {
	case t == nil:
		return "-"
	case t.Expired:
		return "expired: " + orElse(t.Problem, "no primary confirms it")
	case t.Problem != "":
		return t.Problem
	case t.Serial == 0 && t.Since.IsZero():
		return "not transferred yet"
	}
	return fmt.Sprintf("serial %d, confirmed %s", t.Serial, when(t.Confirmed))
}

// transferOf is that of one catalog among several.
func transferOf(name zone.Name, all []skein.TransferStatus) string {
	for _, t := range all {
		if t.Name.Equal(name) {
			return ": " + transferState(&t)
		}
	}
	return ""
}

func (a *app) saySource(s skein.Source) {
	st := statusOf(s)
	a.sayLine("name", "%s", s.Name)
	a.sayLine("door", "%s", strings.TrimSuffix(s.Door+", mode "+s.Mode, ", mode "))
	a.sayLine("state", "%s", a.colour(stateOf(s)))
	networks := make([]string, len(s.Networks))
	for i, n := range s.Networks {
		networks[i] = n.String()
	}
	a.sayLine("networks", "%s", orElse(strings.Join(networks, " "), "any"))
	if s.Transfer != nil {
		for _, p := range s.Transfer.Primaries {
			a.sayLine("primary", "%s", primaryText(p))
		}
		for _, name := range s.Transfer.Catalogs {
			a.sayLine("catalog", "%s%s", name.Unicode(), transferOf(name, st.Catalogs))
		}
		a.sayLine("auto", "%s", yes(s.Transfer.Auto))
	}
	a.sayLine("zones", "%d", st.Zones)
	a.sayLine("waiting", "%d", st.Waiting)
	a.sayLine("last heard", "%s", when(st.Heard))
	a.sayLine("silence", "%s", span(s.Silence))
	a.sayLine("created", "%s", when(s.Created))
	if st.Waiting > 0 {
		a.say("next: skein hold list --source %s; skein conflict list --source %s", s.Name, s.Name)
	}
}

// sayLine prints one property of something.
func (a *app) sayLine(key, format string, args ...any) {
	a.say("%-12s %s", key, fmt.Sprintf(format, args...))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// span prints a duration as people write it; "-" for none.
func span(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
