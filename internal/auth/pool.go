package auth

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
)

// NoPool is the same for a pool that does not exist and for one that is not an
// actor's affair.
func NoPool(name string) error {
	return &skein.Error{Kind: skein.KindNotFound,
		What: fmt.Sprintf("there is no pool %.200q", name), Mend: "skein pool list shows those that there are"}
}

// ServedBy says whether the zones of a tenant may be in a pool: it is the
// tenant's own, that of the one above, or root's.
func ServedBy(t skein.Tenant, pool skein.Pool) error {
	switch TenantName(pool.Tenant) {
	case skein.RootTenant, t.Name, t.Parent:
		return nil
	}
	return NoPool(pool.Name)
}

// ShareRole says whether a member may have a role in a pool of a reseller.
// Root is the role that it has in root's own pools; "" if root does not have it
// there. Can are the roles that its driver can play.
func ShareRole(root, role skein.Role, can []skein.Role) error {
	switch {
	case !slices.Contains(can, role):
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("the member cannot have the role %.100q: its driver cannot play it", role),
			Mend: fmt.Sprintf("the roles that it can have are %v", can)}
	case root != "" && root != skein.RoleStandalone && role == skein.RoleStandalone:
		return &skein.Error{Kind: skein.KindInvalid,
			What: fmt.Sprintf("the member cannot be %s there: those who run Skein have it as %s", role, root),
			Mend: fmt.Sprintf("share it as %s or %s", skein.RoleSynchronize, skein.RoleWriteOnly)}
	}
	return nil
}
