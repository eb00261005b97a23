package daemon

import (
	"fmt"
	"testing"

	"github.com/skein-dns/skein/internal/nameserver"
)

// A key that is not named may transfer; one that is named may as it says there.
func TestTransferAccess(t *testing.T) {
	t.Parallel()
	keys := []nameserver.Key{{Name: "a"}, {Name: "B.example."}, {Name: "c"}}
	for who, want := range map[string][]string{
		"[a B.example. c] [] [] []":                          nil,
		"[a B.example. c] [192.0.2.0/24] [] [2001:db8::/32]": {"192.0.2.7/24", "tls:2001:db8::/32"},
		"[B.example. c] [] [a] []":                           {"tls:key:a"},
		"[b.example a c] [] [] []":                           {"key:b.example"},
		"[] [] [a b.EXAMPLE c] [127.0.0.1/32]":               {"tls:key:a", "tls:key:b.EXAMPLE", "tls:key:c", "tls:127.0.0.1"},
	} {
		a, err := transferAccess(want, keys)
		if got := fmt.Sprint(a.TransferKeys, a.TransferNets, a.TLSTransferKeys, a.TLSTransferNets); err != nil || got != who || len(a.Keys) != 3 {
			t.Errorf("%v: %s (%v), want %s", want, got, err, who)
		}
	}
}

func TestNotifyTargets(t *testing.T) {
	t.Parallel()
	keys := []nameserver.Key{{Name: "ns2"}}
	got, err := notifyTargets([]string{"192.0.2.1", "192.0.2.1:5300", "2001:db8::1", "[2001:db8::1]:5300/key:NS2", "192.0.2.2/key:ns2"}, keys)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(got); text != "[{192.0.2.1:53  invalid IP} {192.0.2.1:5300  invalid IP} {[2001:db8::1]:53  invalid IP} {[2001:db8::1]:5300 NS2 invalid IP} {192.0.2.2:53 ns2 invalid IP}]" {
		t.Error(text)
	}
	for _, bad := range []string{"", "ns2", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1/key:", "192.0.2.1/key:ns3", "192.0.2.1/ns2"} {
		if got, err := notifyTargets([]string{bad}, keys); err == nil {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
}
