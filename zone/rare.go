package zone

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Types that the DNS library does not know, or reads otherwise than BIND and
// NSD do. Hardly any zone has them, but one that has is to be served whole.
const (
	typeWKS    Type = 11  // RFC 1035 section 3.4.2
	typeNSAP   Type = 22  // RFC 1706
	typeA6     Type = 38  // RFC 2874
	typeSINK   Type = 40  // draft-eastlake-kitchen-sink
	typeDOA    Type = 259 // draft-durand-doa-over-dns
	typeWALLET Type = 262 // IANA's registry alone
)

// rareTypes are the mnemonics that the library does not know.
var rareTypes = map[Type]string{typeWKS: "WKS", typeNSAP: "NSAP", typeA6: "A6", typeSINK: "SINK", typeDOA: "DOA", typeWALLET: "WALLET"}

func rareType(mnemonic string) (Type, bool) {
	for t, name := range rareTypes {
		if name == mnemonic {
			return t, true
		}
	}
	return 0, false
}

// Fields of rare types.
var (
	protocol   = &field{what: "a protocol", end: fixed(1), read: readProtocol, write: writeNumber}
	ports      = &field{what: "ports", end: restEnd, read: readPorts, greedy: true, optional: true, write: writePorts}
	nsap       = &field{what: "0x and pairs of hex digits", end: restEnd, read: readNSAP, write: writeNSAP}
	oneOrTwo   = &field{what: "one text or two", end: oneOrTwoEnd, read: readOneOrTwo, greedy: true, write: writeTexts}
	a6         = &field{what: "a length, an address and a name", end: a6End, read: readA6, greedy: true, write: writeA6}
	codeOrNone = &field{what: "base64", end: restEnd, read: readBase64, greedy: true, optional: true, write: writeAnyBase64}
	codeOrDash = &field{what: "base64 or -", end: restEnd, read: readBase64OrDash, greedy: true, write: writeBase64OrDash}
)

// services are the ports that WKS records in old zones name.
var services = map[string]uint16{
	"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "time": 37, "nameserver": 42, "nicname": 43, "whois": 43,
	"domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79, "http": 80, "www": 80, "kerberos": 88,
	"hostnames": 101, "pop2": 109, "pop3": 110, "sunrpc": 111, "auth": 113, "nntp": 119, "ntp": 123, "imap": 143, "imap2": 143,
	"snmp": 161, "snmp-trap": 162, "bgp": 179, "irc": 194, "ldap": 389, "https": 443, "exec": 512, "login": 513, "shell": 514,
}

func readProtocol(b []byte, words []word, origin Name) ([]byte, error) {
	switch strings.ToLower(string(words[0].text)) {
	case "icmp":
		return append(b, 1), nil
	case "tcp":
		return append(b, 6), nil
	case "udp":
		return append(b, 17), nil
	}
	return number8.read(b, words, origin)
}

// readPorts appends a bit for each port, up to the last one.
func readPorts(b []byte, words []word, _ Name) ([]byte, error) {
	start := len(b)
	for _, w := range words {
		port, known := services[strings.ToLower(string(w.text))]
		if n, ok := parseNumber(w.text, 1<<16-1); ok {
			port, known = uint16(n), true
		}
		if !known {
			return b, fmt.Errorf("%.40q is neither a port nor a service that is known here", w.text)
		}
		b = setBit(b, start, int(port))
	}
	return b, nil
}

func setBit(b []byte, start, bit int) []byte {
	if need := start + bit/8 + 1; len(b) < need {
		b = append(b, make([]byte, need-len(b))...)
	}
	b[start+bit/8] |= 0x80 >> (bit % 8)
	return b
}

// bits yields those that are set.
func bits(d Rdata) (all []int) {
	for i := range 8 * len(d) {
		if d[i/8]&(0x80>>(i%8)) != 0 {
			all = append(all, i)
		}
	}
	return all
}

// shortest reports whether a row of bits has no octet that it does not need.
func shortest(d Rdata) bool { return len(d) == 0 || d[len(d)-1] != 0 }

func writePorts(b []byte, d Rdata) ([]byte, bool) {
	for i, port := range bits(d) {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(port), 10)
	}
	return b, shortest(d)
}

func readNSAP(b []byte, words []word, origin Name) ([]byte, error) {
	digits, ok := bytes.CutPrefix(bytes.ToLower(words[0].text), []byte("0x"))
	digits = bytes.ReplaceAll(digits, []byte("."), nil)
	if !ok || len(digits) == 0 {
		return b, errNot
	}
	return readHex(b, []word{{text: digits}}, origin)
}

func writeNSAP(b []byte, d Rdata) ([]byte, bool) { return writeHex(append(b, "0x"...), d) }

// oneOrTwo is for ISDN, whose second text may be missing (RFC 1183 section 3.2).
func oneOrTwoEnd(d Rdata, off int) int {
	if off = textEnd(d, off); off < 0 || off == len(d) {
		return off
	}
	return textEnd(d, off)
}

func readOneOrTwo(b []byte, words []word, origin Name) (_ []byte, err error) {
	if len(words) > 2 {
		return b, errNot
	}
	for i := range words {
		if b, err = readText(b, words[i:], origin); err != nil {
			return b, err
		}
	}
	return b, nil
}

// An A6 record holds how many bits of an address the name gives, the octets
// with the other bits, and the name if it gives any.

func a6End(d Rdata, off int) int {
	if off >= len(d) || d[off] > 128 {
		return -1
	}
	length := int(d[off])
	end := off + 1 + a6Octets(length)
	switch {
	case end > len(d) || length%8 != 0 && d[off+1]>>(8-length%8) != 0:
		return -1
	case length == 0:
		return end
	}
	return nameEnd(d, end)
}

func a6Octets(length int) int { return (128 - length + 7) / 8 }

func readA6(b []byte, words []word, origin Name) ([]byte, error) {
	length, ok := parseNumber(words[0].text, 128)
	if !ok {
		return b, errNot
	}
	b, words = append(b, byte(length)), words[1:]
	if length < 128 {
		if len(words) == 0 {
			return b, errNot
		}
		addr, err := netip.ParseAddr(string(words[0].text))
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return b, errNot
		}
		octets := addr.As16()
		rest := octets[16-a6Octets(int(length)):]
		rest[0] &= 0xff >> (length % 8)
		b, words = append(b, rest...), words[1:]
	}
	if len(words) != min(int(length), 1) {
		return b, errNot
	}
	if length > 0 {
		return exactName.read(b, words, origin)
	}
	return b, nil
}

func writeA6(b []byte, d Rdata) ([]byte, bool) {
	length := int(d[0])
	b = strconv.AppendInt(b, int64(length), 10)
	octets := a6Octets(length)
	if length < 128 {
		var addr [16]byte
		copy(addr[16-octets:], d[1:1+octets])
		b = netip.AddrFrom16(addr).AppendTo(append(b, ' '))
	}
	if length > 0 {
		return exactName.write(append(b, ' '), d[1+octets:])
	}
	return b, true
}

func writeAnyBase64(b []byte, d Rdata) ([]byte, bool) {
	b, _ = writeBase64(b, d)
	return b, true
}

func readBase64OrDash(b []byte, words []word, origin Name) ([]byte, error) {
	if len(words) == 1 && string(words[0].text) == "-" {
		return b, nil
	}
	return readBase64(b, words, origin)
}

func writeBase64OrDash(b []byte, d Rdata) ([]byte, bool) {
	if len(d) == 0 {
		return append(b, '-'), true
	}
	return writeBase64(b, d)
}

// wholeLOC adds the minutes and seconds that a LOC record may leave out (RFC
// 1876 section 3), which the library misses.
func wholeLOC(words []word) []word {
	var whole []word
	numbers := 0
	for i, w := range words {
		if len(whole) > 0 && len(w.text) == 1 && bytes.ContainsAny(w.text, "NSEW") {
			for ; numbers < 3; numbers++ {
				whole = append(whole, word{text: []byte("0")})
			}
			whole, numbers = append(whole, w), 0
			if bytes.ContainsAny(w.text, "EW") {
				return append(whole, words[i+1:]...)
			}
			continue
		}
		whole, numbers = append(whole, w), numbers+1
	}
	return words
}
