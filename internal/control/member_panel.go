package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
)

// panel reports whether a member that passed its test is the server of a panel,
// with zones of its own, that would be given all others. It is given none before
// a person has seen how many those are.
func panel(m skein.Member, checks []skein.Check) bool {
	warned := slices.ContainsFunc(checks, func(k skein.Check) bool { return k.Name == skein.CheckKind && k.OK && k.Warn })
	return warned && written(m) && m.Only == "" && len(failures(checks)) == 0
}

// panelCheck says how many zones a pending member would be given, and both ways on.
func (c *Control) panelCheck(ctx context.Context, m skein.Member, s skein.MemberSecrets) skein.Check {
	found := skein.Check{Name: "zones", OK: true, Warn: true,
		Text: "enabled as " + string(m.Role) + ", this server would be given all zones of ours beside those of its panel",
		Mend: fmt.Sprintf("to write it only zones that it has already: skein member edit %[1]s --only-present, then skein member test %[1]s; to give it all of them: skein member enable %[1]s", m.Name)}
	if plan, err := c.Cluster.Plan(ctx, m, s); err != nil {
		found.Text += "; how many cannot be told: " + reason(err)
	} else {
		found.Text += fmt.Sprintf(": %d that it does not have, and %d that it has would be replaced", plan.Add, plan.Replace)
		if plan.Unknown > 0 {
			found.Text += fmt.Sprintf("; of %d more that cannot be told, as its nameserver does not answer for them", plan.Unknown)
		}
	}
	return found
}
