package cli

import (
	"iter"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

func (a *app) zoneServices() *cobra.Command {
	return group("servicedomains", "Add or remove the names of a hosting panel's services",
		a.zoneServicesOf("add", "Add the names of a hosting panel's services: webmail, cpanel and others",
			"Adds the names at which cPanel's services answer: cpanel, whm, webmail, webdisk, cpcontacts and cpcalendars, each at\n"+
				"the addresses of the zone; and where Autodiscover is on (skein cluster settings) autoconfig and autodiscover, SRV and\n"+
				"TXT records for CalDAV and CardDAV, and the SRV record of Autodiscover. What else is at such a name stays."),
		a.zoneServicesOf("remove", "Remove the names of a hosting panel's services, as add makes them",
			"Removes what add puts in. Records of these names that hold anything else stay."))
}

// serviceFlags are the options of WHM's script, by its names.
type serviceFlags struct {
	body                       skein.ServiceDomains
	domain, old                string
	noReplace, forceAutodiscov int
}

func (a *app) zoneServicesOf(action, short, long string) *cobra.Command {
	flags := serviceFlags{body: skein.ServiceDomains{Action: action}}
	c := &cobra.Command{
		Use:   action,
		Short: short,
		Long:  long + "\nThe options are those of cPanel's script servicedomains; --user names a tenant.",
		Example: examples(
			"skein zone servicedomains "+action+" --domain example.com",
			"skein zone servicedomains "+action+" --user hosting --subdomain webmail --plan"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.read(c); err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			return a.showServices(cl.AllServiceDomains(c.Context(), flags.body), flags.body)
		},
	}
	f := c.Flags()
	f.StringVar(&flags.domain, "domain", "", "this zone alone")
	f.StringVar(&flags.body.Tenant, "user", "", "the zones of this tenant alone; without it and --domain, all that you see")
	f.StringVar(&flags.body.Subdomain, "subdomain", "", "this service alone, as webmail")
	f.IntVar(&flags.noReplace, "no-replace", 1, "0: put the records of Autodiscover in the place of others; nothing else is ever replaced")
	f.StringVar(&flags.old, "old-autodiscover-host", "", "host of Autodiscover until now: records that name it are replaced or removed too")
	f.IntVar(&flags.forceAutodiscov, "force-autodiscover-support", 0, "1: as if Autodiscover were on")
	f.BoolVar(&flags.body.IfEnabled, "ifenabled", false, "do nothing unless service domains are on (skein cluster settings)")
	f.BoolVar(&flags.body.DryRun, "plan", false, "say what would change, and change nothing")
	takes(f, "domain", "NAME", "user", "TENANT", "subdomain", "SERVICE", "no-replace", "0", "old-autodiscover-host", "NAME", "force-autodiscover-support", "1")
	return c
}

func (s *serviceFlags) read(c *cobra.Command) error {
	given := c.Flags().Changed
	if given("no-replace") && s.noReplace != 0 {
		return usage("--no-replace takes 0 and nothing else")
	}
	if given("force-autodiscover-support") && s.forceAutodiscov != 1 {
		return usage("--force-autodiscover-support takes 1 and nothing else")
	}
	if s.domain != "" && s.body.Tenant != "" {
		return usage("--domain names one zone; leave --user out")
	}
	s.body.Replace, s.body.ForceAutodiscover = given("no-replace"), given("force-autodiscover-support")
	for to, text := range map[*zone.Name]string{&s.body.Domain: s.domain, &s.body.OldHost: s.old} {
		if text == "" {
			continue
		}
		var err error
		if *to, err = zoneName(text); err != nil {
			return err
		}
	}
	return nil
}

// showServices prints what became of the zones. Those that could not be changed
// make it a failure.
func (a *app) showServices(zones iter.Seq2[skein.ServiceDomainsZone, error], body skein.ServiceDomains) error {
	changed, refused := 0, 0
	counted := func(yield func(skein.ServiceDomainsZone, error) bool) {
		for z, err := range zones {
			if z.Changed {
				changed++
			}
			if z.Refused != "" {
				refused++
			}
			if !yield(z, err) {
				return
			}
		}
	}
	if a.format == "json" {
		if err := listJSON(a, "zones", counted); err != nil {
			return err
		}
	} else {
		for z, err := range counted {
			if err != nil {
				return err
			}
			a.warn(z.Warnings)
			if z.Refused != "" {
				a.note("%s: %s", z.Zone.Unicode(), z.Refused)
			}
			a.sayDelta(z.Delta)
		}
		would := ""
		if body.DryRun {
			would = "would be "
		}
		a.say("%s %schanged", plural(changed, "zone"), would)
	}
	if refused > 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}
