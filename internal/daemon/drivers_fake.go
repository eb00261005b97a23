//go:build fakemember

package daemon

import (
	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/fake"
)

// driversOfTests are those that test binaries bring along: build with the tag
// fakemember to have them.
func (n *node) driversOfTests() []driver {
	return []driver{
		{name: "fake", can: fake.Can(), needs: control.Needs{RNDC: true, Transfer: true},
			make: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
				return fake.NewDriver(m, s, n.server.Current)
			}},
	}
}
