package whmapi

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/skein-dns/skein"
)

// acls are WHM's privileges as far as they are about DNS, and the permissions
// that they come to. A permission is shown as all that lead to it.
var acls = map[string]skein.Permission{
	"create-dns":         skein.PermitZones,
	"kill-dns":           skein.PermitZones,
	"park-dns":           skein.PermitZones,
	"edit-dns":           skein.PermitRecords,
	"manage-dns-records": skein.PermitRecords,
	"clustering":         skein.PermitClustering,
	"manage-api-tokens":  skein.PermitAccess,
}

// allACLs is the privilege of who may do all that the role may.
const allACLs = "all"

// token is a token in the answers; acls are a list where it was just made and a
// map where it is listed.
type token struct {
	Name      string         `json:"name"`
	Token     string         `json:"token,omitempty"`
	Created   int64          `json:"create_time"`
	Expires   *int64         `json:"expires_at"`
	ACLs      any            `json:"acls"`
	Whitelist []netip.Prefix `json:"whitelist_ips"`
}

// createToken is api_token_create: a token of the caller's tenant and role,
// limited to the privileges that are named.
func (d *Door) createToken(ctx context.Context, c call) (any, string, error) {
	in := skein.CreateToken{Name: c.get("token_name"), Tenant: c.actor.Tenant, Role: c.actor.Role, Form: skein.TokenWHM}
	if err := checkTokenName(in.Name); err != nil {
		return nil, "", err
	}
	if c.actor.Admin {
		in.Role = skein.RoleRoot
	}
	if in.Role == "" {
		return nil, "", &skein.Error{Kind: skein.KindForbidden, What: "the token of a panel makes no tokens", Mend: "use one of a person"}
	}
	var err error
	if in.Scope, err = c.scope(); err != nil {
		return nil, "", err
	}
	expires, _, err := c.number("expires_at", 1<<40)
	if err != nil {
		return nil, "", err
	}
	if expires > 0 {
		in.Expires = time.Unix(int64(expires), 0).UTC()
	}
	made, err := d.Control.CreateToken(ctx, c.actor, in)
	if err != nil {
		return nil, "", err
	}
	tokens, err := d.Control.Tokens(ctx, c.actor)
	i := slices.IndexFunc(tokens, func(t skein.Token) bool { return t.ID == made.ID })
	if err != nil || i < 0 {
		return nil, "", &skein.Error{Kind: skein.KindInternal, What: "the token was made and cannot be shown", Cause: err}
	}
	shown := tokenOf(tokens[i])
	shown.Token, shown.ACLs = made.Secret, aclsOf(tokens[i])
	return shown, "", nil
}

// checkTokenName keeps to the names that WHM takes.
func checkTokenName(name string) error {
	bad := slices.ContainsFunc([]byte(name), func(b byte) bool {
		return (b|0x20 < 'a' || 'z' < b|0x20) && (b < '0' || '9' < b) && b != '-' && b != '_'
	})
	if bad || name == "" || len(name) > 50 {
		return refuse("token_name is %.60q; it takes 1 to 50 letters, digits, - and _", name)
	}
	return nil
}

// scope is what a new token is limited to.
func (c call) scope() (s skein.Scope, err error) {
	names := c.list("acl")
	if slices.Contains(names, allACLs) {
		names = nil
	}
	for _, name := range names {
		p, known := acls[name]
		if !known {
			return s, refuse("the privilege %.60q is not one of DNS, and nothing here", name)
		}
		if !slices.Contains(s.Permissions, p) {
			s.Permissions = append(s.Permissions, p)
		}
	}
	for _, text := range c.list("whitelist_ip") {
		prefix, err := netip.ParsePrefix(text)
		if addr, e := netip.ParseAddr(text); e == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return s, refuse("whitelist_ip is %.60q, and not an IP address or network", text)
		}
		s.Networks = append(s.Networks, prefix.Masked())
	}
	if len(s.Networks) > 100 {
		return s, refuse("there are %d addresses in whitelist_ip; 100 are the most", len(s.Networks))
	}
	return s, nil
}

func tokenOf(t skein.Token) token {
	privileges := map[string]int{}
	for _, name := range aclsOf(t) {
		privileges[name] = 1
	}
	shown := token{Name: t.Name, Created: t.Created.Unix(), ACLs: privileges, Whitelist: t.Scope.Networks}
	if !t.Expires.IsZero() {
		at := t.Expires.Unix()
		shown.Expires = &at
	}
	return shown
}

// aclsOf are the privileges that a token comes to.
func aclsOf(t skein.Token) []string {
	may := t.Scope.Permissions
	switch {
	case t.Role == skein.RoleReadOnly:
		may = nil
	case len(may) > 0:
	case t.Role == "": // a panel's
		may = []skein.Permission{skein.PermitZones, skein.PermitRecords}
	default:
		return []string{allACLs}
	}
	list := []string{}
	for name, p := range acls {
		if slices.Contains(may, p) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// listTokens is api_token_list.
func (d *Door) listTokens(ctx context.Context, c call) (any, string, error) {
	tokens, err := d.Control.Tokens(ctx, c.actor)
	list := make(map[string]token, len(tokens))
	for _, t := range tokens {
		list[t.Name] = tokenOf(t)
	}
	return map[string]any{"tokens": list}, "", err
}

// revokeToken is api_token_revoke.
func (d *Door) revokeToken(ctx context.Context, c call) (any, string, error) {
	name := c.get("token_name")
	tokens, err := d.Control.Tokens(ctx, c.actor)
	if err != nil {
		return nil, "", err
	}
	for _, t := range tokens {
		if t.Name == name {
			return nil, "", d.Control.DeleteToken(ctx, c.actor, t.ID)
		}
	}
	return nil, "", &skein.Error{Kind: skein.KindNotFound, What: "there is no token named " + clip(name), Mend: "api_token_list shows their names"}
}
