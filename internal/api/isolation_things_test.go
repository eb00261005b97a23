package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// apex is a zone file of the least that a zone holds.
const apex = "@ 300 SOA ns1 hostmaster 1 10800 3600 1209600 600\n@ 300 NS ns1\nns1 300 A 192.0.2.1\n"

// name makes up a name of a tenant's.
func (w *isolated) name(of tenant) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	return fmt.Sprintf("x%d-%s", w.made, of)
}

// domain makes up a domain of a tenant's.
func (w *isolated) domain(of tenant) string {
	return strings.Replace(w.name(of), "-", ".", 1) + ".example."
}

// as is who does things of a tenant: its people, or the panel.
func (w *isolated) as(of tenant) skein.Actor { return w.actors[of] }

// source is a source of a tenant's.
func (w *isolated) source(of tenant) string {
	name := w.name(of)
	if of != nobodys {
		w.must(w.AddSource(w.ctx, rootActor, control.NewSource{Source: skein.Source{Name: name, Door: skein.DoorAPI, Tenant: tenantName(of)}}))
	}
	return name
}

// zone is a zone of a tenant's that its people, or the panel, put in.
func (w *isolated) zone(of tenant) string {
	name := w.domain(of)
	if of != nobodys {
		w.put(w.as(of), name, "www 300 A 192.0.2.10\n")
	}
	return name
}

// sent is a zone that a program of a tenant's sent, with an overlay of
// somebody else: of its people, or of root where it is a panel's.
func (w *isolated) sent(of tenant) string {
	name := w.domain(of)
	if of == nobodys {
		return name
	}
	sender, other := skein.Actor{Name: "program", Door: "api", Source: w.source(of)}, w.as(of)
	if of == panel {
		sender, other = w.as(panel), rootActor
	}
	w.put(sender, name, "")
	set := zone.RRset{Name: zone.Name("_acme-challenge." + name), Type: zone.TypeTXT, TTL: 60}
	data, err := zone.ParseRdata(zone.TypeTXT, `"proof"`, zone.Name(name))
	w.check(err)
	set.Data = append(set.Data, data)
	w.must(w.EditRecords(w.ctx, other, control.EditRecords{Zone: zone.Name(name), Edits: []control.Edit{{Op: control.OpSet, Set: set}}}))
	return name
}

// templateText is a template.
const templateText = "@ 300 SOA %nameserver%. %rpemail%. %serial% 10800 3600 1209600 600\n@ 300 NS %nameserver%.\n"

// template is a template for zones of a tenant's.
func (w *isolated) template(of tenant) string {
	name := w.name(of)
	if of != nobodys {
		w.must(w.PutTemplate(w.ctx, rootActor, control.PutTemplate{Name: name, Tenant: templatesOf(of), Text: templateText}))
	}
	return name
}

// templatesOf is whose templates are for zones of a tenant's: a customer has none.
func templatesOf(of tenant) string {
	if of == shop {
		return string(north)
	}
	return tenantName(of)
}

// gone is a zone of a tenant's that was deleted.
func (w *isolated) gone(of tenant) string {
	name := w.zone(of)
	if of != nobodys {
		w.must(w.DeleteZone(w.ctx, w.as(of), control.DeleteZone{Name: zone.Name(name)}))
	}
	return name
}

// first is the revision that a zone began with; one that no zone has, if there is none.
func (w *isolated) first(name string) skein.Revision {
	changes, err := w.History(w.ctx, rootActor, zone.Name(name), 1000)
	if skein.KindOf(err) == skein.KindNotFound {
		return 1 << 40
	}
	w.check(err)
	return changes[len(changes)-1].Revision
}

func (w *isolated) put(actor skein.Actor, name, records string) {
	sets, _, err := zone.Parse(strings.NewReader(apex+records), zone.Options{Origin: zone.Name(name)})
	w.check(err)
	w.must(w.PutZone(w.ctx, actor, control.PutZone{Name: zone.Name(name), Sets: sets}))
}

// waiting is a conflict: a program of a tenant's sends a zone that another
// program of its has.
func (w *isolated) waiting(of tenant) int64 {
	if of == nobodys {
		return 1 << 40
	}
	name := w.domain(of)
	one, other := skein.Actor{Name: "one", Door: "api", Source: w.source(of)}, skein.Actor{Name: "other", Door: "api", Source: w.source(of)}
	if of == panel {
		other = w.as(of)
	}
	w.put(one, name, "")
	sets, _, err := zone.Parse(strings.NewReader(apex+"@ 300 A 192.0.2.1\n"), zone.Options{Origin: zone.Name(name)})
	w.check(err)
	_, err = w.PutZone(w.ctx, other, control.PutZone{Name: zone.Name(name), Sets: sets})
	var kept *skein.Error
	if !errors.As(err, &kept) || kept.Waiting == 0 {
		w.t.Fatalf("nothing was kept: %v", err)
	}
	return kept.Waiting
}

// transferred is a zone that a source of a tenant's asks to be transferred.
func (w *isolated) transferred(of tenant) skein.NewTransferZone {
	z := skein.NewTransferZone{Name: w.domain(of), Source: w.name(of)}
	if of == nobodys {
		return z
	}
	w.must(w.AddSource(w.ctx, rootActor, control.NewSource{Source: skein.Source{Name: z.Source, Door: skein.DoorTransfer, Tenant: tenantName(of),
		Transfer: &skein.TransferSetup{Primaries: []skein.TransferPrimary{{Address: netip.MustParseAddrPort("192.0.2.1:53")}}}}}))
	w.must(w.AddTransferZone(w.ctx, rootActor, skein.TransferZone{Name: zone.Name(z.Name), Source: z.Source}))
	return z
}

// member is a member of a tenant's pool; south has none.
func (w *isolated) member(of tenant) string {
	name := w.name(of)
	if of != nobodys && of != south {
		w.must(w.AddMember(w.ctx, rootActor, w.newMember(name, of)))
	}
	return name
}

// shared is a member of root's that is shared with a pool, if there is such a pool.
func (w *isolated) shared(pool string) string {
	m := w.newMember(w.name("common"), hq) // whoever it is shared with hears of it
	m.Member.Driver, m.Member.Role = "any", skein.RoleSynchronize
	w.must(w.AddMember(w.ctx, rootActor, m))
	_, err := w.ShareMember(w.ctx, rootActor, control.ShareMember{Member: m.Member.Name, Pool: pool, Role: skein.RoleWriteOnly})
	if skein.KindOf(err) != skein.KindNotFound {
		w.check(err)
	}
	return m.Member.Name
}

// job is a synchronisation of one zone that a tenant, or the one above, began;
// of a tenant without members root did. Nobody carries it out.
func (w *isolated) job(of tenant) string {
	if of == nobodys {
		return w.name(of)
	}
	member, actor := w.member(of), rootActor
	if poolName(of) != skein.DefaultPool && of != south {
		actor = w.as(tenant(poolName(of)))
	}
	if of == south {
		member = w.member(hq)
	}
	job, err := w.Sync(w.ctx, actor, skein.SyncRequest{Zone: zone.Name(w.zone(of)), To: []string{member}})
	w.check(err)
	return job.ID
}

func (w *isolated) newMember(name string, of tenant) control.NewMember {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	address := netip.AddrFrom4([4]byte{10, byte(w.made >> 16), byte(w.made >> 8), byte(w.made)})
	return control.NewMember{Member: skein.Member{Name: name, Address: address, Pool: poolName(of)}}
}

// token is a token of a tenant's, by its id.
func (w *isolated) token(of tenant) string {
	name := w.name(of)
	if of == nobodys {
		return name
	}
	made, err := w.CreateToken(w.ctx, rootActor, skein.CreateToken{Name: name, Tenant: tenantName(of)})
	w.check(err)
	return made.ID
}

// below is a tenant below another: of root a reseller. A customer has none
// below it, and gets itself.
func (w *isolated) below(of tenant) string {
	name := w.name(of)
	switch of {
	case nobodys:
	case shop:
		return string(shop)
	default:
		w.must(w.AddTenant(w.ctx, rootActor, skein.Tenant{Name: name, Parent: tenantName(of)}))
	}
	return name
}

// user is a person of a tenant. Its password is nobody's: hashing takes long.
func (w *isolated) user(of tenant) string {
	name := w.name(of)
	if of != nobodys {
		role := skein.RoleReadOnly
		w.check(w.store.PutUser(w.ctx, store.UserRow{User: skein.User{Name: name, Tenant: tenantName(of), Role: role, Version: 1}, Hash: secret.NobodysPassword}, true))
	}
	return name
}

// session is a session of a person of a tenant, by user and id.
func (w *isolated) session(of tenant) (user, id string) {
	user, id = w.user(of), w.name(of)
	if of != nobodys {
		s := skein.Session{ID: id, User: user, Created: w.clock(), Seen: w.clock(), Expires: w.clock().Add(time.Hour)}
		w.check(w.store.PutSession(w.ctx, store.SessionRow{Session: s, Hash: []byte(id)}))
	}
	return user, id
}

// noted is an entry of the audit log of a tenant's, by its number.
func (w *isolated) noted(of tenant) int64 {
	if of == nobodys {
		return 1 << 40
	}
	name := w.zone(of)
	entries, err := w.Audit(w.ctx, rootActor, skein.AuditQuery{Zone: zone.Name(name), Limit: 1})
	w.check(err)
	return entries[0].Seq
}

// fakeCluster is the part that keeps members in step, for members that take
// everything and tell nothing. What it lacks nobody calls.
type fakeCluster struct {
	control.Cluster
	mu      sync.Mutex // owns members
	members map[string]bool
}

func (c *fakeCluster) Receipt(z skein.Zone) skein.Receipt {
	return skein.Receipt{Zone: z.Name, Revision: z.Revision, Serial: z.Serial}
}

func (c *fakeCluster) Wait(_ context.Context, z skein.Zone, _ string) (skein.Receipt, error) {
	return c.Receipt(z), nil
}

func (*fakeCluster) Status(string) *skein.MemberStatus { return nil }
func (*fakeCluster) Propagation() skein.Propagation    { return skein.Propagation{} }

func (*fakeCluster) Test(context.Context, skein.Member, skein.MemberSecrets) []skein.Check {
	return []skein.Check{{Name: "fake", OK: true}}
}

func (*fakeCluster) SetPaused(bool) {}

func (*fakeCluster) SetThreshold(int, bool) {}

func (*fakeCluster) Plan(_ context.Context, m skein.Member, _ skein.MemberSecrets) (skein.MemberPlan, error) {
	return skein.MemberPlan{Member: m.Name}, nil
}

func (*fakeCluster) Compare(context.Context, string, []zone.Name) ([]skein.PlanStep, error) {
	return nil, nil
}

func (*fakeCluster) Recheck(context.Context, string, []zone.Name) error { return nil }

func (*fakeCluster) ZonesOf(context.Context, skein.Member, skein.MemberSecrets, func(skein.ListedZone) error) error {
	return nil
}

func (*fakeCluster) Examine(context.Context, skein.Member, skein.MemberSecrets, []zone.Name, func(int, skein.ListedZone, zone.Contents, error)) error {
	return nil
}

func (*fakeCluster) TakeZones(context.Context, skein.Member, skein.MemberSecrets, []zone.Name, func(int, error)) error {
	return nil
}

func (*fakeCluster) Certificate(context.Context, skein.Member, skein.MemberSecrets) (string, bool, error) {
	return "", false, nil
}

func (*fakeCluster) Trust(context.Context, skein.Member, skein.MemberSecrets, string, string, string) error {
	return nil
}

func (*fakeCluster) SetMember(skein.Member, skein.MemberSecrets) error { return nil }

func (*fakeCluster) RemoveMember(context.Context, string, bool) (int, error) { return 0, nil }

func (*fakeCluster) Served(_ context.Context, _ string, name zone.Name) (zone.Contents, error) {
	return zone.NewContents(name, nil)
}

func (*fakeCluster) Lookup(_ context.Context, member string, _ zone.Name, _ zone.Type) skein.LookupAnswer {
	return skein.LookupAnswer{Member: member}
}

func (*fakeCluster) Subscribe() (<-chan skein.Event, func()) {
	return make(chan skein.Event), func() {}
}
