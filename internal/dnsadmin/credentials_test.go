package dnsadmin

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	const token = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
	hash := strings.Repeat("0123456789abcdef0123456789abcdef\n", 29)
	plain := strings.ReplaceAll(hash, "\n", "")
	for name, row := range map[string]struct {
		header string
		want   []string // none: refused
	}{
		"a token":                           {"whm root:" + token, []string{"whm", "root", token}},
		"in capitals":                       {"WHM root:" + token, []string{"whm", "root", token}},
		"of a cPanel account":               {"cpanel alice:" + token, []string{"cpanel", "alice", token}},
		"an access hash":                    {"whm root:" + plain, []string{"whm", "root", plain}},
		"an access hash with its line ends": {"WHM root:" + strings.ReplaceAll(hash, "\n", "\r\n"), []string{"whm", "root", plain}},
		"an access hash in a folded header": {"WHM root:" + strings.ReplaceAll(hash, "\n", " "), []string{"whm", "root", plain}},
		"as a client of 2008 sends it":      {"WHM " + base64.StdEncoding.EncodeToString([]byte("root:"+hash)), []string{"whm", "root", plain}},
		"a password":                        {"Basic " + base64.StdEncoding.EncodeToString([]byte("root:a:b")), []string{"basic", "root", "a:b"}},
		"a secret with a colon":             {"whm root:a:b", []string{"whm", "root", "a:b"}},
		"spaces around it":                  {"  whm   root : " + token + " ", []string{"whm", "root", token}},
		"nothing":                           {"", nil},
		"a scheme alone":                    {"whm", nil},
		"another scheme":                    {"Bearer " + token, nil},
		"no secret":                         {"whm root:", nil},
		"no user":                           {"whm :" + token, nil},
		"no base64":                         {"basic root:" + token, nil},
		"a header without end":              {"whm root:" + strings.Repeat("A", maxCredentials), nil},
	} {
		scheme, user, secret, ok := Credentials(row.header)
		if got := []string{scheme, user, secret}; ok != (row.want != nil) || ok && !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}

func FuzzCredentials(f *testing.F) {
	f.Add("whm root:TOKEN123")
	f.Fuzz(func(t *testing.T, header string) {
		scheme, user, secret, ok := Credentials(header)
		switch {
		case !ok && scheme+user+secret != "":
			t.Errorf("%q: refused, and %q %q %q", header, scheme, user, secret)
		case ok && (user == "" || secret == "" || strings.ContainsAny(secret, " \t\r\n") || strings.Contains(user, ":")):
			t.Errorf("%q: %q %q %q", header, scheme, user, secret)
		}
	})
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"11.138.0.6":       "11.138.0.6",
		"11.24.4\n":        "11.24.4.0",
		"11.138.0.6 build": "11.138.0.6",
		"11.138.0-beta":    "11.138.0.0",
		"11.138.0.6.7":     "11.138.0.6",
		"11.138":           "",
		"cPanel 11.138.0":  "",
		"11..0.6":          "",
		"":                 "",
		"9999999999.1.1":   "",
	} {
		v, ok := ParseVersion(text)
		if ok != (want != "") || ok && v.String() != want {
			t.Errorf("%q: %v, %v", text, v, ok)
		}
	}
	order := []Version{{10}, {11, 1}, {11, 24, 2}, {11, 24, 4}, {11, 24, 4, 1}, {11, 138}}
	for i, a := range order {
		for j, b := range order {
			if a.Less(b) != (i < j) {
				t.Errorf("%v before %v: %v", a, b, a.Less(b))
			}
		}
	}
}
