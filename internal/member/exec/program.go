package exec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/skein-dns/skein/internal/member"
)

const (
	maxOutput = 4096            // octets that are kept of what it prints
	lastWords = 5 * time.Second // what it started may hold its output open for so long
)

// program is what is run, and for how long at most.
type program struct {
	path    string
	timeout time.Duration
}

// failure: the program ran, and says that it did not do what it was told.
type failure struct{ text string }

func (f *failure) Error() string { return f.text }

// CheckProgram says what is wrong with the path of a program.
func CheckProgram(path string) error {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path || strings.ContainsFunc(path, unicode.IsControl) {
		return errors.New("it must be an absolute path, without arguments")
	}
	return nil
}

// check looks whether it may be run: nobody but root, and whom Skein runs as,
// may be able to put another in its place.
func (p program) check() error {
	path, err := filepath.EvalSymlinks(p.path)
	if err != nil {
		return fmt.Errorf("%w: its program is not there: %w", member.ErrDenied, err)
	}
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("%w: its program cannot be looked at: %w", member.ErrDenied, err)
		}
		if at == path && (!info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0) {
			return fmt.Errorf("%w: %s is no program: chmod 755 it", member.ErrDenied, path)
		}
		if why := others(info); why != "" {
			return fmt.Errorf("%w: %s %s, so that others could have their own program run: chmod go-w it, or chown it to root", member.ErrDenied, at, why)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// others says how somebody else can change a file or what is in a folder. In a
// sticky one, such as /tmp, they can only add.
func others(info fs.FileInfo) string {
	if s, is := info.Sys().(*syscall.Stat_t); is && s.Uid != 0 && int(s.Uid) != os.Geteuid() {
		return "belongs to another user"
	}
	if info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return "can be written by others"
	}
	return ""
}

// run runs it once, with nothing but its input: no shell, no arguments, no
// environment of ours. It returns what it printed, shortened. What it started
// ends with it when the time is over.
func (p program) run(ctx context.Context, input []byte) (output string, err error) {
	if err := p.check(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	var out, errs bounded
	cmd := osexec.CommandContext(ctx, p.path)
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = lastWords
	err = cmd.Run()
	output = out.String() + errs.String()
	var exit *osexec.ExitError
	switch {
	case err == nil, errors.Is(err, osexec.ErrWaitDelay): // it ended well; somebody it left behind does not
		return output, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return output, fmt.Errorf("%w: its program did not end within %s", member.ErrAway, p.timeout)
	case ctx.Err() != nil:
		return output, fmt.Errorf("%w: %w", member.ErrAway, context.Cause(ctx))
	case errors.As(err, &exit) && exit.Exited():
		return output, &failure{fmt.Sprintf("its program ended with exit status %d: %s", exit.ExitCode(), said(errs, out))}
	case errors.As(err, &exit): // nobody knows how far it came
		return output, fmt.Errorf("%w: its program was ended (%s)", member.ErrAway, exit)
	}
	return output, fmt.Errorf("%w: its program cannot be run: %w", member.ErrDenied, err)
}

// said is what the program complained of.
func said(errs, out bounded) string {
	for _, b := range []bounded{errs, out} {
		if text := strings.Join(strings.Fields(strings.ToValidUTF8(b.String(), "?")), " "); text != "" {
			return text
		}
	}
	return "it said nothing"
}

// bounded keeps the beginning of what is written, and takes the rest.
type bounded struct {
	kept []byte
	more bool
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), maxOutput-len(b.kept))
	b.kept, b.more = append(b.kept, p[:n]...), b.more || n < len(p)
	return len(p), nil
}

func (b bounded) String() string {
	if b.more {
		return string(b.kept) + " …"
	}
	return string(b.kept)
}
