package route53

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/skein-dns/skein/internal/member/membertest"
)

type writer = http.ResponseWriter

// cloud is Route 53 as its API reference (2013-04-01) has it, as far as the
// driver could trip over it: signatures, pages, limits of batches, batches that
// happen as a whole or not at all, names in octal, what every zone is born with
// and cannot lose, zones that must be empty to go, changes that take a while.
type cloud struct {
	membertest.Service

	keys map[string]string // access key id → secret

	mu       sync.Mutex // owns the rest
	zones    map[string]*hostedZone
	refs     map[string]bool // of zones that ever were
	sets     map[string]bool // reusable delegation sets
	changes  map[string]time.Time
	made     int
	page     int           // of lists
	settles  time.Duration // until a change is INSYNC
	now      func() time.Time
	most     int // zones
	calls    []string
	sent     int                              // changes of record sets
	fault    func(w writer, call string) bool // answers in place of the service
	afterall func(w writer, call string) bool // the call is done, and answered so
}

type hostedZone struct {
	XMLName xml.Name `xml:"HostedZone"`
	ID      string   `xml:"Id"`
	Name    string
	Ref     string `xml:"CallerReference"`
	Config  struct {
		Comment     string
		PrivateZone bool
	}
	Linked *linked `xml:"LinkedService"`
	Count  int     `xml:"ResourceRecordSetCount"`

	sets map[string]*rrset
}

type linked struct{ ServicePrincipal string }

type rrset struct {
	XMLName xml.Name `xml:"ResourceRecordSet"`
	Name    string
	Type    string
	SetID   string   `xml:"SetIdentifier,omitempty"`
	Weight  *int     `xml:"Weight"`
	TTL     *int64   `xml:"TTL"`
	Values  *values  `xml:"ResourceRecords"`
	Alias   *aliased `xml:"AliasTarget"`
}

type values struct {
	Record []record `xml:"ResourceRecord"`
}

type record struct{ Value string }

type aliased struct {
	HostedZoneID string `xml:"HostedZoneId"`
	DNSName      string
	Evaluate     bool `xml:"EvaluateTargetHealth"`
}

func (v *values) list() (all []string) {
	if v == nil {
		return nil
	}
	for _, r := range v.Record {
		all = append(all, r.Value)
	}
	return all
}

func valuesOf(all ...string) *values {
	v := &values{}
	for _, text := range all {
		v.Record = append(v.Record, record{text})
	}
	return v
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{
		keys: map[string]string{"AKIDOURS": "secret-of-ours"}, zones: map[string]*hostedZone{}, refs: map[string]bool{}, sets: map[string]bool{},
		changes: map[string]time.Time{}, page: 100, now: time.Now, most: 10000,
	}
	c.Handle = c.handle
	c.Start(t)
	return c
}

// took returns the calls since it was asked last.
func (c *cloud) took() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

// signed checks a signature as AWS does: it makes its own, and compares.
func (c *cloud) signed(r *http.Request, body []byte) string {
	auth := r.Header.Get("Authorization")
	fields := map[string]string{}
	for _, f := range strings.Split(strings.TrimPrefix(auth, "AWS4-HMAC-SHA256 "), ", ") {
		k, v, _ := strings.Cut(f, "=")
		fields[k] = v
	}
	scope := strings.Split(fields["Credential"], "/")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	switch {
	case len(scope) != 5 || err != nil:
		return "MissingAuthenticationToken"
	case c.keys[scope[0]] == "":
		return "InvalidClientTokenId"
	case c.now().Sub(at).Abs() > 5*time.Minute:
		return "RequestExpired"
	}
	again, _ := http.NewRequestWithContext(context.Background(), r.Method, "http://"+r.Host+r.URL.RequestURI(), bytes.NewReader(body))
	again.Host = r.Host
	again.ContentLength = 0
	for _, h := range strings.Split(fields["SignedHeaders"], ";") {
		switch h {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(h)] = r.Header.Values(h)
		}
	}
	sum := sha256.Sum256(body)
	creds := aws.Credentials{AccessKeyID: scope[0], SecretAccessKey: c.keys[scope[0]]}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, again, hex.EncodeToString(sum[:]), "route53", scope[2], at); err != nil || again.Header.Get("Authorization") != auth {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func (c *cloud) handle(w http.ResponseWriter, r *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if code := c.signed(r, body); code != "" {
		refuse(w, http.StatusForbidden, code, "The request signature we calculated does not match the signature you provided.")
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/2013-04-01/")
	part := strings.Split(strings.Trim(path, "/"), "/")
	call := r.Method + " " + strings.Trim(path, "/")
	c.calls = append(c.calls, call)
	if c.fault != nil && c.fault(w, call) {
		return
	}
	answer := http.ResponseWriter(w)
	if c.afterall != nil {
		if record := (&dropped{header: http.Header{}}); c.afterall(w, call) {
			answer = record
		}
	}
	q := r.URL.Query()
	switch {
	case call == "GET hostedzonecount":
		send(answer, "GetHostedZoneCountResponse", struct{ HostedZoneCount int }{len(c.zones)})
	case call == "GET accountlimit/MAX_HOSTED_ZONES_BY_OWNER":
		fmt.Fprintf(answer, `<GetAccountLimitResponse><Limit><Type>MAX_HOSTED_ZONES_BY_OWNER</Type><Value>%d</Value></Limit><Count>%d</Count></GetAccountLimitResponse>`, c.most, len(c.zones))
	case call == "GET hostedzone":
		c.listZones(answer, q.Get("marker"), q.Get("maxitems"))
	case call == "GET hostedzonesbyname":
		c.listByName(answer, q.Get("dnsname"), q.Get("hostedzoneid"), q.Get("maxitems"))
	case call == "POST hostedzone":
		c.create(answer, body)
	case len(part) == 2 && part[0] == "change" && r.Method == http.MethodGet:
		at, is := c.changes[part[1]]
		if !is {
			refuse(answer, 404, "NoSuchChange", "no change "+part[1])
			return
		}
		send(answer, "GetChangeResponse", struct{ ChangeInfo changeInfo }{c.info(part[1], at)})
	case len(part) == 2 && part[0] == "delegationset" && r.Method == http.MethodGet:
		if !c.sets[part[1]] {
			refuse(answer, 400, "NoSuchDelegationSet", "no set "+part[1])
			return
		}
		fmt.Fprintf(answer, `<GetReusableDelegationSetResponse><DelegationSet><Id>/delegationset/%s</Id><NameServers><NameServer>ns-1.awsdns.example</NameServer></NameServers></DelegationSet></GetReusableDelegationSetResponse>`, part[1])
	case len(part) >= 2 && part[0] == "hostedzone":
		z := c.zones[part[1]]
		switch {
		case z == nil:
			refuse(answer, 404, "NoSuchHostedZone", "No hosted zone found with ID: "+part[1])
		case len(part) == 2 && r.Method == http.MethodPost:
			var in struct{ Comment string }
			if err := xml.Unmarshal(body, &in); err != nil {
				refuse(answer, 400, "InvalidInput", err.Error())
				return
			}
			z.Config.Comment = in.Comment
			send(answer, "UpdateHostedZoneCommentResponse", struct{ HostedZone *hostedZone }{z.counted()})
		case len(part) == 2 && r.Method == http.MethodDelete:
			if len(z.sets) > 2 {
				refuse(answer, 400, "HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
				return
			}
			delete(c.zones, part[1])
			send(answer, "DeleteHostedZoneResponse", struct{ ChangeInfo changeInfo }{c.change()})
		case len(part) == 3 && part[2] == "rrset" && r.Method == http.MethodGet:
			c.listRecords(answer, z, q.Get("name"), q.Get("type"), q.Get("identifier"))
		case len(part) == 3 && part[2] == "rrset" && r.Method == http.MethodPost:
			c.changeRecords(answer, z, body)
		default:
			refuse(answer, 404, "UnknownOperationException", call)
		}
	default:
		refuse(answer, 404, "UnknownOperationException", call)
	}
}

// dropped takes an answer that nobody gets.
type dropped struct{ header http.Header }

func (d *dropped) Header() http.Header         { return d.header }
func (d *dropped) Write(b []byte) (int, error) { return len(b), nil }
func (d *dropped) WriteHeader(int)             {}

func refuse(w http.ResponseWriter, status int, code, text string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>%s</Code><Message>`, code)
	_ = xml.EscapeText(w, []byte(text))
	fmt.Fprint(w, `</Message></Error><RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId></ErrorResponse>`)
}

func send(w http.ResponseWriter, name string, v any) {
	w.Header().Set("Content-Type", "text/xml")
	if err := xml.NewEncoder(w).EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
		panic(err)
	}
}

type changeInfo struct {
	ID     string `xml:"Id"`
	Status string
	At     string `xml:"SubmittedAt"`
}

func (c *cloud) change() changeInfo {
	c.made++
	id := fmt.Sprintf("C%d", c.made)
	c.changes[id] = c.now()
	return c.info(id, c.changes[id])
}

func (c *cloud) info(id string, at time.Time) changeInfo {
	status := "INSYNC"
	if c.now().Sub(at) < c.settles {
		status = "PENDING"
	}
	return changeInfo{"/change/" + id, status, at.UTC().Format(time.RFC3339)}
}

func (c *cloud) listZones(w http.ResponseWriter, marker, most string) {
	var ids []string
	for id := range c.zones {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	from, _ := slices.BinarySearch(ids, marker)
	n, truncated := c.pageOf(len(ids)-from, most)
	out := struct {
		Zones      []*hostedZone `xml:"HostedZones>HostedZone"`
		Marker     string
		Truncated  bool   `xml:"IsTruncated"`
		NextMarker string `xml:"NextMarker,omitempty"`
		MaxItems   int
	}{Marker: marker, Truncated: truncated, MaxItems: n}
	for _, id := range ids[from : from+n] {
		out.Zones = append(out.Zones, c.zones[id].counted())
	}
	if truncated {
		out.NextMarker = ids[from+n]
	}
	send(w, "ListHostedZonesResponse", out)
}

func (c *cloud) pageOf(left int, most string) (n int, truncated bool) {
	n = c.page
	if m, err := strconv.Atoi(most); err == nil {
		n = min(n, m)
	}
	return min(n, left), n < left
}

func (z *hostedZone) counted() *hostedZone {
	z.Count = len(z.sets)
	return z
}

// backwards is a name as lists are ordered by it.
func backwards(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

func (c *cloud) listByName(w http.ResponseWriter, name, id, most string) {
	type row struct{ order, id string }
	var rows []row
	for id, z := range c.zones {
		rows = append(rows, row{backwards(z.Name), id})
	}
	less := func(a, b row) int { return strings.Compare(a.order+"\x00"+a.id, b.order+"\x00"+b.id) }
	slices.SortFunc(rows, less)
	from, _ := slices.BinarySearchFunc(rows, row{backwards(name), id}, less)
	n, truncated := c.pageOf(len(rows)-from, most)
	out := struct {
		Zones     []*hostedZone `xml:"HostedZones>HostedZone"`
		Truncated bool          `xml:"IsTruncated"`
		Name      string        `xml:"NextDNSName,omitempty"`
		ID        string        `xml:"NextHostedZoneId,omitempty"`
		MaxItems  int
	}{Truncated: truncated, MaxItems: n}
	for _, r := range rows[from : from+n] {
		out.Zones = append(out.Zones, c.zones[r.id].counted())
	}
	if truncated {
		out.Name, out.ID = c.zones[rows[from+n].id].Name, rows[from+n].id
	}
	send(w, "ListHostedZonesByNameResponse", out)
}

func (c *cloud) create(w http.ResponseWriter, body []byte) {
	var in struct {
		Name             string
		CallerReference  string
		DelegationSetId  string
		HostedZoneConfig struct{ Comment string }
	}
	if err := xml.Unmarshal(body, &in); err != nil {
		refuse(w, 400, "InvalidInput", err.Error())
		return
	}
	switch {
	case in.Name == "." || !strings.HasSuffix(in.Name, "."):
		refuse(w, 400, "InvalidDomainName", in.Name+" is not a valid domain name")
	case in.CallerReference == "" || len(in.CallerReference) > 128:
		refuse(w, 400, "InvalidInput", "CallerReference")
	case c.refs[in.CallerReference]:
		refuse(w, 409, "HostedZoneAlreadyExists", "A hosted zone has already been created with the specified caller reference.")
	case len(c.zones) >= c.most:
		refuse(w, 400, "TooManyHostedZones", "This operation can't be completed because the current account has reached the limit on the number of hosted zones you can create.")
	case in.DelegationSetId != "" && !c.sets[in.DelegationSetId]:
		refuse(w, 400, "NoSuchDelegationSet", "no set "+in.DelegationSetId)
	default:
		c.refs[in.CallerReference] = true
		z := c.born(in.Name, in.CallerReference, in.HostedZoneConfig.Comment)
		info := c.change()
		w.Header().Set("Location", "https://route53.amazonaws.com/2013-04-01"+z.ID)
		w.WriteHeader(http.StatusCreated)
		send(w, "CreateHostedZoneResponse", struct {
			HostedZone *hostedZone
			ChangeInfo changeInfo
		}{z.counted(), info})
	}
}

// born makes a zone, with what each has.
func (c *cloud) born(name, ref, comment string) *hostedZone {
	c.made++
	id := fmt.Sprintf("Z%05d", c.made)
	z := &hostedZone{ID: "/hostedzone/" + id, Name: name, Ref: ref, sets: map[string]*rrset{}}
	z.Config.Comment = comment
	ttl, day := int64(900), int64(172800)
	z.put(&rrset{Name: name, Type: "SOA", TTL: &ttl, Values: valuesOf("ns-1.awsdns.example. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")})
	z.put(&rrset{Name: name, Type: "NS", TTL: &day, Values: valuesOf("ns-1.awsdns.example.", "ns-2.awsdns.example.")})
	c.zones[id] = z
	return z
}

func (r *rrset) key() string { return backwards(r.Name) + " " + r.Type + " " + r.SetID }

func (z *hostedZone) put(r *rrset) { z.sets[r.key()] = r }

func (z *hostedZone) sorted() (all []*rrset) {
	for _, key := range slices.Sorted(maps.Keys(z.sets)) {
		all = append(all, z.sets[key])
	}
	return all
}

func (c *cloud) listRecords(w http.ResponseWriter, z *hostedZone, name, typ, id string) {
	all := z.sorted()
	from := 0
	if name != "" {
		at := (&rrset{Name: name, Type: typ, SetID: id}).key()
		from = slices.IndexFunc(all, func(r *rrset) bool { return r.key() >= at })
		if from < 0 {
			from = len(all)
		}
	}
	n, truncated := c.pageOf(len(all)-from, "")
	out := struct {
		Sets      []*rrset `xml:"ResourceRecordSets>ResourceRecordSet"`
		Truncated bool     `xml:"IsTruncated"`
		MaxItems  int
		Name      string `xml:"NextRecordName,omitempty"`
		Type      string `xml:"NextRecordType,omitempty"`
		ID        string `xml:"NextRecordIdentifier,omitempty"`
	}{Sets: all[from : from+n], Truncated: truncated, MaxItems: n}
	if truncated {
		next := all[from+n]
		out.Name, out.Type, out.ID = next.Name, next.Type, next.SetID
	}
	send(w, "ListResourceRecordSetsResponse", out)
}

var known = strings.Fields("A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT")

// changeRecords makes a batch of changes, all or none.
func (c *cloud) changeRecords(w http.ResponseWriter, z *hostedZone, body []byte) {
	var in struct {
		Changes []struct {
			Action string
			Set    rrset `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.Unmarshal(body, &in); err != nil {
		refuse(w, 400, "InvalidInput", err.Error())
		return
	}
	after := map[string]*rrset{}
	for k, r := range z.sets {
		after[k] = r
	}
	bad := func(format string, args ...any) { refuse(w, 400, "InvalidChangeBatch", fmt.Sprintf(format, args...)) }
	records, chars := 0, 0
	for _, ch := range in.Changes {
		r := ch.Set
		r.XMLName = xml.Name{}
		times := 1
		if ch.Action == "UPSERT" {
			times = 2
		}
		if len(r.Values.list()) == 0 || r.TTL == nil {
			bad("%s %s has no records or no TTL", r.Name, r.Type)
			return
		}
		records += times * len(r.Values.list())
		for _, v := range r.Values.list() {
			chars += times * len(v)
			if len(v) > 4000 {
				bad("a value of %s is too long", r.Name)
				return
			}
		}
		switch {
		case !slices.Contains(known, r.Type):
			bad("there is no type %s", r.Type)
			return
		case r.Name != z.Name && !strings.HasSuffix(r.Name, "."+z.Name):
			bad("RRSet with DNS name %s is not permitted in zone %s", r.Name, z.Name)
			return
		case len(r.Values.list()) > 400:
			bad("%s has more than 400 records", r.Name)
			return
		case hasTwice(r.Values.list()):
			bad("Duplicate Resource Record in %s %s", r.Name, r.Type)
			return
		}
		has := after[r.key()]
		switch ch.Action {
		case "DELETE":
			same := has != nil && has.TTL != nil && *has.TTL == *r.TTL && sameValues(has.Values.list(), r.Values.list())
			switch {
			case !same:
				bad("Tried to delete resource record set [name='%s', type='%s'] but it was not found, or the values provided do not match the current values", r.Name, r.Type)
				return
			case r.Name == z.Name && (r.Type == "SOA" || r.Type == "NS"):
				bad("A HostedZone must contain at least one NS record for the zone itself, and exactly one SOA")
				return
			}
			delete(after, r.key())
		case "CREATE":
			if has != nil {
				bad("Tried to create resource record set [name='%s', type='%s'] but it already exists", r.Name, r.Type)
				return
			}
			after[r.key()] = &r
		case "UPSERT":
			after[r.key()] = &r
		default:
			bad("there is no action %q", ch.Action)
			return
		}
	}
	if records > 1000 || chars > 32000 {
		refuse(w, 400, "InvalidChangeBatch", fmt.Sprintf("The request contains %d records and %d characters", records, chars))
		return
	}
	names := map[string]int{}
	for _, r := range after {
		names[r.Name]++
	}
	for _, r := range after {
		if r.Type == "CNAME" && names[r.Name] > 1 {
			bad("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records with the same DNS name", r.Name)
			return
		}
	}
	z.sets = after
	c.sent += len(in.Changes)
	send(w, "ChangeResourceRecordSetsResponse", struct{ ChangeInfo changeInfo }{c.change()})
}

func hasTwice(values []string) bool {
	sorted := slices.Sorted(slices.Values(values))
	return len(slices.Compact(sorted)) != len(values)
}

func sameValues(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// byName returns the public zones of a name.
func (c *cloud) byName(name string) (all []*hostedZone) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, z := range c.zones {
		if z.Name == name && !z.Config.PrivateZone {
			all = append(all, z)
		}
	}
	return all
}

// in does something to the service.
func (c *cloud) in(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}
