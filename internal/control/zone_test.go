package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const example = zone.Name("example.com.")

func TestPutCreatesReplacesAndLeavesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	if !r.Created || !r.Changed || len(r.Delta.Add) != 3 || len(r.Delta.Del) != 0 {
		t.Errorf("created: %+v", r)
	}
	if z := r.Zone; z.Origin != "plesk1" || z.Pool != "default" || z.Owner != "root" || z.Records != 4 || z.Revision != 1 || !z.Created.Equal(start) {
		t.Errorf("the head is %+v", z)
	}

	r = w.put(plesk1, example, 6, "www A 192.0.2.2\nmail A 192.0.2.3\n")
	if r.Created || !r.Changed || r.Zone.Revision != 2 || r.Zone.Serial != 6 {
		t.Errorf("replaced: %+v", r)
	}
	if got := delta(r.Delta); got != "-www A 192.0.2.1 +mail A 192.0.2.3 +www A 192.0.2.2" {
		t.Errorf("the delta is %s", got)
	}
	before := w.everything()
	for name, text := range map[string]string{
		"the same":                apex(6) + "www A 192.0.2.2\nmail A 192.0.2.3\n",
		"another serial":          apex(99) + "www A 192.0.2.2\nmail A 192.0.2.3\n",
		"another order and case":  "MAIL A 192.0.2.3\n" + apex(6) + "WWW A 192.0.2.2\n",
		"the same records twice":  apex(6) + "www A 192.0.2.2\nmail A 192.0.2.3\nmail A 192.0.2.3\n",
		"another case in targets": strings.ReplaceAll(apex(6), "NS ns1", "NS NS1") + "www A 192.0.2.2\nmail A 192.0.2.3\n",
	} {
		r, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "EXAMPLE.com.", Sets: w.sets(example, text)})
		if err != nil || r.Changed || r.Created || r.Zone.Revision != 2 || !r.Delta.IsZero() {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("puts without a difference changed\n%s\nto\n%s", before, after)
	}
	w.holds(example, "mail A 192.0.2.3", "www A 192.0.2.2")
	if got := w.newestAudit(); got.Action != "zone.replace" || got.Added != 2 || got.Removed != 1 || got.Actor.Name != "plesk1" || got.Actor.Door != "plesk" {
		t.Errorf("the newest entry is %+v", got)
	}
}

// delta is a delta of example.com in one line.
func delta(d zone.Delta) string {
	var all []string
	for sign, sets := range map[string][]zone.RRset{"+": d.Add, "-": d.Del} {
		for _, set := range sets {
			for _, data := range set.Data {
				all = append(all, fmt.Sprintf("%s%s %s %s", sign, zone.Relative(set.Name, example), set.Type, data.Text(set.Type)))
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int { // what goes comes first
		if a[0] != b[0] {
			return int(b[0]) - int(a[0])
		}
		return strings.Compare(a, b)
	})
	return strings.Join(all, " ")
}

func TestPutsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(anna, example, 5, "www A 192.0.2.1\n").Zone
	stale, fresh, none := z.Revision-1, z.Revision, skein.Revision(0)
	for name, row := range map[string]struct {
		put    control.PutZone
		text   string
		action string
		kind   skein.Kind
		words  string
		cause  error
	}{
		"exists":                    {control.PutZone{Name: example, CreateOnly: true}, apex(1), "zone.create", skein.KindConflict, "exists", store.ErrExists},
		"must exist":                {control.PutZone{Name: "new.example.", MustExist: true}, apex(1), "zone.create", skein.KindNotFound, "new.example.", store.ErrNotFound},
		"expects what is past":      {control.PutZone{Name: example, Expect: &stale}, apex(1), "zone.replace", skein.KindConflict, "revision 1, not 0", store.ErrChanged},
		"expects that there's none": {control.PutZone{Name: example, Expect: &none}, apex(1), "zone.replace", skein.KindConflict, "revision 1", store.ErrChanged},
		"expects one that is gone":  {control.PutZone{Name: "new.example.", Expect: &fresh}, apex(1), "zone.create", skein.KindNotFound, "new.example.", store.ErrNotFound},
		"a shell as the name":       {control.PutZone{Name: `\"\;\ rm\ -rf\ /.`, Tolerant: true}, apex(1), "zone.create", skein.KindInvalid, `'\\'`, nil},
		"a wildcard as the name":    {control.PutZone{Name: "*.example."}, apex(1), "zone.create", skein.KindInvalid, "'*'", nil},
		"no SOA":                    {control.PutZone{Name: example}, "@ NS ns1.example.net.\n", "zone.replace", skein.KindInvalid, "no SOA", nil},
		"no NS":                     {control.PutZone{Name: example}, "@ SOA a. b. 1 2 3 4 5\n", "zone.replace", skein.KindInvalid, "no NS", nil},
		"two SOAs":                  {control.PutZone{Name: example, Sets: w.sets(example, apex(2))}, apex(1), "zone.replace", skein.KindInvalid, "SOA", nil},
		"SOA below the apex":        {control.PutZone{Name: example}, apex(1) + "sub SOA a. b. 1 2 3 4 5\n", "zone.replace", skein.KindInvalid, "SOA", nil},
		"CNAME and other data":      {control.PutZone{Name: example}, apex(1) + "www CNAME a.\nwww A 192.0.2.1\n", "zone.replace", skein.KindInvalid, "CNAME", nil},
		"record of another zone":    {control.PutZone{Name: example}, apex(1) + "www.example.org. A 192.0.2.1\n", "zone.replace", skein.KindInvalid, "www.example.org.", nil},
		"new and invalid":           {control.PutZone{Name: "new.example."}, apex(1) + "www CNAME a.\nwww A 192.0.2.1\n", "zone.create", skein.KindInvalid, "CNAME", nil},
		"RRset of 70,000 octets":    {control.PutZone{Name: example, Sets: bigSet(300)}, apex(1), "zone.replace", skein.KindInvalid, "65535", nil},
		"shared, but no reverse":    {control.PutZone{Name: "new.example.", Shared: true}, apex(1), "zone.create", skein.KindInvalid, "shared", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			row.put.Sets = append(row.put.Sets, w.sets(row.put.Name, row.text)...)
			do := func() error { _, err := w.PutZone(w.ctx(), anna, row.put); return err }
			if row.cause != nil {
				w.refused(anna, row.action, do, row.kind, row.words, row.cause)
			} else {
				w.refused(anna, row.action, do, row.kind, row.words)
			}
		})
	}
}

// bigSet is one RRset of n records of 230 octets.
func bigSet(n int) []zone.RRset {
	set := zone.RRset{Name: "big.example.com.", Type: zone.TypeTXT, TTL: 60}
	for i := range n {
		set.Data = append(set.Data, zone.Rdata([]byte{229})+zone.Rdata(fmt.Sprintf("%03d%s", i, strings.Repeat("x", 226))))
	}
	return []zone.RRset{set}
}

// Every finding comes at once, with its name, so that one round is enough.
func TestARefusalNamesEveryProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.PutZone(w.ctx(), anna, control.PutZone{Name: example, Sets: w.sets(example, apex(1)+"a.example.org. A 192.0.2.1\nb.example.org. A 192.0.2.1\n")})
	var names []string
	for _, p := range err.(*skein.Error).Problems {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"a.example.org.", "b.example.org."}) {
		t.Errorf("problems name %v", names)
	}
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "h%d.example.org. A 192.0.2.1\n", i)
	}
	_, err = w.PutZone(w.ctx(), anna, control.PutZone{Name: example, Sets: w.sets(example, apex(1)+many.String())})
	if n := len(err.(*skein.Error).Problems); n != 50 {
		t.Errorf("%d problems are listed, want 50", n)
	}
}

// What a panel sends is taken where it can be, and what was done to it is said.
func TestPanelsAreToleratedWithWarnings(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, text string
		warns        string
		want         []string
		soa          string
	}{
		"record of another zone":  {"", apex(1) + "www A 192.0.2.1\nold.example.org. A 192.0.2.9\n", "old.example.org.", []string{"www A 192.0.2.1"}, "ns1.example.net."},
		"CNAME and other data":    {"", apex(1) + "www A 192.0.2.1\nwww CNAME a.\n", "CNAME", []string{"www CNAME a."}, "ns1.example.net."},
		"TTL of 100 years":        {"", apex(1) + "www 3155760000 A 192.0.2.1\n", "3155760000", []string{"www A 192.0.2.1"}, "ns1.example.net."},
		"no SOA, first time":      {"", "@ NS ns7.example.net.\nwww A 192.0.2.1\n", "no SOA", []string{"www A 192.0.2.1"}, "ns7.example.net."},
		"no SOA, there is one":    {apex(1), "@ NS ns7.example.net.\nwww A 192.0.2.1\n", "no SOA", []string{"www A 192.0.2.1"}, "ns1.example.net."},
		"MX that is an address":   {"", apex(1) + "@ MX 10 192.0.2.1.\n", "address", []string{"@ MX 10 192.0.2.1."}, "ns1.example.net."},
		"nothing but good":        {"", apex(1) + "www A 192.0.2.1\n", "", []string{"www A 192.0.2.1"}, "ns1.example.net."},
		"another zone's SOA, too": {"", apex(1) + "example.org. SOA a. b. 1 2 3 4 5\n", "example.org.", nil, "ns1.example.net."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if row.before != "" {
				_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, row.before)})
				w.must(err)
			}
			put := control.PutZone{Name: example, Sets: w.sets(example, row.text), Tolerant: true}
			problems, err := w.Check(w.ctx(), plesk1, example, put.Sets, true)
			if err != nil || row.before == "" && (len(problems) > 0) != (row.warns != "") {
				t.Errorf("the check finds %v, %v", problems, err)
			}
			r, err := w.PutZone(w.ctx(), plesk1, put)
			w.must(err)
			w.holds(example, row.want...)
			if row.warns == "" && len(r.Warnings) > 0 || row.warns != "" && !slices.ContainsFunc(r.Warnings, func(p skein.Problem) bool { return p.Warning && strings.Contains(p.Text, row.warns) }) {
				t.Errorf("warnings %v, want %q", r.Warnings, row.warns)
			}
			_, c, _ := w.Contents(w.ctx(), plesk1, example)
			if soa, _ := c.SOA(); string(soa.MName) != row.soa {
				t.Errorf("the SOA names %s, want %s", soa.MName, row.soa)
			}
			for set := range c.All() {
				if set.TTL > 1<<31-1 {
					t.Errorf("%s %s has TTL %d", set.Name, set.Type, set.TTL)
				}
			}
		})
	}
	// Some things nobody can make sense of.
	w := newWorld(t)
	for words, text := range map[string]string{
		"no SOA": "www A 192.0.2.1\n",
		"no NS":  "@ SOA ns1.example.net. h. 1 2 3 4 5\nwww A 192.0.2.1\n",
	} {
		w.refused(plesk1, "zone.create", func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Tolerant: true, Sets: w.sets(example, text)})
			return err
		}, skein.KindInvalid, words)
	}
}

func TestCheckAsksNothingAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.everything()
	problems, err := w.Check(w.ctx(), plesk1, example, w.sets(example, "@ NS ns1.example.net.\nwww CNAME a.\nwww A 192.0.2.1\n"), false)
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.Text)
		if p.Warning {
			t.Errorf("%q is a warning only", p.Text)
		}
	}
	if all := strings.Join(texts, "; "); err != nil || !strings.Contains(all, "SOA") || !strings.Contains(all, "CNAME") {
		t.Errorf("problems %q, %v", all, err)
	}
	if problems, err := w.Check(w.ctx(), plesk1, example, w.sets(example, apex(1)), false); err != nil || len(problems) > 0 {
		t.Errorf("good contents: %v, %v", problems, err)
	}
	if _, err := w.Check(w.ctx(), nobody, example, nil, false); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("nobody: %v", err)
	}
	if w.everything() != before || w.newestAudit().Seq != 0 {
		t.Error("a check left something behind")
	}
}

// A dry run says what would become of a change, and leaves no trace at all.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	before, last := w.everything(), w.newestAudit()
	put := func(name zone.Name, text string) (control.Result, error) {
		return w.PutZone(w.ctx(), plesk1, control.PutZone{Name: name, Sets: w.sets(name, text), DryRun: true, ChangeID: "dry"})
	}
	r, err := put("new.example.", apex(7))
	if err != nil || !r.Created || !r.Changed || r.Zone.Serial != 7 || r.Zone.Records != 3 || r.Zone.Revision != 0 || len(r.Delta.Add) != 2 {
		t.Errorf("a new zone: %+v, %v", r, err)
	}
	r, err = put(example, apex(9)+"www A 192.0.2.1\nftp A 192.0.2.1\n")
	if err != nil || r.Created || !r.Changed || r.Zone.Serial != 9 || r.Zone.Records != 5 || r.Zone.Revision != 1 || delta(r.Delta) != "+ftp A 192.0.2.1" {
		t.Errorf("more records: %+v, %v", r, err)
	}
	r, err = put(example, apex(9)+"www A 192.0.2.1\n")
	if err != nil || r.Changed || r.Zone.Serial != 5 {
		t.Errorf("the same: %+v, %v", r, err)
	}
	r, err = w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.2"), DryRun: true})
	if err != nil || !r.Changed || r.Zone.Serial != 6 || delta(r.Delta) != "-www A 192.0.2.1 +www A 192.0.2.2" {
		t.Errorf("an edit: %+v, %v", r, err)
	}
	if _, err = put(example, "www CNAME a.\nwww A 192.0.2.1\n"); skein.KindOf(err) != skein.KindInvalid {
		t.Errorf("what is not valid: %v", err)
	}
	if _, err = w.PutZone(w.ctx(), plesk2, control.PutZone{Name: example, Sets: w.sets(example, apex(1)), DryRun: true}); skein.KindOf(err) != skein.KindConflict {
		t.Errorf("what is another's: %v", err)
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("a dry run left something behind")
	}
	// Its id was not used up.
	if r, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(9)), ChangeID: "dry"}); err != nil || !r.Changed {
		t.Errorf("after the dry run: %+v, %v", r, err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(plesk1, example, 5, "").Zone
	stale := z.Revision + 1
	w.refused(plesk1, "zone.delete", func() error {
		_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example, Expect: &stale})
		return err
	}, skein.KindConflict, "revision 1", store.ErrChanged)
	w.refused(plesk1, "zone.delete", func() error {
		_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: "nosuch.example."})
		return err
	}, skein.KindNotFound, "nosuch.example.", store.ErrNotFound)
	r, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: "Example.COM.", Expect: &z.Revision})
	if err != nil || !r.Changed || !r.Zone.Deleted || r.Zone.ID != z.ID || r.Zone.Revision != 2 {
		t.Errorf("deleted: %+v, %v", r, err)
	}
	_, err = w.Zone(w.ctx(), plesk1, example)
	w.wants(err, skein.KindNotFound, "example.com.", store.ErrNotFound)
	w.refused(plesk1, "zone.delete", func() error {
		_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
		return err
	}, skein.KindNotFound, "example.com.", store.ErrNotFound)
}
