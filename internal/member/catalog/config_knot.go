package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// knot prints for Knot DNS 3.1.5 and later.
func (c *configuration) knot() {
	c.head("Knot DNS 3.1.5 or newer", "knotd")
	dir, debian := c.directory("/var/lib/knot")
	if c.style.Merge {
		c.line("# Put it into a file of its own and include that at the end of knot.conf (Debian: /etc/knot/knot.conf):")
		c.line("#     include: /etc/knot/skein.conf")
		c.line("# It is twice as fast where the section \"server\" says background-workers: 8 and remote-pool-limit: 16, and \"database\"")
		c.line("# journal-db-mode: \"asynchronous\": workers mostly wait, connections are used again, and what a crash takes is fetched again.")
	} else {
		c.line("server:")
		if debian {
			c.line("    rundir: \"/run/knot\"")
			c.line("    user: \"knot:knot\"")
		} else {
			c.line("    rundir: %s", quoted(dir))
		}
		if c.m.Address.IsValid() {
			c.line("    listen: \"%s@%d\" # behind NAT: the server's own address", c.m.Address.Unmap(), c.m.Port)
		}
		c.line("    background-workers: 8 # they mostly wait for answers")
		c.line("    remote-pool-limit: 16 # connections are used again")
		c.line("log:")
		c.line("  - target: \"syslog\"")
		c.line("    any: \"info\"")
		c.line("database:")
		c.line("    storage: %s", quoted(dir))
		c.line("    journal-db-mode: \"asynchronous\" # what a crash takes is fetched again")
	}
	c.line("key:")
	c.knotKey(c.m.TSIGKey, c.s.TSIG, "signs zone transfers from Skein, and its NOTIFY")
	for _, k := range c.keys {
		c.knotKey(k.Name, k.Secret, signsOthers)
	}
	c.knotKey(c.m.AuditKey, c.s.Audit, "lets Skein look at what is really served")
	c.line("remote:")
	var masters []string
	for i, at := range c.addresses() {
		id := fmt.Sprintf("skein-%d", i+1)
		c.line("  - id: %s", quoted(id))
		c.line("    address: \"%s@%d\"", at.Addr(), at.Port())
		c.line("    key: %s", quoted(c.m.TSIGKey))
		masters = append(masters, quoted(id))
	}
	others := slices.Clone(masters)
	for i, p := range c.m.Others {
		id := fmt.Sprintf("skein-member-%d", i+1)
		c.line("  - id: %s # %s", quoted(id), plain(p.Member))
		c.line("    address: \"%s@%d\"", p.Address.Unmap().WithZone(""), p.Port)
		c.line("    key: %s", quoted(p.Key))
		others = append(others, quoted(id))
	}
	c.line("acl:")
	c.line("  - id: \"skein\" # with transfer, Knot tells whether it knows the key")
	c.line("    key: %s", quoted(c.m.TSIGKey))
	c.line("    action: [ \"notify\", \"transfer\" ]")
	c.line("  - id: \"skein-audit\"")
	c.line("    key: %s", quoted(c.m.AuditKey))
	c.line("    action: \"transfer\"")
	template := cmp.Or(c.m.Settings[SettingGroup], "skein")
	c.line("template:")
	c.line("  - id: %s", quoted(template))
	c.line("    storage: %s", quoted(dir))
	c.line("    file: \"%%s.zone\"")
	c.line("    master: [ %s ]", strings.Join(others, ", "))
	c.line("    acl: [ \"skein\", \"skein-audit\" ]")
	c.line("zone:")
	for _, z := range c.catalogs {
		c.line("  - domain: %s", quoted(string(z.Origin)))
		c.line("    storage: %s", quoted(dir))
		c.line("    file: %s", quoted(text(z)+".zone"))
		c.line("    master: [ %s ]", strings.Join(masters, ", "))
		c.line("    acl: [ \"skein\" ]")
		c.line("    catalog-role: \"interpret\"")
		c.line("    catalog-template: [ %s ]", quoted(template))
	}
}

func (c *configuration) knotKey(id, secret, does string) {
	c.line("  - id: %s # %s", quoted(id), does)
	c.line("    algorithm: %s", quoted(c.m.Algorithm))
	c.line("    secret: %s", quoted(secret))
}
