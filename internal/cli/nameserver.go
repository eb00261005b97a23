package cli

import (
	"github.com/spf13/cobra"

	"github.com/skein-dns/skein/internal/daemon"
)

func (a *app) nameserver() *cobra.Command {
	var f daemon.NameserverFlags
	c := &cobra.Command{
		Use:   "nameserver",
		Short: "Run the nameserver alone: from zone files, or as a secondary",
		Long: "Runs Skein's nameserver without a control plane. With --zones it serves every <origin>.zone of a folder\n" +
			"(ROOT.zone is the root zone; a slash in a name is written \\047). Files may change, come and go at any time: a\n" +
			"file is read when it was renamed into place, or when nobody writes it any more; SIGHUP reads all of them. A\n" +
			"broken file is logged with its line, and what was read before stays served.\n\n" +
			"With --secondary it is a secondary, and keeps its zones in the folder. It has those that catalog zones (RFC 9432)\n" +
			"list, with --follow and --primary: Skein brings it in with the driver catalog, whose configuration for the\n" +
			"software skein is this command. Or it is driven over rndc as a BIND would be, with the driver bind; or both.\n\n" +
			"SIGHUP reads certificate and cookie secrets again as well. SIGUSR2 has a successor take over: the program, which\n" +
			"may be newer by now, is started with the sockets, and no question is lost.",
		Example: "  skein nameserver --zones ./zones --listen 127.0.0.1:5300\n" +
			"  skein nameserver --secondary ./data --listen 192.0.2.54:53 --tsig-key keys " +
			"--follow default.catalog.skein.invalid --primary 192.0.2.53:53/key:skein-ns2\n" +
			"  skein nameserver --secondary ./data --listen 127.0.0.1:5300 --rndc 127.0.0.1:9530 --rndc-key-file rndc.key --tsig-key keys",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := f.Config()
			if err != nil {
				return usage("%s", err)
			}
			return daemon.Nameserver(c.Context(), config, a.out, a.err)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.Zones, "zones", "", "folder of zone files to serve")
	flags.StringVar(&f.Image, "image", "", "file to keep the zones in as they are served, so that the next start reads only zone files that changed (with --zones)")
	flags.StringVar(&f.Secondary, "secondary", "", "folder of a secondary's zones")
	flags.BoolVar(&f.Lasting, "never-expire", false, "keep a secondary's zones in service while no primary answers, and other secondaries with them (with --secondary)")
	flags.StringArrayVar(&f.Listen, "listen", nil, "ADDR:PORT to answer on, UDP and TCP; give one flag for each")
	flags.StringArrayVar(&f.TLS, "tls", nil, "ADDR:PORT to answer on over TLS (RFC 7858, RFC 9103); the usual port is 853")
	flags.StringVar(&f.TLSCert, "tls-cert", "", "certificate chain in PEM; SIGHUP reads it again")
	flags.StringVar(&f.TLSKey, "tls-key", "", "private key of --tls-cert in PEM")
	flags.StringSliceVar(&f.AllowTransfer, "allow-transfer", nil, "addresses, networks and key:NAME of --tsig-key that may transfer zones; tls: before it allows it over TLS alone")
	flags.StringSliceVar(&f.Notify, "notify", nil, "ADDR[:PORT] to tell of every change, and /key:NAME behind it to sign")
	flags.StringVar(&f.Catalog, "catalog", "", "name of a catalog zone (RFC 9432) that lists all zones of the folder")
	flags.StringSliceVar(&f.Follow, "follow", nil, "name of a catalog zone (RFC 9432) whose zones are served (with --secondary)")
	flags.StringSliceVar(&f.Primaries, "primary", nil, "ADDR[:PORT] to transfer the catalogs and their zones from, and /key:NAME behind it to sign; they are asked in this order")
	flags.StringSliceVar(&f.AllowUpdate, "allow-update", nil, "addresses, networks and key:NAME of --tsig-key that may update zones (RFC 2136); updates are kept in memory alone")
	flags.StringVar(&f.TSIGKeys, "tsig-key", "", "file of TSIG keys, one a line: name algorithm base64; or what skein member config bind prints; whoever has one may transfer zones")
	flags.StringVar(&f.CookieSecrets, "cookie-secret-file", "", "secrets of DNS cookies that servers share, 32 hexadecimal digits a line; the first makes, all verify (default: one at random)")
	flags.StringVar(&f.RNDC, "rndc", "", "ADDR:PORT to take rndc commands on (with --secondary)")
	flags.StringVar(&f.RNDCKey, "rndc-key-file", "", "key of the rndc channel, in the format of rndc.key, or what skein member config bind prints (with --secondary)")
	flags.StringVar(&f.Metrics, "metrics", "", "ADDR:PORT to show counters on, as Prometheus reads them")
	flags.StringVar(&f.Identity, "identity", "", "answer to id.server, and NSID (default: refused)")
	flags.StringVar(&f.VersionAnswer, "version-answer", "Skein", "answer to version.bind; empty refuses")
	takes(flags, "zones", "DIR", "image", "FILE", "secondary", "DIR", "listen", "ADDR:PORT", "allow-transfer", "NET", "allow-update", "NET", "tsig-key", "FILE",
		"rndc", "ADDR:PORT", "rndc-key-file", "FILE", "metrics", "ADDR:PORT", "tls", "ADDR:PORT", "tls-cert", "FILE", "tls-key", "FILE", "notify", "ADDR", "catalog", "NAME", "follow", "NAME", "primary", "ADDR", "cookie-secret-file", "FILE", "identity", "TEXT", "version-answer", "TEXT")
	return c
}
