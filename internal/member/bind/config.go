package bind

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
)

// debianDirectory is where Debian's BIND works, and may write.
const debianDirectory = "/var/cache/bind"

// ConfigOptions say how the configuration is printed.
type ConfigOptions struct {
	Directory string       // named's working directory; Debian's if not set
	Control   []netip.Addr // addresses that rndc commands come from, as the member sees them; those of the primaries if none
	Merge     bool         // the server has a named.conf already: print what is added to it

	From []skein.TransferKey // keys of its own for other members that it transfers from
	To   []skein.TransferKey // of other members that transfer from it
}

// Config prints what is to be pasted into a member's named.conf. By itself it
// is a whole configuration for a fresh server. With Merge it is what a server
// needs that serves zones of its own already, and changes nothing for those.
func Config(m skein.Member, s skein.MemberSecrets, o ConfigOptions) string {
	c := configuration{m: m, o: o}
	if c.o.Directory == "" {
		c.o.Directory = debianDirectory
	}
	c.line("# Skein's part of the configuration of %s. It holds secrets: let only named read it.", comment(m.Name))
	c.key(rndcKeyName(m), s.RNDC, "signs Skein's commands")
	c.key(m.TSIGKey, s.TSIG, "signs zone transfers from Skein")
	if s.Audit != "" {
		c.key(m.AuditKey, s.Audit, "lets Skein look at what is really served")
	}
	c.pairs()
	if o.Merge {
		c.added()
	} else {
		c.fresh()
	}
	c.statistics()
	return c.b.String()
}

type configuration struct {
	m skein.Member
	o ConfigOptions
	b strings.Builder
}

func (c *configuration) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

func (c *configuration) key(name, secret, does string) {
	c.line("key %s { algorithm %s; secret %s; }; # %s", quoted(name), quoted(c.m.Algorithm), quoted(secret), does)
}

// members is the ACL of those that transfer from a member, which its zones
// name: so those stay as they are when one comes or goes.
const members = "skein-members"

// pairs has what members need that transfer from each other. The ACL is there
// before it is needed: zones that name one that is not there are refused.
func (c *configuration) pairs() {
	for _, k := range c.o.From {
		c.pair(k, "signs zone transfers from another member")
	}
	allowed := "none; "
	if c.m.AuditKey != "" {
		allowed = fmt.Sprintf("key %s; ", quoted(c.m.AuditKey))
	}
	for _, k := range c.o.To {
		c.pair(k, "another member transfers zones from here with it")
		allowed += fmt.Sprintf("key %s; ", quoted(k.Name))
	}
	c.line("acl %s { %s}; # may transfer zones from here, if this member is a primary", quoted(members), allowed)
}

func (c *configuration) pair(k skein.TransferKey, does string) {
	c.line("key %s { algorithm %s; secret %s; }; # %s", quoted(k.Name), quoted(k.Algorithm), quoted(k.Secret), does)
}

// fresh is the rest of a whole configuration.
func (c *configuration) fresh() {
	c.line("# A named.conf can have one options statement only. If this server has one already")
	c.line("# (Debian: /etc/bind/named.conf.options), print this with --merge instead.")
	c.line("options {")
	c.line("    directory %s; # named must be able to write here", quoted(c.o.Directory))
	if c.o.Directory != debianDirectory {
		c.line("    pid-file \"named.pid\";")
		c.line("    session-keyfile \"session.key\";")
	}
	if a := c.m.Address; a.IsValid() {
		v4, v6 := "none;", "none;"
		if a = a.Unmap(); a.Is4() {
			v4 = a.String() + ";"
		} else {
			v6 = a.String() + ";"
		}
		c.line("    listen-on port %d { %s }; # behind NAT: the server's own address", c.m.Port, v4)
		c.line("    listen-on-v6 port %d { %s };", c.m.Port, v6)
	}
	c.line("    recursion no;")
	c.line("    dnssec-validation no; # it answers for its zones and looks nothing up")
	c.line("    allow-transfer { none; }; # each zone of Skein's allows its own keys")
	c.line("    notify no; # Skein tells every member itself")
	c.limits()
	c.line("    # The next two let zones in that have more than 100 records of one type, or types, at a name.")
	c.line("    # A BIND older than 9.18.28 has no such limits, and does not know the lines: take them out there.")
	c.line("    max-records-per-type 0;")
	c.line("    max-types-per-name 0;")
	c.line("};")
	c.line("controls {")
	c.channel()
	c.line("};")
}

// added is the rest for a server that is in use. What its other zones depend
// on (recursion, notify, allow-transfer, listen-on) is not touched.
func (c *configuration) added() {
	c.line("# Put these lines into the options statement that is there already (Debian:")
	c.line("# /etc/bind/named.conf.options), without the #. Where it says one of them, this one replaces it.")
	inner := configuration{m: c.m, o: c.o}
	inner.limits()
	for line := range strings.Lines(inner.b.String()) {
		c.b.WriteString("#" + line)
	}
	c.line("# From 9.18.28 on, BIND takes no zone with more than 100 records of one type at a name. If Skein's have")
	c.line("# more, and this server looks nothing up for others: max-records-per-type 0; max-types-per-name 0;")
	c.line("# If there is a controls statement already, put the inet with Skein's key into that one and leave out the rest.")
	c.line("# If there is none, named has a channel of its own for the rndc on this machine, and so for `systemctl")
	c.line("# reload named`. That one ends as soon as there is a statement; so it is opened again here, with the")
	c.line("# key that it has already (elsewhere than on Debian: /etc/rndc.key).")
	c.line("include \"/etc/bind/rndc.key\";")
	c.line("controls {")
	const local = "rndc-key"
	if a := c.m.RNDC().Addr(); c.m.RNDCPort == 953 && (!a.IsValid() || a == loopback) {
		c.channel(local)
	} else {
		c.channel()
		c.line("    inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { %s; };", quoted(local))
	}
	c.line("};")
}

// limits let many new zones come quickly.
func (c *configuration) limits() {
	c.line("    allow-new-zones yes; # zones come and go over rndc")
	c.line("    serial-query-rate 1000; # with the default of 20, 10,000 new zones take 8 minutes")
	c.line("    transfers-in 100; # the default is 10")
	c.line("    transfers-per-ns 100; # the default is 2")
}

func (c *configuration) channel(otherKeys ...string) {
	keys := quoted(rndcKeyName(c.m)) + ";"
	for _, k := range otherKeys {
		keys += " " + quoted(k) + ";"
	}
	listen := "*"
	if a := c.m.RNDC().Addr(); a.IsValid() {
		listen = a.Unmap().WithZone("").String()
	}
	c.line("    inet %s port %d allow { %s} keys { %s }; # behind NAT: the server's own address", listen, c.m.RNDCPort, c.allowed(), keys)
}

// statistics opens the channel that lists zones, if the member has one.
func (c *configuration) statistics() {
	host, port, err := net.SplitHostPort(c.m.Settings[Statistics])
	if err != nil {
		return
	}
	listen := "*"
	if a, err := netip.ParseAddr(host); err == nil {
		listen = a.Unmap().WithZone("").String()
	}
	c.line("# Lists its zones for `skein member import`, to whoever asks from these addresses; behind NAT: the server's own address.")
	c.line("statistics-channels { inet %s port %s allow { %s}; };", listen, port, c.allowed())
}

// allowed lists where commands come from. Without knowledge of that only the
// machine itself is let in.
func (c *configuration) allowed() string {
	control := c.o.Control
	if len(control) == 0 {
		for _, p := range c.m.Primaries {
			control = append(control, p.Address)
		}
	}
	var b strings.Builder
	seen := map[netip.Addr]bool{}
	for _, a := range append(control, loopback) {
		if a = a.Unmap().WithZone(""); a.IsValid() && !a.IsUnspecified() && !seen[a] {
			seen[a] = true
			b.WriteString(a.String() + "; ")
		}
	}
	return b.String()
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// rndcKeyName is made like the names of the other two.
func rndcKeyName(m skein.Member) string {
	return "skein-rndc-" + strings.TrimPrefix(m.TSIGKey, "skein-")
}

// quoted writes any text as one quoted word; what cannot be in a word is left out.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(comment(s)) + `"`
}

// comment takes what could end a line out of a text.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
