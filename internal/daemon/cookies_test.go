package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
)

func TestCookieSecretFiles(t *testing.T) {
	t.Parallel()
	const one, two = "e5e973e5a6b2a43f48e7dc849e37bfcf", "DD3BDF9344B678B185A6F5CB60FCA715"
	for situation, c := range map[string]struct {
		text string
		many int
		says string // of the error
	}{
		"one":             {one, 1, ""},
		"two, commented":  {"# new\n" + one + " # since Monday\n\n  " + two + "\n", 2, ""},
		"none":            {"# nothing\n", 0, "holds no secret"},
		"too short":       {one + "\n" + one[:30], 0, ":2: wants 32"},
		"too long":        {one + "00", 0, ":1: wants 32"},
		"no digits":       {strings.Repeat("s3cret!!", 4), 0, ":1: wants 32"},
		"too many to try": {strings.Repeat(one+"\n", 9), 0, "holds 9 secrets"},
	} {
		path := filepath.Join(t.TempDir(), "cookies")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readCookieSecrets(path)
		if c.says == "" && (err != nil || len(got) != c.many || got[0] != nameserver.CookieSecret{0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7, 0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf}) {
			t.Errorf("%s: %d secrets, %v", situation, len(got), err)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%s: %v, want %q", situation, err, c.says)
		}
	}
}

// The secret before goes on verifying; older ones are forgotten.
func TestCookieSecretsAreRenewed(t *testing.T) {
	t.Parallel()
	var c cookieSecrets
	var all []string
	for day := range 4 {
		c = c.renewed(time.Unix(int64(day)*86400, 0))
		if _, ok := parseCookieSecret(c.Secrets[0]); !ok {
			t.Fatalf("%q is no secret", c.Secrets[0])
		}
		if all = append(all, c.Secrets[0]); day > 0 && (len(c.Secrets) != 2 || c.Secrets[1] != all[day-1] || all[day] == all[day-1]) {
			t.Errorf("day %d: %d secrets", day, len(c.Secrets))
		}
	}
}
