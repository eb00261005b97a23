package cli

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

func (a *app) clusterEnable() *cobra.Command {
	return a.clusterSwitch("enable", "Tell members again; they catch up with what has changed meanwhile",
		"Lets members be told again. Each catches up with what has changed since clustering was disabled, and with nothing\nelse.",
		(*client.Client).EnableClustering)
}

func (a *app) clusterDisable() *cobra.Command {
	return a.clusterSwitch("disable", "Tell no member anything; changes are kept until clustering is enabled",
		"Tells no member anything until clustering is enabled again. Changes are accepted and kept. Every nameserver, the\n"+
			"one here too, goes on with the zones as they are now, and members may go on to transfer them: nothing expires.",
		(*client.Client).DisableClustering)
}

func (a *app) clusterSwitch(verb, short, long string, do func(*client.Client, context.Context) (skein.ClusterSettings, error)) *cobra.Command {
	return &cobra.Command{
		Use:     verb,
		Short:   short,
		Long:    long,
		Example: examples("skein cluster " + verb),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			settings, err := do(cl, c.Context())
			if err != nil {
				return err
			}
			return a.show(settings, func() { a.sayClustering(settings, nil) })
		},
	}
}

// sayClustering says whether members are told, and what waits to be told to them.
func (a *app) sayClustering(s skein.ClusterSettings, members []skein.Member) {
	state := "enabled"
	if !s.Enabled {
		state = "disabled"
	}
	text := "clustering is " + a.colour(state)
	if s.ChangedBy != "" {
		text += fmt.Sprintf(" by %s since %s", s.ChangedBy, when(s.ChangedAt))
	}
	if !s.Enabled {
		text += fmt.Sprintf("; members stay at revision %d", s.Released)
	}
	a.say("%s", text)
	most, on := 0, 0 // whether it is the same zones on several members is not known
	for _, m := range members {
		if n := memberStatus(m).Behind; n > 0 && m.State == skein.MemberEnabled {
			most, on = max(most, n), on+1
		}
	}
	switch {
	case on == 1:
		a.say("%s to be told, on 1 member", waits(most))
	case on > 1:
		a.say("up to %s to be told, on each of %d members", waits(most), on)
	}
}

func waits(zones int) string {
	if zones == 1 {
		return "1 zone waits"
	}
	return plural(zones, "zone") + " wait"
}

// settingFlags are the flags of the settings.
type settingFlags struct {
	threshold                   int
	online, notices             bool
	reenable, conflicts, remote string
	trusted                     []string
	services, autodiscover      bool
	autodiscoverHost            string
}

func (a *app) clusterSettings() *cobra.Command {
	var flags settingFlags
	var expect expectFlag
	c := &cobra.Command{
		Use:   "settings",
		Short: "Show or change what holds for all members",
		Long: "Without flags it shows the settings; with flags it changes those that are named.\n\n" +
			"A member that fails so often in a row as --threshold says is disabled, and comes back when it answers\n" +
			"(--reenable automatic), or when a person enables it (manual). --keep-online never disables one.\n" +
			"A newer copy of a zone on a member that is read waits for a person (--conflicts person), or is taken in\n" +
			"(highest-serial). Zones that others than administrators create are all accepted (--remote allowed), or only those\n" +
			"of domains that a member, the cluster's own nameservers or a --trusted network serves today (trusted).",
		Example: examples(
			"skein cluster settings",
			"skein cluster settings --threshold 5 --reenable manual",
			"skein cluster settings --keep-online",
			"skein cluster settings --remote trusted --trusted 192.0.2.0/24 --trusted 2001:db8::/32"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			edit, some, err := flags.edit(c)
			if err != nil {
				return err
			}
			settings, etag, err := cl.GetCluster(c.Context())
			if err == nil && some {
				settings, err = cl.EditCluster(c.Context(), edit, expect.orElse(etag))
			}
			if err != nil {
				return err
			}
			return a.show(settings, func() { a.saySettings(settings) })
		},
	}
	f := c.Flags()
	f.IntVar(&flags.threshold, "threshold", 0, "failures in a row at which a member is disabled, 1 to 1000")
	f.BoolVar(&flags.online, "keep-online", false, "never disable a member for its failures; --keep-online=false ends that")
	f.StringVar(&flags.reenable, "reenable", "", "how a member that the threshold disabled comes back: automatic or manual")
	f.StringVar(&flags.conflicts, "conflicts", "", "who decides about a newer copy on a member: person or highest-serial")
	f.StringVar(&flags.remote, "remote", "", "whose zones are accepted from others than administrators: allowed or trusted")
	f.StringArrayVar(&flags.trusted, "trusted", nil, "network of nameservers that are trusted; give one flag for each, they are all of them; empty for none")
	f.BoolVar(&flags.notices, "failure-notices", false, "tell people when a member is disabled for its failures; --failure-notices=false ends that")
	f.BoolVar(&flags.services, "service-domains", false, "service domains are on, for those who ask (skein zone servicedomains --ifenabled)")
	f.BoolVar(&flags.autodiscover, "autodiscover", false, "the names of AutoConfig and Autodiscover are among service domains")
	f.StringVar(&flags.autodiscoverHost, "autodiscover-host", "", "host that the SRV record of Autodiscover names; empty for none")
	takes(f, "autodiscover-host", "NAME", "threshold", "N", "reenable", "CHOICE", "conflicts", "CHOICE", "remote", "CHOICE", "trusted", "PREFIX")
	expect.on(c)
	return c
}

// edit returns what the flags change, and whether that is anything.
func (s *settingFlags) edit(c *cobra.Command) (e skein.EditCluster, some bool, err error) {
	given := func(name string) bool {
		some = some || c.Flags().Changed(name)
		return c.Flags().Changed(name)
	}
	if given("threshold") {
		e.Threshold = &s.threshold
		if !c.Flags().Changed("keep-online") {
			e.KeepOnline = new(false) // a number is what ends it
		}
	}
	if given("keep-online") {
		e.KeepOnline = &s.online
	}
	if given("reenable") {
		e.Reenable = &s.reenable
	}
	if given("conflicts") {
		e.Conflicts = &s.conflicts
	}
	if given("remote") {
		e.Remote = &s.remote
	}
	if given("failure-notices") {
		e.FailureNotices = &s.notices
	}
	if given("service-domains") {
		e.ServiceDomains = &s.services
	}
	if given("autodiscover") {
		e.Autodiscover = &s.autodiscover
	}
	if given("autodiscover-host") {
		e.AutodiscoverHost = new(zone.Name(s.autodiscoverHost))
	}
	if given("trusted") {
		trusted := []netip.Prefix{}
		for _, text := range s.trusted {
			if text == "" && len(s.trusted) == 1 {
				break // none at all
			}
			network, err := parseNetwork("--trusted", text)
			if err != nil {
				return e, some, err
			}
			trusted = append(trusted, network)
		}
		e.Trusted = &trusted
	}
	return e, some, nil
}

func (a *app) saySettings(s skein.ClusterSettings) {
	a.sayClustering(s, nil)
	threshold := fmt.Sprintf("%d failures in a row disable a member", s.Threshold)
	if s.KeepOnline {
		threshold = "members are kept online, however often they fail"
	}
	networks := make([]string, len(s.Trusted))
	for i, n := range s.Trusted {
		networks[i] = n.String()
	}
	a.sayLine("threshold", "%s", threshold)
	a.sayLine("reenable", "%s", s.Reenable)
	a.sayLine("conflicts", "%s", s.Conflicts)
	a.sayLine("remote", "%s", s.Remote)
	a.sayLine("trusted", "%s", dash(strings.Join(networks, " ")))
	a.sayLine("notices", "%s", yes(s.FailureNotices))
	a.sayLine("services", "%s, Autodiscover %s, host %s", yes(s.ServiceDomains), yes(s.Autodiscover), dash(string(s.AutodiscoverHost)))
	a.sayLine("version", "%d", s.Version)
}
