// Package pleskhost is what the hook needs on the machine of a Plesk server:
// the settings that it finds there, whatever the environment is that Plesk
// calls it in, and Plesk's own tool, which it is registered with.
package pleskhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// DefaultDir is where the hook looks for its settings.
const DefaultDir = "/etc/skein/hook"

// Settings are all that a call of the hook needs. They lie in one file, token
// and CA among them, so that no interruption can leave half of a change.
type Settings struct {
	URL     string `json:"url,omitempty"`  // API of a node elsewhere
	Data    string `json:"data,omitempty"` // or the data directory of the node on this machine
	Token   string `json:"token,omitempty"`
	CA      string `json:"ca,omitempty"` // PEM; the system's authorities if empty
	Mode    string `json:"mode"`         // push or transfer
	Spool   string `json:"spool"`        // folder
	Also    string `json:"also,omitempty"`
	Command string `json:"command"`           // the command line that Plesk was given
	Evicted string `json:"evicted,omitempty"` // the one that it had before
}

// Dir is the folder of the settings, root's alone.
type Dir string

// ErrNone: nothing is installed here. It is an fs.ErrNotExist.
var ErrNone = fmt.Errorf("there are no settings of the hook: %w", fs.ErrNotExist)

func (d Dir) file() string { return filepath.Join(string(d), "settings.json") }

// maxSettings bounds the file, in octets; a chain of certificates has some thousands.
const maxSettings = 1 << 20

// Load reads the settings; ErrNone if there are none. What others could have
// written is refused: root would run the command that it names.
func (d Dir) Load() (s Settings, err error) {
	f, err := os.OpenFile(d.file(), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNone
	}
	if err != nil {
		return s, fmt.Errorf("reading the hook's settings: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, fmt.Errorf("reading the hook's settings: %w", err)
	}
	switch {
	case !info.Mode().IsRegular() || info.Size() > maxSettings:
		return s, fmt.Errorf("%s is no file that the hook wrote", d.file())
	case !trusted(info) || info.Mode().Perm()&0o077 != 0:
		return s, fmt.Errorf("%s can be read or written by others than its owner: make it root's (chown root, chmod 0600), and change the token, which they may have", d.file())
	}
	if err := json.NewDecoder(f).Decode(&s); err != nil {
		return s, fmt.Errorf("%s cannot be understood: %w", d.file(), err)
	}
	return s, nil
}

// Save writes the settings: after it, also after a loss of power, either the
// old ones are there or the new ones.
func (d Dir) Save(s Settings) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(string(d), unfinished+"*") // mode 0600
	if err != nil {
		return fmt.Errorf("keeping the hook's settings: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keeping the hook's settings: %w", err)
	}
	if err := os.Rename(f.Name(), d.file()); err != nil {
		return fmt.Errorf("keeping the hook's settings: %w", err)
	}
	return syncDir(string(d))
}

// Remove takes the settings away, and the folder with them if nothing else is in it.
func (d Dir) Remove() error {
	if err := os.Remove(d.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the hook's settings: %w", err)
	}
	_ = os.Remove(filepath.Join(string(d), lockName))
	_ = os.Remove(string(d)) // fails if anything else is in it, which then is not ours
	return syncDir(filepath.Dir(string(d)))
}

const (
	lockName   = "lock"
	unfinished = ".new-" // what the name of a file begins with until it is whole
)

// Lock makes the folder if it is missing, for its owner alone, and keeps
// others from changing what is in it until unlock is called. What an
// interrupted Save left behind goes.
func (d Dir) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the hook's settings: %w", err)
	}
	info, err := os.Lstat(string(d))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() || !trusted(info) {
		return nil, fmt.Errorf("%s is not a folder of this user's own: make it one, or name another with --settings DIR", d)
	}
	if err := os.Chmod(string(d), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(string(d), lockName), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another install or uninstall is at work on %s: %w", d, err)
	}
	halves, _ := filepath.Glob(filepath.Join(string(d), unfinished+"*"))
	for _, half := range halves {
		_ = os.Remove(half)
	}
	return func() {
		// A process that is being started has the file too, until it is its own program.
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		f.Close()
	}, nil
}

// trusted reports whether a file is this user's or root's.
func trusted(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && (owner.Uid == 0 || int(owner.Uid) == os.Geteuid())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
