package auth

import (
	"testing"

	"github.com/skein-dns/skein"
)

func TestRolesOfSharedMembers(t *testing.T) {
	t.Parallel()
	const write, sync, alone = skein.RoleWriteOnly, skein.RoleSynchronize, skein.RoleStandalone
	all := []skein.Role{write, sync, alone}
	for _, row := range []struct {
		situation string
		root      skein.Role
		can       []skein.Role
		may       []skein.Role
	}{
		{"root has it standalone", alone, all, all},
		{"root synchronises with it", sync, all, []skein.Role{write, sync}},
		{"root writes it alone", write, all, []skein.Role{write, sync}},
		{"the reseller's own", "", all, all},
		{"a driver that is only written", "", []skein.Role{write}, []skein.Role{write}},
		{"a driver that is only written, root's", write, []skein.Role{write}, []skein.Role{write}},
		{"a driver of nothing", "", nil, nil},
	} {
		for _, role := range []skein.Role{write, sync, alone, "", "primary"} {
			want := false
			for _, r := range row.may {
				want = want || r == role
			}
			if err := ShareRole(row.root, role, row.can); (err == nil) != want || err != nil && skein.KindOf(err) != skein.KindInvalid {
				t.Errorf("%s, as %q: %v, want %v", row.situation, role, err, want)
			}
		}
	}
}

func TestPoolsThatServeATenant(t *testing.T) {
	t.Parallel()
	root := skein.Tenant{Name: "root", Kind: skein.TenantRoot}
	hosting := skein.Tenant{Name: "hosting", Kind: skein.TenantReseller, Parent: "root"}
	shop := skein.Tenant{Name: "shop", Kind: skein.TenantCustomer, Parent: "hosting"}
	for _, row := range []struct {
		tenant skein.Tenant
		pool   string
		want   bool
	}{
		{root, "", true}, {root, "root", true}, {root, "hosting", false},
		{hosting, "root", true}, {hosting, "hosting", true}, {hosting, "other", false}, {hosting, "shop", false},
		{shop, "", true}, {shop, "hosting", true}, {shop, "other", false}, {shop, "shop", true},
	} {
		if err := ServedBy(row.tenant, skein.Pool{Name: "p", Tenant: row.pool}); (err == nil) != row.want || err != nil && skein.KindOf(err) != skein.KindNotFound {
			t.Errorf("%+v: %v", row, err)
		}
	}
}
