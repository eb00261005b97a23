package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// DefaultPool is root's pool, that of every zone whose owner has no other.
const DefaultPool = "default"

// Pool is the members and the nameserver set that serve a set of zones.
type Pool struct {
	Name        string           `json:"name"`
	Tenant      string           `json:"tenant,omitempty" doc:"whose it is; root's if not set"`
	Nameservers []PoolNameserver `json:"nameservers" nullable:"false" doc:"the names that zones are to show as their nameservers"`
	MName       zone.Name        `json:"mname,omitempty" doc:"primary nameserver in the SOA of zones; the zone's own if not set"`
	RName       zone.Name        `json:"rname,omitempty" doc:"mailbox in the SOA of zones, written as a name; the zone's own if not set"`
	Rule        PoolRule         `json:"rule" enum:"keep,add,replace"`
	Members     []string         `json:"members" nullable:"false" doc:"who serves its zones; not kept with it"`
	Changed     time.Time        `json:"changed,omitzero"`
	Version     int              `json:"version" doc:"grows by one with each change; also the ETag"`
	Progress    *PoolProgress    `json:"progress,omitempty" doc:"of the last change of the set, on its way to the zones"`
	Moves       []PoolMove       `json:"moves,omitempty" nullable:"false" doc:"tenants whose zones come into it, or did last"`
	Warnings    []Problem        `json:"warnings,omitempty" nullable:"false" doc:"what is wrong with the set, as far as can be seen"`
}

// PoolNameserver is a name that zones show, and where it should lead to.
type PoolNameserver struct {
	Name      zone.Name    `json:"name" example:"ns1.example.net."`
	Addresses []netip.Addr `json:"addresses,omitempty" nullable:"false" doc:"that it must have; any if none"`
}

// PoolRule is what becomes of the NS records, and of the SOA's names, that
// zones come with.
type PoolRule string

// The rules.
const (
	PoolKeep    PoolRule = "keep"    // zones stay as they come
	PoolAdd     PoolRule = "add"     // the pool's nameservers come to those of the zone
	PoolReplace PoolRule = "replace" // the pool's take the place of the zone's
)

// PoolProgress tells how far a changed nameserver set has come.
type PoolProgress struct {
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended,omitzero"`
	Zones   int       `json:"zones" doc:"that there are"`
	Done    int       `json:"done" doc:"that were looked at"`
	Changed int       `json:"changed" doc:"of those"`
	Failed  int       `json:"failed,omitempty" doc:"of those: they keep what they have until they change or the pool is edited again"`
	Last    string    `json:"last,omitempty" doc:"the last failure"`
}

// PoolMove is a tenant whose zones come into a pool from another one.
type PoolMove struct {
	Tenant   string       `json:"tenant"`
	Progress PoolProgress `json:"progress"`
}

// EditPool is the body that changes a pool: it becomes what is sent.
type EditPool struct {
	Nameservers []PoolNameserver `json:"nameservers" maxItems:"20" nullable:"false"`
	MName       zone.Name        `json:"mname,omitempty"`
	RName       zone.Name        `json:"rname,omitempty"`
	Rule        PoolRule         `json:"rule" enum:"keep,add,replace"`
}

// PoolList is all pools.
type PoolList struct {
	Pools []Pool `json:"pools" nullable:"false"`
}
