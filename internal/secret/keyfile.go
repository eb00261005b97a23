package secret

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/skein-dns/skein"
)

// Credential is the name of the key in systemd's credentials directory.
const Credential = "skein.key"

// Load reads the key-encryption keys of a file: one a line, base64, the first
// for sealing, the rest to open older values; lines with # are comments. With
// create set, a missing file is made, readable by its user alone. Set create
// only while nothing is sealed yet: a new key opens nothing old.
func Load(path string, create bool) (*Sealer, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err := makeFile(path); err != nil {
			return nil, bad(path, "cannot be made", "check its directory and its permissions", err)
		}
		info, err = os.Stat(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, bad(path, "is missing, but the database holds secrets encrypted with it",
			"put the key file back; without it the members' secrets cannot be read", err)
	}
	if err != nil {
		return nil, bad(path, "cannot be read", "check its permissions", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return nil, bad(path, fmt.Sprintf("has mode %04o: others than its user may use it", info.Mode().Perm()), "chmod 600 "+path, nil)
	}
	return read(path)
}

// LoadCredential reads the keys from systemd's credentials directory
// ($CREDENTIALS_DIRECTORY); ok is false if there is none. Its modes are not
// looked at: systemd grants access by ACL there, which shows as group bits.
func LoadCredential(dir string) (s *Sealer, ok bool, err error) {
	if dir == "" {
		return nil, false, nil
	}
	path := filepath.Join(dir, Credential)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	s, err = read(path)
	return s, true, err
}

func read(path string) (*Sealer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, bad(path, "cannot be read", "check its permissions", err)
	}
	s := &Sealer{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(string(line))
		if err != nil || len(key) != keySize {
			// The cause would quote the line: leave it out.
			return nil, bad(path, fmt.Sprintf("has no key of %d octets in base64 on line %d", keySize, n), "restore it from where you keep it", nil)
		}
		k, err := newKEK(key)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
	}
	if len(s.keys) == 0 {
		return nil, bad(path, "holds no key", "restore it from where you keep it", lines.Err())
	}
	return s, nil
}

// makeFile writes a new key so that it is whole on disk or not there: what is
// sealed with it must not outlive it.
func makeFile(path string) error {
	key := make([]byte, keySize)
	_, _ = rand.Read(key)
	text := "# Skein's key-encryption key. Keep a copy apart from the backups of the data directory.\n" +
		base64.StdEncoding.EncodeToString(key) + "\n"
	f, err := os.CreateTemp(filepath.Dir(path), ".skein-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// Link, not rename: a file that came meanwhile is not replaced.
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func bad(path, what, mend string, cause error) error {
	return &skein.Error{Kind: skein.KindUnavailable, What: "the key file " + path + " " + what, Mend: mend, Cause: cause}
}
