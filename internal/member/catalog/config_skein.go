package catalog

import (
	"net/netip"
	"strings"
)

// skein prints for a nameserver of Skein's own that runs without a control plane.
func (c *configuration) skein() {
	dir, _ := c.directory("/var/lib/skein-nameserver")
	keys := dir + "/tsig.keys"
	c.head("a nameserver of Skein", "root")
	if c.style.Merge {
		c.line("# It is for a `skein nameserver --secondary` that runs there already: these lines go to the end of the file")
		c.line("# that its --tsig-key names, and the flags at the end to its command, which is started again.")
		c.skeinKeys()
		c.line("#%s", strings.ReplaceAll(c.skeinFollows(), " \\\n   ", ""))
		return
	}
	c.line("# Paste it into a shell there, of the user that it is to run as. The last command is the nameserver, which runs")
	c.line("# until it is stopped; as a service of systemd it goes behind ExecStart=, with Type=notify.")
	c.line("(umask 077 && mkdir -p %s && cat > %s) <<'END'", word(dir), word(keys))
	c.skeinKeys()
	c.line("END")
	listen := ""
	if a := c.m.Address.Unmap(); a.IsValid() {
		listen = " --listen " + word(netip.AddrPortFrom(a.WithZone(""), c.m.Port).String()) // behind NAT: the server's own address
	}
	c.line("skein nameserver --secondary %s%s --tsig-key %s%s", word(dir+"/zones"), listen, word(keys), c.skeinFollows())
}

// skeinKeys prints the lines of a file of keys.
func (c *configuration) skeinKeys() {
	c.line("%s %s %s # signs zone transfers from Skein, and its NOTIFY", plain(c.m.TSIGKey), plain(c.m.Algorithm), plain(c.s.TSIG))
	if c.s.Audit != "" {
		c.line("%s %s %s # lets Skein look at what is really served", plain(c.m.AuditKey), plain(c.m.Algorithm), plain(c.s.Audit))
	}
	for _, k := range c.keys {
		c.line("%s %s %s # %s", plain(k.Name), plain(k.Algorithm), plain(k.Secret), signsOthers)
	}
	for _, k := range c.to {
		c.line("%s %s %s # another member transfers zones from here with it", plain(k.Name), plain(k.Algorithm), plain(k.Secret))
	}
}

// skeinFollows are the flags that say what is followed, and from where.
func (c *configuration) skeinFollows() string {
	var b strings.Builder
	for _, z := range c.catalogs {
		b.WriteString(" \\\n    --follow " + word(text(z)))
	}
	for _, at := range c.addresses() {
		b.WriteString(" \\\n    --primary " + word(at.String()+"/key:"+c.m.TSIGKey))
	}
	for _, p := range c.m.Others {
		b.WriteString(" \\\n    --primary " + word(netip.AddrPortFrom(p.Address.Unmap().WithZone(""), p.Port).String()+"/key:"+p.Key))
	}
	if c.m.Primary {
		b.WriteString(" \\\n    --never-expire")
	}
	return b.String()
}
