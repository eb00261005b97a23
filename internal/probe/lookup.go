package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// maxLines is how many records of an answer a person is shown.
const maxLines = 100

// Found is what a server answers to a question for any records.
type Found struct {
	Code              string // as in NXDOMAIN
	Authoritative     bool
	Answer, Authority []string // records as lines of a zone file; of more than 100 the last line says how many
	NSID              string   // as Result has it
	Took              time.Duration
}

// Lookup asks addr, and nobody else, for the records of a name: over UDP and,
// where the answer does not fit, over TCP. An error means that none came.
func (p *Prober) Lookup(ctx context.Context, addr netip.AddrPort, name zone.Name, of zone.Type) (Found, error) {
	began := time.Now()
	var err error
	for _, wait := range p.waits {
		q := new(dns.Msg)
		q.SetQuestion(string(name), uint16(of))
		q.RecursionDesired = false
		askName(q)
		var answer *dns.Msg
		if answer, err = exchange(ctx, wait, addr, q); err == nil {
			var f Found
			if f, err = found(answer, q.Question[0]); err == nil {
				f.Took = time.Since(began)
				return f, nil
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return Found{}, fmt.Errorf("no answer to a question for %s %s: %w", name, of, err)
}

// found reads an answer to a question.
func found(m *dns.Msg, q dns.Question) (Found, error) {
	if !m.Response || m.Opcode != dns.OpcodeQuery || len(m.Question) != 1 ||
		m.Question[0].Qtype != q.Qtype || m.Question[0].Qclass != q.Qclass || !zone.Name(m.Question[0].Name).Equal(zone.Name(q.Name)) {
		return Found{}, errors.New("what came back answers another question")
	}
	f := Found{Code: rcodeText(m.Rcode), Authoritative: m.Authoritative, Answer: linesOf(m.Answer), Authority: linesOf(m.Ns)}
	if opt := m.IsEdns0(); opt != nil {
		f.NSID = nsid(opt)
	}
	return f, nil
}

// askName has a question ask for the server's identifier as well.
func askName(q *dns.Msg) {
	q.SetEdns0(udpSize, false)
	opt := q.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_NSID{Code: dns.EDNS0NSID})
}

// linesOf writes records as a zone file has them.
func linesOf(list []dns.RR) (lines []string) {
	for i, rr := range list {
		if i == maxLines {
			return append(lines, fmt.Sprintf("; and %d more", len(list)-i))
		}
		name, t, ttl, data, err := zone.FromRR(rr)
		if err != nil { // nothing that a zone can hold
			lines = append(lines, strings.ReplaceAll(rr.String(), "\t", " "))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %d %s %s", name, ttl, t, data.Text(t)))
	}
	return lines
}
