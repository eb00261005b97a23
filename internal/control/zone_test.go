package control_test

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.put(plesk1, "example.com.", 5, "www A 192.0.2.1\n")
	if !r.Created || !r.Changed || r.Zone.Serial != 5 || r.Zone.Origin != "plesk1" {
		t.Errorf("%+v", r)
	}
	w.holds("example.com.", "www A 192.0.2.1")
	w.edit(plesk1, "example.com.", "set www A 192.0.2.2", "set mail A 192.0.2.3", "add @ MX 10 mail")
	w.holds("example.com.", "@ MX 10 mail.example.com.", "mail A 192.0.2.3", "www A 192.0.2.2")
}
