package tsig_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
)

const secret = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func key(t testing.TB, name, algorithm, secret string) tsig.Key {
	t.Helper()
	k, err := tsig.NewKey(name, algorithm, secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// holder finds one key.
func holder(k tsig.Key) func(string) (tsig.Key, bool) {
	return func(name string) (tsig.Key, bool) { return k, name == k.Name() }
}

// signed is a request that the DNS library signed, and where its TSIG begins.
func signed(t testing.TB, algorithm string, at time.Time, edit func(*dns.TSIG)) (wire []byte, tsigAt int, mac string) {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion("example.com.", dns.TypeSOA)
	plain, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m.SetTsig("Key.Example.", algorithm, 300, at.Unix())
	if edit != nil {
		edit(m.IsTsig())
	}
	wire, mac, err = dns.TsigGenerate(m, secret, "", false)
	if err != nil {
		t.Fatal(err)
	}
	return wire, len(plain), mac
}

// The library signs, we verify; we sign several answers, the library verifies.
func TestTheLibraryAgrees(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{dns.HmacSHA1, dns.HmacSHA224, dns.HmacSHA256, dns.HmacSHA384, dns.HmacSHA512} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			k := key(t, "key.example", algorithm, secret)
			now := time.Now() // the library looks at the clock
			wire, at, mac := signed(t, algorithm, now, nil)
			s, problem := tsig.Receive(wire, at, holder(k), now)
			if problem != tsig.None || s.Key() != "key.example." {
				t.Fatalf("%v, key %q", problem, s.Key())
			}
			for i := range 3 {
				m := new(dns.Msg)
				m.SetQuestion("example.com.", dns.TypeSOA)
				m.Response = true
				plain, _ := m.Pack()
				room := s.Room()
				answer := s.Sign(plain, now)
				if len(answer)-len(plain) != room {
					t.Errorf("Sign appended %d octets, Room said %d", len(answer)-len(plain), room)
				}
				if err := m.Unpack(answer); err != nil {
					t.Fatal(err)
				}
				if err := dns.TsigVerify(answer, secret, mac, i > 0); err != nil { // it changes answer
					t.Fatalf("answer %d: %v", i, err)
				}
				mac = m.IsTsig().MAC
			}
		})
	}
}

func TestOurOwnRequestAndItsAnswer(t *testing.T) {
	t.Parallel()
	k := key(t, "key.example", "hmac-sha256", secret)
	m := new(dns.Msg)
	m.SetNotify("example.com.")
	plain, _ := m.Pack()
	client := tsig.Ask(k)
	request := client.Sign(plain, noon)
	server, problem := tsig.Receive(request, len(plain), holder(k), noon)
	if problem != tsig.None {
		t.Fatal(problem)
	}
	answer := server.Sign(append([]byte(nil), plain...), noon)
	if p := client.Verify(answer, len(plain), noon); p != tsig.None {
		t.Errorf("the answer has problem %v", p)
	}
	answer[5] ^= 1
	if p := client.Verify(answer, len(plain), noon); p != tsig.BadSig {
		t.Errorf("a changed answer has problem %v, want BADSIG", p)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	right := key(t, "key.example", "hmac-sha256", secret)
	for name, c := range map[string]struct {
		key     tsig.Key
		at      time.Time
		edit    func(wire []byte, at int) []byte
		problem tsig.Problem
	}{
		"all is well":                      {key: right, at: noon, problem: tsig.None},
		"clocks five minutes apart":        {key: right, at: noon.Add(-300 * time.Second), problem: tsig.None},
		"another key":                      {key: key(t, "other", "hmac-sha256", secret), at: noon, problem: tsig.BadKey},
		"the key with another algorithm":   {key: key(t, "key.example", "hmac-sha512", secret), at: noon, problem: tsig.BadKey},
		"another secret":                   {key: key(t, "key.example", "hmac-sha256", "AAAA"), at: noon, problem: tsig.BadSig},
		"the message was changed":          {key: right, at: noon, problem: tsig.BadSig, edit: func(w []byte, at int) []byte { w[2] ^= 1; return w }},
		"the clock is behind":              {key: right, at: noon.Add(-301 * time.Second), problem: tsig.BadTime},
		"the clock is ahead":               {key: right, at: noon.Add(301 * time.Second), problem: tsig.BadTime},
		"a forwarder changed the id":       {key: right, at: noon, problem: tsig.None, edit: func(w []byte, at int) []byte { w[0] ^= 1; return w }},
		"the MAC is cut to half":           {key: right, at: noon, problem: tsig.BadTrunc, edit: cut(16)},
		"the MAC is cut to less than half": {key: right, at: noon, problem: tsig.Malformed, edit: cut(15)},
		"there is no MAC":                  {key: right, at: noon, problem: tsig.Malformed, edit: cut(0)},
		"something follows":                {key: right, at: noon, problem: tsig.Malformed, edit: func(w []byte, at int) []byte { return append(w, 0) }},
		"it is cut short":                  {key: right, at: noon, problem: tsig.Malformed, edit: func(w []byte, at int) []byte { return w[:len(w)-1] }},
		"its class is IN":                  {key: right, at: noon, problem: tsig.Malformed, edit: func(w []byte, at int) []byte { w[at+13+3] = 1; return w }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire, at, _ := signed(t, dns.HmacSHA256, c.at, nil)
			if c.edit != nil {
				wire = c.edit(wire, at)
			}
			s, problem := tsig.Receive(wire, at, holder(c.key), noon)
			if problem != c.problem {
				t.Fatalf("problem %v, want %v", problem, c.problem)
			}
			if (s == nil) != (problem == tsig.Malformed) {
				t.Fatal("no session")
			}
			if s == nil {
				return
			}
			if (s.Key() != "") != (problem == tsig.None) {
				t.Errorf("key %q", s.Key())
			}
			reply := answerTo(t, s)
			if got := tsig.Problem(reply.Error); got != problem {
				t.Errorf("the answer says %v", got)
			}
			// RFC 8945 section 5.3.2: unsigned if the key or the MAC is wrong.
			if unsigned := reply.MACSize == 0; unsigned != (problem == tsig.BadKey || problem == tsig.BadSig) {
				t.Errorf("the answer's MAC has %d octets", reply.MACSize)
			}
			if problem == tsig.BadTime {
				if reply.TimeSigned != uint64(c.at.Unix()) || reply.OtherData != fmt.Sprintf("%012x", noon.Unix()) {
					t.Errorf("time signed %d, other data %s", reply.TimeSigned, reply.OtherData)
				}
			}
		})
	}
}

// cut shortens the MAC of a request to size octets.
func cut(size int) func([]byte, int) []byte {
	return func(wire []byte, at int) []byte {
		rdlen := at + 13 + 8 // key.example. is 13 octets
		mac := rdlen + 2 + 13 + 8
		binary.BigEndian.PutUint16(wire[rdlen:], binary.BigEndian.Uint16(wire[rdlen:])-uint16(32-size))
		binary.BigEndian.PutUint16(wire[mac:], uint16(size))
		return append(wire[:mac+2+size:mac+2+size], wire[mac+2+32:]...)
	}
}

func answerTo(t testing.TB, s *tsig.Session) *dns.TSIG {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion("example.com.", dns.TypeSOA)
	m.Response = true
	plain, _ := m.Pack()
	if err := m.Unpack(s.Sign(plain, noon)); err != nil {
		t.Fatal(err)
	}
	return m.IsTsig()
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][3]string{
		"secret is not base64": {"k", "hmac-sha256", "!"},
		"secret is empty":      {"k", "hmac-sha256", ""},
		"unknown algorithm":    {"k", "gss-tsig", secret},
		"no name":              {"", "hmac-sha256", secret},
	} {
		_, err := tsig.NewKey(c[0], c[1], c[2])
		if !errors.Is(err, tsig.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c[2] != "" && strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: the error quotes the secret", name)
		}
	}
	if k := key(t, "K.", "HMAC-MD5", secret); k.Name() != "k." {
		t.Errorf("name %q", k.Name())
	}
}

func FuzzReceive(f *testing.F) {
	k := key(f, "key.example", "hmac-sha256", secret)
	wire, at, _ := signed(f, dns.HmacSHA256, noon, nil)
	f.Add(wire, at)
	f.Fuzz(func(t *testing.T, wire []byte, at int) {
		if len(wire) < 12 || at < 12 || at > len(wire) {
			return
		}
		s, problem := tsig.Receive(wire, at, holder(k), noon)
		if (s == nil) != (problem == tsig.Malformed) {
			t.Fatalf("session %v, problem %v", s, problem)
		}
		if s != nil {
			answerTo(t, s)
		}
	})
}
