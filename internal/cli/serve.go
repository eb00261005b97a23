package cli

import (
	"bufio"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
)

func (a *app) serve() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run a node: nameserver, API and everything between",
		Long: "Runs a node until it is told to stop (SIGINT, SIGTERM; a second signal kills). A fresh data directory is filled\n" +
			"at the first start. Every option is also a key of the configuration file (without the dashes) and a variable\n" +
			"of the environment (SKEIN_, upper case, _ for -); what is nearer to the command line wins.\n\n" +
			"SIGHUP reads the certificate and the cookie secrets again. SIGUSR2 has a successor take over: the program, which\n" +
			"may be newer by now, is started with the sockets of the nameserver, and no question is lost.",
		Example: examples(
			"skein serve --data ./data --dns 127.0.0.1:5300 --api 127.0.0.1:8443",
			"skein serve --config /etc/skein/skein.yaml"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := daemon.Load(file, a.lookup, given(c.Flags()))
			if err != nil {
				return &skein.Error{Kind: skein.KindInvalid, What: err.Error()}
			}
			return daemon.Run(c.Context(), config, func(s daemon.Started) { a.show(s, func() { a.sayStarted(s) }) }, a.err)
		},
	}
	c.Flags().StringVar(&file, "config", "", "configuration file (YAML)")
	takes(c.Flags(), "config", "FILE")
	for _, o := range daemon.Options() {
		usage := fmt.Sprintf("%s ($%s)", o.Help, o.Variable())
		if o.Default != "" {
			usage = fmt.Sprintf("%s (default %s, $%s)", o.Help, o.Default, o.Variable())
		}
		c.Flags().Var(&listValue{meaning: o.Meaning}, o.Key, usage)
	}
	return c
}

// sayStarted prints what an operator needs next, all at once: scripts may wait
// for its first line. The log is elsewhere.
func (a *app) sayStarted(s daemon.Started) {
	out := bufio.NewWriterSize(a.out, 16<<10)
	defer out.Flush()
	a = &app{out: out}
	if at, err := filepath.Abs(s.Data); err == nil {
		s.Data = at // what is copied from here works everywhere
	}
	a.say("Skein %s serves.", s.Version)
	a.say("")
	a.say("  data directory  %s", s.Data)
	a.say("  secrets' key    %s (keep a copy apart from your backups)", s.Key)
	for _, at := range s.DNS {
		a.say("  DNS             %s", at)
	}
	for _, at := range s.TLS {
		a.say("  DNS over TLS    %s", at)
	}
	for _, at := range s.RNDC {
		a.say("  rndc            %s", at)
	}
	for _, at := range s.WHM {
		a.say("  WHM             %s", at)
	}
	for _, at := range s.CPanel {
		a.say("  cPanel          %s", at)
	}
	a.say("  API             %s", s.API)
	a.say("  certificate     %s", s.Fingerprint)
	if s.CA != "" {
		a.say("                  %s (for clients: skein login --ca, curl --cacert)", s.CA)
	}
	if s.Claim != "" {
		a.say("")
		a.say("First administrator, once: %s", s.Claim)
	}
	a.say("")
	a.say("Next, on this machine:")
	if s.Data != daemon.DefaultData {
		a.say("  export SKEIN_DATA=%s", s.Data)
	}
	a.say("  skein zone create example.com --ns ns1.example.net --ns ns2.example.net")
	a.say("  skein record set example.com www A 192.0.2.1")
	a.say("  skein member config bind --name ns2.example.net --address 192.0.2.53 --output ns2.conf")
	if len(s.WHM) > 0 {
		a.say("")
		a.say("For a cPanel server, a source and its token:")
		a.say("  skein source add whm web1.example.net")
		a.say("  skein token create web1.example.net --source web1.example.net")
		a.say("In its WHM, DNS Cluster, add a server of the type cPanel: host %s, user root, that token.", s.WHMName)
	}
}

func (a *app) lookup(key string) (string, bool) {
	v, ok := a.env[key]
	return v, ok
}

// given tells the configuration what the flags say.
func given(flags *pflag.FlagSet) daemon.Given {
	return func(key string) ([]string, bool) {
		f := flags.Lookup(key)
		if f == nil || !f.Changed {
			return nil, false
		}
		if list, ok := f.Value.(*listValue); ok {
			return list.values, true
		}
		return []string{f.Value.String()}, true
	}
}

// listValue takes a flag once or several times; the configuration decides
// whether several are allowed.
type listValue struct {
	meaning string
	values  []string
}

func (l *listValue) Set(s string) error { l.values = append(l.values, s); return nil }
func (l *listValue) Type() string       { return l.meaning }
func (l *listValue) String() string     { return "" }
