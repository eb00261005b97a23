package catalog

import "cmp"

// nsd prints for NSD 4.9 and later.
func (c *configuration) nsd() {
	c.head("NSD 4.9 or newer", "nsd")
	c.line("# NSD before 4.9, such as that of Debian 12 (4.6), has no catalog zones: there, use the driver nsd")
	c.line("# (skein member config nsd --name %s).", plain(c.m.Name))
	if len(c.catalogs) > 1 {
		c.line("# NSD 4.9 follows one catalog only, and this member is to follow %d: newer ones can.", len(c.catalogs))
	}
	dir, _ := c.directory("/var/lib/nsd")
	if c.style.Merge {
		c.line("# Put it at the end of nsd.conf, or into a file of nsd.conf.d.")
	} else {
		c.line("server:")
		if c.m.Address.IsValid() {
			c.line("    ip-address: %s@%d # behind NAT: the server's own address", c.m.Address.Unmap(), c.m.Port)
		}
		c.line("    zonesdir: %s", quoted(dir))
	}
	c.nsdKey(c.m.TSIGKey, c.s.TSIG, "signs zone transfers from Skein, and its NOTIFY")
	for _, k := range c.keys {
		c.nsdKey(k.Name, k.Secret, signsOthers)
	}
	c.nsdKey(c.m.AuditKey, c.s.Audit, "lets Skein look at what is really served")
	pattern := cmp.Or(c.m.Settings[SettingGroup], "skein")
	c.line("pattern:")
	c.line("    name: %s", quoted(pattern))
	c.line("    zonefile: \"%%s.zone\"")
	c.nsdSources()
	for _, p := range c.m.Others {
		c.line("    request-xfr: %s@%d %s", p.Address.Unmap().WithZone(""), p.Port, plain(p.Key))
	}
	c.line("    provide-xfr: 0.0.0.0/0 %s", plain(c.m.AuditKey))
	c.line("    provide-xfr: ::/0 %s", plain(c.m.AuditKey))
	for _, z := range c.catalogs {
		c.line("zone:")
		c.line("    name: %s", quoted(text(z)))
		c.line("    zonefile: %s", quoted(text(z)+".zone"))
		c.nsdSources()
		c.line("    catalog: consumer")
		c.line("    catalog-member-pattern: %s", quoted(pattern))
	}
}

func (c *configuration) nsdKey(name, secret, does string) {
	c.line("key: # %s", does)
	c.line("    name: %s", quoted(name))
	c.line("    algorithm: %s", plain(c.m.Algorithm))
	c.line("    secret: %s", quoted(secret))
}

func (c *configuration) nsdSources() {
	for _, at := range c.addresses() {
		c.line("    request-xfr: %s@%d %s", at.Addr(), at.Port(), plain(c.m.TSIGKey))
		c.line("    allow-notify: %s %s", at.Addr(), plain(c.m.TSIGKey))
	}
}
