package bench

import (
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// giveUp bounds every wait of the harness.
const giveUp = 60 * time.Second

// observer asks one nameserver the same question again and again, as an
// outsider would: it knows nothing of Skein.
type observer struct {
	conn *net.UDPConn
	id   uint16
	buf  [4096]byte
}

func newObserver(tb testing.TB, server string) *observer {
	tb.Helper()
	conn, err := net.Dial("udp", server)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return &observer{conn: conn.(*net.UDPConn)}
}

// ask returns the answer section, nil if there is none or nothing came in time.
func (o *observer) ask(name string, qtype uint16) []dns.RR {
	o.id++
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	q.Id, q.RecursionDesired = o.id, false
	wire, err := q.Pack()
	if err != nil {
		return nil
	}
	o.conn.Write(wire)
	o.conn.SetReadDeadline(time.Now().Add(time.Second))
	for {
		n, err := o.conn.Read(o.buf[:])
		if err != nil {
			return nil
		}
		var m dns.Msg
		if m.Unpack(o.buf[:n]) == nil && m.Id == o.id {
			return m.Answer
		}
	}
}

// until asks every half millisecond until the answer's text ends in want, and
// returns when that was.
func (o *observer) until(name string, qtype uint16, want string) (time.Time, error) {
	for start := time.Now(); time.Since(start) < giveUp; time.Sleep(500 * time.Microsecond) {
		for _, rr := range o.ask(name, qtype) {
			if strings.HasSuffix(rr.String(), want) {
				return time.Now(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%s never answered %s for %s", o.conn.RemoteAddr(), want, name)
}

// lacks asks for the SOAs of some names at once, and returns those that have
// none here. It is quick, since it looks at nothing of an answer but the header.
func (o *observer) lacks(names []string) (missing []string) {
	first := o.id + 1
	for _, name := range names {
		o.id++
		q := binary.BigEndian.AppendUint16(o.buf[:0], o.id)
		q = append(q, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
		for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
			q = append(append(q, byte(len(label))), label...)
		}
		o.conn.Write(append(q, 0, 0, byte(dns.TypeSOA), 0, dns.ClassINET))
	}
	answered, has := make([]bool, len(names)), make([]bool, len(names))
	o.conn.SetReadDeadline(time.Now().Add(time.Second))
	for left := len(names); left > 0; {
		n, err := o.conn.Read(o.buf[:])
		if err != nil {
			break
		}
		if at := binary.BigEndian.Uint16(o.buf[:]) - first; n > 12 && int(at) < len(names) && !answered[at] {
			answered[at], has[at] = true, o.buf[3]&15 == dns.RcodeSuccess && binary.BigEndian.Uint16(o.buf[6:]) > 0
			left--
		}
	}
	for i, name := range names {
		if !has[i] {
			missing = append(missing, name)
		}
	}
	return missing
}

// atOnce is how many questions an observer has under way.
const atOnce = 100

// untilAll returns when every name has a SOA here. It asks for the next ones
// when the first that is missing has come: the observer must neither be the
// load nor what is waited for.
func (o *observer) untilAll(names []string) (time.Duration, error) {
	start := time.Now()
	for missing := []string(nil); len(missing)+len(names) > 0; {
		next := min(len(names), atOnce-len(missing))
		missing, names = o.lacks(append(missing, names[:next]...)), names[next:]
		for asked := time.Now(); len(missing) > 0 && len(o.lacks(missing[:1])) > 0; time.Sleep(5 * time.Millisecond) {
			if time.Since(asked) > 10*giveUp {
				return 0, fmt.Errorf("%s never came", missing[0])
			}
		}
	}
	return time.Since(start), nil
}

// spread reports median and p99 in milliseconds under a name.
func spread(b *testing.B, name string, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), name+"-p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), name+"-p99-ms")
}
