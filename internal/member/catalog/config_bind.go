package catalog

import (
	"fmt"
	"strings"
)

// bind prints for BIND 9.18 and later; 9.11 knows catalog zones of an older
// version of the standard.
func (c *configuration) bind() {
	c.head("BIND 9.18 or newer", "named")
	c.bindKey(c.m.TSIGKey, c.s.TSIG, "signs zone transfers from Skein, and its NOTIFY")
	for _, k := range c.keys {
		c.bindKey(k.Name, k.Secret, signsOthers)
	}
	if c.s.Audit != "" {
		c.bindKey(c.m.AuditKey, c.s.Audit, "lets Skein look at what is really served")
	}
	if c.style.Merge {
		c.line("# Put these lines into the options statement that is there already (Debian:")
		c.line("# /etc/bind/named.conf.options), or into the view that is to have the zones, without the #. Where it")
		c.line("# says one of them, this one replaces it. Zones of its own stay as they are.")
		inner := *c
		inner.b = strings.Builder{}
		inner.bindLimits()
		inner.bindCatalogs()
		for line := range strings.Lines(inner.b.String()) {
			c.b.WriteString("#" + line)
		}
		c.line("# So that Skein can compare contents: allow-transfer { key %s; };", quoted(c.m.AuditKey))
		c.line("# From 9.18.28 on, BIND takes no zone with more than 100 records of one type at a name. If Skein's have")
		c.line("# more, and this server looks nothing up for others: max-records-per-type 0; max-types-per-name 0;")
	} else {
		c.bindOptions()
	}
	for _, z := range c.catalogs {
		c.line("zone %s {", quoted(text(z)))
		c.line("    type secondary;")
		c.line("    file %s;", quoted(text(z)+".db"))
		c.line("    primaries { %s};", c.bindPrimaries())
		c.line("};")
	}
}

func (c *configuration) bindKey(name, secret, does string) {
	c.line("key %s { algorithm %s; secret %s; }; # %s", quoted(name), quoted(c.m.Algorithm), quoted(secret), does)
}

func (c *configuration) bindOptions() {
	dir, debian := c.directory("/var/cache/bind")
	c.line("# A named.conf can have one options statement only. If this server has one already")
	c.line("# (Debian: /etc/bind/named.conf.options), print this with --merge instead.")
	c.line("options {")
	c.line("    directory %s; # named must be able to write here", quoted(dir))
	if !debian {
		c.line("    pid-file \"named.pid\";")
		c.line("    session-keyfile \"session.key\";")
	}
	if a := c.m.Address.Unmap(); a.IsValid() {
		v4, v6 := "none;", "none;"
		if a.Is4() {
			v4 = a.String() + ";"
		} else {
			v6 = a.WithZone("").String() + ";"
		}
		c.line("    listen-on port %d { %s }; # behind NAT: the server's own address", c.m.Port, v4)
		c.line("    listen-on-v6 port %d { %s };", c.m.Port, v6)
	}
	c.line("    recursion no;")
	c.line("    dnssec-validation no; # it answers for its zones and looks nothing up")
	c.line("    allow-transfer { key %s; };", quoted(c.m.AuditKey))
	c.line("    notify no; # Skein tells every member itself")
	c.bindLimits()
	c.line("    # The next two let zones in that have more than 100 records of one type, or types, at a name.")
	c.line("    # A BIND older than 9.18.28 has no such limits, and does not know the lines: take them out there.")
	c.line("    max-records-per-type 0;")
	c.line("    max-types-per-name 0;")
	c.bindCatalogs()
	c.line("};")
}

// bindLimits let many new zones come quickly.
func (c *configuration) bindLimits() {
	c.line("    allow-notify { key %s; };", quoted(c.m.TSIGKey))
	c.line("    serial-query-rate 1000; # with the default of 20, 10,000 new zones take 8 minutes")
	c.line("    transfers-in 100; # the default is 10")
	c.line("    transfers-per-ns 100; # the default is 2")
}

func (c *configuration) bindCatalogs() {
	c.line("    catalog-zones {")
	for _, z := range c.catalogs {
		c.line("        zone %s default-primaries { %s%s} min-update-interval 1;", quoted(text(z)), c.bindPrimaries(), c.bindOthers())
	}
	c.line("    };")
}

func (c *configuration) bindPrimaries() string {
	var b strings.Builder
	for _, at := range c.addresses() {
		fmt.Fprintf(&b, "%s port %d key %s; ", at.Addr(), at.Port(), quoted(c.m.TSIGKey))
	}
	return b.String()
}

func (c *configuration) bindOthers() string {
	var b strings.Builder
	for _, p := range c.m.Others {
		fmt.Fprintf(&b, "%s port %d key %s; ", p.Address.Unmap().WithZone(""), p.Port, quoted(p.Key))
	}
	return b.String()
}
