package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// field is one field of record data. Types whose data is a row of plain fields
// are read, printed, checked and compared by their row in shapes: fast, and
// one piece of code for all of them. The others (SVCB, LOC, APL, …) are left
// to the DNS library.
type field uint8

const (
	number8   field = iota
	algorithm       // 8 bits; read as a mnemonic too
	number16
	covered // 16 bits, written as a type
	number32
	seconds // 32 bits; read as 1h30m too
	moment  // 32 bits, written YYYYMMDDHHmmSS (RFC 4034 section 3.2)
	ipv4
	ipv6
	locator    // 64 bits, in four groups (RFC 6742 section 2.1)
	domain     // a name; its case does not count in canonical form
	exactName  // a name; its case counts
	text       // one character-string
	texts      // one or more character-strings, up to the end
	salt       // a character-string of hex digits, - for none
	hashed     // a character-string of base32 with extended hex digits, without padding
	tag        // a character-string of letters and digits (RFC 8659 section 4.1)
	value      // octets up to the end, written as one quoted string
	bitmap     // types, up to the end
	hexOctets  // octets up to the end
	hexLower   // the same, written in small letters
	codeOctets // octets up to the end, written in base64
)

func (f field) String() string {
	return [...]string{"a number", "an algorithm", "a number", "a type", "a number", "a time", "a date", "an IPv4 address",
		"an IPv6 address", "four groups of hex digits", "a name", "a name", "a text", "texts", "hex digits or -", "base32", "a tag", "a quoted text", "types", "hex digits", "hex digits", "base64"}[f]
}

// shapes holds the fields of each type's data. Every type that has names in
// its data whose case does not count (RFC 4034 section 6.2, but NSEC by RFC
// 6840 section 5.1) is here, except those of no use since 1987 or 2002.
var shapes = [...][]field{
	TypeA:              {ipv4},
	TypeNS:             {domain},
	dns.TypeMD:         {domain},
	dns.TypeMF:         {domain},
	TypeCNAME:          {domain},
	TypeSOA:            {domain, domain, number32, seconds, seconds, seconds, seconds},
	dns.TypeMB:         {domain},
	dns.TypeMG:         {domain},
	dns.TypeMR:         {domain},
	TypePTR:            {domain},
	dns.TypeHINFO:      {text, text},
	dns.TypeMINFO:      {domain, domain},
	TypeMX:             {number16, domain},
	TypeTXT:            {texts},
	dns.TypeRP:         {domain, domain},
	dns.TypeAFSDB:      {number16, domain},
	dns.TypeX25:        {text},
	dns.TypeRT:         {number16, domain},
	dns.TypeSIG:        {covered, algorithm, number8, number32, moment, moment, number16, domain, codeOctets},
	dns.TypeKEY:        {number16, number8, algorithm, codeOctets},
	dns.TypeGPOS:       {text, text, text},
	dns.TypePX:         {number16, domain, domain},
	TypeAAAA:           {ipv6},
	TypeSRV:            {number16, number16, number16, domain},
	dns.TypeNAPTR:      {number16, number16, text, text, text, domain},
	dns.TypeKX:         {number16, domain},
	TypeDNAME:          {domain},
	TypeDS:             {number16, algorithm, number8, hexOctets},
	dns.TypeSSHFP:      {number8, number8, hexOctets},
	TypeRRSIG:          {covered, algorithm, number8, number32, moment, moment, number16, domain, codeOctets},
	TypeNSEC:           {exactName, bitmap},
	dns.TypeNSEC3:      {number8, number8, number16, salt, hashed, bitmap},
	dns.TypeNSEC3PARAM: {number8, number8, number16, salt},
	dns.TypeCSYNC:      {number32, number16, bitmap},
	dns.TypeNSAPPTR:    {exactName},
	dns.TypeTALINK:     {exactName, exactName},
	dns.TypeLP:         {number16, exactName},
	dns.TypeDNSKEY:     {number16, number8, algorithm, codeOctets},
	dns.TypeTLSA:       {number8, number8, number8, hexLower},
	dns.TypeSMIMEA:     {number8, number8, number8, hexLower},
	dns.TypeCDS:        {number16, algorithm, number8, hexOctets},
	dns.TypeCDNSKEY:    {number16, number8, algorithm, codeOctets},
	dns.TypeOPENPGPKEY: {codeOctets},
	dns.TypeNINFO:      {texts},
	dns.TypeNID:        {number16, locator},
	dns.TypeL32:        {number16, ipv4},
	dns.TypeL64:        {number16, locator},
	dns.TypeSPF:        {texts},
	dns.TypeURI:        {number16, number16, value},
	dns.TypeAVC:        {texts},
	dns.TypeRESINFO:    {texts},
	dns.TypeCAA:        {number8, tag, value},
}

// shape returns the fields of t's data; none if they are the DNS library's business.
func (t Type) shape() []field {
	if int(t) < len(shapes) {
		return shapes[t]
	}
	return nil
}

// end returns where the field at off ends in d; -1 if d is not so.
func (f field) end(d Rdata, off int) int {
	switch f {
	case number8, algorithm:
		off++
	case number16, covered:
		off += 2
	case number32, seconds, moment, ipv4:
		off += 4
	case locator:
		off += 8
	case ipv6:
		off += 16
	case domain, exactName:
		off = nameEnd(d, off)
	case text, tag, salt, hashed:
		off = textEnd(d, off)
	case texts:
		for {
			if off = textEnd(d, off); off < 0 || off == len(d) {
				return off
			}
		}
	case bitmap:
		return bitmapEnd(d, off)
	case value:
		// The library packs no more, with every backslash doubled.
		if len(d)-off+strings.Count(string(d[off:]), `\`) > maxValue {
			return -1
		}
		return len(d)
	default:
		return len(d)
	}
	if off > len(d) {
		return -1
	}
	return off
}

// maxValue bounds the octets of a CAA or URI value.
const maxValue = 1024

func textEnd(d Rdata, off int) int {
	if off >= len(d) || off+1+int(d[off]) > len(d) {
		return -1
	}
	return off + 1 + int(d[off])
}

// wellFormed reports whether d is data of type t. Any octets are of a type
// that nobody here knows.
func (d Rdata) wellFormed(t Type) bool {
	if len(d) > maxRdata {
		return false
	}
	shape := t.shape()
	if shape == nil {
		return d.unpacks(t)
	}
	off := 0
	for _, f := range shape {
		if off = f.end(d, off); off < 0 {
			return false
		}
	}
	return off == len(d)
}
