package powerdns

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
)

// debianDirectory is where Debian's PowerDNS keeps its data.
const debianDirectory = "/var/lib/powerdns"

// ConfigOptions say how the configuration is printed.
type ConfigOptions struct {
	Directory string       // where it keeps its data; Debian's if not set
	Control   []netip.Addr // addresses that calls of the API come from, as the member sees them; those of the primaries if none
	Merge     bool         // the server has a pdns.conf already: print what is added to it
}

// Config prints what is to be pasted into a member's pdns.conf. By itself it is
// a whole configuration for a fresh server. With Merge it is what a server
// needs that serves zones of its own already. TSIG keys are not in it: they are
// put there over the API.
func Config(m skein.Member, s skein.MemberSecrets, o ConfigOptions) string {
	c := configuration{m: m, o: o}
	if c.o.Directory == "" {
		c.o.Directory = debianDirectory
	}
	if o.Merge {
		c.line("# Skein's part of the configuration of %s. Put it into a file of its own, on Debian:", plain(m.Name))
		c.line("#     install -m 640 -g pdns FILE /etc/powerdns/pdns.d/skein.conf && systemctl restart pdns")
		c.line("# Take lines that set the same out of pdns.conf. Its back end (launch) must be one that zones can be made in, and")
		c.line("# that keeps keys: lmdb, gsqlite3, gmysql or gpgsql, not bind.")
	} else {
		c.fresh()
	}
	c.api(s.Token)
	c.line("# Else it goes on for a minute with the keys that a zone had before, or with none.")
	c.line("zone-metadata-cache-ttl=0")
	if !native(m) {
		c.line("# It fetches zones from Skein's nameserver.")
		c.line("secondary=yes")
		if !o.Merge {
			c.line("allow-notify-from=%s", joined(c.primaries(), nil))
		}
	}
	return c.b.String()
}

type configuration struct {
	m skein.Member
	o ConfigOptions
	b strings.Builder
}

func (c *configuration) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

// fresh is what a server needs besides that has no configuration yet.
func (c *configuration) fresh() {
	c.line("# The configuration of %s, a PowerDNS of Skein's. On a fresh Debian server:", plain(c.m.Name))
	c.line("#     apt-get install pdns-server pdns-backend-lmdb")
	c.line("#     install -m 640 -g pdns FILE /etc/powerdns/pdns.conf && systemctl restart pdns")
	c.line("# It holds a secret: let only root and pdns read it. If this server has a pdns.conf that it needs, print")
	c.line("# this with --merge instead.")
	c.line("launch=lmdb")
	c.line("lmdb-filename=%s/pdns.lmdb", plain(c.o.Directory))
	c.line("# With SQLite instead (pdns-backend-sqlite3, and once, as the user pdns:")
	c.line("#     sqlite3 %s/pdns.sqlite3 < /usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql):", plain(c.o.Directory))
	c.line("#launch=gsqlite3")
	c.line("#gsqlite3-database=%s/pdns.sqlite3", plain(c.o.Directory))
	if c.o.Directory != debianDirectory {
		c.line("socket-dir=%s", plain(c.o.Directory))
	}
	if a := c.m.Address.Unmap(); a.IsValid() {
		c.line("# Behind NAT: the server's own address.")
		c.line("local-address=%s", netip.AddrPortFrom(a.WithZone(""), c.m.Port))
	}
	c.line("security-poll-suffix=")
	c.line("# Answers are remembered for so many seconds. It forgets those of a zone that changed, but for one that is on")
	c.line("# its way at that moment: by itself it would give the old answer for 20 seconds more, or 60.")
	c.line("cache-ttl=1")
	c.line("query-cache-ttl=1")
	c.line("negquery-cache-ttl=1")
}

// api opens the API to us.
func (c *configuration) api(key string) {
	host, port := "", fmt.Sprint(Port)
	if h, p, err := net.SplitHostPort(c.m.Endpoint); err == nil && !strings.Contains(c.m.Endpoint, "://") {
		host, port = h, p
	}
	if a, err := netip.ParseAddr(host); err != nil {
		host = c.m.Address.Unmap().String()
	} else {
		host = a.Unmap().String()
	}
	c.line("# Skein speaks to it over its API. That is not encrypted: over networks of others put a proxy with TLS in front")
	c.line("# of it, and say --endpoint https://HOST when you add the member.")
	c.line("webserver=yes")
	c.line("webserver-address=%s", host)
	c.line("webserver-port=%s", port)
	control := c.o.Control
	if len(control) == 0 {
		control = c.primaries()
	}
	c.line("webserver-allow-from=%s", joined(control, []string{"127.0.0.1"}))
	c.line("api=yes")
	c.line("api-key=%s", plain(key))
}

func (c *configuration) primaries() (all []netip.Addr) {
	for _, p := range c.m.Primaries {
		all = append(all, p.Address)
	}
	return all
}

// joined lists addresses, each once, behind others.
func joined(addrs []netip.Addr, all []string) string {
	seen := map[string]bool{}
	for _, text := range all {
		seen[text] = true
	}
	for _, a := range addrs {
		a = a.Unmap().WithZone("")
		if text := a.String(); a.IsValid() && !a.IsUnspecified() && !seen[text] {
			seen[text], all = true, append(all, text)
		}
	}
	return strings.Join(all, ",")
}

// plain takes what could end a line, or the value on it, out of a text.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '#' {
			return -1
		}
		return r
	}, s)
}
