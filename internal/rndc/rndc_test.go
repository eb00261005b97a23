package rndc

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The vectors were computed by two independent implementations, one of which
// named accepted. Command null, _ser 1000, _tim 1700000000, _exp 1700000060.
func TestFramesAreThoseThatNamedAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key                    Key
		serial, nonce, command string
		frame                  string
	}{
		"hmac-md5": {Key{Algorithm: "hmac-md5", Secret: "vwOxonI4n4CVRUhKAOAAIA=="}, "1000", "", "null", `
0000008900000001055f61757468020000002004686d6435010000001652714263673253446e616d454e4e5a795a5432
774977055f6374726c0200000036045f736572010000000431303030045f74696d010000000a31373030303030303030
045f657870010000000a31373030303030303630055f64617461020000000e047479706501000000046e756c6c`},
		"hmac-sha1": {Key{Algorithm: "hmac-sha1", Secret: "MTExMTExMTExMTExMTExMTExMTE="}, "1000", "", "null", `
000000cc00000001055f61757468020000006304687368610100000059a157754457747039724b7033592f596b314661
6c585231506c4369773d0000000000000000000000000000000000000000000000000000000000000000000000000000
00000000000000000000000000000000000000000000055f6374726c0200000036045f73657201000000043130303004
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630055f64617461020000
000e047479706501000000046e756c6c`},
		"hmac-sha224": {Key{Algorithm: "hmac-sha224", Secret: "MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMg=="}, "1000", "", "null", `
000000cc00000001055f61757468020000006304687368610100000059a23461477a2f72622f33713045325633413778
7148557462596d59466d304f423056685a6239673d3d0000000000000000000000000000000000000000000000000000
00000000000000000000000000000000000000000000055f6374726c0200000036045f73657201000000043130303004
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630055f64617461020000
000e047479706501000000046e756c6c`},
		"hmac-sha256": {Key{Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}, "1000", "", "null", `
000000cc00000001055f61757468020000006304687368610100000059a3472b73734d644b414a4c48674f574e724f44
4f344f3862472b4d7979555152486c5a5a734d4a6f3658596f3d00000000000000000000000000000000000000000000
00000000000000000000000000000000000000000000055f6374726c0200000036045f73657201000000043130303004
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630055f64617461020000
000e047479706501000000046e756c6c`},
		"hmac-sha384": {Key{Algorithm: "hmac-sha384", Secret: "NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ="}, "1000", "", "null", `
000000cc00000001055f61757468020000006304687368610100000059a4636e4267695a5a35716748336c4650415451
6245684b4944725336656a6c6951454c514b7049714d4337663679464b78794c31337676796d7150794666726a360000
00000000000000000000000000000000000000000000055f6374726c0200000036045f73657201000000043130303004
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630055f64617461020000
000e047479706501000000046e756c6c`},
		"hmac-sha512": {Key{Algorithm: "hmac-sha512", Secret: "NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU="}, "1000", "", "null", `
000000cc00000001055f61757468020000006304687368610100000059a53242426f707a5566763138395a4d57595348
5a614a557a65325a4956706932716d384e595a743438466435624c65394d634b72714145676450764d72633745333031
6e73765669684e696c7857662f43494963596a673d3d055f6374726c0200000036045f73657201000000043130303004
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630055f64617461020000
000e047479706501000000046e756c6c`},
		"a command with the nonce": {Key{Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}, "1001", "862513655", "status", `
000000e300000001055f61757468020000006304687368610100000059a368705841615573696941784b42776b437338
354766755373383970636338446972425758335147396734733d00000000000000000000000000000000000000000000
00000000000000000000000000000000000000000000055f6374726c020000004b045f73657201000000043130303104
5f74696d010000000a31373030303030303030045f657870010000000a31373030303030303630065f6e6f6e63650100
000009383632353133363535055f64617461020000001004747970650100000006737461747573`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := hex.DecodeString(strings.ReplaceAll(c.frame, "\n", ""))
			if err != nil {
				t.Fatal(err)
			}
			m := Message{
				Ctrl: []Field{{Name: "_ser", Value: c.serial}, {Name: "_tim", Value: "1700000000"}, {Name: "_exp", Value: "1700000060"}},
				Data: []Field{{Name: "type", Value: c.command}},
			}
			if c.nonce != "" {
				m.Ctrl = append(m.Ctrl, Field{Name: "_nonce", Value: c.nonce})
			}
			got, err := AppendFrame(nil, m, c.key)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v\n%x\nwant\n%x", err, got, want)
			}
			back, _, err := ParseFrame(want[4:], Key{Algorithm: "hmac-sha1", Secret: "AAAA"}, c.key)
			if err != nil || Get(back.Data, "type") != c.command || Get(back.Ctrl, "_nonce") != c.nonce {
				t.Errorf("%v %+v", err, back)
			}
			want[len(want)-1] ^= 1
			if _, _, err := ParseFrame(want[4:], c.key); !errors.Is(err, ErrAuth) {
				t.Errorf("a changed frame: %v", err)
			}
		})
	}
}

var algorithms = []string{"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}

const secret = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="

// The real rndc against our server, with every algorithm.
func TestRealRNDCAgainstOurServer(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, &Server{Keys: []Key{{Algorithm: "hmac-sha1", Secret: "AAAA"}, {Algorithm: algorithm, Secret: secret}}})
			file := filepath.Join(t.TempDir(), "rndc.key")
			text := fmt.Sprintf("key \"k\" { algorithm %s; secret %q; };\n", algorithm, secret)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(args ...string) (string, error) {
				out, err := exec.Command("/usr/sbin/rndc", append([]string{"-s", "127.0.0.1", "-p", fmt.Sprint(addr.Port()), "-k", file}, args...)...).CombinedOutput()
				return string(out), err
			}
			out, err := run("addzone", "example.com", "IN", "_default", `{ type slave; file "example.com"; masters { 192.0.2.1; }; };`)
			if want := `addzone example.com IN _default { type slave; file "example.com"; masters { 192.0.2.1; }; };`; err != nil || !strings.Contains(out, want) {
				t.Errorf("%v\n%s\nwant %s", err, out, want)
			}
			if out, err := run("fail"); err == nil || !strings.Contains(out, "not found") {
				t.Errorf("a refusal: %v\n%s", err, out)
			}
		})
	}
}

// echo answers with the command, or fails if so told.
func echo(_ context.Context, _ net.Addr, _ Key, command string) Answer {
	if command == "fail" {
		return Answer{Result: 23, Err: "not found", Text: "no such thing"}
	}
	return Answer{Text: command}
}

func serve(t *testing.T, s *Server) netip.AddrPort {
	t.Helper()
	if s.Handler == nil {
		s.Handler = echo
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx, l); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// Every check closes the connection without a word, as named's do.
func TestServerRefusesSilently(t *testing.T) {
	t.Parallel()
	good := Key{Algorithm: "hmac-sha256", Secret: secret}
	start := time.Unix(1_700_000_000, 0)
	at := func(d time.Duration) Options {
		return Options{Now: func() time.Time { return start.Add(d) }}
	}
	for name, c := range map[string]struct {
		key  Key
		opts Options
		ok   bool
	}{
		"the right key":              {good, at(0), true},
		"another secret":             {Key{Algorithm: "hmac-sha256", Secret: "AAAA"}, at(0), false},
		"another algorithm":          {Key{Algorithm: "hmac-sha1", Secret: secret}, at(0), false},
		"a clock 299 s ahead":        {good, at(299 * time.Second), true},
		"a clock 301 s ahead":        {good, at(301 * time.Second), false},
		"a clock 301 s behind":       {good, at(-301 * time.Second), false},
		"a message that has expired": {good, at(-61 * time.Second), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, &Server{Keys: []Key{good}, Now: func() time.Time { return start }})
			client := NewClient(addr, c.key, c.opts)
			defer client.Close()
			a, err := client.Call(t.Context(), "status")
			if c.ok && (err != nil || a.Text != "status") {
				t.Errorf("%+v %v", a, err)
			}
			if !c.ok && !errors.Is(err, ErrRejected) {
				t.Errorf("%+v %v", a, err)
			}
		})
	}
}

func TestReplayIsRefused(t *testing.T) {
	t.Parallel()
	key := Key{Algorithm: "hmac-sha256", Secret: secret}
	addr := serve(t, &Server{Keys: []Key{key}})
	now := fmt.Sprint(time.Now().Unix())
	frame, err := AppendFrame(nil, Message{Ctrl: []Field{{Name: "_ser", Value: "1"}, {Name: "_tim", Value: now}}, Data: []Field{{Name: "type", Value: "null"}}}, key)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		conn, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(frame)
		_, err = readFrame(conn, MaxAnswer)
		if (err == nil) != want {
			t.Errorf("round %d: %v", i, err)
		}
		conn.Close()
	}
}

func TestClientComesBackAfterTheServerHungUp(t *testing.T) {
	t.Parallel()
	key := Key{Algorithm: "hmac-sha256", Secret: secret}
	addr := serve(t, &Server{Keys: []Key{key}})
	client := NewClient(addr, key, Options{})
	defer client.Close()
	for range 3 {
		if a, err := client.Call(t.Context(), "status"); err != nil || a.Text != "status" {
			t.Fatal(a, err)
		}
		client.conn.conn.(*net.TCPConn).CloseWrite() // the server sees the end and closes
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	keys, err := ParseKeys("# one\n// two\n/* three */ key \"a b\" {\n\talgorithm HMAC-SHA256; secret \"AAAA\";\n};\noptions { default-key x; };\nkey c { algorithm hmac-md5; secret AAAA; };")
	if err != nil || len(keys) != 2 || keys[0].Name != "a b" || keys[0].Algorithm != "hmac-sha256" || keys[1].Secret != "AAAA" {
		t.Errorf("%+v %v", keys, err)
	}
	for _, bad := range []string{"", "key a { algorithm hmac-sha256; secret \"?\"; };", "key a { algorithm x; secret AAAA; };", "key \"a", "key a {"} {
		if keys, err := ParseKeys(bad); err == nil {
			t.Errorf("%q gives %+v", bad, keys)
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	c, err := ParseCommand(`addzone "example.com" "IN" "my view" { type slave; file "x;\"y"; masters port 5300 { 192.0.2.1; 2001:db8::1 port 53 key "k"; }; };`)
	if err != nil || c.Name != "addzone" || c.Arg(0) != "example.com" || c.Arg(2) != "my view" || !c.HasBlock {
		t.Fatal(c, err)
	}
	z, err := ParseZone(c.Block)
	if err != nil || z.Type != "secondary" || z.File != `x;"y` || fmt.Sprint(z.Primaries) != "[{192.0.2.1 5300 } {2001:db8::1 53 k}]" {
		t.Errorf("%+v %v", z, err)
	}
	if c, err := ParseCommand("delzone -clean example.com"); err != nil || c.Flags[0] != "-clean" || c.Arg(0) != "example.com" {
		t.Error(c, err)
	}
	for _, bad := range []string{"", "addzone x { type secondary }", "addzone x { type secondary; ", "a } b", "addzone x { }; y"} {
		if c, err := ParseCommand(bad); err == nil {
			t.Errorf("%q gives %+v", bad, c)
		}
	}
	for _, name := range []string{`a\"b.example`, `a\.b\\.example`, "a b;{}.example"} {
		q, err := Quote(name)
		w, werr := Words(q)
		if err != nil || werr != nil || len(w) != 1 || w[0].Text != strings.ReplaceAll(name, `\"`, `"`) {
			t.Error(name, q, w, err, werr)
		}
	}
	for _, bad := range []string{`a" ; rm`, `a\`, "a\nb"} {
		if q, err := Quote(bad); err == nil {
			t.Errorf("%q is quoted as %s", bad, q)
		}
	}
}

func FuzzParseFrame(f *testing.F) {
	key := Key{Algorithm: "hmac-sha256", Secret: secret}
	for _, answer := range []bool{false, true} {
		m := Message{Ctrl: []Field{{Name: "_ser", Value: "1"}}, Data: []Field{{Name: "type", Value: "status"}}}
		if answer {
			m.Data = append(m.Data, Field{Name: "result", Value: "23"}, Field{Name: "text", Value: "no"})
		}
		frame, err := AppendFrame(nil, m, key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame[4:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, _, err := ParseFrame(b, key)
		if err != nil {
			// The body behind a bad signature is parsed as well, as if it held.
			p := parser{rest: b}
			for len(p.rest) > 0 {
				if _, err := p.field(1); err != nil {
					break
				}
			}
			return
		}
		frame, err := AppendFrame(nil, m, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := ParseFrame(frame[4:], key); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseCommand(f *testing.F) {
	f.Add(`addzone example.com IN _default { type secondary; file "f"; primaries { 192.0.2.1 port 53 key k; }; };`)
	f.Add(`delzone -clean "a\"b"`)
	f.Add("x /* y */ // z\n# { }")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCommand(s); err == nil && c.HasBlock {
			ParseZone(c.Block)
		}
		ParseKeys(s)
	})
}
