package bind

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
)

// ConfigOptions say how the configuration is printed.
type ConfigOptions struct {
	Directory string       // named's working directory; /var/cache/bind if not set
	Control   []netip.Addr // addresses that rndc commands come from
	Merge     bool         // the server has an options statement already: print ours apart, as lines for it
}

// Config prints what is to be pasted into a member's named.conf. By itself it
// is a whole configuration; with Merge it is two parts.
func Config(m skein.Member, s skein.MemberSecrets, o ConfigOptions) string {
	if o.Directory == "" {
		o.Directory = "/var/cache/bind"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Skein's part of the configuration of %s. It holds secrets: keep the file readable by named alone.\n", m.Name)
	key := func(name, secret, why string) {
		fmt.Fprintf(&b, "key %q { # %s\n    algorithm %s;\n    secret %q;\n};\n", name, why, m.Algorithm, secret)
	}
	key(rndcKeyName(m), s.RNDC, "Skein's commands")
	key(m.TSIGKey, s.TSIG, "zone transfers from Skein")
	if s.Audit != "" {
		key(m.AuditKey, s.Audit, "Skein compares what is really served")
	}
	options := optionLines(m, s, o)
	if o.Merge {
		b.WriteString("# The next lines go inside the options statement that is there already\n# (Debian: /etc/bind/named.conf.options); where it has one of them, this one replaces it.\n")
		for _, line := range options {
			fmt.Fprintf(&b, "#     %s\n", line)
		}
	} else {
		b.WriteString("# If named.conf has an options statement already, put these lines into that one\n# instead (`skein member config --merge` prints them so).\noptions {\n")
		for _, line := range options {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		b.WriteString("};\n")
	}
	fmt.Fprintf(&b, "controls {\n    inet %s port %d allow { %s} keys { %q; };\n};\n", listenOn(m), m.RNDCPort, allowed(o.Control), rndcKeyName(m))
	return b.String()
}

func rndcKeyName(m skein.Member) string { return "skein-rndc-" + m.Name }

func listenOn(m skein.Member) string {
	if a := m.RNDC().Addr(); a.IsValid() {
		return a.String()
	}
	return "*"
}

func allowed(control []netip.Addr) string {
	var b strings.Builder
	seen := map[netip.Addr]bool{}
	for _, a := range append(control, netip.MustParseAddr("127.0.0.1")) {
		if a = a.Unmap(); a.IsValid() && !a.IsUnspecified() && !seen[a] {
			seen[a] = true
			b.WriteString(a.String() + "; ")
		}
	}
	return b.String()
}

func optionLines(m skein.Member, s skein.MemberSecrets, o ConfigOptions) []string {
	lines := []string{fmt.Sprintf("directory %q; # named must be able to write here", o.Directory)}
	if m.Address.IsValid() {
		v4, v6 := "{ any; }", "{ none; }"
		if m.Address.Is4() {
			v4 = fmt.Sprintf("{ %s; }", m.Address)
		} else {
			v4, v6 = "{ none; }", fmt.Sprintf("{ %s; }", m.Address)
		}
		lines = append(lines, fmt.Sprintf("listen-on port %d %s;", m.Port, v4), fmt.Sprintf("listen-on-v6 port %d %s;", m.Port, v6))
	}
	transfer := "none;"
	if s.Audit != "" {
		transfer = fmt.Sprintf("key %q;", m.AuditKey)
	}
	return append(lines,
		"recursion no;",
		"allow-new-zones yes; # zones come and go over rndc",
		fmt.Sprintf("allow-transfer { %s };", transfer),
		"notify no; # Skein tells every member itself",
		"serial-query-rate 1000; # the default of 20 would take 8 minutes for 10,000 new zones",
		"transfers-in 100; # likewise: the default is 10",
		"transfers-per-ns 100; # likewise: the default is 2",
	)
}
