package catalog

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
)

// Software is what configurations are printed for, the default first.
var Software = []string{"bind", "knot", "nsd", "powerdns", "skein"}

// Config prints what is to be pasted on a member, for the software that its
// settings name, with the keys for other members that it transfers from, and of those that
// transfer from it. By itself that is for a fresh server; with Merge it is what is
// added to a configuration that there is.
func Config(m skein.Member, s skein.MemberSecrets, from, to []skein.TransferKey, style skein.ConfigStyle) string {
	c := &configuration{m: m, s: s, keys: from, to: to, style: style, catalogs: Of(m)}
	switch cmp.Or(m.Settings[SettingSoftware], Software[0]) {
	case "knot":
		c.knot()
	case "nsd":
		c.nsd()
	case "powerdns":
		c.powerdns()
	case "skein":
		c.skein()
	default:
		c.bind()
	}
	return c.b.String()
}

const signsOthers = "signs zone transfers from another member"

// configuration is one that is being printed.
type configuration struct {
	m        skein.Member
	s        skein.MemberSecrets
	keys     []skein.TransferKey // for other members that it transfers from
	to       []skein.TransferKey // of other members that transfer from it
	style    skein.ConfigStyle
	catalogs []listing.Catalog
	b        strings.Builder
}

func (c *configuration) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n", args...) }

func (c *configuration) head(software, reader string) {
	c.line("# Skein's part of the configuration of %s, for %s. It holds secrets: let only %s read it.", plain(c.m.Name), software, reader)
}

// directory is where the server works: as the person says, or as Debian has it.
func (c *configuration) directory(debian string) (dir string, is bool) {
	return cmp.Or(c.style.Directory, debian), c.style.Directory == "" || c.style.Directory == debian
}

// addresses are those of the primaries, without zones.
func (c *configuration) addresses() (all []netip.AddrPort) {
	for _, p := range c.m.Primaries {
		all = append(all, netip.AddrPortFrom(p.Address.Unmap().WithZone(""), p.Port))
	}
	return all
}

// text is a catalog's name without the final dot, for those who want it so.
func text(c listing.Catalog) string { return strings.TrimSuffix(string(c.Origin), ".") }

// quoted writes any text as one quoted word; what cannot be in a word is left out.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain(s)) + `"`
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
