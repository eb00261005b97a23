package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

func (a *app) zone() *cobra.Command {
	return group("zone", "Create, import, look at and delete zones, bring back what was, and say whose they are",
		a.zoneCreate(), a.zoneImport(), a.zoneCheck(), a.zoneList(), a.zoneShow(),
		a.zoneExport(), a.zoneDiff(), a.zoneLookup(), a.zoneTrace(), a.zoneHistory(), a.zoneRestore(), a.zoneDelete(), a.zoneUndelete(),
		a.zoneReset(), a.zoneServices(), a.zoneTakeover(), a.zoneAssign(), a.zoneOverlay())
}

func (a *app) zoneCreate() *cobra.Command {
	soa := zone.SOA{Refresh: 10800, Retry: 3600, Expire: 1209600, Minimum: 3600}
	var nameservers []string
	var mname, rname, owner string
	var ttl uint32
	var template templateFlags
	var change changeFlags
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a zone with a SOA and its NS records, or from a template",
		Long: "Creates a zone of a SOA and its NS records. With --template, --ip, --ipv6, --value or --owner it is made from a\n" +
			"template (skein template list), with the nameservers of its pool unless --ns names others.",
		Example: examples(
			"skein zone create example.com --ns ns1.example.net --ns ns2.example.net",
			"skein zone create example.com --template standard --ip 192.0.2.10 --ipv6 2001:db8::10"),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			origin, err := zoneName(args[0])
			if err != nil {
				return err
			}
			if template.given() || owner != "" {
				return a.createFromTemplate(c, string(origin), template, nameservers, skein.TemplateZone{Owner: owner, ChangeID: change.id})
			}
			records, err := newZone(origin, soa, nameservers, mname, rname, ttl)
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.CreateZone(c.Context(), skein.CreateZone{Name: string(origin), ZoneContents: skein.ZoneContents{Records: records}, ChangeID: change.id})
			if err != nil {
				return err
			}
			return a.showChange(result)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&nameservers, "ns", nil, "name of a nameserver of the zone, absolute; give one flag for each")
	f.StringVar(&mname, "mname", "", "primary nameserver in the SOA (default: the first --ns)")
	f.StringVar(&rname, "rname", "", "mailbox in the SOA, as a mail address or a name (default: hostmaster at the zone)")
	f.Uint32Var(&ttl, "ttl", 3600, "TTL of SOA and NS records in seconds")
	f.Uint32Var(&soa.Refresh, "refresh", soa.Refresh, "SOA refresh in seconds")
	f.Uint32Var(&soa.Retry, "retry", soa.Retry, "SOA retry in seconds")
	f.Uint32Var(&soa.Expire, "expire", soa.Expire, "SOA expire in seconds")
	f.Uint32Var(&soa.Minimum, "minimum", soa.Minimum, "SOA minimum in seconds: how long a no is remembered")
	f.StringVar(&owner, "owner", "", "tenant that a zone of a template is to belong to; yours if missing")
	f.StringVar(&change.id, "change-id", "", "repeat a change with its id, and it is not made twice")
	template.on(c, "")
	takes(f, "owner", "TENANT", "ns", "NAME", "mname", "NAME", "rname", "MAILBOX", "ttl", "SECONDS", "refresh", "SECONDS", "retry", "SECONDS",
		"expire", "SECONDS", "minimum", "SECONDS", "change-id", "ID")
	a.waitOn(c)
	return c
}

// newZone makes the apex of a zone.
func newZone(origin zone.Name, soa zone.SOA, nameservers []string, mname, rname string, ttl uint32) ([]skein.RecordSet, error) {
	if len(nameservers) == 0 {
		return nil, usage("a zone needs nameservers: say --ns NAME, once for each")
	}
	ns := skein.RecordSet{Name: string(origin), Type: "NS", TTL: ttl}
	for _, s := range nameservers {
		name, err := zoneName(s)
		if err != nil {
			return nil, fmt.Errorf("--ns: %w", err)
		}
		ns.Data = append(ns.Data, string(name))
	}
	if mname == "" {
		mname = ns.Data[0]
	}
	if rname == "" {
		rname = "hostmaster." + string(origin)
	}
	var err error
	if soa.MName, err = zoneName(mname); err != nil {
		return nil, fmt.Errorf("--mname: %w", err)
	}
	if soa.RName, err = zoneName(mailbox(rname)); err != nil {
		return nil, fmt.Errorf("--rname: %w", err)
	}
	soa.Serial = zone.SerialDate.Next(0, time.Now())
	data := fmt.Sprintf("%s %s %d %d %d %d %d", soa.MName, soa.RName, soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minimum)
	return []skein.RecordSet{{Name: string(origin), Type: "SOA", TTL: ttl, Data: []string{data}}, ns}, nil
}

func (a *app) zoneList() *cobra.Command {
	var contains, state string
	var filter skein.ZoneFilter
	var deleted bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List zones, or those that were deleted",
		Long: "Lists zones by name. --state lists those that are not as they should be on some member, or on that of --member: absent,\n" +
			"pending, told, stale, differs, foreign, failed, or behind for all of these.\n\n" +
			"With --deleted it lists those that can be brought back (skein zone undelete), and until when they are kept: the newest\n" +
			"deletion first.",
		Example: examples(
			"skein zone list --contains shop",
			"skein zone list --owner north-hosting --origin plesk-1",
			"skein zone list --state behind --member ns2.example.net",
			"skein zone list --deleted"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			filter.State = skein.ZoneState(state)
			if deleted && filter != (skein.ZoneFilter{}) {
				return usage("--deleted goes together with --contains only")
			}
			if deleted {
				return a.listDeleted(c.Context(), cl, contains)
			}
			return showList(a, "zones", cl.AllZones(c.Context(), filter, contains), newTable("ZONE", "SERIAL", "RECORDS", "ORIGIN", "CHANGED"),
				func(z skein.Zone) []string {
					return []string{z.Name.Unicode(), fmt.Sprint(z.Serial), fmt.Sprint(z.Records), z.Origin, when(z.Changed)}
				}, none(filter, contains))
		},
	}
	f := c.Flags()
	f.StringVar(&contains, "contains", "", "only zones whose name contains this")
	f.StringVar(&filter.Owner, "owner", "", "only zones of this tenant")
	f.StringVar(&filter.Origin, "origin", "", "only zones of this source")
	f.StringVar(&filter.Pool, "pool", "", "only zones that this pool serves")
	f.StringVar(&filter.Member, "member", "", "only zones that this member is to have")
	f.StringVar(&state, "state", "", "only zones that are in this state on a member, or on that of --member")
	f.BoolVar(&deleted, "deleted", false, "those that were deleted and can be brought back")
	takes(f, "contains", "TEXT", "owner", "TENANT", "origin", "SOURCE", "pool", "NAME", "member", "NAME", "state", "STATE")
	completeFlag(c, "owner", a.completeTenant)
	completeFlag(c, "origin", a.completeSource)
	completeFlag(c, "pool", a.completePool)
	completeFlag(c, "member", a.completeMember)
	return c
}

// none says that there are no zones, and what to do where none were left out.
func none(f skein.ZoneFilter, contains string) string {
	if f != (skein.ZoneFilter{}) || contains != "" {
		return "no such zones"
	}
	return "no zones; make one with: skein zone create NAME --ns NAME"
}

func (a *app) zoneHistory() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:               "history NAME",
		Short:             "List the changes of a zone, newest first",
		Example:           examples("skein zone history example.com"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			list, err := cl.ZoneHistory(c.Context(), string(name), limit)
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("REVISION", "WHEN", "WHO", "DOOR", "ACTION", "SERIAL", "CHANGE")
				for _, ch := range list.Changes {
					t.row(fmt.Sprint(ch.Revision), when(ch.At), ch.Actor.Name, ch.Actor.Door, ch.Action, fmt.Sprint(ch.Serial), fmt.Sprintf("+%d -%d", ch.Added, ch.Removed))
				}
				t.print(a, "no history is kept of this zone")
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "at most so many")
	takes(c.Flags(), "limit", "N")
	return c
}

func (a *app) zoneDelete() *cobra.Command {
	var change changeFlags
	c := &cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a zone, here and on every member",
		Long:              "Deletes a zone, here and on every member. What it held is kept for a time: skein zone undelete NAME.",
		Example:           examples("skein zone delete example.com"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			result, err := cl.DeleteZone(c.Context(), string(name), skein.DeleteBody{Expect: change.revision(), ChangeID: change.id})
			if err != nil {
				return err
			}
			result.Zone.Deleted = true
			return a.showChange(result)
		},
	}
	change.on(a, c)
	return c
}

// parseRevision reads a revision as history prints it.
func parseRevision(s string) (skein.Revision, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, usage("%q is not a revision; skein zone history lists them", s)
	}
	return skein.Revision(n), nil
}

// mailbox turns a mail address into the name that a SOA holds (RFC 1035
// section 8): the dots of the part before @ are escaped. A name stays as it is.
func mailbox(s string) string {
	local, domain, ok := strings.Cut(s, "@")
	if !ok {
		return s
	}
	return strings.ReplaceAll(local, ".", `\.`) + "." + domain
}
