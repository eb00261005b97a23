package bind

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Everything that is said is reported, and no secret is in it even before
// anybody takes it out.
func TestTransactionsAreReportedWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.secrets.TSIG, s.secrets.Audit = "dHNpZyBpcyBvbmU=", "YXVkaXQgaXMgb25l"
	s.admit()
	s.named.Named(Config(s.member, s.secrets, ConfigOptions{Directory: s.named.Dir}))
	self := s.selfTest(t)
	s.put(t, "example.com.", 7)

	var mu sync.Mutex // owns heard
	var heard []member.Transaction
	trace := func(x member.Transaction) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, x)
	}
	d, err := New(s.member, s.secrets, Options{Serial: s.serial, Signature: s.signature, Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, check := range d.Test(t.Context(), self) {
		if !check.OK {
			t.Errorf("%+v", check)
		}
	}
	err = d.Apply(t.Context(), []member.Step{{Action: member.ActionAdd, Zone: "example.com."}, {Action: member.ActionDelete, Zone: "example.com."}}, func(_ int, err error) {
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Has(t.Context(), []zone.Name{"never.example."}); err != nil {
		t.Fatal(err)
	}

	mu.Lock()
	defer mu.Unlock()
	var all strings.Builder
	for _, x := range heard {
		if x.At.IsZero() || x.Took < 0 || x.Outcome == "" {
			t.Errorf("%+v", x)
		}
		fmt.Fprintf(&all, "%s %s → %s (%s)\n", x.What, x.Request, x.Answer, x.Outcome)
	}
	text := all.String()
	for _, want := range []string{
		"rndc status → version: BIND", "rndc tsig-list → ", "rndc addzone example.com IN _default { type slave;", "rndc delzone -clean example.com IN",
		"rndc showzone never.example IN _default → no matching zone 'never.example' in view '_default' (result ", "dns SOA " + string(self) + " → serial 1 (done)", "dns a question signed with skein-ns2 → good (done)",
	} {
		if !strings.Contains(strings.ReplaceAll(text, `"`, ""), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, secret := range []string{s.secrets.RNDC, s.secrets.TSIG, s.secrets.Audit} {
		if strings.Contains(text, secret) {
			t.Errorf("secret %s is in\n%s", secret, text)
		}
	}
}
