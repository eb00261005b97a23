package exec

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/skein-dns/skein/zone"
)

// task is one of Plesk's for a custom DNS backend. A run gets an array of them.
type task struct {
	Command string   `json:"command"` // create, update or delete
	Zone    zoneJSON `json:"zone"`
}

type zoneJSON struct {
	Name        string       `json:"name"`
	DisplayName string       `json:"displayName"`
	SOA         *soaJSON     `json:"soa,omitempty"`
	Records     []recordJSON `json:"rr,omitempty"`
}

type soaJSON struct {
	Email   string `json:"email"`
	Status  int    `json:"status"`
	Type    string `json:"type"`
	TTL     uint32 `json:"ttl"`
	Refresh uint32 `json:"refresh"`
	Retry   uint32 `json:"retry"`
	Expire  uint32 `json:"expire"`
	Minimum uint32 `json:"minimum"`
	Serial  uint32 `json:"serial"`
	Format  string `json:"serial_format"`
}

// recordJSON divides data as Plesk does: value is the address, the name or the
// text, and opt what stands before it.
type recordJSON struct {
	Host         string `json:"host"`
	DisplayHost  string `json:"displayHost"`
	Type         string `json:"type"`
	DisplayValue string `json:"displayValue"`
	Opt          string `json:"opt"`
	Value        string `json:"value"`
	TTL          uint32 `json:"ttl"`
}

func encode(tasks []task) []byte {
	text, _ := json.Marshal(tasks) // strings and numbers alone
	return append(text, '\n')
}

func deleteTask(name zone.Name) task {
	return task{Command: "delete", Zone: zoneJSON{Name: string(name), DisplayName: name.Unicode()}}
}

// zoneTask describes a zone, and tells of what that cannot be said of.
func zoneTask(c zone.Contents) (z zoneJSON, lacks []string) {
	z = zoneJSON{Name: string(c.Origin()), DisplayName: c.Origin().Unicode(), Records: []recordJSON{}}
	for set := range c.All() {
		if set.Type == zone.TypeSOA {
			soa, _ := c.SOA()
			z.SOA = soaOf(soa, set.TTL)
			continue
		}
		for _, d := range set.Data {
			opt, value, ok := divided(set.Type, d)
			if !ok {
				lacks = append(lacks, fmt.Sprintf("%s %s: JSON can hold no text that is not UTF-8", set.Name, set.Type))
				continue
			}
			z.Records = append(z.Records, recordJSON{Host: string(set.Name), DisplayHost: set.Name.Unicode(), Type: set.Type.String(),
				DisplayValue: value, Opt: opt, Value: value, TTL: set.TTL})
		}
	}
	return z, lacks
}

func soaOf(s zone.SOA, ttl uint32) *soaJSON {
	return &soaJSON{Email: mailbox(s.RName), Type: "master", TTL: ttl, Refresh: s.Refresh, Retry: s.Retry, Expire: s.Expire, Minimum: s.Minimum,
		Serial: s.Serial, Format: "UNIXTIMESTAMP"}
}

// mailbox writes the name of a mailbox as an address (RFC 1035 section 8).
func mailbox(n zone.Name) string {
	labels := n.Labels()
	if len(labels) < 2 {
		return string(n)
	}
	return strings.ReplaceAll(labels[0], `\.`, ".") + "@" + strings.Join(labels[1:], ".")
}

// before is how many fields of the presentation form stand in opt.
var before = map[string]int{"MX": 1, "SRV": 3, "DS": 3, "TLSA": 3}

// divided writes data as opt and value. Of types that Plesk does not have, value
// is all of it, in presentation form.
func divided(t zone.Type, d zone.Rdata) (opt, value string, ok bool) {
	switch {
	case t == zone.TypeTXT:
		value = joined(d)
		return "", value, utf8.ValidString(value)
	case t.String() == "CAA" && len(d) > 2 && len(d) >= 2+int(d[1]): // flags, tag and value (RFC 8659 section 4.1)
		tag, value := string(d[2:2+d[1]]), string(d[2+d[1]:])
		return fmt.Sprintf("%d %s", d[0], tag), value, utf8.ValidString(tag + value)
	}
	fields := strings.SplitN(d.Text(t), " ", before[t.String()]+1)
	last := len(fields) - 1
	return strings.Join(fields[:last], " "), fields[last], true
}

// joined is the text of a record: that of its strings, without their limits.
func joined(d zone.Rdata) string {
	var b strings.Builder
	for rest := string(d); len(rest) > 0; {
		n := min(1+int(rest[0]), len(rest))
		b.WriteString(rest[1:n])
		rest = rest[n:]
	}
	return b.String()
}
