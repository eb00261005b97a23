package rndc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// gate is control as far as the door sees it: what sources ask for, by name
// and source. The real one stands behind the door in e2e.
type gate struct {
	mu    sync.Mutex
	asked map[[2]string]skein.TransferZone
	heard []string
	fail  error
}

func (g *gate) Admit(_ context.Context, a skein.Actor) error {
	switch {
	case a.Door != skein.DoorRNDC || a.Admin || a.Name != a.Source || !a.Addr.IsValid():
		return fmt.Errorf("a strange actor: %+v", a)
	case a.Source == "paused":
		return &skein.Error{Kind: skein.KindForbidden, What: "source paused is paused", Mend: "resume it"}
	}
	return g.fail
}

func (g *gate) Heard(source string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heard = append(g.heard, source)
}

func (g *gate) Source(_ context.Context, a skein.Actor, name string) (skein.Source, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for key := range g.asked {
		if key[1] == a.Source {
			n++
		}
	}
	return skein.Source{Name: name, Status: &skein.SourceStatus{Zones: n}}, nil
}

func (g *gate) AddTransferZone(_ context.Context, a skein.Actor, z skein.TransferZone) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := [2]string{z.Name.Key(), z.Source}
	_, there := g.asked[key]
	g.asked[key] = z
	return !there, nil
}

func (g *gate) ChangeTransferZone(ctx context.Context, a skein.Actor, z skein.TransferZone) error {
	if _, err := g.TransferZone(ctx, a, z.Name); err != nil {
		return err
	}
	_, err := g.AddTransferZone(ctx, a, z)
	return err
}

func (g *gate) DeleteTransferZone(ctx context.Context, a skein.Actor, name zone.Name) error {
	if _, err := g.TransferZone(ctx, a, name); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.asked, [2]string{name.Key(), a.Source})
	return nil
}

func (g *gate) TransferZone(_ context.Context, a skein.Actor, name zone.Name) (skein.TransferZone, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	z, there := g.asked[[2]string{name.Key(), a.Source}]
	if !there {
		return z, &skein.Error{Kind: skein.KindNotFound, What: "nobody asked for it"}
	}
	return z, nil
}

// transfers notes what is asked of it.
type transfers struct {
	mu    sync.Mutex
	calls []string
	state map[string]State
}

func (tr *transfers) Refresh(name zone.Name, source string, whole bool) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.calls = append(tr.calls, fmt.Sprintf("%s of %s, whole %v", name, source, whole))
	return name != "slow.example."
}

func (tr *transfers) State(name zone.Name, source string) (State, bool) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	s, ok := tr.state[string(name)+source]
	return s, ok
}

const (
	secretA = "YSBrZXkgZm9yIHRlc3RzIG9mIHRoZSBzb3VyY2UgYQ=="
	secretB = "YSBrZXkgZm9yIHRlc3RzIG9mIHRoZSBzb3VyY2UgYg=="
)

func newSources(t *testing.T) (*Sources, *gate, *transfers, *bytes.Buffer) {
	t.Helper()
	g, tr, log := &gate{asked: map[[2]string]skein.TransferZone{}}, &transfers{state: map[string]State{}}, &bytes.Buffer{}
	s := NewSources(SourcesConfig{Control: g, Refresher: tr, Version: "1.2.3", Log: slog.New(slog.NewTextHandler(log, nil))})
	set(t, s, "a", secretA)
	set(t, s, "b", secretB)
	return s, g, tr, log
}

func set(t *testing.T, s *Sources, name, secret string, networks ...string) {
	t.Helper()
	src := skein.Source{Name: name, Door: skein.DoorRNDC}
	for _, n := range networks {
		src.Networks = append(src.Networks, netip.MustParsePrefix(n))
	}
	if err := s.SetSource(src, skein.SourceSecrets{Keys: []skein.TransferKey{{Name: "key-" + name, Algorithm: "hmac-sha256", Secret: secret}}}); err != nil {
		t.Fatal(err)
	}
}

var peer = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 10), Port: 40000}

func do(t *testing.T, s *Sources, source, line string) wire.Answer {
	t.Helper()
	return s.Handle(t.Context(), peer, wire.Key{Name: source}, line)
}

// Two panels make and delete the same domain in every order: each sees its own
// server, and none deletes what the other one asked for.
func TestTwoPanelsAndOneDomain(t *testing.T) {
	t.Parallel()
	const add = `addzone shop.example IN _default { type slave; file "shop.example"; masters { 192.0.2.%d; }; };`
	steps := []string{"a adds", "b adds", "a deletes", "b deletes"}
	for order := range permutations(steps) {
		t.Run(strings.Join(order, ", "), func(t *testing.T) {
			t.Parallel()
			s, g, _, _ := newSources(t)
			has := map[string]bool{}
			for _, step := range order {
				who, what, _ := strings.Cut(step, " ")
				line, want := fmt.Sprintf(add, map[string]int{"a": 1, "b": 2}[who]), ""
				if what == "deletes" {
					line = `delzone -clean shop.example IN _default`
					if !has[who] {
						want = "not found"
					}
				}
				if a := do(t, s, who, line); a.Err != want {
					t.Fatalf("%s: %+v, want %q", step, a, want)
				}
				has[who] = what == "adds"
				for _, source := range []string{"a", "b"} {
					if _, there := g.asked[[2]string{zone.Name("shop.example.").Key(), source}]; there != has[source] {
						t.Fatalf("after %q, %s has it: %v", step, source, there)
					}
				}
			}
		})
	}
}

func permutations(list []string) func(func([]string) bool) {
	return func(yield func([]string) bool) { permute(nil, list, yield) }
}

func permute(head, rest []string, yield func([]string) bool) bool {
	if len(rest) == 0 {
		return yield(slices.Clone(head))
	}
	for i := range rest {
		if !permute(append(slices.Clone(head), rest[i]), slices.Delete(slices.Clone(rest), i, i+1), yield) {
			return false
		}
	}
	return true
}

func TestASourceSeesItsOwnServer(t *testing.T) {
	t.Parallel()
	s, g, tr, _ := newSources(t)
	tr.state["shop.example.a"] = State{Loaded: true, Serial: 7}
	for _, step := range []struct {
		source, line, err, says string
	}{
		{"a", `addzone shop.example IN _default { type slave; file "../../x"; masters { 192.0.2.1; 192.0.2.2 port 5300 key "key-a"; 192.0.2.3 tls ephemeral; }; };`, "", ""},
		{"a", `addzone Shop.Example { type slave; file "y"; masters { 192.0.2.9; }; };`, "already exists", ""},
		{"a", `showzone shop.example`, "", `zone "shop.example" { type slave; file "../../x"; masters { 192.0.2.1; 192.0.2.2 port 5300 key "key-a"; 192.0.2.3 tls "opportunistic"; }; };`},
		{"b", `showzone shop.example`, "not found", "no matching zone"},
		{"b", `refresh shop.example`, "not found", "no matching zone"},
		{"b", `delzone shop.example`, "not found", "no matching zone"},
		{"b", `modzone shop.example { type slave; masters { 192.0.2.9; }; };`, "not found", ""},
		{"a", `zonestatus shop.example`, "", "serial: 7\n"},
		{"b", `zonestatus shop.example`, "not found", ""},
		{"a", `status`, "", "number of zones: 1\n"},
		{"b", `status`, "", "number of zones: 0\n"},
		{"a", `tsig-list`, "", `key "key-a";`},
		{"b", `tsig-list`, "", `key "key-b";`},
		{"a", `modzone shop.example { type slave; file "z"; masters { 192.0.2.9; }; };`, "", "reconfigured"},
		{"a", `showzone shop.example`, "", `file "z"; masters { 192.0.2.9; };`},
		{"a", `refresh shop.example IN _default`, "", "zone refresh queued"},
		{"a", `retransfer shop.example`, "", ""},
		{"a", `addzone bare.example { type slave; };`, "", ""},
		{"a", `showzone bare.example`, "", `masters { 192.0.2.10; };`}, // who asked
		{"a", `addzone slow.example { type slave; };`, "", ""},
		{"a", `refresh slow.example`, "failure", "not being transferred yet"},
		{"paused", `status`, "permission denied", "source paused is paused (resume it)"},
		{"paused", `addzone x.example { type slave; };`, "permission denied", "resume it"},
		{"nobody", `status`, "permission denied", "removed"},
	} {
		if step.source == "paused" {
			set(t, s, "paused", "cGF1c2Vk")
		}
		if a := do(t, s, step.source, step.line); a.Err != step.err || !strings.Contains(a.Text, step.says) {
			t.Errorf("%s: %s: %+v; want %q, %q", step.source, step.line, a, step.err, step.says)
		}
	}
	if want := []string{"shop.example. of a, whole false", "shop.example. of a, whole true", "slow.example. of a, whole false"}; !slices.Equal(tr.calls, want) {
		t.Errorf("the intake was asked %v", tr.calls)
	}
	if !slices.Contains(g.heard, "paused") || slices.Contains(g.heard, "nobody") {
		t.Errorf("heard: %v", g.heard)
	}
}

// A source that says where its zones come from need not say it with each.
func TestPrimariesOfTheSource(t *testing.T) {
	t.Parallel()
	s, g, _, _ := newSources(t)
	err := s.SetSource(skein.Source{Name: "a", Door: skein.DoorRNDC, Transfer: &skein.TransferSetup{
		Primaries: []skein.TransferPrimary{{Address: netip.MustParseAddrPort("192.0.2.7:53"), Key: "key-a"}},
	}}, skein.SourceSecrets{})
	if err != nil {
		t.Fatal(err)
	}
	if a := do(t, s, "a", `addzone bare.example { type slave; };`); a.Result != 0 {
		t.Fatal(a)
	}
	if z := g.asked[[2]string{zone.Name("bare.example.").Key(), "a"}]; len(z.Primaries) != 0 {
		t.Errorf("%+v", z)
	}
	if a := do(t, s, "a", `showzone bare.example`); !strings.Contains(a.Text, `masters { 192.0.2.7 key "key-a"; };`) {
		t.Error(a)
	}
}

// What is Skein's own fault is for the log.
func TestAnInternalErrorIsNotTold(t *testing.T) {
	t.Parallel()
	s, g, _, log := newSources(t)
	g.fail = errors.New("/var/lib/skein/secret: no such table")
	a := do(t, s, "a", "status")
	if a.Err != "failure" || strings.Contains(a.Text, "table") || !strings.Contains(log.String(), "no such table") {
		t.Errorf("%+v\n%s", a, log)
	}
}

func TestKeysSpeakForOneSource(t *testing.T) {
	t.Parallel()
	s, _, _, log := newSources(t)
	keysFrom := func(addr string) string {
		named := map[string]bool{}
		for _, k := range s.KeysFrom(netip.MustParseAddr(addr)) {
			named[k.Name] = true
		}
		return strings.Join(slices.Sorted(maps.Keys(named)), " ")
	}
	expect := func(situation, addr, want string) {
		t.Helper()
		if got := keysFrom(addr); got != want {
			t.Errorf("%s: from %s may sign %q, want %q", situation, addr, got, want)
		}
	}
	expect("two sources", "192.0.2.1", "a b")
	set(t, s, "a", secretA, "192.0.2.0/24", "2001:db8::/32")
	expect("a is bound to networks", "192.0.2.1", "a b")
	expect("a is bound to networks", "2001:db8::1", "a b")
	expect("a is bound to networks", "198.51.100.1", "b")
	set(t, s, "b", secretA, "198.51.100.0/24")
	expect("one key for two sources, apart", "192.0.2.1", "a")
	expect("one key for two sources, apart", "198.51.100.1", "b")
	set(t, s, "b", secretA)
	expect("one key for two sources, not apart", "192.0.2.1", "")
	expect("one key for two sources, not apart", "198.51.100.1", "b")
	if !strings.Contains(log.String(), "the same rndc key") || strings.Contains(log.String(), secretA) {
		t.Errorf("the log says %s", log)
	}
	if err := s.RemoveSource("b"); err != nil {
		t.Fatal(err)
	}
	expect("b is removed", "192.0.2.1", "a")
	expect("b is removed", "198.51.100.1", "")
	if err := s.SetSource(skein.Source{Name: "a", Door: skein.DoorTransfer}, skein.SourceSecrets{Keys: []skein.TransferKey{{Name: "k", Algorithm: "hmac-sha256", Secret: secretA}}}); err != nil {
		t.Fatal(err)
	}
	expect("a has another door", "192.0.2.1", "")
	if len(s.byKey) != 0 || len(s.sources) != 0 {
		t.Errorf("left over: %d, %d", len(s.byKey), len(s.sources))
	}
	err := s.SetSource(skein.Source{Name: "a", Door: skein.DoorRNDC}, skein.SourceSecrets{Keys: []skein.TransferKey{
		{Name: "old", Algorithm: "hmac-md5", Secret: secretA}, {Name: "new", Algorithm: "hmac-sha512", Secret: secretA}, {Name: "twice", Algorithm: "hmac-sha512", Secret: secretA},
	}})
	if err != nil || len(s.KeysFrom(netip.MustParseAddr("192.0.2.1"))) != 2 {
		t.Errorf("several keys at once: %v, %v", s.KeysFrom(netip.MustParseAddr("192.0.2.1")), err)
	}
}

// listen serves the sources' commands on a port.
func listen(t *testing.T, s *Sources) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &wire.Server{KeysFrom: s.KeysFrom, Handler: s.Handle}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// The command lines of Plesk's extension, word by word, with Debian's rndc.
func TestPlesksCommandLinesWithTheRealRNDC(t *testing.T) {
	t.Parallel()
	s, g, tr, _ := newSources(t)
	addr := listen(t, s)
	conf := filepath.Join(t.TempDir(), "slave_127.0.0.1.conf")
	text := fmt.Sprintf("key \"rndc-key\" {\n\talgorithm hmac-sha256;\n\tsecret %q;\n};\n", secretA)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	plesk := func(args ...string) (string, error) {
		out, err := exec.Command(servertest.Program(t, "rndc"), append([]string{"-b", "127.0.0.1", "-s", "127.0.0.1",
			"-p", fmt.Sprint(addr.Port()), "-y", "rndc-key", "-c", conf}, args...)...).CombinedOutput()
		return string(out), err
	}
	const add = `{ type slave; file "example.com"; masters { 192.0.2.110; }; };`
	for _, step := range []struct {
		args   []string
		failed string
		says   string
	}{
		{[]string{"refresh", "example.com", "IN", "_default"}, "'refresh' failed: not found", ""}, // an update: it is not there
		{[]string{"addzone", "example.com", "IN", "_default", add}, "", ""},                       // so it is added
		{[]string{"addzone", "example.com", "IN", "_default", add}, "'addzone' failed: already exists", ""},
		{[]string{"refresh", "example.com", "IN", "_default"}, "", "zone refresh queued"},
		{[]string{"status"}, "", "version: "},
		{[]string{"showzone", "example.com", "IN", "_default"}, "", `masters { 192.0.2.110; };`},
		{[]string{"delzone", "-clean", "example.com", "IN", "_default"}, "", "zone 'example.com' and associated files will be deleted."},
		{[]string{"addzone", "example.com", "IN", "_default", add}, "", ""},
		{[]string{"delzone", "example.com", "IN", "_default"}, "", "zone 'example.com' will be deleted."},
		{[]string{"delzone", "example.com", "IN", "_default"}, "'delzone' failed: not found", ""},
		{[]string{"addzone", "example.com", "IN", "view1", add}, "'addzone' failed: not found", "no matching view found for 'view1'"},
	} {
		out, err := plesk(step.args...)
		switch {
		case step.failed == "" && (err != nil || !strings.Contains(out, step.says)):
			t.Errorf("%v: %v\n%s\nwant %q", step.args, err, out, step.says)
		case step.failed != "" && (err == nil || !strings.Contains(out, step.failed) || !strings.Contains(out, step.says)):
			t.Errorf("%v: %v\n%s\nwant %q, %q", step.args, err, out, step.failed, step.says)
		}
	}
	if len(g.asked) != 0 || len(tr.calls) != 1 {
		t.Errorf("left over: %v, %v", g.asked, tr.calls)
	}
	// A wrong key, and a key that was exchanged.
	set(t, s, "a", secretB)
	set(t, s, "b", secretA, "192.0.2.0/24")
	if out, err := plesk("status"); err == nil || !strings.Contains(out, "connection to remote host closed") {
		t.Errorf("with a wrong key: %v\n%s", err, out)
	}
}

// Ten thousand zones come over one connection, and over many at once.
func TestTenThousandZones(t *testing.T) {
	t.Parallel()
	s, g, _, _ := newSources(t)
	addr := listen(t, s)
	const conns, zones = 20, 10_000
	var group sync.WaitGroup
	for c := range conns {
		group.Go(func() {
			client := wire.NewClient(addr, wire.Key{Algorithm: "hmac-sha256", Secret: secretA}, wire.Options{})
			defer client.Close()
			from, to := c*zones/conns, (c+1)*zones/conns
			if c == 0 { // and all again, alone
				to = zones
			}
			for i := from; i < to; i++ {
				a, err := client.Call(t.Context(), fmt.Sprintf(`addzone z%d.example { type slave; file "z%d"; masters { 192.0.2.1; }; };`, i, i))
				if err != nil || a.Result != 0 && a.Result != 18 {
					t.Errorf("zone %d: %+v, %v", i, a, err)
					return
				}
			}
		})
	}
	group.Wait()
	if len(g.asked) != zones {
		t.Errorf("%d zones are there", len(g.asked))
	}
}

// BIND's answer to a clock that is wrong is the end of the connection; the
// client finds out which it was.
func TestAClockFiveMinutesOff(t *testing.T) {
	t.Parallel()
	s, _, _, _ := newSources(t)
	addr := listen(t, s)
	key := wire.Key{Algorithm: "hmac-sha256", Secret: secretA}
	for off, want := range map[time.Duration]wire.Cause{-290 * time.Second: "", 290 * time.Second: "", -310 * time.Second: wire.CauseClock, 310 * time.Second: wire.CauseClock} {
		o := wire.Options{Now: func() time.Time { return time.Now().Add(off) }}
		conn, err := wire.Dial(t.Context(), addr, key, o)
		if (err == nil) != (want == "") {
			t.Errorf("%s off: %v", off, err)
		}
		if err == nil {
			conn.Close()
			continue
		}
		if cause, _ := wire.Why(t.Context(), addr, key, o); cause != want {
			t.Errorf("%s off: the cause seems to be %q", off, cause)
		}
	}
}
