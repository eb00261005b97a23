package pleskhost

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Panel is Plesk's command line tool. Plesk has one slot for a custom DNS
// backend: a command line, which it keeps in its database and runs for each
// change. Whoever registers takes the slot without a question.
type Panel struct {
	Program string   // path of plesk
	Env     []string // as in os.Environ
}

// ErrNoPlesk: there is no Plesk on this machine.
var ErrNoPlesk = errors.New("there is no program plesk on this machine")

// FindPanel looks for plesk, in the search path and where its packages put it.
func FindPanel(env []string) (Panel, error) {
	for _, name := range []string{"plesk", "/usr/sbin/plesk", "/usr/local/psa/bin/plesk"} {
		if program, err := exec.LookPath(name); err == nil {
			return Panel{program, env}, nil
		}
	}
	return Panel{}, ErrNoPlesk
}

// The tool starts PHP and asks a database: it takes seconds on a busy server.
const (
	patience = 2 * time.Minute
	maxSaid  = 1 << 20 // octets of what it says
)

// Registered returns the command line in the slot, "" if there is none.
func (p Panel) Registered(ctx context.Context) (string, error) {
	// In hexadecimal digits a value cannot be mistaken for the table around it.
	out, err := p.run(ctx, "db", "SELECT name, HEX(value) FROM ServiceNodeConfiguration WHERE section = 'dnsConnector'")
	return slot(out), err
}

// slot reads the command line out of what the client of the database prints:
// columns parted by tabs, or a table with a frame.
func slot(out string) string {
	values := map[string]string{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(strings.ReplaceAll(line, "|", " "))
		if len(fields) != 2 {
			continue // a frame, or an empty value
		}
		if text, err := hex.DecodeString(fields[1]); err == nil {
			values[fields[0]] = string(text)
		}
	}
	if values["custom"] == "" { // what tells whether the slot is in use
		return ""
	}
	return strings.TrimSpace(values["custom_script"])
}

// Register puts a command line into the slot, and looks whether it is there
// as it was given: Plesk runs it from there.
func (p Panel) Register(ctx context.Context, command string) error {
	if _, err := p.run(ctx, "bin", "server_dns", "--enable-custom-backend", command); err != nil {
		return err
	}
	return p.look(ctx, command)
}

// Unregister empties the slot.
func (p Panel) Unregister(ctx context.Context) error {
	if _, err := p.run(ctx, "bin", "server_dns", "--disable-custom-backend"); err != nil {
		return err
	}
	return p.look(ctx, "")
}

func (p Panel) look(ctx context.Context, want string) error {
	have, err := p.Registered(ctx)
	if err == nil && have != want {
		err = fmt.Errorf("plesk was told to call %q and says that it calls %q", want, have)
	}
	return err
}

func (p Panel) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out, said limited
	cmd := exec.CommandContext(ctx, p.Program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.Env, &out, &said, time.Second
	if err := cmd.Run(); err != nil {
		text := strings.TrimSpace(said.String() + " " + out.String())
		if len(text) > 500 {
			text = text[:500] + "…"
		}
		return "", fmt.Errorf("%s %s: %w: %s", p.Program, strings.Join(args[:min(3, len(args))], " "), err, strings.ToValidUTF8(text, "�"))
	}
	return out.String(), nil
}

// limited keeps the beginning of what a program says.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	l.Buffer.Write(b[:min(len(b), maxSaid-l.Len())])
	return len(b), nil
}

// tail is how every command line ends that Command makes for a folder of settings.
func tail(dir Dir) string { return ` hook plesk --settings "` + string(dir) + `"` }

// Command is the command line that Plesk is to run. Plesk gives it to a shell,
// so a path that a shell could see anything in is refused.
func Command(program string, dir Dir) (string, error) {
	for _, path := range []string{program, string(dir)} {
		if !filepath.IsAbs(path) || strings.ContainsAny(path, "\"'`$\\%!*?\n\r\t") {
			return "", fmt.Errorf("the path %q cannot be given to Plesk: it must be absolute, and without quotes and what a shell looks for", path)
		}
	}
	return `"` + program + `"` + tail(dir), nil
}

// Ours reports whether a command line is the hook with these settings,
// wherever its program lies.
func Ours(command string, dir Dir) bool { return strings.HasSuffix(command, tail(dir)) }

// CheckProgram finds out whether others than root and this user could replace
// a program: it is going to be run as root.
func CheckProgram(path string) error {
	for p := path; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if !trusted(info) || replaceable(info) {
			return fmt.Errorf("%s can be replaced by others than root, and Plesk would run it as root: %s has mode %v", path, p, info.Mode())
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}

// staff is Debian's group for /usr/local, whose members are trusted as root is
// (Debian Policy 9.1.2).
const staff = 50

// replaceable reports whether others than the owner may replace a file or what
// is in a folder. In a sticky folder they may add to it, and take nothing away.
func replaceable(info fs.FileInfo) bool {
	if info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	group := ok && (owner.Gid == 0 || owner.Gid == staff)
	return info.Mode().Perm()&0o002 != 0 || info.Mode().Perm()&0o020 != 0 && !group
}
