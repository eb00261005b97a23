package nsd

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
)

// Where Debian's NSD has its configuration and its data.
const (
	pemFile         = "/etc/nsd/skein.pem"
	confFile        = "/etc/nsd/nsd.conf.d/skein.conf"
	debianDirectory = "/var/lib/nsd"
)

// ConfigOptions say how the configuration is printed.
type ConfigOptions struct {
	Directory string // that NSD may write zone files below; Debian's if not set
	Merge     bool   // the server answers for zones of its own already: print what is added to that

	Keys []skein.TransferKey // of its own for other members that it transfers from
}

// Config prints what is to be pasted into a root shell on a member: it writes a
// file of NSD's configuration and, if certificate and key are those that Skein
// made, a file with these, and has NSD start again. With Merge nothing is said
// that other zones of the server depend on.
func Config(m skein.Member, s skein.MemberSecrets, o ConfigOptions) string {
	c := configuration{m: m, s: s, o: o}
	c.line("# Skein's part of the configuration of NSD on %s. It holds secrets. Paste all of it into a", plain(m.Name))
	c.line("# root shell there. Its nsd.conf must include nsd.conf.d/*.conf, as Debian's does.")
	if c.shares() {
		c.line("# This certificate and key are for both ends: NSD shows and takes it, and so does Skein.")
		c.file(pemFile, "root", "600", s.PrivateKey+s.Certificate)
	}
	inner := configuration{m: m, s: s, o: o}
	inner.conf()
	c.file(confFile, "nsd", "640", inner.b.String())
	c.line("nsd-checkconf /etc/nsd/nsd.conf && systemctl restart nsd")
	return c.b.String()
}

type configuration struct {
	m skein.Member
	s skein.MemberSecrets
	o ConfigOptions
	b strings.Builder
}

func (c *configuration) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

// file has a shell write a file that only root, and perhaps a group, can read.
func (c *configuration) file(path, group, mode, text string) {
	c.line("install -o root -g %s -m %s /dev/null %s", group, mode, path)
	c.line("cat > %s <<'END'\n%sEND", path, text)
}

// shares reports whether both ends have the same certificate, as Skein makes it.
func (c *configuration) shares() bool { return c.s.Server == c.s.Certificate }

// conf is the file of NSD's configuration.
func (c *configuration) conf() {
	c.line("# Skein's, for %s: skein member config nsd prints it again.", plain(c.m.Name))
	if !c.o.Merge {
		c.server()
	}
	c.control()
	c.key(c.m.TSIGKey, c.s.TSIG, "signs zone transfers and NOTIFY from Skein")
	for _, k := range c.o.Keys {
		c.key(k.Name, k.Secret, "signs zone transfers from another member")
	}
	if c.s.Audit != "" {
		c.key(c.m.AuditKey, c.s.Audit, "lets Skein look at what is really served")
	}
	c.pattern()
}

func (c *configuration) server() {
	c.line("server:")
	if a := c.m.Address.Unmap(); a.IsValid() {
		c.line("    ip-address: %s@%d # behind NAT: the server's own address", a, c.m.Port)
	}
	c.line("    database: \"\" # zones are kept in files")
	c.line("    zonefiles-write: 300 # seconds until what was fetched is written to them")
	c.line("    xfrd-reload-timeout: 0 # what was fetched is served at once; by itself NSD does that once a second")
}

// control lets Skein in: nobody without the certificate, from wherever.
func (c *configuration) control() {
	host, port, err := net.SplitHostPort(c.m.Endpoint)
	if err != nil {
		host, port = "", cmp.Or(c.m.Endpoint, "8952")
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		addr = c.m.Address
	}
	c.line("remote-control:")
	c.line("    control-enable: yes")
	c.line("    # If there are other lines of control-interface, none of them may be a path (/run/…): NSD would take")
	c.line("    # commands from anybody then, at all of them.")
	if addr.IsValid() {
		c.line("    control-interface: %s # behind NAT: the server's own address", addr.Unmap())
	}
	c.line("    control-port: %s", plain(port))
	if c.shares() {
		for _, option := range []string{"server-key-file", "server-cert-file", "control-key-file", "control-cert-file"} {
			c.line("    %s: %s", option, quoted(pemFile))
		}
	}
}

func (c *configuration) key(name, secret, does string) {
	c.line("key: # %s", does)
	c.line("    name: %s", quoted(name))
	c.line("    algorithm: %s", plain(c.m.Algorithm))
	c.line("    secret: %s", quoted(secret))
}

// pattern is what zones of Skein's have. The keys are what is relied on, not
// addresses: a machine may have several.
func (c *configuration) pattern() {
	name, err := patternOf(c.m)
	if err != nil {
		name = family(c.m)
	}
	c.line("pattern: # of zones that are Skein's; no other zone may have it")
	c.line("    name: %s", quoted(name))
	c.line("    zonefile: %s", quoted(cmp.Or(c.o.Directory, debianDirectory)+"/skein/%1/%2/%s"))
	c.line("    # AXFR, since NSD 4.6 writes beyond its memory when it asks for increments of a zone with long names in")
	c.line("    # its SOA record. Without that word large zones come faster, if you trust all that there are.")
	for _, p := range c.m.Primaries {
		c.line("    request-xfr: AXFR %s@%d %s", p.Address.Unmap(), p.Port, quoted(c.m.TSIGKey))
	}
	for _, p := range c.m.Others {
		c.line("    request-xfr: AXFR %s@%d %s # member %s", p.Address.Unmap().WithZone(""), p.Port, quoted(p.Key), plain(p.Member))
	}
	for _, anywhere := range []string{"0.0.0.0/0", "::/0"} {
		c.line("    allow-notify: %s %s", anywhere, quoted(c.m.TSIGKey))
	}
	if c.s.Audit != "" {
		for _, anywhere := range []string{"0.0.0.0/0", "::/0"} {
			c.line("    provide-xfr: %s %s", anywhere, quoted(c.m.AuditKey))
		}
	}
}

// quoted writes any text as one quoted word; what cannot be in one is left out.
func quoted(s string) string {
	return `"` + strings.ReplaceAll(plain(s), `"`, "") + `"`
}

// plain takes what could end a line out of a text.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
