package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// RootTenant is the tenant of those who run Skein. Every other is below it.
const RootTenant = "root"

// AccessRole is what a user or a token may do, within its tenant.
type AccessRole string

// The roles. None is a panel's: it acts for its source alone.
const (
	RoleRoot     AccessRole = "root"      // everything, everywhere
	RoleReseller AccessRole = "reseller"  // everything in its tenant and those below; of the cluster what root allows
	RoleCustomer AccessRole = "customer"  // zones and records of its tenant
	RoleReadOnly AccessRole = "read-only" // sees what its tenant sees
)

// Permission is a part of what a role may do.
type Permission string

// The permissions. What one may see needs none.
const (
	PermitZones      Permission = "zones"      // create, replace and delete zones
	PermitRecords    Permission = "records"    // edit zones that exist
	PermitSources    Permission = "sources"    // sources, rules, and what waits
	PermitClustering Permission = "clustering" // members, pools, synchronising, settings of the cluster
	PermitAccess     Permission = "access"     // users, tokens, tenants
)

// Tenant is a party whose zones are its own affair.
type Tenant struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind" enum:"root,reseller,customer"`
	Parent     string    `json:"parent,omitempty" doc:"the tenant above it"`
	Clustering bool      `json:"clustering,omitempty" doc:"it may have a pool and members of its own"`
	Pool       string    `json:"pool,omitempty" doc:"where its zones are served; as its parent's if not set"`
	Zones      int       `json:"zones" doc:"that it owns; not kept in the store"`
	Created    time.Time `json:"created,omitzero"`
	Version    int       `json:"version" doc:"grows by one with each change; also the ETag"`
}

// The kinds of tenants.
const (
	TenantRoot     = "root"
	TenantReseller = "reseller" // below root
	TenantCustomer = "customer" // below a reseller or root
)

// User is a person who signs in with a password.
type User struct {
	Name      string     `json:"name"`
	Tenant    string     `json:"tenant"`
	Role      AccessRole `json:"role" enum:"root,reseller,customer,read-only"`
	TOTP      bool       `json:"totp" doc:"a one-time code is asked for too"`
	Disabled  bool       `json:"disabled,omitempty"`
	Created   time.Time  `json:"created,omitzero"`
	LastLogin time.Time  `json:"last_login,omitzero"`
	Version   int        `json:"version" doc:"grows by one with each change; also the ETag"`
}

// Session is a user who is signed in; its secret is not in it.
type Session struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen" doc:"when it was last used"`
	Expires time.Time `json:"expires" doc:"however much it is used"`
	Addr    string    `json:"address,omitempty" doc:"where it was begun from"`
	Agent   string    `json:"agent,omitempty" doc:"the program that it was begun with"`
}

// Scope limits a token to a part of what its role may do.
type Scope struct {
	Permissions []Permission   `json:"permissions,omitempty" enum:"zones,records,sources,clustering,access" nullable:"false" doc:"all of the role if none"`
	Zones       []zone.Name    `json:"zones,omitempty" nullable:"false" example:"[\"example.com.\"]" doc:"names, or *.example.com. for all below one; all zones if none"`
	Networks    []netip.Prefix `json:"networks,omitempty" nullable:"false" example:"[\"192.0.2.0/24\"]" doc:"where it may be used from; anywhere if none"`
	Cluster     bool           `json:"cluster,omitempty" doc:"of a panel's token: as a server of the cluster it sees all zones of its tenant, and may make itself a member that is read"`
}
