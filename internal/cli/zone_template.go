package cli

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

// templateFlags say what a zone is made from.
type templateFlags struct {
	name, ip, ipv6 string
	values         []string
}

func (f *templateFlags) on(c *cobra.Command, otherwise string) {
	c.Flags().StringVar(&f.name, "template", "", "template that the zone is made from (default: "+skein.DefaultTemplate+")")
	c.Flags().StringVar(&f.ip, "ip", "", "IPv4 address, %ip% in the template"+otherwise)
	c.Flags().StringVar(&f.ipv6, "ipv6", "", "IPv6 address, %ipv6% in the template"+otherwise)
	c.Flags().StringArrayVar(&f.values, "value", nil, "value of another variable of the template, as maildomain=mail.example.net; give one flag for each")
	takes(c.Flags(), "template", "TEMPLATE", "ip", "IP", "ipv6", "IP", "value", "VARIABLE=VALUE")
}

// given reports whether a template is asked for.
func (f *templateFlags) given() bool { return f.name+f.ip+f.ipv6 != "" || len(f.values) > 0 }

// read reads the addresses and values.
func (f *templateFlags) read() (ipv4, ipv6 netip.Addr, values map[string]string, err error) {
	for to, flag := range map[*netip.Addr][2]string{&ipv4: {"--ip", f.ip}, &ipv6: {"--ipv6", f.ipv6}} {
		if flag[1] == "" {
			continue
		}
		if *to, err = netip.ParseAddr(flag[1]); err != nil {
			return ipv4, ipv6, nil, usage("%s %q is no address", flag[0], flag[1])
		}
	}
	values = map[string]string{}
	for _, text := range f.values {
		variable, value, ok := strings.Cut(text, "=")
		if !ok {
			return ipv4, ipv6, nil, usage("--value %q is not VARIABLE=VALUE", text)
		}
		values[strings.Trim(variable, "%")] = value
	}
	return ipv4, ipv6, values, nil
}

// notInTemplates are the flags of zone create that say what a template says.
var notInTemplates = [...]string{"mname", "refresh", "retry", "expire", "minimum"}

// createFromTemplate is zone create with a template.
func (a *app) createFromTemplate(c *cobra.Command, name string, f templateFlags, nameservers []string, body skein.TemplateZone) error {
	for _, flag := range notInTemplates {
		if c.Flags().Changed(flag) {
			return usage("--%s is in the template; change that (skein template show)", flag)
		}
	}
	var err error
	if body.IPv4, body.IPv6, body.Values, err = f.read(); err != nil {
		return err
	}
	for i, ns := range nameservers {
		variable := "nameserver"
		if i > 0 {
			variable += fmt.Sprint(i + 1)
		}
		body.Values[variable] = ns
	}
	for flag, variable := range map[string]string{"rname": "rpemail", "ttl": "ttl"} {
		if c.Flags().Changed(flag) {
			body.Values[variable] = c.Flags().Lookup(flag).Value.String()
		}
	}
	cl, err := a.client()
	if err != nil {
		return err
	}
	body.Name, body.Template = name, f.name
	result, err := cl.CreateZoneFromTemplate(c.Context(), body)
	if err != nil {
		return err
	}
	return a.showChange(result)
}

func (a *app) zoneReset() *cobra.Command {
	var flags templateFlags
	var change changeFlags
	var dryRun bool
	c := &cobra.Command{
		Use:   "reset NAME",
		Short: "Make a zone what a template makes of it; its TXT records stay",
		Long: "Makes a zone what a template makes of it. Its addresses stay, if no others are given, and its TXT records, since keys\n" +
			"of mail and proofs of ownership are in no template; of these, what does not fit any more is named and left out.\n" +
			"What it held before can be had again: skein zone restore.",
		Example: examples(
			"skein zone reset example.com --plan       # what would change",
			"skein zone reset example.com --template simple --ip 192.0.2.10"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			body := skein.ResetZone{Template: flags.name, DryRun: dryRun, Expect: change.revision(), ChangeID: change.id}
			var err error
			if body.IPv4, body.IPv6, body.Values, err = flags.read(); err != nil {
				return err
			}
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			result, err := cl.ResetZone(c.Context(), string(name), body)
			if err != nil {
				return err
			}
			return a.showChange(result)
		},
	}
	flags.on(c, "; its own as it is if missing")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would change, and change nothing")
	change.on(a, c)
	return c
}
