// Package catalog keeps secondaries in step that follow a catalog zone (RFC
// 9432): BIND, Knot, PowerDNS, Skein, NSD from 4.9 on. They take no commands. Skein's
// nameserver has a catalog for each pool, which lists what is served; a member
// is told when there is another version of it, fetches it, and acts. So what a
// step of this driver does is done when the catalog says so and the member was
// told, and what came of it is seen in the member's answers alone.
package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// Name is that of the driver.
const Name = "catalog"

// Listing makes the catalogs; listing.Set does.
type Listing interface {
	// Await waits until a catalog lists a zone, or does not, and returns its serial.
	Await(ctx context.Context, catalog, name zone.Name, listed bool) (serial uint32, err error)
	// Lists reports whether a catalog is to list a zone; unless it is sure, that
	// may be otherwise in a moment.
	Lists(catalog, name zone.Name) (lists, sure bool)
	// Renew makes another version, and returns its serial. Consumers get a whole
	// one by AXFR.
	Renew(ctx context.Context, catalog zone.Name, whole bool) (serial uint32, err error)
	// Lend lists a zone whatever it is, and Leave lists some no more, until takeBack.
	Lend(catalog, name zone.Name) (takeBack func())
	Leave(catalog zone.Name, names []zone.Name) (takeBack func())
}

var _ Listing = (*listing.Set)(nil)

// Options are what a driver needs from around it.
type Options struct {
	Listing Listing
	Prober  *probe.Prober
	// Notify tells the member, soon and signed, that there is a version of a zone.
	Notify func(name zone.Name)
	// Published returns what Skein's nameserver serves of a zone.
	Published func(name zone.Name) (zone.Contents, bool)
	// Fetched returns the serial that the member was last seen to fetch of a catalog.
	Fetched func(name zone.Name) (serial uint32, ok bool)
	// Busy returns when the member last fetched any other zone.
	Busy func() time.Time

	Trace    member.Trace  // takes what the member is told and asked; nil: nothing does
	Patience time.Duration // how long the member may take to follow, in a test or where a zone begins anew; 10 s by default
}

// CanBePrimary reports whether other members can transfer from one: what is printed
// for other makes lets nobody but Skein.
func CanBePrimary(m skein.Member) bool { return m.Settings[SettingSoftware] == "skein" }

// TakesOthers reports whether a member can fetch zones from other members as
// well. PowerDNS has one key for all of a zone's primaries, or none, and that
// is an affair of its database here.
func TakesOthers(m skein.Member) bool { return m.Settings[SettingSoftware] != "powerdns" }

// Driver implements member.Driver.
type Driver struct {
	m        skein.Member
	secrets  skein.MemberSecrets
	opts     Options
	catalogs []listing.Catalog
	told     map[zone.Name]*told // by catalog
	kept     kept
}

var _ member.Driver = (*Driver)(nil)

// New makes a driver.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	switch {
	case !m.DNS().IsValid() || m.Port == 0:
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	case s.TSIG == "":
		return nil, fmt.Errorf("member %s has no TSIG key yet: let skein member config make one", m.Name)
	}
	o.Patience = cmp.Or(o.Patience, 10*time.Second)
	return &Driver{m: m, secrets: s, opts: o, catalogs: Of(m), told: map[zone.Name]*told{},
		kept: kept{map[listedAt]leaving{}, map[zone.Name]leaving{}}}, nil
}

// Can tells what every consumer of a catalog is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: true}
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Close implements member.Driver.
func (d *Driver) Close() error { return nil }

// Status implements member.Driver. There is nothing that tells versions of
// servers apart and that all of them answer.
func (d *Driver) Status(ctx context.Context) (version string, err error) {
	return "", d.admitted(ctx)
}

// Suffix is what the names of catalogs end in by default.
const Suffix = "catalog.skein.invalid."

// Of returns the catalogs that a member follows, one for each of its pools. A
// member that has a group follows others than those that have none, or another.
func Of(m skein.Member) (all []listing.Catalog) {
	pools := []string{cmp.Or(m.Pool, skein.DefaultPool)}
	for _, s := range m.Shares {
		pools = append(pools, cmp.Or(s.Pool, skein.DefaultPool))
	}
	slices.Sort(pools)
	group, below := m.Settings[SettingGroup], cmp.Or(m.Settings[SettingSuffix], Suffix)
	if group != "" {
		below = strings.ToLower(group) + ".group." + below
	}
	for _, pool := range slices.Compact(pools) {
		origin, err := zone.ParseName(strings.TrimSuffix(strings.ToLower(pool)+"."+below, ".") + ".")
		if err != nil {
			continue // a pool with a name of 200 letters: New finds none
		}
		all = append(all, listing.Catalog{Origin: origin.Canonical(), Pool: pool, Group: group})
	}
	return all
}

// Unsigned reports whether the member transfers zones, but for catalogs,
// without its key.
func Unsigned(m skein.Member) bool { return m.Settings[SettingTransfer] == TransferByAddress }

// The settings of a member.
const (
	SettingSoftware = "software" // one of Software
	SettingGroup    = "group"    // said of each zone in the catalog
	SettingSuffix   = "catalog"  // what the names of its catalogs end in
	SettingTransfer = "transfer" // key or address

	TransferByAddress = "address"
	transferByKey     = "key"
)

// CheckSoftware, CheckGroup, CheckSuffix and CheckTransfer say what is wrong
// with a setting.
func CheckSoftware(s string) error {
	if !slices.Contains(Software, s) {
		return errors.New("it is none of " + strings.Join(Software, ", "))
	}
	return nil
}

// CheckGroup: names of Knot's templates and of NSD's patterns.
func CheckGroup(s string) error {
	if len(s) > 63 || strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) {
		return errors.New("it has other characters than a-z, 0-9, - and _, or more than 63")
	}
	return nil
}

// CheckSuffix: a name that leaves room for a pool's and for members.
func CheckSuffix(s string) error {
	name, err := zone.ParseName(strings.TrimSuffix(s, ".") + ".")
	if err == nil && (name == zone.Root || len(name) > 120) {
		err = errors.New("it is the root, or longer than 120 characters")
	}
	return err
}

// CheckTransfer: with the key, or from the address.
func CheckTransfer(s string) error {
	if s != transferByKey && s != TransferByAddress {
		return errors.New("it is neither key nor address")
	}
	return nil
}
