package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
)

func newSealer(t *testing.T) *Sealer {
	t.Helper()
	s, err := Load(filepath.Join(t.TempDir(), "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedValuesOpenAndDoNotShow(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	plain := []byte("c2VjcmV0IHJuZGMga2V5")
	sealed, err := s.Seal("member ns2", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("the sealed value shows the secret")
	}
	again, _ := s.Seal("member ns2", plain)
	if bytes.Equal(sealed, again) {
		t.Error("the same secret was sealed the same way twice")
	}
	got, err := s.Open("member ns2", sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open: %q, %v", got, err)
	}
	empty, _ := s.Seal("p", nil)
	if got, err := s.Open("p", empty); err != nil || len(got) != 0 {
		t.Errorf("Open of an empty value: %q, %v", got, err)
	}
}

func TestWhatWasTamperedWithDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	sealed, err := s.Seal("member ns2", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("member ns3", sealed); err == nil {
		t.Error("a secret opened for another purpose")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := s.Open("member ns2", bad); err == nil {
			t.Errorf("opened with octet %d changed", i)
		}
	}
	for n := range sealed {
		if _, err := s.Open("member ns2", sealed[:n]); err == nil {
			t.Errorf("opened when cut to %d octets", n)
		}
	}
	if _, err := newSealer(t).Open("member ns2", sealed); skein.KindOf(err) != skein.KindUnavailable {
		t.Errorf("with another key: %v; want unavailable, which says to put the key back", err)
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "skein.key")
	if _, err := Load(path, false); skein.KindOf(err) != skein.KindUnavailable {
		t.Errorf("missing file, sealed values there: %v", err)
	}
	first, err := Load(path, true)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	sealed, _ := first.Seal("p", []byte("v"))
	second, err := Load(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Open("p", sealed); err != nil || string(got) != "v" {
		t.Errorf("after loading again: %q, %v", got, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, true); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v; want a refusal with its mend", mode, err)
		}
	}
}

func TestKeyFileWithAnOlderKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(keys ...byte) *Sealer {
		text := "# comment\n\n"
		for _, k := range keys {
			text += base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{k}, keySize)) + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, Credential), []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
		s, ok, err := LoadCredential(dir)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return s
	}
	old, _ := write('a').Seal("p", []byte("v"))
	os.Remove(filepath.Join(dir, Credential))
	both := write('b', 'a')
	if got, err := both.Open("p", old); err != nil || string(got) != "v" {
		t.Errorf("older value: %q, %v", got, err)
	}
	fresh, _ := both.Seal("p", []byte("w"))
	os.Remove(filepath.Join(dir, Credential))
	if got, err := write('b').Open("p", fresh); err != nil || string(got) != "w" {
		t.Errorf("newer value, after the older key is gone: %q, %v", got, err)
	}
	if _, ok, err := LoadCredential(t.TempDir()); ok || err != nil {
		t.Errorf("no credential: %v, %v", ok, err)
	}
}

func TestBadKeyFilesAreRefusedWithoutShowingThem(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":     "",
		"too short": base64.StdEncoding.EncodeToString([]byte("hunter2")),
		"no base64": "hunter2!",
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, true)
		if skein.KindOf(err) != skein.KindUnavailable || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	token, hash := NewToken()
	other, otherHash := NewToken()
	if token == other || Equal(hash, otherHash) {
		t.Error("two tokens are the same")
	}
	if !Equal(hash, HashToken(string(token))) || len(hash) != 32 {
		t.Error("the hash is not that of the token")
	}
	if !LooksLikeToken(string(token)) {
		t.Errorf("%d octets do not look like a token", len(string(token)))
	}
	for _, s := range []string{"", "skein_", "skein_x", string(token) + "A", string(token)[1:]} {
		if LooksLikeToken(s) {
			t.Errorf("%q looks like a token", s)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const plain = "hunter2"
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", Text(plain), "b", struct{ T Text }{plain})
	marshalled, err := json.Marshal(map[string]any{"a": Text(plain), "b": []Text{plain}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{log.String(), string(marshalled),
		fmt.Sprintf("%v %+v %#v %s %q %x %X %d", Text(plain), Text(plain), Text(plain), Text(plain), Text(plain), Text(plain), Text(plain), Text(plain)),
		fmt.Sprint(struct{ T Text }{plain}), fmt.Sprintf("%#v", []Text{plain})} {
		if strings.Contains(s, plain) || strings.Contains(s, fmt.Sprintf("%x", plain)) {
			t.Errorf("it shows: %s", s)
		}
	}
	if string(Text(plain)) != plain {
		t.Error("the secret is lost")
	}
}
