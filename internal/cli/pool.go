package cli

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) pool() *cobra.Command {
	return group("pool", "Who serves which zones, and the nameserver set that they show",
		a.poolCreate(), a.poolList(), a.poolShow(), a.poolEdit(), a.poolShare(), a.poolUnshare(), a.poolDelete())
}

func (a *app) poolShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show [NAME]",
		Short:             "Show a pool: its nameserver set, what is wrong with it, and who serves its zones",
		Example:           examples("skein pool show"),
		ValidArgsFunction: a.completePool,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			p, _, err := cl.GetPool(c.Context(), poolName(args))
			if err != nil {
				return err
			}
			return a.show(p, func() { a.sayPool(p) })
		},
	}
}

// poolName is the pool of the first argument.
func poolName(args []string) string { return orElse(argument(args), skein.DefaultPool) }

func (a *app) sayPool(p skein.Pool) {
	own := func(name zone.Name) string {
		if name == "" {
			return "the zone's own"
		}
		return name.Unicode()
	}
	rules := map[skein.PoolRule]string{
		skein.PoolKeep:    "keep: zones stay as they come",
		skein.PoolAdd:     "add: these nameservers come to those of the zone",
		skein.PoolReplace: "replace: these nameservers take the place of those of the zone",
	}
	a.say("pool         %s", p.Name)
	a.say("rule         %s", rules[p.Rule])
	for i, ns := range p.Nameservers {
		text := ns.Name.Unicode()
		for _, addr := range ns.Addresses {
			text += " " + addr.String()
		}
		a.say("%-12s %s", first(i, "nameservers"), text)
	}
	a.say("SOA primary  %s", own(p.MName))
	a.say("SOA mailbox  %s", own(p.RName))
	for i, name := range p.Members {
		a.say("%-12s %s", first(i, "members"), name)
	}
	if p.Progress != nil {
		a.say("last change  %s: %s", when(p.Progress.Began), progressText(*p.Progress))
	}
	a.warn(p.Warnings)
}

// first is a line's label on the first line, and nothing on those that go on.
func first(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}

func progressText(p skein.PoolProgress) string {
	text := fmt.Sprintf("%d of %s done", p.Done, plural(p.Zones, "zone"))
	if !p.Ended.IsZero() {
		text = fmt.Sprintf("%s looked at, %d changed", plural(p.Done, "zone"), p.Changed)
	}
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed (%s)", p.Failed, p.Last)
	}
	return text
}

func (a *app) poolEdit() *cobra.Command {
	var nameservers []string
	var mname, rname, rule string
	var wait bool
	c := &cobra.Command{
		Use:   "edit [NAME]",
		Short: "Change the nameserver set that zones show; what is not named stays as it is",
		Long: "Changes the nameserver set of a pool. With the rule add or replace every zone shows it: those that come in from\n" +
			"now on at once, the others one after the other in the background. What a zone's origin says of its nameservers is\n" +
			"kept beneath, and shown again with the rule keep. Zones that their source signs stay as they are.",
		Example: examples(
			"skein pool edit --nameserver ns1.example.net=192.0.2.53,2001:db8::53 --nameserver ns2.example.net --rule replace",
			"skein pool edit --mname ns1.example.net --rname hostmaster.example.net --wait",
			"skein pool edit --rule keep"),
		ValidArgsFunction: a.completePool,
		Args:              cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			given := c.Flags().Changed
			if !given("nameserver") && !given("mname") && !given("rname") && !given("rule") {
				return usage("say what is to change; see the flags")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			p, etag, err := cl.GetPool(c.Context(), poolName(args))
			if err != nil {
				return err
			}
			set := skein.EditPool{Nameservers: p.Nameservers, MName: p.MName, RName: p.RName, Rule: p.Rule}
			if given("nameserver") {
				if set.Nameservers, err = parseNameservers(nameservers); err != nil {
					return err
				}
			}
			if given("mname") {
				set.MName = zone.Name(mname)
			}
			if given("rname") {
				set.RName = zone.Name(rname)
			}
			if given("rule") {
				set.Rule = skein.PoolRule(rule)
			}
			if p, err = cl.EditPool(c.Context(), p.Name, set, etag); err != nil {
				return err
			}
			if wait {
				if p, err = a.waitForPool(c.Context(), cl, p); err != nil {
					return err
				}
			}
			return a.show(p, func() { a.sayPool(p) })
		},
	}
	f := c.Flags()
	f.StringArrayVar(&nameservers, "nameserver", nil, "name that zones are to show, and the addresses that it must have; give one flag for each, they are the whole set")
	f.StringVar(&mname, "mname", "", "primary nameserver in the SOA of zones; empty for their own")
	f.StringVar(&rname, "rname", "", "mailbox in the SOA of zones, written as a name: hostmaster.example.net; empty for their own")
	f.StringVar(&rule, "rule", "", "what becomes of the NS records that zones come with: keep, add or replace")
	f.BoolVar(&wait, "wait", false, "until every zone has it")
	takes(f, "nameserver", "NAME[=ADDR,…]", "mname", "NAME", "rname", "NAME", "rule", "RULE")
	return c
}

// parseNameservers reads NAME[=ADDR,…] of each flag.
func parseNameservers(texts []string) ([]skein.PoolNameserver, error) {
	list := []skein.PoolNameserver{}
	for _, text := range texts {
		if text == "" && len(texts) == 1 {
			break // none at all
		}
		name, addrs, some := strings.Cut(text, "=")
		ns := skein.PoolNameserver{Name: zone.Name(name)}
		if some {
			for text := range strings.SplitSeq(addrs, ",") {
				addr, err := netip.ParseAddr(text)
				if err != nil {
					return nil, usage("--nameserver: %q is no address; say it as ns1.example.net=192.0.2.53,2001:db8::53", text)
				}
				ns.Addresses = append(ns.Addresses, addr)
			}
		}
		list = append(list, ns)
	}
	return list, nil
}

// waitForPool waits until a changed set has come to all zones.
func (a *app) waitForPool(ctx context.Context, cl *client.Client, p skein.Pool) (skein.Pool, error) {
	if p.Progress == nil {
		return p, nil
	}
	bar := a.progress(p.Progress.Zones, "zones")
	defer bar.Finish()
	for pause := 100 * time.Millisecond; p.Progress != nil && p.Progress.Ended.IsZero(); pause = min(2*pause, 2*time.Second) {
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(pause):
		}
		var err error
		if p, _, err = cl.GetPool(ctx, p.Name); err != nil {
			return p, err
		}
		if p.Progress != nil {
			bar.Set(p.Progress.Done)
		}
	}
	return p, nil
}
