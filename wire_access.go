package skein

// The wire of tenants, users, sessions and of the audit log.

// TenantList is the tenants that the caller may see, by name.
type TenantList struct {
	Tenants []Tenant `json:"tenants" nullable:"false"`
}

// NewTenant is the body that makes a tenant.
type NewTenant struct {
	Name       string `json:"name" minLength:"1" maxLength:"200" example:"north-hosting" doc:"also the source of the zones that its people put in"`
	Kind       string `json:"kind,omitempty" enum:"reseller,customer" doc:"reseller if not set; below a reseller it is a customer"`
	Parent     string `json:"parent,omitempty" maxLength:"200" doc:"the tenant above it; the caller's if not set"`
	Clustering bool   `json:"clustering,omitempty" doc:"it may have a pool and members of its own"`
	Pool       string `json:"pool,omitempty" maxLength:"200" doc:"where its zones are served; as its parent's if not set"`
}

// EditTenant is the body that changes a tenant; what is missing stays.
type EditTenant struct {
	Clustering *bool   `json:"clustering,omitempty" doc:"it may have a pool and members of its own"`
	Pool       *string `json:"pool,omitempty" maxLength:"200" doc:"where its zones are served; as its parent's if empty. Its zones move in the background"`
	Expect     string  `json:"-"` // If-Match: the ETag that GetTenant gave
}

// UserList is the users that the caller may see, by name.
type UserList struct {
	Users []User `json:"users" nullable:"false"`
}

// NewUser is the body that makes a user.
type NewUser struct {
	Name     string     `json:"name" minLength:"1" maxLength:"200" example:"anna"`
	Tenant   string     `json:"tenant,omitempty" maxLength:"200" doc:"the caller's if not set"`
	Role     AccessRole `json:"role" enum:"root,reseller,customer,read-only" doc:"the one of its tenant's kind, or read-only"`
	Password string     `json:"password" minLength:"1" maxLength:"1000" writeOnly:"true" doc:"12 characters at least"`
}

// EditUser is the body that changes a user; what is missing stays. A user that
// is disabled is signed out at once.
type EditUser struct {
	Role     *AccessRole `json:"role,omitempty" enum:"root,reseller,customer,read-only"`
	Disabled *bool       `json:"disabled,omitempty" doc:"it cannot sign in"`
	Expect   string      `json:"-"` // If-Match: the ETag that GetUser gave
}

// SetPassword is the body that changes a password. Whoever changes their own
// says what it was.
type SetPassword struct {
	Old string `json:"old,omitempty" maxLength:"1000" writeOnly:"true" doc:"needed for one's own"`
	New string `json:"new" minLength:"1" maxLength:"1000" writeOnly:"true"`
}

// TOTPSetup is what an authenticator is set up with.
type TOTPSetup struct {
	Secret string `json:"secret" doc:"base32; shown this once"`
	URL    string `json:"url" doc:"the same as an otpauth URL, which authenticators read as a QR code"`
}

// TOTPCode is the body that proves that an authenticator has the secret.
type TOTPCode struct {
	Code string `json:"code" minLength:"1" maxLength:"20" writeOnly:"true" example:"123456"`
}

// Login is the body that begins a session.
type Login struct {
	User     string `json:"user" minLength:"1" maxLength:"200" example:"anna"`
	Password string `json:"password" minLength:"1" maxLength:"1000" writeOnly:"true"`
	Code     string `json:"code,omitempty" maxLength:"20" writeOnly:"true" doc:"the one-time code, where the user has an authenticator"`
	Cookie   bool   `json:"cookie,omitempty" doc:"for browsers: the secret comes as a cookie that no script can read, and not in the answer"`
}

// NewSession is a session just begun.
type NewSession struct {
	Secret  string  `json:"secret,omitempty" doc:"shown this once; to be sent as a bearer token. Missing where it came as a cookie"`
	Session Session `json:"session"`
	User    User    `json:"user"`
}

// SessionList is the sessions of a user, the oldest first.
type SessionList struct {
	Sessions []Session `json:"sessions" nullable:"false"`
}

// AssignZone is the body that hands a zone over to another tenant.
type AssignZone struct {
	Tenant   string    `json:"tenant" minLength:"1" maxLength:"200" example:"north-hosting"`
	DryRun   bool      `json:"dry_run,omitempty" doc:"check and say what would change, commit nothing"`
	Expect   *Revision `json:"-"`
	ChangeID string    `json:"-"`
}

// AuditDiff is what a change did, a line each: "- " what was, "+ " what came.
type AuditDiff struct {
	Lines []string `json:"lines" nullable:"false"`
}

// Me is whom a token or a session stands for.
type Me struct {
	Actor Actor `json:"actor"`
	User  *User `json:"user,omitempty" doc:"missing for a token"`
	Scope Scope `json:"scope,omitzero" doc:"what a token is limited to"`
}

// NewPool is the body that makes a pool.
type NewPool struct {
	Name   string `json:"name,omitempty" maxLength:"63" example:"north" doc:"a reseller's own pool has the reseller's name, also if not set"`
	Tenant string `json:"tenant,omitempty" maxLength:"200" doc:"whose pool it is; the caller's if not set"`
}

// ShareMember is the body that has a member serve another pool too.
type ShareMember struct {
	Role   Role `json:"role,omitempty" enum:"write-only,synchronize,standalone" doc:"in that pool; that of the member if not set"`
	DryRun bool `json:"-"` // say what would be written to it, change nothing
}
