package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) record() *cobra.Command {
	return group("record", "Set, add and delete records", a.recordSet(), a.recordAdd(), a.recordDelete())
}

func (a *app) recordSet() *cobra.Command {
	var edit editFlags
	c := &cobra.Command{
		Use:   "set ZONE NAME TYPE DATA…",
		Short: "Make an RRset exactly these records",
		Long: "Makes the RRset of a name and type exactly these records. NAME is relative to the zone, @ is the zone itself,\nand a final dot makes it absolute. DATA is as in a zone file, one argument a record; so a text with blanks has\n" +
			"quotes of its own.",
		Example: examples(
			"skein record set example.com www A 192.0.2.1 192.0.2.2",
			"skein record set example.com @ MX '10 mail.example.com.' --ttl 300",
			`skein record set example.com @ TXT '"v=spf1 mx -all"'`),
		Args: cobra.MinimumNArgs(4),
		RunE: func(c *cobra.Command, args []string) error { return a.edit(c, skein.EditSet, args, edit) },
	}
	edit.on(a, c, true)
	return c
}

func (a *app) recordAdd() *cobra.Command {
	var edit editFlags
	c := &cobra.Command{
		Use:     "add ZONE NAME TYPE DATA…",
		Short:   "Add records to an RRset",
		Example: examples("skein record add example.com @ NS ns3.example.net."),
		Args:    cobra.MinimumNArgs(4),
		RunE:    func(c *cobra.Command, args []string) error { return a.edit(c, skein.EditAdd, args, edit) },
	}
	edit.on(a, c, true)
	return c
}

func (a *app) recordDelete() *cobra.Command {
	var edit editFlags
	c := &cobra.Command{
		Use:   "delete ZONE NAME [TYPE [DATA…]]",
		Short: "Delete records, a whole RRset, or all of a name",
		Example: examples(
			"skein record delete example.com www A 192.0.2.2    # one record",
			"skein record delete example.com www A              # all of the type",
			"skein record delete example.com www                # all of the name"),
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return a.edit(c, skein.EditDelete, args, edit) },
	}
	edit.on(a, c, false)
	return c
}

// editFlags are the flags of the three.
type editFlags struct {
	ttl    uint32
	dryRun bool
	change changeFlags
}

func (e *editFlags) on(a *app, c *cobra.Command, ttl bool) {
	c.ValidArgsFunction = a.completeZone
	if ttl {
		c.Flags().Uint32Var(&e.ttl, "ttl", 0, "seconds (default: that of the RRset as it is, else the SOA minimum)")
		takes(c.Flags(), "ttl", "SECONDS")
	}
	c.Flags().BoolVar(&e.dryRun, "plan", false, "say what would change, and change nothing")
	e.change.on(a, c)
}

func (a *app) edit(c *cobra.Command, op skein.EditOp, args []string, flags editFlags) error {
	origin, err := zoneName(args[0])
	if err != nil {
		return err
	}
	owner, err := ownerName(args[1], origin)
	if err != nil {
		return err
	}
	edit := skein.RecordEdit{Op: op, Name: string(owner)}
	if c.Flags().Changed("ttl") {
		edit.TTL = &flags.ttl
	}
	if len(args) > 2 {
		t, err := zone.ParseType(args[2])
		if err != nil {
			return usage("%s", err)
		}
		edit.Type, edit.Data = t.String(), args[3:]
	}
	cl, err := a.client()
	if err != nil {
		return err
	}
	body := skein.EditBody{Edits: []skein.RecordEdit{edit}, DryRun: flags.dryRun, Expect: flags.change.revision(), ChangeID: flags.change.id}
	result, err := cl.EditRecords(c.Context(), string(origin), body)
	if err != nil {
		return err
	}
	return a.showChange(result)
}

// zoneName reads the name of a zone; what is wrong with it is the usage.
func zoneName(s string) (zone.Name, error) {
	name, err := zone.ParseName(s)
	if err != nil {
		return "", usage("%s", err)
	}
	return name, nil
}

// ofZone is what a command about one zone begins with.
func (a *app) ofZone(arg string) (*client.Client, zone.Name, error) {
	name, err := zoneName(arg)
	if err != nil {
		return nil, "", err
	}
	cl, err := a.client()
	return cl, name, err
}

// ownerName reads a name relative to a zone, @ for the zone itself, or an
// absolute one with its final dot.
func ownerName(s string, origin zone.Name) (zone.Name, error) {
	switch {
	case s == "@":
		return origin, nil
	case strings.HasSuffix(s, ".") && !strings.HasSuffix(s, `\.`):
	case origin == zone.Root:
		s += "."
	default:
		s += "." + string(origin)
	}
	return zoneName(s)
}

// changeFlags make a change safe to repeat and to race.
type changeFlags struct {
	expect uint64
	id     string
}

func (f *changeFlags) on(a *app, c *cobra.Command) {
	c.Flags().Uint64Var(&f.expect, "expect", 0, "change the zone only if it is at this revision")
	c.Flags().StringVar(&f.id, "change-id", "", "repeat a change with its id, and it is not made twice")
	takes(c.Flags(), "expect", "REVISION", "change-id", "ID")
	a.waitOn(c)
}

func (f *changeFlags) revision() *skein.Revision {
	if f.expect == 0 {
		return nil
	}
	r := skein.Revision(f.expect)
	return &r
}

// showChange prints what became of a change.
func (a *app) showChange(r skein.ZoneResult) error {
	a.warn(r.Warnings)
	return a.showArrived(r, func() {
		name := r.Zone.Name.Unicode()
		switch {
		case !r.Changed && r.Zone.Serial == 0: // there is no zone, or none of the caller's
			a.say("%s: unchanged", name)
			return
		case !r.Changed:
			a.say("%s: unchanged, serial %d", name, r.Zone.Serial)
			return
		case r.DryRun && r.Created:
			a.say("%s: would be created", name)
			return
		case r.DryRun:
			a.say("%s: would change", name)
		case r.Created:
			a.say("%s: created with serial %d, revision %d", name, r.Zone.Serial, r.Zone.Revision)
			return
		case r.Zone.Deleted:
			a.say("%s: deleted, revision %d", name, r.Zone.Revision)
			return
		default:
			a.say("%s: serial %d, revision %d", name, r.Zone.Serial, r.Zone.Revision)
		}
		a.sayDelta(r.Delta)
	})
}

// sayDelta prints a difference as lines of a zone file with - and + before them.
func (a *app) sayDelta(d skein.DeltaBody) {
	if a.colours() {
		a.sayRecords("\x1b[31m- ", d.Removed)
		a.sayRecords("\x1b[32m+ ", d.Added)
		fmt.Fprint(a.out, "\x1b[0m")
		return
	}
	a.sayRecords("- ", d.Removed)
	a.sayRecords("+ ", d.Added)
}

// sayRecords prints lines of a zone file with something before each.
func (a *app) sayRecords(before string, sets []skein.RecordSet) {
	out := bufio.NewWriter(a.out)
	defer out.Flush()
	for _, set := range sets {
		mark := ""
		if set.Source != "" {
			mark = "  ; overlay of " + set.Source
		}
		for _, data := range set.Data {
			fmt.Fprintf(out, "%s%s %d %s %s%s\n", before, set.Name, set.TTL, set.Type, data, mark)
		}
	}
}
