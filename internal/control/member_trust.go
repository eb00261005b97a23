package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/store"
)

const (
	memberTrust = "member.trust"

	whmDriver   = "whm"           // of members that are cPanel servers
	trustPrefix = "reverse-trust" // begins the names of the tokens that members were given
)

// oldestVersion is the first whose servers speak as this one does.
var oldestVersion = dnsadmin.Version{11, 24}

// TrustMember makes the server that asks for it a member that is read and
// never written, or gives the one that it is the new token.
func (c *Control) TrustMember(ctx context.Context, actor skein.Actor, in TrustMember) (skein.Member, error) {
	if v, ok := dnsadmin.ParseVersion(in.Version); ok && v.Less(oldestVersion) {
		err := &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("the version %s of %.253q is older than %s", v, in.Host, oldestVersion), Mend: "update that server"}
		c.refuse(ctx, c.aside(actor, memberTrust, memberName(in.Host)), err)
		return skein.Member{}, err
	}
	if auth.Clustered(actor) {
		return c.trustServer(ctx, actor, in)
	}
	return c.trust(ctx, actor, in)
}

// trustServer does for a server of the cluster what else people of its tenant
// do: for itself alone, and so that what it sends and what is read of it do not
// fight over zones.
func (c *Control) trustServer(ctx context.Context, server skein.Actor, in TrustMember) (skein.Member, error) {
	k, err := c.known(ctx)
	if err != nil {
		return skein.Member{}, err
	}
	people := k.Speaker(server.Name, server.Door, auth.PeopleOf(k.TenantOf(server)))
	people.Addr = server.Addr
	if m, err := c.Member(ctx, people, in.Host); err == nil && m.Address.Unmap() != in.Addr.Unmap() {
		err := &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there is a member %s, which is not at %s", m.Name, in.Addr), Mend: "let a person change it: skein member edit"}
		c.refuse(ctx, c.aside(server, memberTrust, m.Name), err)
		return skein.Member{}, err
	}
	m, err := c.trust(ctx, people, in)
	own := sourceOf(m.Name)
	if err != nil || server.Source == own {
		return m, err
	}
	if err := c.ensureMemberSource(ctx, m); err != nil {
		return m, err
	}
	for _, r := range []skein.SourceRule{{Kind: skein.RuleTakeover, From: own, To: server.Source}, {Kind: skein.RuleTakeover, From: server.Source, To: own}} {
		if err := c.PutRule(ctx, people, r); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (c *Control) trust(ctx context.Context, actor skein.Actor, in TrustMember) (skein.Member, error) {
	secrets := skein.MemberSecrets{Token: in.Token}
	m, err := c.Member(ctx, actor, in.Host)
	if err == nil && m.Driver == whmDriver && m.State != skein.MemberPending {
		r, err := c.EditMember(ctx, actor, EditMember{Name: m.Name, Username: &in.User, Secrets: secrets})
		return r.Member, err
	}
	r, err := c.AddMember(ctx, actor, NewMember{Secrets: secrets,
		Member: skein.Member{Name: in.Host, Driver: whmDriver, Role: skein.RoleStandalone, Address: in.Addr, Username: in.User}})
	return r.Member, err
}

// trusting asks a member to add this node as a member of its own, which there
// is standalone, with a token that speaks for the member's source. That it
// cannot be done is a finding, and no error.
func (c *Control) trusting(ctx context.Context, actor skein.Actor, r MemberResult) MemberResult {
	found := skein.Check{Name: trustPrefix, OK: true, Text: "the member has added this node, to read zones of it"}
	m, err := c.setUpTrust(ctx, actor, r.Member.Name)
	if err != nil {
		found.Warn, found.Text = true, "the member did not add this node: "+reason(err)
		found.Mend = "see to it and try again: skein member edit " + r.Member.Name + " --reverse-trust; what is written to the member does not need it"
	} else {
		r.Member = c.observed(m)
	}
	r.Checks = append(r.Checks, found)
	return r
}

func (c *Control) setUpTrust(ctx context.Context, actor skein.Actor, name string) (m skein.Member, err error) {
	change := c.aside(actor, memberTrust, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	row, err := c.row(ctx, name)
	if err != nil {
		return m, err
	}
	m = row.Member
	if c.Hostname == "" {
		return m, invalid("it is not known by which name other servers reach this node", "set hostname in the configuration")
	}
	secrets, err := c.open(row)
	if err != nil {
		return m, err
	}
	if err := c.ensureMemberSource(ctx, m); err != nil {
		return m, err
	}
	made, err := c.trustToken(ctx, m)
	if err != nil {
		return m, err
	}
	ctx = context.WithoutCancel(ctx) // what was begun is ended: no token is left that nobody has
	if err := c.Cluster.Trust(ctx, m, secrets, trustUser, c.Hostname, made.Secret); err != nil {
		return m, errors.Join(err, c.revokeTrust(ctx, m.Name, func(t store.Token) bool { return t.ID == made.ID }))
	}
	m, err = c.change(ctx, m.Name, func(now *skein.Member, _ *skein.MemberSecrets) error {
		now.Trust = true
		return nil
	})
	return m, errors.Join(err, c.revokeTrust(ctx, m.Name, func(t store.Token) bool { return t.ID != made.ID }))
}

// trustUser is who servers of a cPanel cluster sign in as.
const trustUser = "root"

func (c *Control) trustToken(ctx context.Context, m skein.Member) (NewToken, error) {
	c.access.Lock()
	defer c.access.Unlock()
	return c.putToken(ctx, store.Token{ID: strings.ToLower(rand.Text()[:12]), Name: trustPrefix + " " + m.Name,
		Source: sourceOf(m.Name), Tenant: c.pool(m.Pool).Tenant, Form: skein.TokenWHM, Scope: skein.Scope{Cluster: true}})
}

// revokeTrust makes those tokens worthless that a member was given, and that
// are to go.
func (c *Control) revokeTrust(ctx context.Context, name string, goes func(store.Token) bool) error {
	return c.deleteTokens(ctx, func(t store.Token) bool {
		return t.Source == sourceOf(name) && t.Name == trustPrefix+" "+name && goes(t)
	})
}

func everyToken(store.Token) bool { return true }
