package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) token() *cobra.Command {
	return group("token", "Make, list and delete API tokens", a.tokenCreate(), a.tokenList(), a.tokenDelete())
}

func (a *app) tokenCreate() *cobra.Command {
	var flags tokenFlags
	var file string
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a token for a panel or a program",
		Long: "Makes a token. Zones that are put in with it belong to its source, and no other source can replace or delete them.\n" +
			"With a role, a permission or a zone it acts as people do instead, in the zones of a tenant, and can do no more than\n" +
			"you can yourself. The token is shown this once; --output writes it to a file that only you can read.",
		Example: examples(
			"skein token create plesk-1 --source plesk-1 --network 192.0.2.0/24 --output plesk-1.token",
			"skein token create certbot --permission records --zone example.com --expires-in 2160h --output certbot.token",
			"skein token create cpanel-1 --whm --network 192.0.2.10/32 --output cpanel-1.token",
			"skein token create reports --role read-only --tenant north-hosting --expires 2027-01-01"),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			body, err := flags.body(args[0], time.Now())
			if err != nil {
				return err
			}
			token, err := cl.CreateToken(c.Context(), body)
			if err != nil {
				return err
			}
			if file == "" {
				return a.show(token, func() { a.say("%s", token.Secret) })
			}
			if err := writeFile(file, []byte(strings.TrimSuffix(token.Secret, "\n")+"\n"), 0o600); err != nil {
				if gone := cl.DeleteToken(c.Context(), token.ID); gone != nil {
					a.note("the token %s could not be taken back: %v", token.ID, gone)
				}
				return err
			}
			token.Secret = ""
			return a.show(token, func() { a.say("token %s (%s) is in %s", token.Name, token.ID, file) })
		},
	}
	a.tokenOn(c, &flags)
	c.Flags().StringVar(&file, "output", "", "write the token to this file, mode 0600, instead of showing it")
	takes(c.Flags(), "output", "FILE")
	return c
}

// tokenFlags are what a token to be made may do.
type tokenFlags struct {
	skein.CreateToken
	permissions, zones, networks []string
	until                        string
	whm, hash                    bool
	lifetime                     time.Duration
}

func (a *app) tokenOn(c *cobra.Command, t *tokenFlags) {
	f := c.Flags()
	f.StringVar(&t.Source, "source", "", "source that its zones belong to (default: NAME, with a role that of the tenant)")
	f.BoolVar(&t.Admin, "admin", false, "an administrator's token: the role root")
	f.StringVar(&t.Tenant, "tenant", "", "tenant whose token it is (default: yours)")
	f.StringVar((*string)(&t.Role), "role", "", "acts as people do: root, reseller, customer or read-only (default: a panel's, or the tenant's people's where permissions or zones are limited)")
	f.StringArrayVar(&t.permissions, "permission", nil, "only this: zones, records, sources, clustering or access; may be given several times")
	f.StringArrayVar(&t.zones, "zone", nil, "only this zone, or with *. in front all below a name; may be given several times")
	f.StringArrayVar(&t.networks, "network", nil, "only from there; may be given several times")
	f.StringVar(&t.until, "expires", "", "when it ends, such as 2027-01-01 (default: never)")
	f.DurationVar(&t.lifetime, "expires-in", 0, "lifetime, such as 2160h")
	takes(f, "source", "NAME", "tenant", "NAME", "role", "ROLE", "permission", "PERMISSION", "zone", "NAME", "network", "NET", "expires", "TIME", "expires-in", "DURATION")
	f.BoolVar(&t.Scope.Cluster, "cluster", false, "a panel's as a server of the cluster: it sees all zones of the tenant, changes those of its source alone, and may set up reverse trust")
	f.BoolVar(&t.whm, "whm", false, "in the form of WHM's API tokens, for cPanel's programs (default for a source of the door whm)")
	f.BoolVar(&t.hash, "access-hash", false, "in the form of WHM's old access hashes, for programs that know no other; deprecated")
	c.MarkFlagsMutuallyExclusive("whm", "access-hash")
	c.MarkFlagsMutuallyExclusive("expires", "expires-in")
	c.MarkFlagsMutuallyExclusive("admin", "role")
	completeFlag(c, "source", a.completeSource)
	completeFlag(c, "tenant", a.completeTenant)
	completeFlag(c, "zone", a.completeZone)
	completeFlag(c, "role", completeRole())
	completeFlag(c, "permission", cobra.FixedCompletions([]string{string(skein.PermitZones), string(skein.PermitRecords), string(skein.PermitSources),
		string(skein.PermitClustering), string(skein.PermitAccess)}, cobra.ShellCompDirectiveNoFileComp))
}

// body is what was said, in the API's words.
func (t *tokenFlags) body(name string, now time.Time) (body skein.CreateToken, err error) {
	body = t.CreateToken
	body.Name = name
	switch {
	case t.whm:
		body.Form = skein.TokenWHM
	case t.hash:
		body.Form = skein.TokenAccessHash
	}
	for _, p := range t.permissions {
		body.Scope.Permissions = append(body.Scope.Permissions, skein.Permission(p))
	}
	for _, text := range t.zones {
		below, wild := strings.CutPrefix(text, "*.")
		name, err := zoneName(below)
		if err != nil {
			return body, err
		}
		if wild {
			name = "*." + name
		}
		body.Scope.Zones = append(body.Scope.Zones, name)
	}
	if body.Scope.Networks, err = parseNetworks(t.networks); err != nil {
		return body, err
	}
	if t.until != "" {
		var ok bool
		if body.Expires, ok = parseMoment(t.until); !ok {
			return body, usage("--expires %q is no time; say it as 2027-01-01 or 2027-01-01T12:00:00Z", t.until)
		}
	}
	if t.lifetime > 0 {
		body.Expires = now.Add(t.lifetime).UTC()
	}
	return body, nil
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List tokens, without their secrets",
		Example: examples("skein token list"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListTokens(c.Context())
			if err != nil {
				return err
			}
			return a.show(list, func() {
				t := newTable("ID", "NAME", "SOURCE", "TENANT", "ROLE", "LIMITED TO", "FORM", "CREATED", "EXPIRES")
				for _, token := range list.Tokens {
					t.row(token.ID, token.Name, token.Source, orElse(token.Tenant, skein.RootTenant), orElse(string(token.Role), "panel"),
						dash(scopeText(token.Scope)), tokenForm(token.Form), when(token.Created), when(token.Expires))
				}
				t.print(a, "no tokens; make one with: skein token create NAME")
			})
		},
	}
}

// tokenForm is the form of a token's secret, for people.
func tokenForm(form string) string {
	if form == skein.TokenAccessHash {
		return "access-hash (deprecated)"
	}
	return orElse(form, "skein")
}

// scopeText is what a token is limited to, in a few words.
func scopeText(s skein.Scope) string {
	var parts []string
	for _, p := range s.Permissions {
		parts = append(parts, string(p))
	}
	for _, z := range s.Zones {
		parts = append(parts, z.Unicode())
	}
	for _, n := range s.Networks {
		parts = append(parts, n.String())
	}
	return strings.Join(parts, " ")
}

func (a *app) tokenDelete() *cobra.Command {
	return a.takesAway(&cobra.Command{
		Use:     "delete ID",
		Short:   "Delete a token; it is worthless at once",
		Example: examples("skein token delete 4f1c"),
	}, "token %s is deleted", "deleted", (*client.Client).DeleteToken)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
