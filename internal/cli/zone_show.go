package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

// shownZone is what `zone show -o json` prints: the zone with its receipt and records.
type shownZone struct {
	skein.ZoneDetail
	Records []skein.RecordSet `json:"rrsets"`
}

func (a *app) zoneShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a zone's records, and its state on each member",
		Example:           examples("skein zone show example.com"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			detail, err := cl.GetZone(c.Context(), string(name))
			if err != nil {
				return err
			}
			records, err := allRecords(c.Context(), cl, name)
			if err != nil {
				return err
			}
			return a.show(shownZone{detail, records}, func() { a.sayZone(detail, records) })
		},
	}
}

func allRecords(ctx context.Context, cl *client.Client, name zone.Name) ([]skein.RecordSet, error) {
	all := []skein.RecordSet{}
	for set, err := range cl.AllRecords(ctx, string(name)) {
		if err != nil {
			return nil, err
		}
		all = append(all, set)
	}
	return all, nil
}

func (a *app) sayZone(z skein.ZoneDetail, records []skein.RecordSet) {
	a.say("%s  serial %d, revision %d, %s, origin %s, changed %s",
		z.Name.Unicode(), z.Serial, z.Revision, plural(z.Zone.Records, "record"), z.Origin, when(z.Changed))
	if t := z.Transfer; t != nil {
		a.say("transferred in: %s; expires %s", transferState(t), when(t.Expires))
	}
	a.say("")
	a.sayRecords("", soaFirst(records))
	a.say("")
	a.sayReceipt(z.Receipt)
}

// soaFirst is the order of zone files. In the canonical order, which the node
// gives, the SOA stands among the sets of the apex.
func soaFirst(records []skein.RecordSet) []skein.RecordSet {
	i := slices.IndexFunc(records, func(r skein.RecordSet) bool { return r.Type == "SOA" })
	if i <= 0 {
		return records
	}
	return slices.Concat(records[i:i+1], records[:i], records[i+1:])
}

// sayReceipt prints where the newest revision has arrived.
func (a *app) sayReceipt(r skein.Receipt) {
	t := newTable("MEMBER", "STATE", "SERIAL", "SEEN", "REASON")
	for _, m := range r.Members {
		serial := "-"
		if m.Serial != 0 {
			serial = fmt.Sprint(m.Serial)
		}
		t.row(m.Member, string(m.State), serial, when(m.Verified), m.Reason)
	}
	t.print(a, "no members yet; skein member drivers lists the kinds that there are")
}
