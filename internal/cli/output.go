package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/skein-dns/skein"
)

// show prints a result: v itself with -o json, else what people does.
func (a *app) show(v any, people func()) error {
	if a.format != "json" {
		people()
		return nil
	}
	out := json.NewEncoder(a.out)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// note goes to stderr: it is for the person, not part of the result.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

func (a *app) failText(err error) {
	var e *skein.Error
	if !errors.As(err, &e) {
		a.note("skein: %v", err)
		return
	}
	what := e.What
	if e.Cause != nil {
		what += ": " + e.Cause.Error()
	}
	a.note("skein: %s", what)
	for _, p := range e.Problems {
		a.note("  %s", problem(p))
	}
	if e.Mend != "" {
		a.note("mend: %s", e.Mend)
	}
}

func (a *app) failJSON(err error) {
	out := json.NewEncoder(a.err)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	out.Encode(failureOf(err))
}

// failure is an error as -o json shows it; the field names are the API's.
type failure struct {
	Kind     skein.Kind      `json:"kind"`
	Detail   string          `json:"detail"`
	Mend     string          `json:"mend,omitempty"`
	Problems []skein.Problem `json:"problems,omitempty"`
	Waiting  int64           `json:"waiting,omitempty"`
	Receipt  *skein.Receipt  `json:"receipt,omitempty"`
}

func failureOf(err error) failure {
	var late *lateError
	errors.As(err, &late)
	var e *skein.Error
	switch {
	case !errors.As(err, &e):
		f := failure{Kind: skein.KindInternal, Detail: err.Error()}
		if codeOf(err) == exitUsage {
			f.Kind = skein.KindInvalid
		}
		return f
	case late != nil:
		return failure{Kind: e.Kind, Detail: e.What, Mend: e.Mend, Problems: e.Problems, Receipt: &late.receipt}
	}
	return failure{Kind: e.Kind, Detail: e.What, Mend: e.Mend, Problems: e.Problems, Waiting: e.Waiting}
}

// problem is one finding in one line.
func problem(p skein.Problem) string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Name != "" && !strings.Contains(p.Text, p.Name) {
		b.WriteString(p.Name + ": ")
	}
	return b.String() + p.Text
}

func (a *app) warn(problems []skein.Problem) {
	for _, p := range problems {
		p.Warning = true
		a.note("%s", problem(p))
	}
}

// terminal reports whether w is one.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colours reports whether the output takes them.
func (a *app) colours() bool {
	return terminal(a.out) && a.env["NO_COLOR"] == "" && a.env["TERM"] != "dumb"
}

// colour gives states the colour that people expect of them.
func (a *app) colour(state string) string {
	code := ""
	switch state {
	case "verified", "enabled", "ok", "applied", "complete":
		code = "32"
	case "pending", "told", "stale", "observed", "warning", "held", "silent", "unchanged":
		code = "33"
	case "failed", "foreign", "differs", "unreachable", "disabled", "disabled-by-threshold", "paused", "refused":
		code = "31"
	}
	if code == "" || !a.colours() {
		return state
	}
	return "\x1b[" + code + "m" + state + "\x1b[0m"
}

// when prints a time for people, in their zone; "-" for never.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// progress is a bar on a terminal, and nothing elsewhere.
func (a *app) progress(steps int, what string) *progressbar.ProgressBar {
	if !terminal(a.err) {
		return progressbar.DefaultSilent(int64(steps))
	}
	return progressbar.NewOptions(steps, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// plural returns "1 zone", "2 zones".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
