package control_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// apexTemplate is the head of a template.
const apexTemplate = "$TTL %ttl%\n@ %nsttl% SOA %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400\n@ NS %nameserver%.\n@ NS %nameserver2%.\n"

// web is where the zones of the stories are.
var (
	web  = netip.MustParseAddr("192.0.2.10")
	web6 = netip.MustParseAddr("2001:db8::10")
)

// template puts a template in.
func (w *world) template(actor skein.Actor, name, text string) skein.Template {
	w.t.Helper()
	t, err := w.PutTemplate(w.ctx(), actor, control.PutTemplate{Name: name, Text: text})
	w.must(err)
	return t
}

// nameservers gives the pool of a name its set.
func (w *world) nameservers(pool string, list ...skein.PoolNameserver) {
	w.t.Helper()
	_, err := w.EditPool(w.ctx(), anna, pool, skein.EditPool{Nameservers: list, Rule: skein.PoolKeep}, nil)
	w.must(err)
}

func (w *world) fromTemplate(actor skein.Actor, in control.TemplateZone) control.Result {
	w.t.Helper()
	r, err := w.CreateFromTemplate(w.ctx(), actor, in)
	w.must(err)
	return r
}

// reads wants a zone to be published as this text, but for its serial.
func (w *world) reads(name zone.Name, want string) {
	w.t.Helper()
	_, c, err := w.Contents(w.ctx(), anna, name)
	w.must(err)
	var b strings.Builder
	for set := range c.WithSerial(1).All() {
		for _, d := range set.Data {
			fmt.Fprintf(&b, "%s %d %s %s\n", zone.Relative(set.Name, name), set.TTL, set.Type, d.Text(set.Type))
		}
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAZoneFromATemplate(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.nameservers("default",
		skein.PoolNameserver{Name: "ns1.example.com.", Addresses: []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")}},
		skein.PoolNameserver{Name: "ns2.example.net.", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.2")}})

	r := w.fromTemplate(anna, control.TemplateZone{Zone: "example.com.", IPv4: web, IPv6: web6, ChangeID: "one"})
	if z := r.Zone; !r.Created || z.Origin != "admin" || z.Owner != skein.RootTenant || z.Serial != 1 || len(r.Warnings) > 0 {
		t.Errorf("made %+v", r)
	}
	w.reads("example.com.", `@ 14400 A 192.0.2.10
@ 86400 NS ns1.example.com.
@ 86400 NS ns2.example.net.
@ 86400 SOA ns1.example.com. hostmaster.example.com. 1 3600 1800 1209600 86400
@ 14400 MX 0 example.com.
@ 14400 AAAA 2001:db8::10
ftp 14400 CNAME example.com.
mail 14400 A 192.0.2.10
mail 14400 AAAA 2001:db8::10
ns1 14400 A 192.0.2.1
www 14400 CNAME example.com.
`)
	if entry := w.newestAudit(); entry.Action != "zone.create" || entry.Added != 11 || entry.Actor.Name != "anna" {
		t.Errorf("recorded as %+v", entry)
	}

	// The same change again is made once; another finds the zone there.
	if r := w.fromTemplate(anna, control.TemplateZone{Zone: "example.com.", IPv4: web, ChangeID: "one"}); !r.Changed || r.Zone.Revision != 1 {
		t.Errorf("made again: %+v", r)
	}
	create := func(actor skein.Actor, in control.TemplateZone) func() error {
		return func() error { _, err := w.CreateFromTemplate(w.ctx(), actor, in); return err }
	}
	w.refused(anna, "zone.create", create(anna, control.TemplateZone{Zone: "example.com.", IPv4: web}), skein.KindConflict, "exists already", store.ErrExists)

	// A trial changes nothing.
	_, err := w.CreateFromTemplate(w.ctx(), anna, control.TemplateZone{Zone: "trial.example.", Template: "simple", DryRun: true})
	w.must(err)
	if _, err := w.Zone(w.ctx(), anna, "trial.example."); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("the trial was made: %v", err)
	}

	// What a person gives wins, nameservers as a whole.
	w.fromTemplate(anna, control.TemplateZone{Zone: "given.example.", Template: "simple", IPv4: web, Values: map[string]string{
		"nameserver": "ns.given.example.", "nameservera": "192.0.2.9", "rpemail": "first.last@example.net", "ttl": "60", "nsttl": "120", "serial": "77", "ip": ""}})
	w.reads("given.example.", `@ 60 A 192.0.2.10
@ 120 NS ns.given.example.
@ 120 SOA ns.given.example. first\.last.example.net. 1 3600 1800 1209600 86400
ns 60 A 192.0.2.9
www 60 A 192.0.2.10
`)
	if z, err := w.Zone(w.ctx(), anna, "given.example."); err != nil || z.Serial != 77 {
		t.Errorf("serial %d, %v; want the one that was given", z.Serial, err)
	}

	// What is made for a tenant is its own.
	w.fromTemplate(anna, control.TemplateZone{Zone: "shop.example.", Template: "simple", IPv4: web, Owner: "shop"})
	if z, err := w.Zone(w.ctx(), sam, "shop.example."); err != nil || z.Owner != "shop" || z.Origin != "shop" {
		t.Errorf("the customer's zone is %+v, %v", z, err)
	}
	w.edit(sam, "shop.example.", "set a 60 A 192.0.2.1") // in the base: nobody else sends it

	ask := control.TemplateZone{Zone: "other.example.", IPv4: web, Template: "simple"}
	for name, row := range map[string]struct {
		actor  skein.Actor
		change func(*control.TemplateZone)
		kind   skein.Kind
		words  string
	}{
		"who may only look":         {guest, func(*control.TemplateZone) {}, skein.KindForbidden, "may look, and change nothing"},
		"who may edit records":      {limitedTo(anna, skein.PermitRecords), func(*control.TemplateZone) {}, skein.KindForbidden, "permission zones"},
		"for another's customer":    {olga, func(in *control.TemplateZone) { in.Owner = "shop" }, skein.KindNotFound, "no tenant"},
		"for nobody":                {anna, func(in *control.TemplateZone) { in.Owner = "nobody" }, skein.KindNotFound, "no tenant"},
		"a panel for another":       {plesk1, func(in *control.TemplateZone) { in.Owner = "shop" }, skein.KindNotFound, "no tenant"},
		"an unknown template":       {anna, func(in *control.TemplateZone) { in.Template = "../standard" }, skein.KindNotFound, "no template"},
		"an unknown variable":       {anna, func(in *control.TemplateZone) { in.Values = map[string]string{"ipp": "x"} }, skein.KindInvalid, "the nearest is %ip%"},
		"a value of another kind":   {anna, func(in *control.TemplateZone) { in.IPv4 = web6 }, skein.KindInvalid, "is to be an IPv4 address"},
		"no name of a zone":         {anna, func(in *control.TemplateZone) { in.Zone = `a\;b.example.` }, skein.KindInvalid, "none for a zone"},
		"the root":                  {anna, func(in *control.TemplateZone) { in.Zone = zone.Root }, skein.KindInvalid, "root zone"},
		"nameservers of no address": {anna, func(in *control.TemplateZone) { in.Values = map[string]string{"nameservera": "ns1"} }, skein.KindInvalid, "%nameservera%"},
		"no nameservers":            {anna, func(in *control.TemplateZone) { in.Values = map[string]string{"nameserver2": "ns2.example.net"} }, skein.KindInvalid, "there is no value of %nameserver%"},
	} {
		t.Run(name, func(t *testing.T) {
			in := ask
			row.change(&in)
			before := w.everything()
			_, err := w.CreateFromTemplate(w.ctx(), row.actor, in)
			w.wants(err, row.kind, row.words)
			if after := w.everything(); after != before {
				t.Error("and something was changed")
			}
		})
	}
}

// limitedTo is an actor whose token has some permissions only.
func limitedTo(actor skein.Actor, p ...skein.Permission) skein.Actor {
	actor.Scope = skein.Scope{Permissions: p}
	return actor
}

func TestTheSerialOfATemplatesZoneIsChosenAsForAny(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.nameservers("default", skein.PoolNameserver{Name: "ns1.example.net."})
	w.put(anna, example, 4711, "")
	_, err := w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: example})
	w.must(err)
	if r := w.fromTemplate(anna, control.TemplateZone{Zone: example, IPv4: web}); r.Zone.Serial != 4712 {
		t.Errorf("serial %d; want one that is ahead of those before", r.Zone.Serial)
	}
}

func TestWhoseTemplateIsInForce(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.nameservers("default", skein.PoolNameserver{Name: "ns1.example.net."})
	text := func(who string) string { return apexTemplate + "@ TXT \"" + who + " for %reseller%\"\n" }
	made := 0
	// is makes a zone as somebody, and wants it made by whose template.
	is := func(actor skein.Actor, owner, want string) {
		t.Helper()
		made++
		name := zone.Name(fmt.Sprintf("z%d.example.", made))
		w.fromTemplate(actor, control.TemplateZone{Zone: name, Template: "simple", IPv4: web, Owner: owner})
		_, c, err := w.Contents(w.ctx(), anna, name)
		w.must(err)
		got := "builtin"
		if set, there := c.Get(name, zone.TypeTXT); there {
			got = set.Data[0].Text(zone.TypeTXT)
		}
		if got != want {
			t.Errorf("a zone of %s for %q is made by %s; want %s", actor.Name, owner, got, want)
		}
	}
	is(henry, "", "builtin")
	w.template(anna, "simple", text("root"))
	is(henry, "", `"root for hosting"`)
	w.template(henry, "simple", text("hosting"))
	is(henry, "", `"hosting for hosting"`)
	is(sam, "", `"hosting for hosting"`)
	is(henry, "shop", `"hosting for hosting"`)
	is(anna, "shop", `"hosting for hosting"`)
	is(anna, "", `"root for root"`)
	is(olga, "", `"root for other"`)
	w.must(w.DeleteTemplate(w.ctx(), henry, "", "simple", nil))
	is(sam, "", `"root for hosting"`)

	// A reset goes by whose the zone is.
	w.template(henry, "simple", text("hosting"))
	_, err := w.ResetZone(w.ctx(), anna, control.ResetZone{Zone: "z1.example.", Template: "simple", IPv4: web})
	w.must(err)
	w.holds("z1.example.", `@ TXT "hosting for hosting"`)
}

func TestTemplatesAreKept(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	good := apexTemplate + "www A %ip%\n"
	// see writes what somebody sees, as "name tenant version".
	see := func(actor skein.Actor, want ...string) {
		t.Helper()
		list, err := w.Templates(w.ctx(), actor)
		w.must(err)
		var got []string
		for _, tpl := range list {
			whose := tpl.Tenant
			if tpl.Builtin {
				whose = "builtin"
			}
			got = append(got, fmt.Sprintf("%s %s %d", tpl.Name, whose, tpl.Version))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s sees (-want +got):\n%s", actor.Name, diff)
		}
	}
	see(sam, "simple builtin 0", "standard builtin 0", "standardvirtualftp builtin 0")
	made := w.template(anna, "standard", good)
	if made.Version != 1 || made.Tenant != skein.RootTenant || !made.Changed.Equal(start) {
		t.Errorf("made %+v", made)
	}
	if entry := w.newestAudit(); entry.Action != "template.put standard" || !slices.Contains(entry.Diff, "+ www A %ip%") || entry.Refused != "" {
		t.Errorf("recorded as %+v", entry.Change)
	}
	seq := w.newestAudit().Seq
	again := w.template(anna, "standard", good)
	if entry := w.newestAudit(); again.Version != 1 || entry.Seq != seq {
		t.Errorf("the same again is version %d, and recorded as %+v", again.Version, entry.Change)
	}
	w.template(henry, "standard", good)
	w.template(olga, "mail", good)
	see(anna, "mail other 1", "simple builtin 0", "standard hosting 1", "standard root 1", "standardvirtualftp builtin 0")
	see(henry, "simple builtin 0", "standard hosting 1", "standard root 1", "standardvirtualftp builtin 0")
	see(sam, "simple builtin 0", "standard hosting 1", "standard root 1", "standardvirtualftp builtin 0")
	see(guest, "simple builtin 0", "standard hosting 1", "standard root 1", "standardvirtualftp builtin 0")
	see(plesk1, "simple builtin 0", "standard root 1", "standardvirtualftp builtin 0")

	two := 2
	put := func(actor skein.Actor, in control.PutTemplate) func() error {
		return func() error { _, err := w.PutTemplate(w.ctx(), actor, in); return err }
	}
	changed := control.PutTemplate{Name: "standard", Text: good + "ftp A %ftpip%\n"}
	stale := changed
	stale.Expect = &two
	w.refused(anna, "template.put", put(anna, stale), skein.KindConflict, "the version is 1, not 2", store.ErrChanged)
	w.must(put(anna, changed)())
	if got, err := w.Template(w.ctx(), anna, "", "standard"); err != nil || got.Version != 2 || got.Text != changed.Text {
		t.Errorf("template %+v, %v", got, err)
	}
	if entry := w.newestAudit(); !slices.Equal(entry.Diff, []string{"+ ftp A %ftpip%"}) {
		t.Errorf("recorded as %q", entry.Diff)
	}

	for actor, in := range map[*skein.Actor]control.PutTemplate{
		&henry:  {Name: "x", Tenant: skein.RootTenant, Text: good},
		&olga:   {Name: "x", Tenant: "hosting", Text: good},
		&plesk1: {Name: "x", Text: good},
		&sam:    {Name: "x", Text: good},
		&guest:  {Name: "x", Text: good},
	} {
		w.refused(*actor, "template.put", put(*actor, in), map[bool]skein.Kind{true: skein.KindNotFound, false: skein.KindForbidden}[in.Tenant != ""], "")
	}
	w.refused(anna, "template.put", put(anna, control.PutTemplate{Name: "x", Tenant: "shop", Text: good}), skein.KindInvalid, "is a customer")
	for _, name := range []string{"", ".x", "a/b", "a b", strings.Repeat("x", 64)} {
		w.refused(anna, "template.put", put(anna, control.PutTemplate{Name: name, Text: good}), skein.KindInvalid, "no name of a template")
	}
	w.refused(anna, "template.put", put(anna, control.PutTemplate{Name: "x", Text: good + "a %ipx%\n"}), skein.KindInvalid, "the nearest is %ip%")
	_, err := w.PutTemplate(w.ctx(), anna, control.PutTemplate{Name: "x", Text: good + "www CNAME @\n"})
	if e, ok := err.(*skein.Error); !ok || len(e.Problems) == 0 || e.Problems[0].Line == 0 {
		t.Errorf("error %v has no line", err)
	}

	// Who may see a template reads it, in force or by whose it is.
	if _, err := w.Template(w.ctx(), sam, skein.RootTenant, "standard"); err != nil {
		t.Error(err)
	}
	_, err = w.Template(w.ctx(), sam, "other", "mail")
	w.wants(err, skein.KindNotFound, "no template", store.ErrNotFound)
	_, err = w.Template(w.ctx(), henry, "hosting", "simple") // it is root's
	w.wants(err, skein.KindNotFound, "no template", store.ErrNotFound)

	remove := func(actor skein.Actor, tenant, name string, expect *int) func() error {
		return func() error { return w.DeleteTemplate(w.ctx(), actor, tenant, name, expect) }
	}
	one := 1
	w.refused(anna, "template.delete", remove(anna, "", "simple", nil), skein.KindInvalid, "comes with Skein")
	w.refused(anna, "template.delete", remove(anna, "", "standard", &one), skein.KindConflict, "the version is 2, not 1", store.ErrChanged)
	w.refused(olga, "template.delete", remove(olga, "hosting", "standard", nil), skein.KindNotFound, "no tenant")
	w.refused(guest, "template.delete", remove(guest, "", "standard", nil), skein.KindForbidden, "may look")
	w.must(remove(anna, "", "standard", &two)())
	w.must(remove(anna, "other", "mail", nil)())
	see(olga, "simple builtin 0", "standard builtin 0", "standardvirtualftp builtin 0")
	w.refused(anna, "tenant.remove", func() error { return w.RemoveTenant(w.ctx(), anna, "hosting") }, skein.KindConflict, "hosting still has")
}

func TestCheckingATemplate(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	for name, row := range map[string]struct {
		text string
		want []skein.Problem
	}{
		"good":      {apexTemplate, []skein.Problem{}},
		"a warning": {apexTemplate + "a_b A %ip%\n", []skein.Problem{{Line: 5, Name: "a_b.example.com.", Warning: true, Text: "a_b.example.com. has A records but is no host name (RFC 1123 section 2.1); some servers and clients refuse it"}}},
		"wrong":     {apexTemplate + "a A %ipv4%\n", []skein.Problem{{Line: 5, Text: "there is no variable %ipv4%; the nearest is %ipv6%"}}},
	} {
		got, err := w.CheckTemplate(w.ctx(), sam, row.text)
		w.must(err)
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err := w.CheckTemplate(w.ctx(), nobody, apexTemplate)
	w.wants(err, skein.KindForbidden, "no source")
}

func TestResettingAZone(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.nameservers("default", skein.PoolNameserver{Name: "ns1.example.net."})
	w.put(anna, example, 100, `@ A 192.0.2.50
@ AAAA 2001:db8::50
@ TXT "v=spf1 mx -all"
@ CAA 0 issue "ca.example"
a A 192.0.2.1
ftp A 192.0.2.51
www TXT "lost"
key._domainkey TXT "v=DKIM1; p=AAAA"
`)
	reset := func(actor skein.Actor, in control.ResetZone) control.Result {
		t.Helper()
		r, err := w.ResetZone(w.ctx(), actor, in)
		w.must(err)
		return r
	}
	r := reset(anna, control.ResetZone{Zone: example, Template: "standardvirtualftp"})
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Text, "www."+string(example)) {
		t.Errorf("warnings %+v; want one about the TXT that is not kept", r.Warnings)
	}
	z := w.holds(example, "@ A 192.0.2.50", "@ MX 0 "+string(example), `@ TXT "v=spf1 mx -all"`, "@ AAAA 2001:db8::50",
		`key._domainkey TXT "v=DKIM1; p=AAAA"`, "ftp A 192.0.2.51", "mail A 192.0.2.50", "mail AAAA 2001:db8::50", "www CNAME "+string(example))
	if entry := w.newestAudit(); entry.Action != "zone.reset" || z.Serial != 101 {
		t.Errorf("serial %d, recorded as %+v", z.Serial, entry.Change)
	}
	if r := reset(anna, control.ResetZone{Zone: example, Template: "standardvirtualftp"}); r.Changed {
		t.Errorf("reset again it changed by %+v", r.Delta)
	}

	// Other addresses may be given; a trial changes nothing; an old revision is refused.
	if r := reset(anna, control.ResetZone{Zone: example, Template: "simple", IPv4: web, DryRun: true}); !r.Changed {
		t.Error("the trial tells nothing")
	}
	old := z.Revision - 1
	w.refused(anna, "zone.reset", func() error {
		_, err := w.ResetZone(w.ctx(), anna, control.ResetZone{Zone: example, Expect: &old})
		return err
	}, skein.KindConflict, "is at revision", store.ErrChanged)
	reset(anna, control.ResetZone{Zone: example, Template: "simple", IPv4: web, Expect: &z.Revision})
	w.holds(example, "@ A 192.0.2.10", `@ TXT "v=spf1 mx -all"`, "@ AAAA 2001:db8::50", `key._domainkey TXT "v=DKIM1; p=AAAA"`, "www A 192.0.2.10", "www AAAA 2001:db8::50")
}

func TestResettingTheZoneOfAPanel(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.nameservers("default", skein.PoolNameserver{Name: "ns1.example.net."})
	w.put(plesk1, "panel.example.", 1, "@ A 192.0.2.50\n@ TXT \"panel\"\na A 192.0.2.1\n")
	w.edit(anna, "panel.example.", `set _acme-challenge 60 TXT "token"`) // over what the panel has put in

	// The panel itself resets what is its own; what is over it stays.
	_, err := w.ResetZone(w.ctx(), plesk1, control.ResetZone{Zone: "panel.example.", Template: "simple"})
	w.must(err)
	w.holds("panel.example.", "@ A 192.0.2.50", `@ TXT "panel"`, `_acme-challenge TXT "token"`, "www A 192.0.2.50")
	overlays, err := w.OverlaysAt(w.ctx(), anna, "panel.example.", nil)
	if err != nil || len(overlays) != 1 {
		t.Errorf("overlays %+v, %v; want that of the challenge", overlays, err)
	}

	reset := func(actor skein.Actor, name zone.Name) func() error {
		return func() error { _, err := w.ResetZone(w.ctx(), actor, control.ResetZone{Zone: name}); return err }
	}
	w.refused(plesk2, "zone.reset", reset(plesk2, "panel.example."), skein.KindConflict, "belongs to the source")
	w.refused(henry, "zone.reset", reset(henry, "panel.example."), skein.KindNotFound, "no zone")
	w.refused(guest, "zone.reset", reset(guest, "panel.example."), skein.KindForbidden, "may look")
	w.refused(anna, "zone.reset", reset(anna, "nothing.example."), skein.KindNotFound, "no zone")
	w.put(anna, "2.0.192.in-addr.arpa.", 1, "")
	w.refused(anna, "zone.reset", reset(anna, "2.0.192.in-addr.arpa."), skein.KindInvalid, "no template makes")
}
