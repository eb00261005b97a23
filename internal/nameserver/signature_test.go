package nameserver

import (
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A signed question gets a signed answer, and a wrong signature the answer
// that RFC 8945 section 5.2 has for it.
func TestSignedQuestions(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	s.SetAccess(Access{Keys: []Key{testKey}})
	const answered = "NOERROR aa 1/1/0/1"
	for name, c := range map[string]struct {
		key, algorithm, secret string
		ago                    time.Duration
		want                   string
		problem                uint16
		signed                 bool
	}{
		"all is well":           {"k.", dns.HmacSHA256, testKey.Secret, 0, answered, 0, true},
		"the key in capitals":   {"K.", dns.HmacSHA256, testKey.Secret, 0, answered, 0, true},
		"an unknown key":        {"nosuch.", dns.HmacSHA256, testKey.Secret, 0, "NOTAUTH 1/0/0/1", dns.RcodeBadKey, false},
		"another algorithm":     {"k.", dns.HmacSHA512, testKey.Secret, 0, "NOTAUTH 1/0/0/1", dns.RcodeBadKey, false},
		"another secret":        {"k.", dns.HmacSHA256, "AAAA", 0, "NOTAUTH 1/0/0/1", dns.RcodeBadSig, false},
		"signed long ago":       {"k.", dns.HmacSHA256, testKey.Secret, time.Hour, "NOTAUTH 1/0/0/1", dns.RcodeBadTime, true},
		"signed in the future":  {"k.", dns.HmacSHA256, testKey.Secret, -time.Hour, "NOTAUTH 1/0/0/1", dns.RcodeBadTime, true},
		"four minutes ago will": {"k.", dns.HmacSHA256, testKey.Secret, 4 * time.Minute, answered, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, _ := query(t, "ns2.corpus.example. A")
			q.SetTsig(c.key, c.algorithm, 300, time.Now().Add(-c.ago).Unix())
			wire, mac, err := dns.TsigGenerate(q, c.secret, "", false)
			if err != nil {
				t.Fatal(err)
			}
			out := s.handle(new(writer), wire, client, overUDP)
			m := unpack(t, out)
			sig := m.IsTsig()
			if got := glance(m); got != c.want || sig == nil || sig.Error != c.problem || (sig.MACSize > 0) != c.signed {
				t.Fatalf("%q with %v, want %q, problem %d", got, sig, c.want, c.problem)
			}
			if c.signed && c.problem == 0 {
				if err := dns.TsigVerify(out, c.secret, mac, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// The room of a signature is not filled with records.
func TestSignedAnswersAreNoLarger(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	s.SetAccess(Access{Keys: []Key{testKey}})
	for _, question := range []string{"mid.corpus.example. MX", "many.corpus.example. NS", "big.corpus.example. TXT"} {
		q, _ := query(t, question)
		q.SetTsig("k.", dns.HmacSHA256, 300, time.Now().Unix())
		wire, _, err := dns.TsigGenerate(q, testKey.Secret, "", false)
		if err != nil {
			t.Fatal(err)
		}
		out := s.handle(new(writer), wire, client, overUDP)
		if m := unpack(t, out); len(out) > minUDP || m.IsTsig() == nil {
			t.Errorf("%s: %d octets, %s", question, len(out), glance(m))
		}
	}
}

// A key that cannot be used is left out, and the others hold.
func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	x, problems := newAccess(Access{Keys: []Key{{Name: "bad", Algorithm: "hmac-sha256", Secret: "!"}, testKey}, TransferKeys: []string{"bad", "k"}}, nil)
	if len(problems) != 1 || len(x.keys) != 1 {
		t.Errorf("%d problems, %d keys", len(problems), len(x.keys))
	}
}
