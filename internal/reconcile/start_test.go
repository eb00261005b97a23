package reconcile_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
)

// closing is a driver that tells when it is closed.
type closing struct {
	member.Driver
	told func()
}

func (d closing) Close() error { d.told(); return d.Driver.Close() }

// A loop that begins just as a member is replaced does not begin the one that goes.
func TestAMemberThatIsReplacedWhileTheLoopBeginsStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cfg reconcile.Config
		c := clustertest.NewOver(t, func(made *reconcile.Config) { cfg = *made }, "ns1")
		c.Kill()
		var loop *reconcile.Loop
		ctx, cancel := context.WithCancel(t.Context())
		began := false
		cfg.Driver = func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) {
			return closing{nothing{}, func() {
				if !began {
					began = true
					go func() { _ = loop.Run(ctx) }()
					synctest.Wait()
				}
			}}, nil
		}
		loop, err := reconcile.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"one", "another"} {
			if err := loop.SetMember(c.Row("ns1"), skein.MemberSecrets{RNDC: secret}); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		synctest.Wait()
	})
}

// nothing is a driver of a member that has nothing.
type nothing struct{ member.Driver }

func (nothing) Can() member.Capabilities               { return member.Capabilities{Transfer: true} }
func (nothing) Close() error                           { return nil }
func (nothing) Status(context.Context) (string, error) { return "", member.ErrAway }
