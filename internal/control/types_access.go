package control

import (
	"errors"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// ErrTooMany is in the chain of a refusal for the reason that too many before
// it failed.
var ErrTooMany = errors.New("too many attempts failed")

// EditTenant changes what is set of a tenant. Parent and Clustering are root's
// to change.
type EditTenant struct {
	Name       string
	Parent     *string
	Clustering *bool
	Pool       *string // "": as its parent's
	Expect     *int    // compare and set; nil: whatever is there
}

// NewUser describes a user to add.
type NewUser struct {
	User     skein.User // Name, Tenant, Role and Disabled
	Password string
}

// EditUser changes what is set of a user.
type EditUser struct {
	Name     string
	Role     *skein.AccessRole
	Disabled *bool
	Expect   *int // compare and set; nil: whatever is there
}

// SetPassword gives a user another password. Who changes the own one gives
// the old one too.
type SetPassword struct {
	Name     string
	Old, New string
}

// Login is somebody who signs in.
type Login struct {
	User, Password string
	Code           string     // one-time; empty if the user has none
	Addr           netip.Addr // where it comes from
	Agent          string     // what program it says it is
}

// NewSession is a session that just began; Secret is shown once.
type NewSession struct {
	Secret  string
	Session skein.Session
	User    skein.User
}

// SetOwner hands a zone over to another tenant.
type SetOwner struct {
	Name     zone.Name
	Tenant   string
	Expect   *skein.Revision
	ChangeID string
	DryRun   bool
}

// NewToken is a token just made; Secret is shown once.
type NewToken struct {
	ID, Name, Secret string
	Expires          time.Time
}
