package rndc

import (
	"bytes"
	"testing"
)

var recordings = []string{"client-first-message", "rndc-null", "named-null", "rndc-zonestatus", "named-not-found",
	"md5-rndc-null", "md5-named-null", "md5-rndc-null-with-nonce", "md5-named-null-again"}

// FuzzParseFrame reads a frame as it came: what verifies is written again and
// means the same. What does not verify is parsed all the same, as a body.
func FuzzParseFrame(f *testing.F) {
	for _, name := range recordings {
		f.Add(recorded(f, name)[4:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, which, err := ParseFrame(b, goodKey, md5Key)
		if err != nil {
			p := parser{rest: b}
			p.message()
			return
		}
		sameAgain(t, m, []Key{goodKey, md5Key}[which])
	})
}

// FuzzBody signs whatever the fuzzer makes, so that it gets behind the
// signature, and gives it to both sides: as a request to a server, and as an
// answer to a client.
func FuzzBody(f *testing.F) {
	for _, name := range recordings {
		frame := recorded(f, name)
		f.Add(frame[bytes.Index(frame, []byte("\x05_ctrl")):])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		signature, err := goodKey.signature(body)
		if err != nil {
			t.Fatal(err)
		}
		auth, err := appendFields(nil, []Field{{Name: "_auth", IsTable: true, Table: []Field{signature}}})
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := ParseFrame(append(append([]byte{0, 0, 0, version}, auth...), body...), goodKey)
		if err != nil {
			return
		}
		sameAgain(t, m, goodKey)
		s := &Server{Keys: []Key{goodKey}, Handler: echo}
		for _, greeted := range []bool{false, true} {
			session := newSession()
			session.greeted = greeted
			if s.check(m, session) == nil {
				sameAgain(t, s.reply(m, s.carryOut(t.Context(), nil, goodKey, m, session), session), goodKey)
			}
			c := &Conn{key: goodKey}
			if a, err := c.answer(m, Get(m.Ctrl, "_ser")); err == nil && c.nonce == "" {
				t.Errorf("an answer without a nonce was taken: %+v", a)
			}
		}
	})
}

// FuzzFrame writes messages of any content and reads them again.
func FuzzFrame(f *testing.F) {
	f.Add("1000", "1700000000", "862513655", "status", "23", "not found", "")
	f.Add("", "", "", "addzone \"a;b\" IN \"x\" { };", "\x00", "\xff", "two\nlines")
	f.Fuzz(func(t *testing.T, serial, tim, nonce, command, result, errText, text string) {
		m := Message{
			Ctrl: fields("_ser", serial, "_tim", tim, "_nonce", nonce),
			Data: append(fields("type", command, "result", result), Field{Name: "more", IsTable: true, Table: fields("err", errText, "text", text)}),
		}
		sameAgain(t, m, goodKey)
		sameAgain(t, m, md5Key)
	})
}

// sameAgain demands that a message survives being written and read.
func sameAgain(t *testing.T, m Message, key Key) {
	t.Helper()
	frame, err := AppendFrame(nil, m, key)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := ParseFrame(frame[4:], key)
	if err != nil || !sameFields(m.Ctrl, again.Ctrl) || !sameFields(m.Data, again.Data) {
		t.Fatalf("%v\n%+v\nbecame\n%+v", err, m, again)
	}
}

// FuzzParseCommand: whatever is sent is a command with a name, or refused.
func FuzzParseCommand(f *testing.F) {
	f.Add(`addzone example.com IN _default { type secondary; file "f"; primaries { 192.0.2.1 port 53 key k; }; };`)
	f.Add(`delzone -clean "a\"b"`)
	f.Add("x /* y */ // z\n# { }")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCommand(s)
		if err != nil {
			return
		}
		if c.Name == "" || len(c.Block) > 0 && !c.HasBlock {
			t.Errorf("%q: %+v", s, c)
		}
	})
}

// FuzzParseKeys: a key that is read can sign, and errors never quote a secret.
func FuzzParseKeys(f *testing.F) {
	f.Add(`key "rndc-key" { algorithm hmac-sha256; secret "` + secret + `"; };`)
	f.Add("key a { secret AAAA; algorithm HMAC-MD5; }; options { };")
	f.Add(`key "a" { algorithm hmac-sha256; secret "?"; };`)
	f.Fuzz(func(t *testing.T, s string) {
		keys, err := ParseKeys(s)
		if err == nil && len(keys) == 0 {
			t.Error("neither a key nor an error")
		}
		for _, k := range keys {
			if _, err := k.signature([]byte("x")); err != nil {
				t.Errorf("%v cannot sign: %v", k, err)
			}
		}
	})
}
