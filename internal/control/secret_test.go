package control_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
)

// Promise 8: secrets are sealed or hashed at rest, and nothing shows them but
// what is made to.
func TestSecretsShowNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var shown strings.Builder // all that was answered, recorded and logged
	note := func(things ...any) {
		for _, thing := range things {
			text, err := json.Marshal(thing)
			w.must(err)
			fmt.Fprintf(&shown, "%s\n%+v\n", text, thing)
			if err, ok := thing.(error); ok {
				for ; err != nil; err = errors.Unwrap(err) {
					fmt.Fprintf(&shown, "%#v\n%v\n", err, err)
				}
			}
		}
	}
	key := func(c string) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(c, 32))) }
	in := described("ns2", "192.0.2.53")
	in.Secrets = skein.MemberSecrets{RNDC: key("r"), TSIG: key("t"), Audit: key("a")}
	w.cluster.test = fails
	r, err := w.AddMember(w.ctx(), anna, in)
	note(r, err)
	w.cluster.test = nil
	r, err = w.TestMember(w.ctx(), anna, "ns2")
	note(r, err)
	bad := in
	bad.Member.Name, bad.Secrets.RNDC = "ns3", in.Secrets.RNDC+"!"
	r, err = w.AddMember(w.ctx(), anna, bad)
	note(r, err)
	r, err = w.AddMember(w.ctx(), anna, in)
	note(r, err)
	w.cluster.fails = errors.New("no")
	other := described("ns4", "192.0.2.54")
	other.Secrets = in.Secrets
	r, err = w.ConfigMember(w.ctx(), anna, other)
	note(r, err)
	w.cluster.fails = nil
	members, err := w.Members(w.ctx(), anna)
	note(members, err)
	status, err := w.Status(w.ctx(), anna)
	note(status, err)

	token, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1"})
	w.must(err)
	_, err = w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1"})
	note(err)
	tokens, err := w.Tokens(w.ctx(), anna)
	note(tokens, err)
	code, _ := w.ClaimCode(w.ctx())
	_, err = w.Claim(w.ctx(), code+"x")
	note(err)
	_, err = w.Authenticate(w.ctx(), token.Secret+"x")
	note(err)
	audit, err := w.Audit(w.ctx(), anna, skein.AuditQuery{})
	note(audit, err, w.log.String())

	made := w.configure(described("ns5", "192.0.2.55"))
	secrets := append(strings.Fields(made.Config)[2:], in.Secrets.RNDC, in.Secrets.TSIG, in.Secrets.Audit, token.Secret, code)
	if !strings.Contains(made.Config, strings.Fields(made.Config)[2]) || len(secrets) != 8 {
		t.Fatal("the test looks for nothing")
	}
	for i, s := range secrets {
		if s == "" || strings.Contains(shown.String(), s) {
			t.Errorf("secret %d shows", i)
		}
	}
	// At rest: not in any file of the data directory.
	w.must(w.store.Close())
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	w.must(err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		w.must(err)
		for i, s := range secrets {
			raw, _ := base64.StdEncoding.DecodeString(s)
			if bytes.Contains(data, []byte(s)) || len(raw) > 8 && bytes.Contains(data, raw) {
				t.Errorf("secret %d lies in %s", i, filepath.Base(file))
			}
		}
	}
	w.open()
}

// Sealed secrets are bound to their member: exchanged rows do not open.
func TestExchangedSecretsAreNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	w.configure(described("ns3", "192.0.2.54"))
	rows, err := w.store.Members(w.ctx())
	w.must(err)
	rows[0].Sealed = rows[1].Sealed
	w.must(w.store.PutMember(w.ctx(), rows[0], false))
	if _, err := w.TestMember(w.ctx(), anna, "ns2"); err == nil || !strings.Contains(err.Error(), "ns2") {
		t.Errorf("%v", err)
	}
	again, err := control.New(control.Config{Store: w.store, Cluster: newCluster(), Sealer: w.sealer})
	w.must(err)
	if err := again.Start(w.ctx()); err == nil || !strings.Contains(err.Error(), "ns2") {
		t.Errorf("the start says %v", err)
	}
}

func TestWhatControlNeeds(t *testing.T) {
	t.Parallel()
	if _, err := control.New(control.Config{}); err == nil {
		t.Error("a control without a store was made")
	}
	if _, err := control.New(control.Config{Store: struct{ store.Store }{}, Cluster: newCluster()}); err == nil {
		t.Error("a control without a sealer was made")
	}
}
