package store

import (
	"context"

	"github.com/skein-dns/skein"
)

// Templates holds the zone templates that tenants have put in.
type Templates interface {
	// Templates returns those of these tenants, or of all if tenants is nil, by
	// name and then by tenant.
	Templates(ctx context.Context, tenants []string) ([]skein.Template, error)
	Template(ctx context.Context, tenant, name string) (skein.Template, error)
	// PutTemplate creates or replaces by tenant and name; with create set,
	// ErrExists if there is one.
	PutTemplate(ctx context.Context, t skein.Template, create bool) error
	DeleteTemplate(ctx context.Context, tenant, name string) error
}
