package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// The records of services in example.com, whose web server is 192.0.2.10.
var (
	plainServices = []string{"cpanel", "whm", "webmail", "webdisk", "cpcontacts", "cpcalendars"}
	davServices   = []string{
		"_caldav._tcp SRV 0 0 2079 example.com.", `_caldav._tcp TXT "path=/"`, "_caldavs._tcp SRV 0 0 2080 example.com.", `_caldavs._tcp TXT "path=/"`,
		"_carddav._tcp SRV 0 0 2079 example.com.", `_carddav._tcp TXT "path=/"`, "_carddavs._tcp SRV 0 0 2080 example.com.", `_carddavs._tcp TXT "path=/"`,
	}
	findService = "_autodiscover._tcp SRV 0 0 443 mail.example.net."
)

// at are A records of names, each at the web server.
func at(names ...string) (lines []string) {
	for _, name := range names {
		lines = append(lines, name+" A 192.0.2.10")
	}
	return lines
}

func (w *world) services(actor skein.Actor, in control.ServiceDomains) control.ServiceDomainsPart {
	w.t.Helper()
	part, err := w.ServiceDomains(w.ctx(), actor, in)
	w.must(err)
	return part
}

// holdsAll wants a zone to hold these records in any order.
func (w *world) holdsAll(name zone.Name, want ...[]string) {
	w.t.Helper()
	_, c, err := w.Contents(w.ctx(), anna, name)
	w.must(err)
	got, all := lines(c), slices.Concat(want...)
	slices.Sort(got)
	slices.Sort(all)
	if diff := cmp.Diff(all, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestServiceDomains(t *testing.T) {
	t.Parallel()
	const domain = "example.com."
	web := at("@")
	all := slices.Concat(at(plainServices...), at("autoconfig", "autodiscover"), davServices, []string{findService})
	for name, row := range map[string]struct {
		zone          string // records beside the apex
		in            control.ServiceDomains
		off           bool // Autodiscover
		want          []string
		changed, warn bool
	}{
		"all":                         {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true}, false, slices.Concat(web, all), true, false},
		"without Autodiscover":        {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true}, true, slices.Concat(web, at(plainServices...)), true, false},
		"forced":                      {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, ForceAutodiscover: true}, true, slices.Concat(web, all), true, false},
		"one":                         {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "webmail"}, false, slices.Concat(web, at("webmail")), true, false},
		"one of Autodiscover":         {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover"}, false, slices.Concat(web, at("autodiscover"), []string{findService}), true, false},
		"one of Autodiscover, off":    {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover"}, true, web, false, false},
		"one with its protocol":       {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "cpcalendars"}, false, slices.Concat(web, at("cpcalendars"), davServices[:4]), true, false},
		"IPv6 too":                    {"@ A 192.0.2.10\n@ AAAA 2001:db8::1\nwhm A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "whm"}, false, slices.Concat(web, at("whm"), []string{"@ AAAA 2001:db8::1", "whm AAAA 2001:db8::1"}), true, false},
		"no address":                  {"", control.ServiceDomains{Add: true, Subdomain: "whm"}, false, nil, false, true},
		"there already":               {"@ A 192.0.2.10\nwhm 60 A 192.0.2.10\n", control.ServiceDomains{Add: true, Subdomain: "whm"}, false, slices.Concat(web, at("whm")), false, false},
		"another is there":            {"@ A 192.0.2.10\nwhm A 192.0.2.11\n", control.ServiceDomains{Add: true, Subdomain: "whm", Replace: true}, false, slices.Concat(web, []string{"whm A 192.0.2.11"}), false, true},
		"a CNAME is there":            {"@ A 192.0.2.10\nwhm CNAME @\n", control.ServiceDomains{Add: true, Subdomain: "whm"}, false, slices.Concat(web, []string{"whm CNAME example.com."}), false, true},
		"a text is there":             {"@ A 192.0.2.10\nwhm TXT a\n", control.ServiceDomains{Add: true, Subdomain: "whm"}, false, slices.Concat(web, at("whm"), []string{`whm TXT "a"`}), true, false},
		"Autodiscover is elsewhere":   {"@ A 192.0.2.10\nautodiscover CNAME a.example.\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover"}, false, slices.Concat(web, []string{"autodiscover CNAME a.example.", findService}), true, true},
		"and is replaced":             {"@ A 192.0.2.10\nautodiscover CNAME a.example.\n_autodiscover._tcp SRV 1 1 443 a.example.\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover", Replace: true}, false, slices.Concat(web, at("autodiscover"), []string{findService}), true, false},
		"the host of old is replaced": {"@ A 192.0.2.10\n_autodiscover._tcp SRV 1 1 443 old.example.\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover", OldHost: "old.example."}, false, slices.Concat(web, at("autodiscover"), []string{findService}), true, false},
		"another host stays":          {"@ A 192.0.2.10\n_autodiscover._tcp SRV 1 1 443 a.example.\n", control.ServiceDomains{Add: true, Subdomain: "autodiscover", OldHost: "old.example."}, false, slices.Concat(web, at("autodiscover"), []string{"_autodiscover._tcp SRV 1 1 443 a.example."}), true, true},
		"taken away":                  {"@ A 192.0.2.10\n" + strings.Join(all, "\n") + "\nmail A 192.0.2.10\n", control.ServiceDomains{}, false, slices.Concat(web, at("mail")), true, false},
		"but not what others made":    {"@ A 192.0.2.10\nwhm A 192.0.2.11\nwebmail CNAME @\nwebdisk A 192.0.2.10\n", control.ServiceDomains{}, false, slices.Concat(web, []string{"whm A 192.0.2.11", "webmail CNAME example.com."}), true, false},
		"the host of old taken away":  {"@ A 192.0.2.10\n_autodiscover._tcp SRV 1 1 443 old.example.\n", control.ServiceDomains{OldHost: "old.example."}, false, web, true, false},
		"nothing to take away":        {"@ A 192.0.2.10\n", control.ServiceDomains{}, false, web, false, false},
		"a trial":                     {"@ A 192.0.2.10\n", control.ServiceDomains{Add: true, DryRun: true}, false, web, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			on, host := !row.off, zone.Name("mail.example.net")
			_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Autodiscover: &on, AutodiscoverHost: &host}, nil)
			w.must(err)
			w.put(anna, domain, 1, row.zone)
			row.in.Domain = domain
			part := w.services(anna, row.in)
			w.holdsAll(domain, row.want)
			if len(part.Zones) != 1 || part.Next != "" || part.Zones[0].Changed != row.changed || len(part.Zones[0].Warnings) > 0 != row.warn {
				t.Errorf("part %+v; want changed %v, warnings %v", part, row.changed, row.warn)
			}
			if again := w.services(anna, row.in); again.Zones[0].Changed && !row.in.DryRun {
				t.Errorf("asked again it changes %+v", again.Zones[0].Delta)
			}
		})
	}
}

func TestServiceDomainsOfManyZones(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	const zones = 5
	for i := range zones {
		w.put(anna, zone.Name(fmt.Sprintf("a%d.example.", i)), 1, "@ A 192.0.2.10\n")
	}
	w.put(sam, "shop.example.", 1, "@ A 192.0.2.10\n")
	w.put(olga, "other.example.", 1, "@ A 192.0.2.10\n")
	w.put(plesk1, "panel.example.", 1, "@ A 192.0.2.10\n")
	w.put(anna, "2.0.192.in-addr.arpa.", 1, "")
	whm := control.ServiceDomains{Add: true, Subdomain: "whm"}
	// run goes through all parts and returns the zones that are told of.
	run := func(actor skein.Actor, in control.ServiceDomains) (told []string) {
		t.Helper()
		for in.Limit = 2; ; {
			part := w.services(actor, in)
			for _, z := range part.Zones {
				told = append(told, fmt.Sprintf("%s %v %v", z.Zone.Name, z.Changed, z.Err))
			}
			if in.After = part.Next; part.Next == "" {
				return told
			}
		}
	}
	want := func(got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	off := whm
	off.IfEnabled = true
	want(run(anna, off))
	_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{ServiceDomains: new(true)}, nil)
	w.must(err)
	ofShop := whm
	ofShop.Tenant, ofShop.IfEnabled = "shop", true
	want(run(henry, ofShop), "shop.example. true <nil>")
	want(run(henry, whm)) // all that is his has it
	want(run(plesk1, whm), "panel.example. true <nil>")
	want(run(anna, whm), "a0.example. true <nil>", "a1.example. true <nil>", "a2.example. true <nil>", "a3.example. true <nil>", "a4.example. true <nil>", "other.example. true <nil>")
	for i := range zones {
		w.holdsAll(zone.Name(fmt.Sprintf("a%d.example.", i)), at("@", "whm"))
	}

	// One that cannot be changed is told of, and hurts no other.
	w.put(anna, "a1.example.", 10, "@ A 192.0.2.10\n"+signature)
	w.put(anna, "a2.example.", 2, "@ A 192.0.2.10\n")
	want(run(anna, whm), "a1.example. false zone a1.example. is signed by its source \"admin\" and served as it is: anything changed here would not validate (change it where it is signed)", "a2.example. true <nil>")

	both := whm
	both.Domain, both.Tenant = "a1.example.", "shop"
	unknown := whm
	unknown.Subdomain = "www"
	absent := whm
	absent.Domain = "nothing.example."
	for name, row := range map[string]struct {
		actor skein.Actor
		in    control.ServiceDomains
		kind  skein.Kind
		words string
	}{
		"of a zone and a tenant": {anna, both, skein.KindInvalid, "name one of them"},
		"of no service":          {anna, unknown, skein.KindInvalid, "no service domain"},
		"of no zone":             {anna, absent, skein.KindNotFound, "no zone"},
		"of another's tenant":    {olga, ofShop, skein.KindNotFound, "no tenant"},
		"who may only look":      {guest, whm, skein.KindForbidden, "may look"},
	} {
		_, err := w.ServiceDomains(w.ctx(), row.actor, row.in)
		w.wants(err, row.kind, row.words)
		if err == nil {
			t.Errorf("%s: nothing was refused", name)
		}
	}
}

func TestTheHostOfAutodiscover(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, host := range []zone.Name{".", "a..b"} {
		_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{AutodiscoverHost: &host}, nil)
		w.wants(err, skein.KindInvalid, "no name of a host")
	}
	row, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{AutodiscoverHost: new(zone.Name("Mail.example.net")), ServiceDomains: new(true)}, nil)
	if err != nil || row.AutodiscoverHost != "Mail.example.net." || !row.ServiceDomains || row.Autodiscover {
		t.Errorf("settings %+v, %v", row, err)
	}
	row, err = w.EditCluster(w.ctx(), anna, skein.EditCluster{AutodiscoverHost: new(zone.Name(""))}, nil)
	if err != nil || row.AutodiscoverHost != "" || !row.ServiceDomains {
		t.Errorf("settings %+v, %v", row, err)
	}
}
