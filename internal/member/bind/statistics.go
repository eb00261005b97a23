package bind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/stream"
	"github.com/skein-dns/skein/zone"
)

// Statistics is the setting that names the statistics channel of a member,
// HOST:PORT. Over rndc a BIND does not tell which zones it has: that does.
const Statistics = "statistics"

const (
	zonesPath   = "/json/v1/zones"
	silentMost  = 30 * time.Second // BIND writes the whole answer before it sends any of it
	listingMost = 10 * time.Minute
	answerMost  = 4 << 30 // octets; a zone takes 200
	elementMost = 1 << 20 // octets
)

var hostName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$`)

// CheckStatistics says what is wrong with a value of that setting.
func CheckStatistics(at string) error {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return errors.New("it is no HOST:PORT")
	}
	if _, err := netip.ParseAddr(host); err != nil && !hostName.MatchString(host) {
		return errors.New("it names no host")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errors.New("it names no port")
	}
	return nil
}

// What a channel can say that is no list of the view's zones.
var (
	errNoChannel = errors.New("what answers is no statistics channel of a BIND")
	errNoJSON    = errors.New("it has no JSON: this BIND was built without json-c")
	errNotThere  = errors.New("it knows no such view")
)

// Inventory lists the zones of the member's view, whosever they are: Has tells
// that. The channel leaves out zones that have `zone-statistics none`.
func (d *Driver) Inventory(ctx context.Context, each func(skein.Held) error) error {
	at := d.m.Settings[Statistics]
	if at == "" {
		return &skein.Error{Kind: skein.KindConflict, What: "a BIND cannot list its zones over rndc",
			Mend: "name them: on the command line, or with --zones-file, --named-conf or --zone-dir; or open its statistics channel to this node, " +
				"and name that with skein member edit " + d.m.Name + " --set " + Statistics + "=HOST:PORT"}
	}
	var told error // by each, of which nothing is said here
	zones := 0
	began := time.Now()
	err := d.list(ctx, at, func(h skein.Held) error {
		zones++
		told = each(h)
		return told
	})
	d.opts.Trace.Record(began, time.Now(), "statistics", "GET http://"+at+zonesPath, fmt.Sprintf("%d zones of view %s", zones, d.text.view), err)
	switch {
	case err == nil || told != nil:
		return err
	case errors.Is(err, errNoChannel), errors.Is(err, errNoJSON), errors.Is(err, errNotThere):
		return fmt.Errorf("%w: its statistics channel at %s: %w", member.ErrDenied, at, err)
	}
	return fmt.Errorf("%w: its statistics channel at %s: %w", member.ErrAway, at, err)
}

func (d *Driver) list(ctx context.Context, at string, each func(skein.Held) error) error {
	ctx, cancel := context.WithTimeout(ctx, listingMost)
	defer cancel()
	u := url.URL{Scheme: "http", Host: at, Path: zonesPath}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	resp, err := d.browser().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound && resp.Header.Get("Server") == "libisc":
		return errNoJSON
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: it answers %d", errNoChannel, resp.StatusCode)
	}
	body := &failing{r: io.LimitReader(resp.Body, answerMost)}
	if err = readZones(body, d.text.view, each); body.err != nil {
		return body.err // whatever was made of what came
	}
	return err
}

// browser speaks HTTP to one channel, once.
func (d *Driver) browser() *http.Client {
	dial := net.Dialer{Timeout: d.opts.Silence}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 1 << 16,
			DialContext: func(ctx context.Context, network, at string) (net.Conn, error) {
				conn, err := dial.DialContext(ctx, network, at)
				if err != nil {
					return nil, err
				}
				return patient{conn, d.opts.Silence}, nil
			}},
	}
}

// patient is a connection that may say nothing for so long.
type patient struct {
	net.Conn
	silence time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.silence)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

// failing keeps the error of a body that was not its end.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// readZones reads what a channel answers: the zones of a view that hold contents,
// but for those that BIND has by itself and those that nobody could be asked for.
func readZones(r io.Reader, view string, each func(skein.Held) error) error {
	in, there := stream.New(r, elementMost), false
	one := func() error {
		h, is, err := readHeld(in)
		if err != nil || !is {
			return err
		}
		return each(h)
	}
	err := in.Field("views", func() error {
		return in.Field(view, func() error {
			there = true
			return in.Field("zones", func() error { return in.Elements(one) }) // a view without has none
		})
	})
	switch {
	case err == nil && !there:
		return fmt.Errorf("%w: %s", errNotThere, view)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("its answer breaks off: %w", err)
	case errors.Is(err, stream.ErrShape), errors.As(err, new(*json.SyntaxError)), errors.As(err, new(*json.UnmarshalTypeError)):
		return fmt.Errorf("%w: %w", errNoChannel, err)
	}
	return err
}

// readHeld reads one zone; false if it is none that could come in.
func readHeld(in *stream.Reader) (h skein.Held, is bool, err error) {
	var z struct {
		Name, Class, Type string
		Serial            uint32
	}
	if err := in.Value(&z); err != nil {
		return h, false, err
	}
	switch z.Type {
	case "primary", "secondary", "master", "slave": // the old words are those of a BIND before 9.14
	default:
		return h, false, nil
	}
	name, err := zone.ParseName(z.Name)
	return skein.Held{Zone: name, Serial: z.Serial}, err == nil && z.Class == "IN", nil
}
