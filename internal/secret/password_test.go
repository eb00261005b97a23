package secret

import (
	"strings"
	"testing"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	hash := HashPassword(password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "horse") {
		t.Errorf("kept as %q", hash)
	}
	if HashPassword(password) == hash {
		t.Error("two users with one password have one hash")
	}
	for situation, row := range map[string]struct {
		hash, password string
		want           bool
	}{
		"the right one":                 {hash, password, true},
		"another one":                   {hash, password + " ", false},
		"none":                          {hash, "", false},
		"nobody's":                      {NobodysPassword, "", false},
		"no hash":                       {"", "", false},
		"of another kind":               {strings.Replace(hash, "argon2id", "argon2i", 1), password, false},
		"of another version":            {strings.Replace(hash, "v=19", "v=16", 1), password, false},
		"that asks for all the memory":  {strings.Replace(hash, "m=19456", "m=4194304", 1), password, false},
		"that asks for all day":         {strings.Replace(hash, "t=2", "t=1000000", 1), password, false},
		"that asks for nothing":         {strings.Replace(hash, "t=2", "t=0", 1), password, false},
		"without its end":               {hash[:strings.LastIndex(hash, "$")+1], password, false},
		"with a part of its end":        {hash[:strings.LastIndex(hash, "$")+9], password, false},
		"that is longer than it may be": {hash + strings.Repeat("A", 4<<10), password, false},
	} {
		if got := PasswordFits(row.hash, row.password); got != row.want {
			t.Errorf("%s: %v", situation, got)
		}
	}
}

// What a hash costs is what nobody's costs, or a name that is not there would
// show by the time.
func TestNobodysPasswordCostsAsMuch(t *testing.T) {
	t.Parallel()
	head := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
	if a, b := head(HashPassword("x")), head(NobodysPassword); a != b || len(HashPassword("x")) != len(NobodysPassword) {
		t.Errorf("%s and %s", a, b)
	}
}

func TestSessionsAreNoTokens(t *testing.T) {
	t.Parallel()
	token, _ := NewToken()
	session, hash := NewSession()
	if LooksLikeSession(string(token)) || LooksLikeToken(string(session)) || !LooksLikeSession(string(session)) || !Equal(hash, HashToken(string(session))) {
		t.Error("they cannot be told apart")
	}
}
