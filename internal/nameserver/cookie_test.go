package nameserver

import (
	"encoding/hex"
	"net/netip"
	"testing"
	"time"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors of RFC 9018 appendix A, which BIND, Knot and NSD agree on.
func TestCookiesAsOtherServersMakeThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret, client, from string
		at                   int64
		want                 string
	}{
		"a new cookie":      {"e5e973e5a6b2a43f48e7dc849e37bfcf", "2464c4abcf10c957", "198.51.100.100", 1559731985, "010000005cf79f111f8130c3eee29480"},
		"a renewed cookie":  {"e5e973e5a6b2a43f48e7dc849e37bfcf", "2464c4abcf10c957", "198.51.100.100", 1559734385, "010000005cf7a871d4a564a1442aca77"},
		"another client":    {"e5e973e5a6b2a43f48e7dc849e37bfcf", "fc93fc62807ddb86", "203.0.113.203", 1559734700, "010000005cf7a9acf73a7810aca2381e"},
		"another secret":    {"dd3bdf9344b678b185a6f5cb60fca715", "22681ab97d52c298", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741817, "010000005cf7c57926556bd0934c72f8"},
		"a secret replaced": {"445536bcd2513298075a5d379663c962", "22681ab97d52c298", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961, "010000005cf7c609a6bb79d16625507a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret := CookieSecret(unhex(t, c.secret))
			from := netip.MustParseAddr(c.from)
			got := answerCookie(secret, unhex(t, c.client), from, time.Unix(c.at, 0))
			if want := c.client + c.want; hex.EncodeToString(got) != want {
				t.Errorf("%x, want %s", got, want)
			}
			if !cookieHolds([]CookieSecret{secret}, got, from, time.Unix(c.at, 0)) {
				t.Error("the cookie does not hold")
			}
		})
	}
}

func TestWhichCookiesHold(t *testing.T) {
	t.Parallel()
	ours := CookieSecret(unhex(t, "e5e973e5a6b2a43f48e7dc849e37bfcf"))
	older := CookieSecret(unhex(t, "dd3bdf9344b678b185a6f5cb60fca715"))
	from := netip.MustParseAddr("203.0.113.203")
	now := time.Unix(1559727985, 0)
	// RFC 9018 appendix A.2: its reserved octets are another server's.
	foreign := unhex(t, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5")
	made := answerCookie(older, []byte("12345678"), from, now)
	for name, c := range map[string]struct {
		cookie  []byte
		secrets []CookieSecret
		from    string
		later   time.Duration
		holds   bool
	}{
		"reserved octets in use":        {foreign, []CookieSecret{ours}, "203.0.113.203", 0, true},
		"made with the secret before":   {made, []CookieSecret{ours, older}, "203.0.113.203", 0, true},
		"made with an unknown secret":   {made, []CookieSecret{ours}, "203.0.113.203", 0, false},
		"an IPv4 client seen over IPv6": {made, []CookieSecret{older}, "::ffff:203.0.113.203", 0, true},
		"another client's":              {made, []CookieSecret{older}, "203.0.113.204", 0, false},
		"an hour old":                   {made, []CookieSecret{older}, "203.0.113.203", time.Hour, true},
		"older":                         {made, []CookieSecret{older}, "203.0.113.203", time.Hour + time.Second, false},
		"from five minutes ahead":       {made, []CookieSecret{older}, "203.0.113.203", -5 * time.Minute, true},
		"from further ahead":            {made, []CookieSecret{older}, "203.0.113.203", -5*time.Minute - time.Second, false},
		"the client's part alone":       {made[:8], []CookieSecret{older}, "203.0.113.203", 0, false},
		"longer than ours":              {append(made[:24:24], 0), []CookieSecret{older}, "203.0.113.203", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cookieHolds(c.secrets, c.cookie, netip.MustParseAddr(c.from), now.Add(c.later)); got != c.holds {
				t.Errorf("holds: %v", got)
			}
		})
	}
}

// Under attack only clients that show a cookie of ours are answered over UDP.
func TestBadCookie(t *testing.T) {
	t.Parallel()
	secret := CookieSecret{1}
	s := served(t, "zones", Options{RequireCookies: true, CookieSecrets: []CookieSecret{secret}})
	good := string(answerCookie(secret, []byte("12345678"), client.Addr(), time.Now()))
	q := wireQuestion("ns2.corpus.example", 1, 1)
	for name, c := range map[string]struct {
		wire []byte
		via  transport
		want string
	}{
		"a client that has ours":          {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, good))), overUDP, "NOERROR aa 1/1/0/0 edns 0 1232 cookie 24"},
		"a client that has none yet":      {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "12345678"))), overUDP, "BADCOOKIE 1/0/0/0 edns 0 1232 cookie 24"},
		"over TCP its address is its own": {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "12345678"))), overTCP, "NOERROR aa 1/1/0/0 edns 0 1232 cookie 24"},
		"a client that knows no cookies":  {packet(0, 1, 0, 0, 0, q), overUDP, "NOERROR aa 1/1/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := glance(unpack(t, s.handle(new(writer), c.wire, client, c.via))); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
