package daemon

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
)

// keyRing is a nameserver that shows which keys may transfer.
type keyRing struct {
	nameserver.Updater
	now string
}

func (k *keyRing) SetAccess(a nameserver.Access) {
	var all []string
	for i, key := range a.Keys {
		all = append(all, key.Name+"="+key.Secret)
		if a.TransferKeys[i] != key.Name {
			all = append(all, "but "+a.TransferKeys[i])
		}
	}
	k.now = strings.Join(all, " ")
}

func TestKeysOfMembersMayTransfer(t *testing.T) {
	t.Parallel()
	a, shown := newAccess(), &keyRing{}
	ns1, ns2 := skein.Member{Name: "ns1", TSIGKey: "k1"}, skein.Member{Name: "ns2", TSIGKey: "k2"}
	secret := func(s string) skein.MemberSecrets { return skein.MemberSecrets{TSIG: s} }
	want := func(when, keys string) {
		t.Helper()
		if shown.now != keys {
			t.Errorf("%s: %q may transfer, want %q", when, shown.now, keys)
		}
	}
	a.admit(ns2, secret("b")) // before there is a nameserver
	a.attach(shown)
	want("attached", "k2=b")
	a.admit(ns1, secret("a"))
	want("a second member", "k1=a k2=b")

	lent := a.admit(ns1, secret("other"))
	want("a trial with another secret", "k1=other k2=b")
	lent()
	want("after it", "k1=a k2=b")
	lent = a.admit(skein.Member{Name: "new", TSIGKey: "k3"}, secret("c"))
	want("a trial of a new one", "k3=c k1=a k2=b")
	lent()
	want("after that", "k1=a k2=b")

	a.admit(ns2, secret(""))
	want("a member without a key", "k1=a")
	a.revoke("ns1")
	a.revoke("nobody")
	want("all are gone", "")
}
