package whm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/caller"
)

// call is one call while it is answered. The goroutine of its request owns it.
type call struct {
	w     http.ResponseWriter
	out   *http.ResponseController
	actor skein.Actor
	name  string // the path
	query string
	body  *body
	args  arguments

	status int   // 0: nothing was written
	sent   int64 // octets

	// For the log.
	received int64
	zone     string // that it is about, if it is one
	zones    int
	refused  int
	why      string // the first refusal
	unknown  bool
	err      error
}

// Write streams the answer. Who takes it may be slow, but not stand still.
func (c *call) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.head(http.StatusOK)
	}
	_ = c.out.SetWriteDeadline(time.Now().Add(silence)) // not every writer has deadlines
	n, err := c.w.Write(p)
	c.sent += int64(n)
	return n, err
}

func (c *call) head(status int) {
	c.status = status
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.Header().Set("X-Content-Type-Options", "nosniff")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
}

func (c *call) say(format string, args ...any) error {
	_, err := fmt.Fprintf(c, format, args...)
	return err
}

// refuse answers with what is wrong with the whole call.
func (c *call) refuse(err error) {
	text := err.Error()
	if skein.KindOf(err) == skein.KindInternal {
		text = "this failed here, and the reason is in Skein's log"
	}
	status := caller.Status(err)
	switch {
	case errors.Is(err, dnsadmin.ErrTooMuch):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, errKeys):
		status = http.StatusNotImplemented
	}
	c.head(status)
	_, _ = io.WriteString(c, clean(text)+"\n") // whoever hung up reads nothing
}

// tell notes what became of a zone and returns the line of the answer.
func (c *call) tell(o outcome) string {
	c.zones++
	if o.refused != "" {
		c.refused++
		if c.why == "" {
			c.why = o.zone + ": " + o.refused
		}
	}
	return o.line()
}

// arguments are those that the actions know, by whatever way they came.
type arguments struct {
	zone    string // one
	zones   string // a list
	data    []byte
	wrong   error // with data: sent again it would be no better
	uniqid  string
	user    string
	host    string
	token   string
	version string

	names []string // of unknown calls
}

// The names of arguments.
const (
	argZone    = "zone"
	argZones   = "zones"
	argData    = "zonedata"
	argUniqID  = "dnsuniqid"
	argUser    = "user"
	argHost    = "clustermaster"
	argToken   = "pass"
	argVersion = "version"
)

// The names that are kept of an unknown call.
const (
	maxNames = 32
	maxShown = 100 // octets
)

// take takes one argument; of one that comes twice, the first that says something.
func (a *arguments) take(key string, value []byte) {
	to := map[string]*string{argZone: &a.zone, argZones: &a.zones, argUniqID: &a.uniqid, argUser: &a.user, argHost: &a.host, argToken: &a.token, argVersion: &a.version}[key]
	switch {
	case key == argData && a.data == nil:
		a.data = append([]byte{}, value...)
	case to != nil && *to == "":
		*to = string(value)
	}
}

// read takes all arguments of a form. What a batch brings is passed over, and
// read again when its zones are taken.
func (a *arguments) read(from io.Reader, limits dnsadmin.Limits, keepNames bool) error {
	for form := dnsadmin.NewForm(from, limits); ; {
		key, value, err := form.Next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, dnsadmin.ErrPair) && isZone(key):
			continue
		case errors.Is(err, dnsadmin.ErrPair) && key == argData:
			a.wrong = err
			continue
		case err != nil:
			return unreadable(err)
		}
		if keepNames && len(a.names) < maxNames {
			a.names = append(a.names, shorten(key))
		}
		a.take(key, value)
	}
}

func isZone(key string) bool {
	_, is := dnsadmin.ZoneKey(key)
	return is
}

// formLimits are those of a form of any call.
var formLimits = dnsadmin.Limits{Key: 4096, Value: dnsadmin.Large.Value, Pairs: 1 << 20, Body: maxBody}

// received reads what a call brings, all of it, before anything is done about
// it: what breaks off on its way changes nothing, and a slow sender holds up
// nobody.
func (d *Door) received(ctx context.Context, c *call, r *http.Request, do action) error {
	c.query = r.URL.RawQuery
	if err := c.args.read(strings.NewReader(c.query), dnsadmin.Small, c.unknown); err != nil {
		return err
	}
	b, err := d.receive(ctx, c, r)
	if err != nil {
		return err
	}
	defer b.close()
	c.body, c.received = b, b.size
	release, err := d.room(ctx, c)
	if err != nil {
		return err
	}
	defer release()
	form, err := b.open()
	if err != nil {
		return err
	}
	if err := c.args.read(form, d.form, c.unknown); err != nil {
		return err
	}
	return do(ctx, c)
}

// room waits, not for long, until there is room for the texts that a call
// brings. A batch holds few at a time, however many it brings.
func (d *Door) room(ctx context.Context, c *call) (release func(), err error) {
	places, size := d.texts, c.body.weight()
	if c.name == dnsadmin.SyncZones {
		places, size = d.batches, 1
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := places.Acquire(waiting, size); err != nil {
		return nil, tooMuch(err)
	}
	return func() { places.Release(size) }, nil
}

func unreadable(err error) error {
	return &skein.Error{Kind: skein.KindInvalid, Cause: err, What: "the request cannot be read; nothing was changed", Mend: "send name=value pairs in percent-encoding, joined by &"}
}

// clean makes a text of what came from outside fit for one line of a log or a page.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

func shorten(s string) string {
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return clean(s)
}
