package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/spool"
)

// The pauses between rounds in the background.
const (
	firstPause = 500 * time.Millisecond
	longPause  = 30 * time.Second
)

// startBackground leaves a process behind that delivers when Skein is back.
// It is in a session of its own and holds none of Plesk's pipes.
func (h *pleskHook) startBackground() error {
	program, err := os.Executable()
	if err != nil {
		return nil // the next call delivers
	}
	args := []string{"skein", "hook", "plesk", "--deliver", "--spool", h.dir}
	where := map[string]string{"--data": h.app.data, "--url": h.app.url, "--token-file": h.app.tokenFile}
	if h.installed != nil {
		dir, err := settingsDir(h.settings)
		if err != nil {
			return err
		}
		where = map[string]string{"--settings": string(dir)}
	}
	for flag, value := range where {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	child := &exec.Cmd{Path: program, Args: args, Env: h.app.environ, SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	if err := child.Start(); err != nil {
		h.app.note("skein: no background delivery (%v); the next call delivers", err)
		return nil
	}
	return child.Process.Release()
}

// deliverInBackground tries until the spool is empty or gone. Another
// deliverer at work does the same.
func (h *pleskHook) deliverInBackground(ctx context.Context) error {
	queue, err := spool.Open(h.dir)
	if err != nil {
		return err
	}
	for {
		place, err := queue.Background()
		if errors.Is(err, spool.ErrBusy) {
			return nil
		}
		if err != nil {
			return err
		}
		h.deliverAll(ctx, queue)
		place.Release()
		// Whoever put something in meanwhile found the place taken.
		if n, err := queue.Len(); err != nil || n == 0 || ctx.Err() != nil {
			return nil
		}
	}
}

func (h *pleskHook) deliverAll(ctx context.Context, queue *spool.Spool) {
	said := ""
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		turn, err := queue.Turn(ctx)
		if err == nil {
			err = h.round(ctx, turn)
			release(turn)
		}
		if n, err := queue.Len(); err != nil || n == 0 { // or the folder is gone
			return
		}
		if err != nil && err.Error() != said {
			said = err.Error()
			h.app.note("skein: not delivered yet: %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
