package control_test

import (
	"crypto/tls"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// Who may have a program run on this machine: those who run Skein, and nobody
// who only has members of his own.
func TestOnlyRootDescribesMembersThatRunHere(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	script := func(name string) control.NewMember {
		return control.NewMember{Member: skein.Member{Name: name, Driver: "script"}}
	}
	w.refused(henry, "member.add", func() error { _, err := w.AddMember(w.ctx(), henry, script("mine")); return err }, skein.KindForbidden, "runs a program on this machine")
	w.refused(henry, "member.config", func() error { _, err := w.ConfigMember(w.ctx(), henry, script("mine")); return err }, skein.KindForbidden, "runs a program on this machine")
	r, err := w.AddMember(w.ctx(), anna, script("roots"))
	w.must(err)
	if r.Member.State != skein.MemberEnabled || r.Member.Address.IsValid() {
		t.Errorf("%+v", r.Member)
	}
	// One that root gave into the reseller's pool is not the reseller's to change.
	in := script("theirs")
	in.Member.Pool = "hosting"
	_, err = w.AddMember(w.ctx(), anna, in)
	w.must(err)
	w.refused(henry, "member.edit", func() error {
		_, err := w.EditMember(w.ctx(), henry, control.EditMember{Name: "theirs", Settings: map[string]string{"program": "/bin/true"}})
		return err
	}, skein.KindForbidden, "runs a program on this machine")
}

// A member with certificates that brings none gets a pair for both ends, which
// stays what it is.
func TestACertificateForBothEndsIsMade(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	in := theirs("ns3", "203.0.113.7")
	in.Member.Driver = "tls"
	var made skein.MemberSecrets
	for range 2 {
		_, err := w.ConfigMember(w.ctx(), anna, in)
		w.must(err)
		m, _ := w.cluster.member("ns3")
		if _, err := tls.X509KeyPair([]byte(m.secrets.Certificate), []byte(m.secrets.PrivateKey)); err != nil || m.secrets.Server != m.secrets.Certificate {
			t.Errorf("%v", err)
		}
		if made.Certificate != "" && m.secrets != made {
			t.Error("asked again, it makes another")
		}
		made = m.secrets
		w.reopen()
	}
}
