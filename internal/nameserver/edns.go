package nameserver

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

const (
	// minUDP is what every client takes (RFC 1035 section 4.2.1).
	minUDP = 512
	// maxUDP is the largest UDP answer unless Options say otherwise, whatever
	// the client takes: beyond, fragments get lost (RFC 9715).
	maxUDP = 1232

	optionNSID      = dns.EDNS0NSID
	optionCookie    = dns.EDNS0COOKIE
	optionKeepalive = dns.EDNS0TCPKEEPALIVE
	optionPadding   = dns.EDNS0PADDING
	optionExpire    = dns.EDNS0EXPIRE
	optionError     = dns.EDNS0EDE
)

// edns is what the OPT record of a request says (RFC 6891). Unknown options
// are passed over.
type edns struct {
	present   bool
	size      int // what the client takes over UDP
	version   uint8
	do        bool
	nsid      bool
	keepalive bool
	padding   bool
	expire    bool
	cookie    []byte // of the first COOKIE option; nil if there is none
}

// parse reads an OPT record: fixed is type, class, TTL and length.
func (e *edns) parse(fixed, options []byte) bool {
	*e = edns{present: true, size: int(binary.BigEndian.Uint16(fixed[2:])), version: fixed[5], do: fixed[6]&0x80 != 0}
	for len(options) > 0 {
		if len(options) < 4 {
			return false
		}
		code, size := binary.BigEndian.Uint16(options), int(binary.BigEndian.Uint16(options[2:]))
		if options = options[4:]; size > len(options) {
			return false
		}
		switch code {
		case optionNSID:
			e.nsid = true
		case optionKeepalive:
			e.keepalive = true
		case optionPadding:
			e.padding = true
		case optionExpire:
			e.expire = true
		case optionCookie:
			if e.cookie == nil {
				e.cookie = options[:size:size]
			}
		}
		options = options[size:]
	}
	return true
}

// optRecord is the OPT record of an answer while it is put together.
type optRecord struct {
	size     int // advertised
	extended int // upper bits of the rcode
	do       bool
	options  []byte
}

func (o *optRecord) add(code uint16, data []byte) {
	o.options = binary.BigEndian.AppendUint16(o.options, code)
	o.options = binary.BigEndian.AppendUint16(o.options, uint16(len(data)))
	o.options = append(o.options, data...)
}

// room is how many octets append appends.
func (o *optRecord) room() int { return 11 + len(o.options) }

func (o *optRecord) append(wire []byte) []byte {
	wire = append(wire, 0, 0, byte(dns.TypeOPT))
	wire = binary.BigEndian.AppendUint16(wire, uint16(o.size))
	flags := byte(0)
	if o.do {
		flags = 0x80
	}
	wire = append(wire, byte(o.extended), 0, flags, 0)
	wire = binary.BigEndian.AppendUint16(wire, uint16(len(o.options)))
	return append(wire, o.options...)
}
