package whmapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/skein-dns/skein"
)

// metadata is the head of an answer of WHM API 1. Clients decode version and
// result into integers.
type metadata struct {
	Version int    `json:"version"`
	Command string `json:"command"`
	Result  int    `json:"result"`
	Reason  string `json:"reason"`
}

func (d *Door) serveWHM(w http.ResponseWriter, r *http.Request, name string) {
	c, err := begin(r)
	if err == nil && c.get("api.version") != "1" {
		d.serveVersion0(w, r, name, c)
		return
	}
	var data any
	var text string
	if err == nil {
		data, text, err = d.run(r.Context(), "whm", name, d.whm1[name], c)
	}
	head := metadata{Version: 1, Command: clip(name), Result: 1, Reason: "OK"}
	if text != "" {
		head.Reason = text
	}
	if err != nil {
		data, head.Result, head.Reason = nil, 0, d.reason(r, name, err)
	}
	if errors.Is(err, errUnknown) {
		head.Reason = "Unknown app (" + clip(name) + ") requested"
	}
	list, streamed := data.(stream)
	if !streamed {
		write(w, struct {
			Metadata metadata `json:"metadata"`
			Data     any      `json:"data"`
		}{head, data})
		return
	}
	// The list comes first: whether all of it could be had is known at its end.
	out := newWriter(w)
	out.text(`{"data":{"` + list.key + `":[`)
	if err := list.write(out); err != nil {
		head.Result, head.Reason = 0, d.reason(r, name, err)
	}
	out.text(`]},"metadata":`)
	out.value(head)
	out.text("}\n")
	out.end()
}

// serveVersion0 answers a call without api.version=1. Version 0 has a shape of
// its own for every function; old scripts get an error that they understand.
func (d *Door) serveVersion0(w http.ResponseWriter, r *http.Request, name string, c call) {
	text := "this server speaks WHM API 1 alone: add api.version=1 to the call"
	if d.whm1[name] == nil {
		_, _, _ = d.run(r.Context(), "whm 0", name, nil, c)
		text = "Unknown App Requested: " + clip(name)
	}
	type old struct {
		Reason string `json:"reason"`
		Result int    `json:"result"`
	}
	write(w, struct {
		Error     string `json:"error"`
		Status    int    `json:"status"`
		StatusMsg string `json:"statusmsg"`
		Data      old    `json:"data"`
	}{text, 0, text, old{text, 0}})
}

// answerUAPI is an answer of UAPI. What there is none of is null.
type answerUAPI struct {
	Status   int            `json:"status"`
	Data     any            `json:"data"`
	Errors   []string       `json:"errors"`
	Messages []string       `json:"messages"`
	Warnings []string       `json:"warnings"`
	Metadata map[string]int `json:"metadata"`
}

func (d *Door) serveUAPI(w http.ResponseWriter, r *http.Request, name string) {
	c, err := begin(r)
	a := answerUAPI{Status: 1, Metadata: map[string]int{}}
	if err == nil {
		a.Data, _, err = d.run(r.Context(), "uapi", name, d.uapi[name], c)
	}
	if err != nil {
		a.Status, a.Data, a.Errors = 0, nil, []string{d.reason(r, name, err)}
	}
	if module, function, _ := strings.Cut(clip(name), "::"); errors.Is(err, errUnknown) {
		a.Errors = []string{`The system could not find the function "` + function + `" in the module "` + module + `".`}
	}
	write(w, a)
}

// reason is an error in a sentence for the caller. What is trouble of ours is
// for the log.
func (d *Door) reason(r *http.Request, name string, err error) string {
	if skein.KindOf(err) == skein.KindInternal {
		d.Log.Log(r.Context(), level(r.Context()), "a JSON call failed", "function", clip(name), "err", err)
		return "this failed here, and the reason is in Skein's log"
	}
	return sentence(err)
}

// sentence is what a caller is told of an error: what and why, and the mend.
// Its cause is for the log.
func sentence(err error) string {
	var e *skein.Error
	if !errors.As(err, &e) {
		return "it failed"
	}
	text := e.What
	for _, p := range e.Problems {
		text += "; " + p.Text
	}
	if e.Mend != "" {
		text += " (" + e.Mend + ")"
	}
	return text
}

// level tells trouble of ours from a caller that went away.
func level(ctx context.Context) slog.Level {
	if ctx.Err() != nil {
		return slog.LevelDebug
	}
	return slog.LevelError
}

// stream is data that is one list under a key, too long to hold.
type stream struct {
	key   string
	write func(*writer) error
}

// writer writes JSON piece by piece. It keeps its first error: a caller that is
// gone needs no answer.
type writer struct{ *bufio.Writer }

func newWriter(w http.ResponseWriter) *writer {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	return &writer{bufio.NewWriterSize(patient{w, http.NewResponseController(w)}, 32<<10)}
}

// patient gives whoever takes an answer a time for each part of it.
type patient struct {
	http.ResponseWriter
	out *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.out.SetWriteDeadline(time.Now().Add(silence)) // not every writer has deadlines
	return p.ResponseWriter.Write(b)
}

func (w *writer) text(s string) { _, _ = w.WriteString(s) }

func (w *writer) value(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what the door answers is its own
	}
	_, _ = w.Write(b)
}

func (w *writer) end() { _ = w.Flush() }

func write(w http.ResponseWriter, v any) {
	out := newWriter(w)
	out.value(v)
	out.text("\n")
	out.end()
}
