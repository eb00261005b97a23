package control_test

import (
	"context"
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func TestTheDebugLogOfAMember(t *testing.T) {
	t.Parallel()
	var followed []bool
	lines := map[string][]string{"ns1": {"one", "two"}}
	w := newWorldWith(t, func(cfg *control.Config) {
		cfg.DebugLog = func(_ context.Context, name string, follow bool, each func([]byte) error) error {
			followed = append(followed, follow)
			for _, line := range lines[name] {
				if err := each([]byte(line)); err != nil {
					return err
				}
			}
			return nil
		}
	})
	read := func(actor skein.Actor, name string, follow bool) (got []string, err error) {
		err = w.MemberLog(w.ctx(), actor, name, follow, func(line []byte) error {
			got = append(got, string(line))
			return nil
		})
		return got, err
	}
	w.configure(described("ns1", "192.0.2.51"))
	w.configure(described("ns2", "192.0.2.52"))
	if got, err := read(anna, "ns1", true); err != nil || !slices.Equal(got, lines["ns1"]) || followed[0] {
		t.Errorf("what an earlier debug mode left, where nothing more will come: %q %v %v", got, followed, err)
	}
	_, err := read(anna, "ns2", false)
	w.wants(err, skein.KindConflict, "ns2 is off")
	_, err = read(anna, "ns3", false)
	w.wants(err, skein.KindNotFound, "ns3")
	_, err = read(skein.Actor{Name: "plesk1", Source: "plesk1"}, "ns1", false)
	w.wants(err, skein.KindForbidden, "")
}
