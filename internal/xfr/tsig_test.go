package xfr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

var testKey = Key{Name: "Skein-ns2.example.net", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}

// signer signs the messages of an answer. It is written from RFC 8945 section
// 5.3.1 and shares nothing with what it tests.
type signer struct {
	t      *testing.T
	key    Key
	at     time.Time
	mac    []byte
	digest []byte // messages since the last signature
	later  bool
}

// macOf is the signature of a message.
func macOf(t *testing.T, wire []byte) []byte {
	t.Helper()
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	mac, err := hex.DecodeString(m.IsTsig().MAC)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

func (s *signer) plain(wire []byte) []byte {
	s.digest = append(s.digest, wire...)
	return wire
}

func (s *signer) signed(wire []byte) []byte {
	s.t.Helper()
	secret, err := base64.StdEncoding.DecodeString(s.key.Secret)
	if err != nil {
		s.t.Fatal(err)
	}
	wireName := func(name string) []byte {
		b := make([]byte, 256)
		n, err := dns.PackDomainName(name, b, 0, nil, false)
		if err != nil {
			s.t.Fatal(err)
		}
		return b[:n]
	}
	timers := binary.BigEndian.AppendUint16(nil, uint16(s.at.Unix()>>32))
	timers = binary.BigEndian.AppendUint32(timers, uint32(s.at.Unix()))
	timers = binary.BigEndian.AppendUint16(timers, 300) // fudge
	h := hmac.New(sha256.New, secret)
	h.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(s.mac))), s.mac...))
	h.Write(append(s.digest, wire...))
	if s.later {
		h.Write(timers)
	} else {
		h.Write(wireName(s.key.OwnerName()))
		h.Write([]byte{0, 255, 0, 0, 0, 0}) // class ANY, TTL 0
		h.Write(wireName(dns.CanonicalName(s.key.Algorithm)))
		h.Write(timers)
		h.Write([]byte{0, 0, 0, 0}) // error, other length
	}
	s.mac, s.digest, s.later = h.Sum(nil), nil, true

	rdata := append(wireName(dns.CanonicalName(s.key.Algorithm)), timers...)
	rdata = append(binary.BigEndian.AppendUint16(rdata, uint16(len(s.mac))), s.mac...)
	rdata = append(rdata, wire[0], wire[1], 0, 0, 0, 0) // original ID, error, other length
	out := append([]byte(nil), wire...)
	binary.BigEndian.PutUint16(out[10:], binary.BigEndian.Uint16(out[10:])+1)
	out = append(append(out, wireName(s.key.OwnerName())...), 0, 250, 0, 255, 0, 0, 0, 0)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(rdata))), rdata...)
}

// Every message is covered by a signature, its own or a later one.
func TestSignaturesOfATransfer(t *testing.T) {
	t.Parallel()
	parts := []string{soa("5"), "example.com. 300 NS ns1.example.com.", "ns1.example.com. 300 A 192.0.2.1", "www.example.com. 300 A 192.0.2.10\nwww.example.com. 300 A 192.0.2.11", soa("5")}
	other := testKey
	other.Name = "another.example"
	wrong := testKey
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for situation, c := range map[string]struct {
		key    Key
		sign   string // one letter a message: s signed, - not
		skew   time.Duration
		tamper func(wires [][]byte)
		says   string // "" : good
	}{
		"all signed":                         {testKey, "sssss", 0, nil, ""},
		"only the first and last signed":     {testKey, "s---s", 0, nil, ""},
		"some signed":                        {testKey, "s-s-s", 0, nil, ""},
		"none signed":                        {testKey, "-----", 0, nil, "there is no signature"},
		"the first not signed":               {testKey, "-ssss", 0, nil, "there is no signature"},
		"the last not signed":                {testKey, "ssss-", 0, nil, "no signature at the end"},
		"another key":                        {other, "sssss", 0, nil, "another key than skein-ns2"},
		"another secret":                     {wrong, "sssss", 0, nil, "are not what key"},
		"a clock an hour late":               {testKey, "sssss", -time.Hour, nil, "compare the clocks"},
		"a clock an hour early":              {testKey, "sssss", time.Hour, nil, "compare the clocks"},
		"a clock a minute late":              {testKey, "sssss", -time.Minute, nil, ""},
		"a signed message changed":           {testKey, "sssss", 0, func(w [][]byte) { w[2][len(w[2])-120] ^= 1 }, ""},
		"an unsigned message changed":        {testKey, "s---s", 0, func(w [][]byte) { w[2][len(w[2])-1] ^= 1 }, "are not what key"},
		"an unsigned message left out":       {testKey, "s---s", 0, func(w [][]byte) { w[2] = nil }, "are not what key"},
		"two messages in the other order":    {testKey, "sssss", 0, func(w [][]byte) { w[2], w[3] = w[3], w[2] }, "are not what key"},
		"a signature from before, once more": {testKey, "sssss", 0, func(w [][]byte) { w[3] = w[2] }, "are not what key"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			r := request(contents(t, ""))
			r.Key = &testKey
			q := ask(dns.Type(dns.TypeAXFR))
			asked, v, err := r.pack(q)
			if err != nil {
				t.Fatal(err)
			}
			s := &signer{t: t, key: c.key, at: time.Now().Add(c.skew), mac: macOf(t, asked)}
			var wires [][]byte
			for i, part := range parts {
				wire := pack(t, reply(t, q, part))
				if c.sign[i] == 's' {
					wires = append(wires, s.signed(wire))
				} else {
					wires = append(wires, s.plain(wire))
				}
			}
			if c.tamper != nil {
				c.tamper(wires)
				var kept [][]byte
				for _, w := range wires {
					if w != nil {
						kept = append(kept, w)
					}
				}
				wires = kept
			}
			got, _, err := r.receive(stream(wires...), q, v)
			switch {
			case situation == "a signed message changed": // whichever check finds it
				if err == nil {
					t.Error("it was accepted")
				}
			case c.says == "" && err != nil:
				t.Errorf("the error is %v", err)
			case c.says == "" && !got.Equal(contents(t, base)):
				t.Errorf("the contents are\n%s", text(t, got))
			case c.says != "" && (!errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), c.says)):
				t.Errorf("the error is %v; want %q", err, c.says)
			}
		})
	}
}

func TestTooManyMessagesWithoutASignature(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		between int
		good    bool
	}{"99 in a row": {99, true}, "100 in a row": {100, false}} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			r := request(contents(t, ""))
			r.Key = &testKey
			q := ask(dns.Type(dns.TypeAXFR))
			asked, v, err := r.pack(q)
			if err != nil {
				t.Fatal(err)
			}
			s := &signer{t: t, key: testKey, at: time.Now(), mac: macOf(t, asked)}
			wires := [][]byte{s.signed(pack(t, reply(t, q, soa("5"))))}
			for range c.between {
				wires = append(wires, s.plain(pack(t, reply(t, q, "www.example.com. 300 A 192.0.2.10"))))
			}
			wires = append(wires, s.signed(pack(t, reply(t, q, soa("5")))))
			if _, _, err := r.receive(stream(wires...), q, v); (err == nil) != c.good {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A refusal that names what is wrong with the key is passed on.
func TestRefusalsOfTheKey(t *testing.T) {
	t.Parallel()
	for code, says := range map[uint16]string{
		dns.RcodeBadKey: "does not know the key", dns.RcodeBadSig: "another secret", dns.RcodeBadTime: "clock",
	} {
		r := request(contents(t, ""))
		r.Key = &testKey
		q := ask(dns.Type(dns.TypeAXFR))
		m := reply(t, q, "")
		m.Rcode = dns.RcodeNotAuth
		m.Extra = []dns.RR{&dns.TSIG{Hdr: dns.RR_Header{Name: testKey.OwnerName(), Rrtype: dns.TypeTSIG, Class: dns.ClassANY}, Algorithm: dns.CanonicalName(testKey.Algorithm), Error: code}}
		_, v, err := r.pack(q)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = r.receive(stream(pack(t, m)), q, v)
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), says) {
			t.Errorf("TSIG error %d: %v", code, err)
		}
	}
}

func TestKeyCheck(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		key  Key
		says string
	}{
		"good":                   {testKey, ""},
		"with dots and capitals": {Key{"K.", "HMAC-SHA512.", "AAAA"}, ""},
		"no name":                {Key{"", "hmac-sha256", "AAAA"}, "no domain name"},
		"a name that is none":    {Key{"a..b", "hmac-sha256", "AAAA"}, "no domain name"},
		"an unknown algorithm":   {Key{"k", "hmac-sha3", "AAAA"}, "is not one of hmac-sha256"},
		"a truncated one":        {Key{"k", "hmac-sha256-128", "AAAA"}, "is not one of hmac-sha256"},
		"a secret that is none":  {Key{"k", "hmac-sha256", "secret!"}, "not base64"},
		"an empty secret":        {Key{"k", "hmac-sha256", ""}, "not base64"},
	} {
		err := c.key.Check()
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret!")) {
			t.Errorf("%s: %v; want %q", situation, err, c.says)
		}
	}
}
