package rndc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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

const secret = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="

var (
	goodKey = Key{Name: "good", Algorithm: "hmac-sha256", Secret: secret}
	md5Key  = Key{Name: "md5", Algorithm: "hmac-md5", Secret: "vwOxonI4n4CVRUhKAOAAIA=="}
)

// recorded reads a frame that went between real programs.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "recorded", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	_, digits, _ := strings.Cut(string(text), "\n") // behind the comment
	frame, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// What named and rndc said to each other is read as it was meant, and written
// again octet for octet.
func TestRecordedExchange(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Message{
		"client-first-message": {
			Ctrl: fields("_ser", "707121482", "_tim", "1795381915", "_exp", "1795381975"), Data: fields("type", "null")},
		"rndc-null": {
			Ctrl: fields("_ser", "719851182", "_tim", "1795381965", "_exp", "1795382025"), Data: fields("type", "null")},
		"named-null": {
			Ctrl: fields("_ser", "719851182", "_tim", "1795381965", "_exp", "1795382025", "_rpl", "1", "_nonce", "2167122491"),
			Data: fields("type", "null", "result", "0")},
		"rndc-zonestatus": {
			Ctrl: fields("_ser", "719851183", "_tim", "1795381965", "_exp", "1795382025", "_nonce", "2167122491"),
			Data: fields("type", "zonestatus nosuch.example")},
		"named-not-found": {
			Ctrl: fields("_ser", "719851183", "_tim", "1795381965", "_exp", "1795382025", "_rpl", "1", "_nonce", "2167122491"),
			Data: fields("type", "zonestatus nosuch.example", "result", "23", "err", "not found", "text", "no matching zone 'nosuch.example' in any view")},
		"md5-rndc-null": {
			Ctrl: fields("_ser", "1551064000", "_tim", "1795381965", "_exp", "1795382025"), Data: fields("type", "null")},
		"md5-named-null": {
			Ctrl: fields("_ser", "1551064000", "_tim", "1795381965", "_exp", "1795382025", "_rpl", "1", "_nonce", "2055301941"),
			Data: fields("type", "null", "result", "0")},
		"md5-rndc-null-with-nonce": {
			Ctrl: fields("_ser", "1551064001", "_tim", "1795381965", "_exp", "1795382025", "_nonce", "2055301941"), Data: fields("type", "null")},
		"md5-named-null-again": {
			Ctrl: fields("_ser", "1551064001", "_tim", "1795381965", "_exp", "1795382025", "_rpl", "1", "_nonce", "2055301941"),
			Data: fields("type", "null", "result", "0")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			frame, key := recorded(t, name), goodKey
			if strings.HasPrefix(name, "md5") {
				key = md5Key
			}
			m, _, err := ParseFrame(frame[4:], key)
			if err != nil || !sameFields(m.Ctrl, want.Ctrl) || !sameFields(m.Data, want.Data) {
				t.Errorf("%v\n%+v\nwant\n%+v", err, m, want)
			}
			if again, err := AppendFrame(nil, m, key); err != nil || !bytes.Equal(again, frame) {
				t.Errorf("%v\n%x\nwant\n%x", err, again, frame)
			}
		})
	}
}

// fields makes scalars of names and values.
func fields(s ...string) (list []Field) {
	for i := 0; i < len(s); i += 2 {
		list = append(list, Field{Name: s[i], Value: s[i+1]})
	}
	return list
}

func sameFields(a, b []Field) bool {
	return slices.EqualFunc(a, b, func(x, y Field) bool {
		return x.Name == y.Name && x.Value == y.Value && x.IsTable == y.IsTable && sameFields(x.Table, y.Table)
	})
}

// The nonce of the recorded exchange ties the second answer to the first, and
// our client takes both as named meant them.
func TestClientReadsTheRecordedAnswers(t *testing.T) {
	t.Parallel()
	c := &Conn{key: goodKey}
	for _, step := range []struct {
		frame, serial string
		want          Answer
	}{
		{"named-null", "719851182", Answer{}},
		{"named-not-found", "719851183", Answer{Result: 23, Err: "not found", Text: "no matching zone 'nosuch.example' in any view"}},
	} {
		m, _, err := ParseFrame(recorded(t, step.frame)[4:], goodKey)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.answer(m, step.serial)
		if got.Time.Unix() != 1795381965 {
			t.Errorf("%s: the server's time is %v", step.frame, got.Time)
		}
		if got.Time = step.want.Time; err != nil || got != step.want {
			t.Errorf("%s: %+v, %v", step.frame, got, err)
		}
	}
}

// A key gets into no log by accident.
func TestKeysDoNotPrintTheirSecret(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"%v", "%+v", "%s", "%q"} {
		if text := fmt.Sprintf(format, []Key{goodKey}); strings.Contains(text, secret) {
			t.Errorf("%s prints %s", format, text)
		}
	}
	if text, err := json.Marshal(goodKey); err != nil || strings.Contains(string(text), secret) {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}
