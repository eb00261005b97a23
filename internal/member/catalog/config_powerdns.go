package catalog

import "strings"

// powerdns prints for PowerDNS 4.7 and 4.8, whose members of a catalog do not
// inherit its TSIG key: they get it by a trigger of their database, or transfer
// without it.
func (c *configuration) powerdns() {
	dir, debian := c.directory("/etc/powerdns")
	included, database, util, service := dir+"/pdns.d/skein.conf", "/var/lib/powerdns/pdns.sqlite3", "pdnsutil", "systemctl restart pdns"
	if !debian {
		database, util, service = dir+"/pdns.sqlite3", "pdnsutil --config-dir="+word(dir), ""
	}
	var hosts, masters []string
	for _, at := range c.addresses() {
		hosts, masters = append(hosts, at.Addr().String()), append(masters, word(at.String()))
	}
	c.head("PowerDNS 4.7 or newer", "root")
	c.line("# Paste it into a shell of root's there. It works with the back-ends gsqlite3, gmysql, gpgsql, godbc and lmdb.")
	c.line("cat > %s <<'END'", word(included))
	c.line("secondary=yes")
	c.line("allow-notify-from=%s", strings.Join(hosts, ","))
	c.line("xfr-cycle-interval=5")
	c.line("END")
	c.line("%s import-tsig-key %s %s %s", util, word(c.m.TSIGKey), word(c.m.Algorithm), word(c.s.TSIG))
	for _, z := range c.catalogs {
		c.line("%s create-secondary-zone %s %s", util, word(text(z)), strings.Join(masters, " "))
		c.line("%s activate-tsig-key %s %s secondary", util, word(text(z)), word(c.m.TSIGKey))
		c.line("%s set-kind %s consumer", util, word(text(z)))
	}
	if Unsigned(c.m) {
		c.line("# Zones are transferred without the key: Skein allows that to this server's address. The catalog is not.")
	} else {
		c.line("# PowerDNS signs the transfers of a catalog, and not those of the zones that it lists. This trigger gives")
		c.line("# them the catalog's key. It is for SQLite: with another back-end print this again with")
		c.line("# --set transfer=%s, so that Skein allows transfers to this server's address; or use the driver powerdns.", TransferByAddress)
		c.line("sqlite3 %s <<'END'", word(database))
		c.b.WriteString(memberKeys)
		c.line("END")
	}
	if service != "" {
		c.line("%s", service)
	}
}

// memberKeys copies a catalog's key to the zones that it lists.
const memberKeys = `CREATE TRIGGER IF NOT EXISTS skein_member_key AFTER UPDATE OF catalog ON domains
WHEN NEW.catalog IS NOT NULL AND NEW.catalog <> ''
BEGIN
  DELETE FROM domainmetadata WHERE domain_id = NEW.id AND kind = 'AXFR-MASTER-TSIG';
  INSERT INTO domainmetadata (domain_id, kind, content)
    SELECT NEW.id, 'AXFR-MASTER-TSIG', m.content
      FROM domainmetadata m JOIN domains c ON c.id = m.domain_id
     WHERE c.name = NEW.catalog AND m.kind = 'AXFR-MASTER-TSIG';
END;
`

// word quotes a text for a shell.
func word(s string) string { return "'" + strings.ReplaceAll(plain(s), "'", `'\''`) + "'" }
