// Package update carries out dynamic updates (RFC 2136) on contents: what a
// request says, whether its prerequisites hold, and what comes of it. It is
// pure: who may update, and where the result goes, is the caller's business.
package update

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// Request is an update of one zone.
type Request struct {
	Zone          zone.Name
	Prerequisites []Record
	Updates       []Record
}

// Record is one line of a request. Its class says what is meant: IN for a
// record, ANY for a whole set or name, NONE for "not there" and "take away".
type Record struct {
	Name  zone.Name
	Type  zone.Type
	Class uint16
	TTL   uint32
	Data  zone.Rdata // "" if there is none
}

// Refusal is why an update is not carried out, with the RCODE that says so.
type Refusal struct {
	Rcode int
	Text  string
}

func (r *Refusal) Error() string { return dns.RcodeToString[r.Rcode] + ": " + r.Text }

func refuse(rcode int, format string, args ...any) error {
	return &Refusal{rcode, fmt.Sprintf(format, args...)}
}

// Parse reads a request from a message. Errors are *Refusal.
func Parse(wire []byte) (Request, error) {
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return Request{}, refuse(dns.RcodeFormatError, "the message cannot be read: %v", err)
	}
	if m.Opcode != dns.OpcodeUpdate || len(m.Question) != 1 || m.Question[0].Qtype != dns.TypeSOA {
		return Request{}, refuse(dns.RcodeFormatError, "the zone section does not name one zone") // section 3.1.1
	}
	name, err := zone.ParseName(m.Question[0].Name)
	if err != nil {
		return Request{}, refuse(dns.RcodeFormatError, "%v", err)
	}
	if m.Question[0].Qclass != dns.ClassINET {
		return Request{}, refuse(dns.RcodeNotAuth, "%s is served in class IN only", name)
	}
	r := Request{Zone: name}
	if r.Prerequisites, err = records(m.Answer); err != nil {
		return Request{}, err
	}
	r.Updates, err = records(m.Ns)
	return r, err
}

func records(rrs []dns.RR) ([]Record, error) {
	list := make([]Record, len(rrs))
	for i, rr := range rrs {
		h := rr.Header()
		name, err := zone.ParseName(h.Name)
		if err != nil {
			return nil, refuse(dns.RcodeFormatError, "%v", err)
		}
		list[i] = Record{Name: name, Type: zone.Type(h.Rrtype), Class: h.Class, TTL: h.Ttl}
		if h.Rdlength == 0 { // the library makes up data then
			continue
		}
		if _, _, _, list[i].Data, err = zone.FromRR(rr); err != nil {
			return nil, refuse(dns.RcodeFormatError, "%v", err)
		}
	}
	return list, nil
}

// Apply returns contents after the update, all of it; or a *Refusal, and
// nothing is done. The serial is the one that was, unless the update brought a
// SOA record that is ahead: raising it is up to the caller, if anything changed.
func (r Request) Apply(c zone.Contents) (zone.Contents, error) {
	if !r.Zone.Equal(c.Origin()) {
		return zone.Contents{}, refuse(dns.RcodeNotAuth, "%s is not the zone %s", r.Zone, c.Origin())
	}
	if err := r.check(c); err != nil {
		return zone.Contents{}, err
	}
	if err := r.prescan(); err != nil {
		return zone.Contents{}, err
	}
	e := newEdit(c)
	for _, u := range r.Updates {
		e.apply(u)
	}
	changed, err := c.Apply(e.delta())
	if err != nil {
		return zone.Contents{}, refuse(dns.RcodeServerFailure, "the changes do not fit together: %v", err)
	}
	return changed, nil
}

// metaType: types that no zone holds (RFC 6895 section 3.1).
func metaType(t zone.Type) bool { return t == 0 || t == zone.Type(dns.TypeOPT) || t >= 128 && t <= 255 }

// mayBeEmpty: types of which a record without any data is sound.
func mayBeEmpty(t zone.Type) bool {
	_, known := dns.TypeToString[uint16(t)]
	return !known || t == zone.Type(dns.TypeAPL) || t == zone.Type(dns.TypeNULL)
}

const typeANY = zone.Type(dns.TypeANY)
