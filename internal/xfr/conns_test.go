package xfr

import (
	"context"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// One connection does for many transfers, as long as the server keeps it open
// and says no more than it was asked for.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	whole := base + soa("5")
	for situation, c := range map[string]struct {
		answers []string // of each connection, one a question; it is closed behind the last
		more    string   // that comes together with each answer
		want    int64    // connections
	}{
		"it stays open":                         {[]string{whole, whole, whole}, "", 1},
		"it is closed after each answer":        {[]string{whole}, "", 3},
		"it is closed after two":                {[]string{whole, whole}, "", 2},
		"it says more than it was asked for":    {[]string{whole, whole, whole}, soa("6"), 3},
		"it closes the first one of all at all": {nil, "", 1},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var opened atomic.Int64
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					opened.Add(1)
					answerOver(t, conn, c.answers, c.more)
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			conns := new(Conns)
			for i := range 3 {
				got, kind, err := conns.Fetch(ctx, Request{Server: netip.MustParseAddrPort(l.Addr().String()), Zone: origin})
				if len(c.answers) == 0 {
					if err == nil {
						t.Error("nothing came, and was taken")
					}
					break
				}
				if err != nil || kind != AXFR || text(t, got) != text(t, contents(t, base)) {
					t.Fatalf("transfer %d: %s %v\n%s", i+1, kind, err, text(t, got))
				}
			}
			if n := opened.Load(); n != c.want {
				t.Errorf("%d connections, not %d", n, c.want)
			}
		})
	}
}

// answerOver answers the questions of one connection, and closes it.
func answerOver(t *testing.T, conn net.Conn, answers []string, more string) {
	defer conn.Close()
	for _, answer := range answers {
		wire, err := readFrame(conn)
		if err != nil {
			return
		}
		q := new(dns.Msg)
		if err := q.Unpack(wire); err != nil {
			t.Error(err)
			return
		}
		out := stream(pack(t, reply(t, q, answer)))
		if more != "" {
			out.Write(stream(pack(t, reply(t, q, more))).Bytes())
		}
		if _, err := io.Copy(conn, out); err != nil {
			return
		}
	}
}
