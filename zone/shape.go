package zone

import "github.com/miekg/dns"

// shapes holds the fields of each type's data. Types whose data is a row of
// plain fields are read, printed, checked and compared by their row: fast, and
// by one piece of code for all of them. The others (SVCB, LOC, APL, …) are
// left to the DNS library. Every type that has names in
// its data whose case does not count (RFC 4034 section 6.2, but NSEC by RFC
// 6840 section 5.1) is here, except those of no use since 1987 or 2002.
var shapes = [...][]*field{
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
	typeWKS:            {ipv4, protocol, ports},
	dns.TypeHINFO:      {text, text},
	dns.TypeMINFO:      {domain, domain},
	TypeMX:             {number16, domain},
	TypeTXT:            {texts},
	dns.TypeRP:         {domain, domain},
	dns.TypeAFSDB:      {number16, domain},
	dns.TypeX25:        {text},
	dns.TypeISDN:       {oneOrTwo},
	dns.TypeRT:         {number16, domain},
	typeNSAP:           {nsap},
	dns.TypeSIG:        {covered, algorithm, number8, number32, moment, moment, number16, domain, codeOctets},
	dns.TypeKEY:        {number16, number8, algorithm, codeOctets},
	dns.TypeGPOS:       {text, text, text},
	dns.TypePX:         {number16, domain, domain},
	TypeAAAA:           {ipv6},
	TypeSRV:            {number16, number16, number16, domain},
	dns.TypeNAPTR:      {number16, number16, text, text, text, domain},
	dns.TypeKX:         {number16, domain},
	typeA6:             {a6},
	TypeDNAME:          {domain},
	typeSINK:           {number8, number8, number8, codeOrNone},
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
	typeDOA:            {number32, number32, number8, text, codeOrDash},
	typeWALLET:         {texts},
}

// shape returns the fields of t's data; none if they are the DNS library's business.
func (t Type) shape() []*field {
	if int(t) < len(shapes) {
		return shapes[t]
	}
	return nil
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
