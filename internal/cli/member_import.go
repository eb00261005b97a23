package cli

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

// importCall is how many zones are named in a call.
const importCall = 500

// importFlags say which zones of a member are taken in.
type importFlags struct {
	list, namedConf, root, dir string
	yes                        bool
	body                       skein.ImportMember
}

func (a *app) memberImport() *cobra.Command {
	var flags importFlags
	c := &cobra.Command{
		Use:   "import NAME [ZONE…]",
		Short: "Take in the zones that a member has already",
		Long: "Takes in zones that a member has and that are not here: --plan shows first what would become of each. Without zones\n" +
			"named it is all that the member lists. A BIND lists none over rndc: its statistics channel does, where it is open to\n" +
			"this node and named (--set statistics=HOST:PORT); else zones are named, or found in a copy of its named.conf or its\n" +
			"zone files. Contents come from the member itself, by its API or by transfer with the audit key.\n\n" +
			"A zone that is here already stays as it is, and is told of if the member has other records. On the member zones stay\n" +
			"what they are, foreign, until --take-over makes those Skein's that are here and there alike. A zone of a BIND's\n" +
			"named.conf cannot be taken over: take it out there once it is here, and run rndc reconfig.\n\n" +
			"Interrupted, the same command goes on. With -o json a line is an object.",
		Example: examples(
			"skein member import ns2.example.net --plan",
			"skein member import ns2.example.net --owner north-hosting --take-over",
			"skein member import ns2.example.net --named-conf named.conf",
			"skein member import ns2.example.net example.com example.org"),
		ValidArgsFunction: a.completeMember,
		Args:              cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			names, err := flags.names(a, args[1:])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			if flags.body.TakeOver && !flags.body.DryRun {
				if err := a.confirm(flags.yes, "--plan", "Zones of "+args[0]+" become Skein's there. Go on?"); err != nil {
					return err
				}
			}
			return a.importMember(c.Context(), cl, args[0], names, flags.body)
		},
	}
	f := c.Flags()
	f.StringVar(&flags.list, "zones-file", "", "file with a zone a line (- is standard input)")
	f.StringVar(&flags.namedConf, "named-conf", "", "named.conf whose primary and secondary zones are meant")
	f.StringVar(&flags.root, "root", "/", "folder below which the includes of named.conf are")
	f.StringVar(&flags.dir, "zone-dir", "", "folder of zone files (*.zone, *.db) whose zones are meant")
	f.StringVar(&flags.body.Owner, "owner", "", "tenant that gets the zones, in its pool (default: yours)")
	f.BoolVar(&flags.body.TakeOver, "take-over", false, "make those Skein's on the member that are here and there alike")
	f.BoolVar(&flags.body.DryRun, "plan", false, "say what would become of each zone, and change nothing")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask")
	takes(f, "zones-file", "FILE", "named-conf", "FILE", "root", "DIR", "zone-dir", "DIR", "owner", "TENANT")
	completeFlag(c, "owner", a.completeTenant)
	return c
}

// names are the zones that are meant; none if it is all that the member lists.
func (f importFlags) names(a *app, args []string) (names []zone.Name, err error) {
	ways := 0
	for _, way := range []bool{len(args) > 0, f.list != "", f.namedConf != "", f.dir != ""} {
		if way {
			ways++
		}
	}
	if ways > 1 {
		return nil, usage("say which zones in one way: by name, --zones-file, --named-conf or --zone-dir")
	}
	for _, arg := range args {
		name, err := zoneName(arg)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	w := wanted{have: map[string]bool{}}
	switch {
	case f.list != "":
		text, err := a.readAll(f.list)
		if err == nil {
			err = w.readList(text, "")
		}
		if err != nil {
			return nil, err
		}
	case f.namedConf != "":
		if err := f.readNamedConf(a, &w); err != nil {
			return nil, err
		}
	case f.dir != "":
		if names, err = f.readZoneDir(a); err != nil {
			return nil, err
		}
	}
	for _, z := range w.zones {
		name, err := zoneName(z.Name)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if ways > 0 && len(names) == 0 {
		return nil, usage("there is no zone in it")
	}
	slices.SortFunc(names, zone.Name.Compare)
	return slices.CompactFunc(names, zone.Name.Equal), nil
}

func (f importFlags) readNamedConf(a *app, w *wanted) error {
	flags := zoneFlags{namedConf: f.namedConf, root: f.root}
	if err := flags.readNamedConf(a, "", w); err != nil {
		return err
	}
	for _, left := range w.left {
		a.note("%s is left out: %s", left.Name, left.Text)
	}
	return nil
}

// readZoneDir finds zones by their files; what is in those the member tells.
func (f importFlags) readZoneDir(a *app) (names []zone.Name, err error) {
	files, err := zoneFiles([]string{f.dir})
	for _, file := range files {
		z, err := a.readZoneFile(file, "")
		if err != nil {
			return nil, err
		}
		names = append(names, z.name)
	}
	return names, err
}

// importCounts are steps by what they come to.
type importCounts struct {
	by          map[string]int
	taken, left int
}

// importMember takes zones in, some hundred a call.
func (a *app) importMember(ctx context.Context, cl *client.Client, member string, names []zone.Name, body skein.ImportMember) error {
	counts := importCounts{by: map[string]int{}}
	calls := [][]zone.Name{nil}
	if len(names) > 0 {
		calls = slices.Collect(slices.Chunk(names, importCall))
	}
	for _, body.Zones = range calls {
		for step, err := range cl.ImportMember(ctx, member, body) {
			if err != nil {
				return err
			}
			if step.Zone == "" {
				return &skein.Error{Kind: skein.KindUnavailable, What: step.Reason, Mend: "the same command goes on from there"}
			}
			counts.add(step)
			a.sayImport(step, body.DryRun)
		}
	}
	if a.format != "json" {
		a.sayImported(counts, body)
	}
	if counts.by[skein.ImportFail] > 0 || counts.left > 0 {
		return &exitError{code: exitFailed}
	}
	if counts.by[skein.ImportDiffers]+counts.by[skein.ImportWaits] > 0 {
		return &exitError{code: exitRefused}
	}
	return nil
}

func (c *importCounts) add(s skein.ImportStep) {
	c.by[s.Action]++
	if s.TakeOver {
		c.taken++
	}
	if s.Left != "" {
		c.left++
	}
}

// sayImport tells of one zone, unless there is nothing to say of it.
func (a *app) sayImport(s skein.ImportStep, plan bool) {
	if a.format == "json" {
		text, _ := json.Marshal(s)
		a.say("%s", text)
		return
	}
	name := s.Zone.Unicode()
	switch s.Action {
	case skein.ImportCreate:
		a.say("%s: %s, of %s, serial %d", name, either(plan, "would come in", "came in"), orElse(s.Owner, "nobody"), s.Ours)
	case skein.ImportDiffers:
		a.say("%s: left, serial %d here and %d there: %s", name, s.Ours, s.Theirs, s.Reason)
	case skein.ImportWaits:
		a.say("%s: waits for a person: %s", name, s.Reason)
	case skein.ImportFail:
		a.say("%s: failed: %s", name, s.Reason)
	}
	if s.Left != "" {
		a.say("%s: stays what it is on the member: %s", name, s.Left)
	}
}

func (a *app) sayImported(c importCounts, body skein.ImportMember) {
	total := 0
	for _, n := range c.by {
		total += n
	}
	a.say("%s: %d %s, %d here already, %d Skein's already, %d differ, %d wait, %d failed", plural(total, "zone"), c.by[skein.ImportCreate],
		either(body.DryRun, "to take in", "taken in"), c.by[skein.ImportSame], c.by[skein.ImportOurs], c.by[skein.ImportDiffers], c.by[skein.ImportWaits], c.by[skein.ImportFail])
	switch {
	case body.TakeOver:
		a.say("%d %s on the member, %d left", c.taken, either(body.DryRun, "to take over", "taken over"), c.left)
	case c.by[skein.ImportCreate]+c.by[skein.ImportSame] > 0:
		a.say("on the member they stay what they are; --take-over makes them Skein's there")
	}
}

func either(is bool, a, b string) string {
	if is {
		return a
	}
	return b
}
