package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// table has the columns of callers, in four groups:
//
//   - root, and its read-only user
//   - people: a reseller with clustering, the same about its customer's, its
//     read-only user, a reseller without clustering, a customer, another reseller
//   - tokens: a panel's, one for zones, the same about other zones, one with
//     the permission records
//   - a token from a wrong network, an expired one, nobody
var table = []row{
	// Zones.
	{"list-zones", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"create-zone", "+ -  + + - + + +  + + - -  - ! !", "= -  = = - = = =  = - - -  - ! !", aNewZone},
	{"check-zone", "+ +  + + + + + +  + + + +  - ! !", "", func(w *isolated, of tenant) request {
		return request{body: skein.CheckZone{Name: "check.example.", ZoneContents: skein.ZoneContents{File: apex}}}
	}},
	{"get-zone", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"put-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  = = - = = =  = - - -  - ! !", with(aZone, skein.PutZone{ZoneContents: skein.ZoneContents{File: apex}})},
	{"delete-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", aZone},
	{"get-receipt", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"wait-zone", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"lookup", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", func(w *isolated, of tenant) request {
		name := w.zone(of)
		return request{query: "?name=www." + url.QueryEscape(name), named: []string{name}}
	}},
	{"trace-zone", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},

	// Templates, and what is made of them.
	{"list-templates", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"get-template", "+ +  + + + + + +  + + + +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aTemplate},
	{"put-template", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		r := aTemplate(w, of)
		return request{path: r.path, body: skein.PutTemplate{Tenant: templatesOf(of), Text: templateText}, named: r.named}
	}},
	{"delete-template", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aTemplate},
	{"check-template", "+ +  + + + + + +  + + + +  - ! !", "", func(*isolated, tenant) request { return request{body: skein.CheckTemplate{Text: templateText}} }},
	{"create-zone-from-template", "+ -  + + - + + +  + + - -  - ! !", "= -  = = - = = =  = - - -  - ! !", func(w *isolated, of tenant) request {
		r := aNewZone(w, of)
		r.body = skein.TemplateZone{Name: r.named[0], Values: ofNameserver}
		return r
	}},
	{"reset-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", with(aZone, skein.ResetZone{Values: ofNameserver})},
	{"service-domains", "+ -  + + - + + +  + + - +  - ! !", "+ -  . . - . . .  . - - .  - ! !", func(w *isolated, of tenant) request {
		name := w.zone(of)
		return request{body: skein.ServiceDomains{Action: "add", Domain: zone.Name(name)}, named: []string{name}}
	}},

	// Records, and zones as files.
	{"list-records", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"edit-records", "+ -  + + - + + +  + + - +  - ! !", "+ -  . . - . . .  . - - .  - ! !", func(w *isolated, of tenant) request {
		name := w.zone(of)
		return request{path: []any{name}, body: skein.EditBody{Edits: []skein.RecordEdit{{Op: skein.EditSet, Name: "new." + name, Type: "A", Data: []string{"192.0.2.7"}}}}}
	}},
	{"export-zone", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"import-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  = = - = = =  = - - -  - ! !", with(aZone, apex)},

	// History.
	{"zone-history", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aZone},
	{"get-version", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aVersion},
	{"diff-zone", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", func(w *isolated, of tenant) request {
		r := aVersion(w, of)
		return request{path: r.path[:1], query: fmt.Sprintf("?from=%d", r.path[1])}
	}},
	{"diff-zone-file", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", with(aZone, apex)},
	{"restore-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", func(w *isolated, of tenant) request {
		r := aVersion(w, of)
		return request{path: r.path[:1], body: skein.RestoreBody{To: r.path[1].(skein.Revision)}}
	}},
	{"undelete-zone", "+ -  + + - + + +  + + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", func(w *isolated, of tenant) request {
		return request{path: []any{w.gone(of)}, body: skein.UndeleteBody{}}
	}},
	{"list-deleted-zones", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"list-audit", "+ +  + + + + - +  - - - -  - ! !", "", func(*isolated, tenant) request {
		return request{query: "?refused=false"} // what it asked for and was refused is in its own log
	}},
	{"audit-diff", "+ +  + + + + - +  - - - -  - ! !", "+ +  . . . . - .  - - - -  - ! !", func(w *isolated, of tenant) request { return about(w.noted(of)) }},

	// Ownership.
	{"take-over-zone", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		to := w.source(of)
		return request{path: []any{w.zone(of)}, body: skein.TakeoverBody{To: to}, named: []string{to}}
	}},
	{"assign-zone", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		return request{path: []any{w.zone(of)}, body: skein.AssignZone{Tenant: tenantName(of)}, named: []string{tenantName(of)}}
	}},
	{"list-overlays", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", func(w *isolated, of tenant) request { return about(w.sent(of)) }},
	{"drop-overlay", "+ -  + + - + + +  = + - +  - ! !", "+ -  . . - . . .  . - - .  - ! !", anOverlay},
	{"adopt-overlay", "+ -  + + - + + +  = + - +  - ! !", "+ -  . . - . . .  . - - .  - ! !", anOverlay},

	// Sources, and the rules between them.
	{"list-sources", "+ +  + + + + - +  - - - -  - ! !", "", plain},
	{"add-source", "+ -  + + - + - +  - - - -  - ! !", "= -  = = - = - =  - - - -  - ! !", func(w *isolated, of tenant) request {
		name := w.name(of)
		if !w.own {
			name = w.source(of)
		}
		return request{body: skein.NewSource{Name: name, Door: skein.DoorAPI}, named: []string{name}}
	}},
	{"get-source", "+ +  + + + + . +  . . . .  - ! !", "+ +  . . . . . .  . . . .  - ! !", aSource},
	{"edit-source", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		name := w.source(of)
		return request{path: []any{name}, body: skein.NewSource{Name: name, Paused: true}}
	}},
	{"remove-source", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aSource},
	{"revert-source", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", with(aSource, skein.RevertBody{Since: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), DryRun: true})},
	{"list-source-rules", "+ +  + + + + - +  - - - -  - ! !", "", plain},
	{"put-source-rule", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aRule},
	{"delete-source-rule", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		r := aRule(w, of)
		if of != nobodys {
			w.check(w.PutRule(w.ctx, rootActor, skein.SourceRule{Kind: skein.RuleTakeover, From: r.path[1].(string), To: r.path[2].(string)}))
		}
		return r
	}},

	// Zones that are transferred in.
	{"list-transfer-zones", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"add-transfer-zone", "+ -  + + - + + +  - + - -  - ! !", "+ -  . . - . . .  - - - -  - ! !", func(w *isolated, of tenant) request {
		z := w.transferred(of)
		z.Name = w.domain(of)
		return request{body: z, named: []string{z.Source, z.Name}}
	}},
	{"get-transfer-zone", "+ +  + + + + + +  . + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aTransferred},
	{"change-transfer-zone", "+ -  + + - + + +  . + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", func(w *isolated, of tenant) request {
		z := w.transferred(of)
		return request{path: []any{z.Name}, body: z, named: []string{z.Source}}
	}},
	{"delete-transfer-zone", "+ -  + + - + + +  . + - -  - ! !", "+ -  . . - . . .  . - - -  - ! !", aTransferred},

	// What waits for a person.
	{"list-waiting", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"get-waiting", "+ +  + + + + + +  + + . +  - ! !", "+ +  . . . . . .  . . . .  - ! !", aWaiting},
	{"release-waiting", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aWaiting},
	{"discard-waiting", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aWaiting},
	{"release-all-waiting", "+ -  + + - + - +  - - - -  - ! !", "", func(w *isolated, of tenant) request {
		return request{body: skein.WaitingFilter{Zone: string(w.domain(of))}}
	}},
	{"discard-all-waiting", "+ -  + + - + - +  - - - -  - ! !", "", func(w *isolated, of tenant) request {
		return request{body: skein.WaitingFilter{Zone: string(w.domain(of))}}
	}},

	// Members and pools.
	{"list-drivers", "+ +  + + + - - +  - - - -  - ! !", "", plain},
	{"list-members", "+ +  + + + - - +  - - - -  - ! !", "", plain},
	{"add-member", "+ -  + + - - - +  - - - -  - ! !", "= -  = = - - - =  - - - -  - ! !", aNewMember},
	{"configure-member", "+ -  + + - - - +  - - - -  - ! !", "= -  = = - - - =  - - - -  - ! !", aNewMember},
	{"get-member", "+ +  + + + - - +  - - - -  - ! !", "+ +  . . . - - .  - - - -  - ! !", aMember},
	{"get-member-config", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . . - - .  - - - -  - ! !", aMember},
	{"test-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"enable-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"disable-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"remove-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"list-pools", "+ +  + + + - - +  - - - -  - ! !", "", plain},
	{"get-pool", "+ +  + + + - - +  - - - -  - ! !", "+ +  . . . - - .  - - - -  - ! !", aPool},
	{"edit-pool", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", with(aPool, skein.EditPool{Nameservers: []skein.PoolNameserver{}, Rule: skein.PoolKeep})},
	{"create-pool", "= -  = ? - - - =  - - - -  - ! !", "= -  . . - - - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		return request{body: skein.NewPool{Name: poolName(of), Tenant: tenantName(of)}, named: []string{poolName(of), tenantName(of)}}
	}},
	{"delete-pool", "= -  = = - - - =  - - - -  - ! !", "= -  . . - - - .  - - - -  - ! !", aPool}, // refused: it has members
	{"share-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", with(aShare, skein.ShareMember{Role: skein.RoleSynchronize})},
	{"unshare-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aShare},
	{"edit-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", with(aMember, skein.EditMember{Debug: new(true)})},
	{"replace-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", with(aMember, skein.EditMember{})},
	{"observe-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"get-member-plan", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aMember},
	{"import-member", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", with(aMember, skein.ImportMember{DryRun: true})},
	{"get-member-log", "+ +  + + + - - +  - - - -  - ! !", "+ +  . . . - - .  - - - -  - ! !", aMember},

	// The cluster as a whole.
	{"get-cluster", "+ +  - - - - - -  - - - -  - ! !", "", plain},
	{"get-metrics", "+ +  - - - - - -  - - - -  - ! !", "", plain},
	{"edit-cluster", "+ -  - - - - - -  - - - -  - ! !", "", func(*isolated, tenant) request { return request{body: skein.EditCluster{Threshold: new(10)}} }},
	{"disable-clustering", "+ -  - - - - - -  - - - -  - ! !", "", plain},
	{"enable-clustering", "+ -  - - - - - -  - - - -  - ! !", "", plain},
	{"start-sync", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		w.member(of)
		name := w.zone(of)
		return request{body: skein.SyncRequest{Zone: zone.Name(name), ToAll: true, DryRun: true}, named: []string{name}}
	}},
	{"list-syncs", "+ +  + + + - - +  - - - -  - ! !", "", plain},
	{"get-sync", "+ +  + + + - - +  - - - -  - ! !", "+ +  . . . - - .  - - - -  - ! !", aSync},
	{"cancel-sync", "+ -  + + - - - +  - - - -  - ! !", "+ -  . . - - - .  - - - -  - ! !", aSync},
	{"try-notices", "= -  - - - - - -  - - - -  - ! !", "", plain},

	// Tenants, their people and their programs.
	{"list-tenants", "+ +  + + + + - +  - - - -  - ! !", "", plain},
	{"add-tenant", "+ -  + ? - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		name := w.name("new")
		return request{body: skein.NewTenant{Name: name, Parent: tenantName(of)}, named: []string{name, tenantName(of)}}
	}},
	{"get-tenant", "+ +  + + + + + +  - - - -  - ! !", "+ +  . . . . - .  - - - -  - ! !", aTenant},
	{"edit-tenant", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", with(aTenant, skein.EditTenant{Pool: new("")})},
	{"remove-tenant", "+ -  + = - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aTenant},
	{"list-users", "+ +  + + + + - +  - - - -  - ! !", "", plain},
	{"add-user", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		name := w.name("new")
		return request{body: skein.NewUser{Name: name, Tenant: tenantName(of), Role: skein.RoleReadOnly, Password: password}, named: []string{name, tenantName(of)}}
	}},
	{"get-user", "+ +  + + + + - +  - - - -  - ! !", "+ +  . . . . - .  - - - -  - ! !", aUser},
	{"edit-user", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", with(aUser, skein.EditUser{Disabled: new(true)})},
	{"remove-user", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aUser},
	{"set-password", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", with(aUser, skein.SetPassword{New: password})},
	{"drop-totp", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", aUser},
	{"begin-totp", "+ +  + + + + + +  - - - -  - ! !", "", plain},
	{"confirm-totp", "? ?  ? ? ? ? ? ?  - - - -  - ! !", "", func(*isolated, tenant) request { return request{body: skein.TOTPCode{Code: "000000"}} }},
	{"list-sessions", "+ +  + + + + - +  - - - -  - ! !", "+ +  . . . . - .  - - - -  - ! !", aUser},
	{"end-session", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		user, id := w.session(of)
		return about(user, id)
	}},
	{"login", "! !  ! ! ! ! ! !  ! ! ! !  ! ! !", "", func(*isolated, tenant) request { return request{body: skein.Login{User: "nosuch", Password: password}} }},
	{"logout", "+ +  + + + + + +  ! ! ! !  ! ! !", "", func(*isolated, tenant) request { return request{again: true} }},
	{"get-me", "+ +  + + + + + +  + + + +  + ! !", "", plain},
	{"list-tokens", "+ +  + + + + - +  - - - -  - ! !", "", plain},
	{"create-token", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request {
		name := w.name(of)
		return request{body: skein.CreateToken{Name: name, Tenant: tenantName(of)}, named: []string{name, tenantName(of)}}
	}},
	{"delete-token", "+ -  + + - + - +  - - - -  - ! !", "+ -  . . - . - .  - - - -  - ! !", func(w *isolated, of tenant) request { return about(w.token(of)) }},
	{"claim", "! !  ! ! ! ! ! !  ! ! ! !  ! ! !", "", func(*isolated, tenant) request { return request{body: skein.ClaimBody{Code: "wrong"}} }},

	// Doors, and how things are.
	{"push-plesk", "+ +  + + + + + +  + + + +  - ! !", "+ +  + + + + + +  + + + +  - ! !", func(w *isolated, of tenant) request {
		name := w.domain(of)
		return request{body: json.RawMessage(`[{"command":"delete","zone":{"name":` + fmt.Sprintf("%q", name) + `}}]`), named: []string{name}}
	}},
	{"events", "+ +  + + + + + +  + + + +  + ! !", "", plain},
	{"get-status", "+ +  + + + + + +  + + + +  - ! !", "", plain},
	{"get-health", "+ +  + + + + + +  + + + +  + + +", "", plain},
}

// plain is a call about nothing in particular.
func plain(*isolated, tenant) request { return request{} }

func about(path ...any) request { return request{path: path} }

// with is a call that is also sent something.
func with(what func(*isolated, tenant) request, body any) func(*isolated, tenant) request {
	return func(w *isolated, of tenant) request {
		r := what(w, of)
		r.body = body
		return r
	}
}

func aZone(w *isolated, of tenant) request { return about(w.zone(of)) }

// aNewZone has a name that nobody has, or that of a zone of another.
func aNewZone(w *isolated, of tenant) request {
	name := w.domain(of)
	if !w.own {
		name = w.zone(of)
	}
	return request{body: skein.CreateZone{Name: name, ZoneContents: skein.ZoneContents{File: apex}}, named: []string{name}}
}

// ofNameserver is the values that templates cannot do without where a pool has no set.
var ofNameserver = map[string]string{"nameserver": "ns1.example."}

func aTemplate(w *isolated, of tenant) request {
	return request{path: []any{w.template(of)}, query: "?tenant=" + templatesOf(of), named: []string{templatesOf(of)}}
}

// aVersion is the first of a zone that had another since.
func aVersion(w *isolated, of tenant) request {
	name := w.zone(of)
	if of != nobodys {
		w.put(w.as(of), name, "")
	}
	return about(name, w.first(name))
}

func anOverlay(w *isolated, of tenant) request {
	name := w.sent(of)
	return about(name, "_acme-challenge."+name, zone.TypeTXT.String())
}

func aSource(w *isolated, of tenant) request { return about(w.source(of)) }

func aRule(w *isolated, of tenant) request {
	return about(skein.RuleTakeover, w.source(of), w.source(of))
}

func aTransferred(w *isolated, of tenant) request { return about(w.transferred(of).Name) }

func aWaiting(w *isolated, of tenant) request { return about(w.waiting(of)) }

func aTenant(w *isolated, of tenant) request { return about(w.below(of)) }

func aUser(w *isolated, of tenant) request { return about(w.user(of)) }

func aMember(w *isolated, of tenant) request { return about(w.member(of)) }

func aNewMember(w *isolated, of tenant) request {
	name := w.name(of)
	if !w.own {
		name = w.member(of)
	}
	m := w.newMember(name, of).Member
	return request{body: skein.NewMember{Name: m.Name, Address: m.Address, Pending: true}, named: []string{m.Name}}
}

// aShare is the pool of a tenant, or another one of root's, and a member of
// root's that is shared with it to be told, and might be read as well.
func aShare(w *isolated, of tenant) request {
	pool := poolName(of)
	if pool == skein.DefaultPool {
		pool = sparePool
	}
	return about(pool, w.shared(pool))
}

func aSync(w *isolated, of tenant) request { return about(w.job(of)) }

func aPool(w *isolated, of tenant) request { return about(poolName(of)) }

func pathEscape(s string) string { return url.PathEscape(s) }
