package daemon

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/bind"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/member/exec"
	"github.com/skein-dns/skein/internal/member/nsd"
	"github.com/skein-dns/skein/internal/member/powerdns"
	"github.com/skein-dns/skein/internal/member/route53"
	"github.com/skein-dns/skein/internal/member/softlayer"
	"github.com/skein-dns/skein/internal/member/vpsnet"
	"github.com/skein-dns/skein/internal/member/whm"
	"github.com/skein-dns/skein/zone"
)

// driver is a row of the table of drivers: the name that members have it
// under, what it is able to do and needs, and how one is made.
type driver struct {
	name  string
	does  string // in a few words, for people who choose one
	can   member.Capabilities
	needs control.Needs
	make  func(skein.Member, skein.MemberSecrets) (member.Driver, error)
	// config prints what is pasted on a member, whose commands come from some
	// addresses; nil: nothing is.
	config func(skein.Member, skein.MemberSecrets, control.PairKeys, skein.ConfigStyle, []netip.Addr) string
}

// drivers is the table of all. The first one is that of members that name none.
func (n *node) drivers() []driver {
	return append([]driver{
		{name: "bind", does: "BIND 9.11 or newer, over rndc", can: bind.Can(),
			needs: control.Needs{RNDC: true, Transfer: true, Primary: func(skein.Member) bool { return true }, Settings: []control.Setting{{Name: bind.Statistics, Meaning: "HOST:PORT",
				Help: "its statistics channel, which lists its zones for skein member import; nothing else needs it", Check: bind.CheckStatistics}}},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return bind.New(m, s, bind.Options{Serial: n.askSerial, Signature: n.askSignature, Trace: n.memberLogs.Trace(m, s)})
			},
			config: func(m skein.Member, s skein.MemberSecrets, keys control.PairKeys, style skein.ConfigStyle, from []netip.Addr) string {
				return bind.Config(m, s, bind.ConfigOptions{Control: from, From: keys.From, To: keys.To, Directory: style.Directory, Merge: style.Merge})
			}},
		{name: catalog.Name, does: "BIND 9.18, Knot 3.1.5, PowerDNS 4.7, NSD 4.9 or newer, by catalog zone", can: catalog.Can(),
			needs: control.Needs{Transfer: true, Shared: true, Settings: catalogSettings(), Primary: catalog.CanBePrimary, Others: catalog.TakesOthers},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return catalog.New(m, s, n.catalogOptions(m, s))
			},
			config: func(m skein.Member, s skein.MemberSecrets, keys control.PairKeys, style skein.ConfigStyle, _ []netip.Addr) string {
				return catalog.Config(m, s, keys.From, keys.To, style)
			}},
		{name: "nsd", does: "NSD 4.6 or newer, over the protocol of nsd-control", can: nsd.Can(),
			needs: control.Needs{API: 8952, Transfer: true, Certificate: true, Settings: []control.Setting{{Name: nsd.PatternSetting, Meaning: "NAME",
				Help: "its pattern in nsd.conf: skein-NAME, with the member's name, if not set, or that and +SOMETHING", Check: nsd.CheckPattern}}},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return nsd.New(m, s, nsd.Options{Serial: n.askSerial, Signature: n.askSignature, Trace: n.memberLogs.Trace(m, s)})
			},
			config: func(m skein.Member, s skein.MemberSecrets, keys control.PairKeys, style skein.ConfigStyle, _ []netip.Addr) string {
				return nsd.Config(m, s, nsd.ConfigOptions{Keys: keys.From, Directory: style.Directory, Merge: style.Merge})
			}},
		{name: "exec", does: "a program of yours, such as a script for Plesk's custom DNS backend", can: exec.Can(),
			needs: control.Needs{NoAddress: true, Root: true, Settings: []control.Setting{
				{Name: exec.Program, Meaning: "PATH", Help: "absolute path of the program, which only root may be able to change", Check: exec.CheckProgram},
				{Name: exec.Timeout, Meaning: "TIME", Default: "60s", Help: "after so long a run is ended, and made again later", Check: exec.CheckTimeout}}},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return exec.New(m, exec.Options{Published: n.published, Memory: n.observed, Trace: n.memberLogs.Trace(m, s)})
			}},
		{name: "whm", does: "cPanel, WHM and DNSONLY servers", can: whm.Can(),
			needs: control.Needs{API: 2087, Token: true, Username: "root", Pinned: true},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return whm.New(m, s, whm.Options{Published: n.publishedText, Serials: n.askSerials, Answers: n.askAnything, Ids: n.ids, Trace: n.memberLogs.Trace(m, s)})
			}},
		{name: "powerdns", does: "PowerDNS Authoritative Server 4.3 or newer, over its HTTP API", can: powerdns.Can(),
			needs: control.Needs{Transfer: true, OneKey: true, Others: powerdns.Fetches, API: powerdns.Port, Plain: true, Token: true, TokenMade: true, Settings: []control.Setting{
				{Name: powerdns.Mode, Meaning: "MODE", Default: powerdns.Secondary, Check: powerdns.CheckMode,
					Help: powerdns.Secondary + ": it fetches zones; " + powerdns.Native + ": their records are written into its database"},
				{Name: powerdns.Server, Meaning: "ID", Default: powerdns.Localhost, Help: "the server that its API is asked for, where that has several"}}},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return powerdns.New(m, s, powerdns.Options{Published: n.published, Serial: n.askSerial, Trace: n.memberLogs.Trace(m, s)})
			},
			config: func(m skein.Member, s skein.MemberSecrets, _ control.PairKeys, style skein.ConfigStyle, from []netip.Addr) string {
				return powerdns.Config(m, s, powerdns.ConfigOptions{Control: from, Directory: style.Directory, Merge: style.Merge})
			}},
		{name: "route53", does: "Amazon Route 53: public hosted zones of an AWS account", can: route53.Can(),
			needs: control.Needs{URL: "https://route53.amazonaws.com", Username: control.AnyUser, Token: true, NoAddress: true, Settings: []control.Setting{
				{Name: route53.SettingDelegationSet, Meaning: "ID", Help: "reusable delegation set that new zones get their nameservers from"},
				{Name: route53.SettingApex, Meaning: "WHAT", Default: "keep", Check: route53.CheckApex,
					Help: "keep: the SOA and NS records of the apex stay as AWS made them; write: they are as published"},
				{Name: route53.SettingRegion, Meaning: "REGION", Default: route53.DefaultRegion, Help: "that requests are signed for; another only in another partition, as cn-northwest-1"}}},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return route53.New(m, s, route53.Options{Published: n.published, Accounts: n.aws, Trace: n.memberLogs.Trace(m, s)})
			}},
		{name: "softlayer", does: "SoftLayer DNS: IBM Cloud Classic Infrastructure", can: softlayer.Can(),
			needs: control.Needs{URL: softlayer.URL, Username: control.AnyUser, Token: true, NoAddress: true},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return softlayer.New(m, s, softlayer.Options{Published: n.published, Trace: n.memberLogs.Trace(m, s)})
			}},
		{name: "vpsnet", does: "VPS.NET DNS: an experiment, most of whose calls are guesses", can: vpsnet.Can(),
			needs: control.Needs{URL: vpsnet.URL, Username: control.AnyUser, Token: true, NoAddress: true, Settings: vpsnetSettings()},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return vpsnet.New(m, s, vpsnet.Options{Published: n.published, Trace: n.memberLogs.Trace(m, s)})
			}},
	}, n.driversOfTests()...)
}

// vpsnetSettings are mostly guesses, and say so.
func vpsnetSettings() []control.Setting {
	all := []control.Setting{
		{Name: vpsnet.SettingExperimental, Meaning: "yes", Check: vpsnet.CheckExperimental, Help: "yes: use it, though most of its calls are guesses; it does nothing without"},
		{Name: vpsnet.SettingApexHost, Meaning: "HOST", Default: vpsnet.DefaultApexHost, Help: "a guess: the host of records at the apex"},
	}
	for _, g := range vpsnet.Guesses() {
		all = append(all, control.Setting{Name: g[0], Meaning: "CALL", Default: g[1], Check: vpsnet.CheckCall, Help: "a guess: METHOD and path of the call that " + g[2]})
	}
	return all
}

// driver makes the driver of a member.
func (n *node) driver(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
	for _, d := range n.drivers() {
		if d.name == m.Driver {
			return d.make(m, s)
		}
	}
	return nil, fmt.Errorf("there is no driver %q", m.Driver)
}

// answersItself reports whether what a member has is asked of its driver.
func (n *node) answersItself(m skein.Member) bool {
	return slices.ContainsFunc(n.drivers(), func(d driver) bool { return d.name == m.Driver && d.can.Own })
}

// roles tells control what members can be, the default of each driver first.
func (n *node) roles() (all []control.Driver) {
	for _, d := range n.drivers() {
		roles := []skein.Role{d.can.Default}
		for _, r := range d.can.Roles {
			if r != d.can.Default {
				roles = append(roles, r)
			}
		}
		all = append(all, control.Driver{Name: d.name, Does: d.does, Roles: roles, Needs: d.needs, Prints: d.config != nil})
	}
	return all
}

// published returns what the nameserver serves of a zone or, while it starts,
// will serve: what a member has must not pass for ours because of a moment.
func (n *node) published(ctx context.Context, name zone.Name) (zone.Contents, bool) {
	if c, is := n.server.Current(name); is {
		return c, true
	}
	z, err := n.store.Zone(ctx, name)
	if err != nil {
		return zone.Contents{}, false
	}
	c, _, err := n.serving.load(ctx, z)
	return c, err == nil
}

// publishedText returns what the nameserver serves of a zone as a zone file: as
// it was given, with remarks and all, if that is what is served.
func (n *node) publishedText(ctx context.Context, name zone.Name) (text []byte, serial uint32, is bool) {
	c, is := n.published(ctx, name)
	soa, has := c.SOA()
	if !is || !has {
		return nil, 0, false
	}
	if z, err := n.store.Zone(ctx, name); err == nil && z.Serial == soa.Serial {
		given, at, err := n.store.Text(ctx, z.ID)
		if text = zone.Renumber(given, soa.Serial); err == nil && at <= z.Revision && text != nil {
			return text, soa.Serial, true
		}
	}
	var b bytes.Buffer
	_ = zone.Print(&b, c, zone.PrintOptions{}) // a Buffer takes everything
	return b.Bytes(), soa.Serial, true
}
