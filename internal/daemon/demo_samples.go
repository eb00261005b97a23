package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The people and panels of the demonstration.
const (
	reseller  = "north-hosting"
	customer  = "harbour-cafe"
	firstOne  = "plesk1.demo.example" // the panel that most zones come from
	secondOne = "plesk2.demo.example"
	acme      = "certbot"
)

// sampleNames are domains as hosters have them; each is a zone of somebody's.
var sampleNames = map[string][]string{
	firstOne: {
		"alpine-guides", "bike-kitchen", "blue-lantern", "brass-band", "candle-works", "choir-online", "city-archive", "clay-studio",
		"corner-bakery", "dental-praxis", "driving-school", "fern-and-moss", "flower-market", "garden-tools", "glass-house", "hill-farm",
		"ice-rink", "joiner-and-son", "kite-club", "lake-hotel", "lighthouse-books", "maple-syrup", "mill-cinema", "old-town-tours",
	},
	secondOne: {"paper-boat", "pine-architects", "quiet-coffee", "rail-museum", "rowing-club"},
	reseller:  {"salt-and-sons", "shoe-repair", "stone-bridge", "summer-camp", "tea-import", "tide-tables"},
	customer:  {"harbour-cafe", "harbour-events"},
}

// shopTemplate is one of the hoster's own.
const shopTemplate = `$TTL %ttl%
@     SOA    %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400
@     NS     %nameserver%.
@     A      %ip%
www   CNAME  @
shop  CNAME  @
@     MX     10 mail
mail  A      %ip%
`

// fill puts in what a cluster has after a while: zones of two panels, of a
// reseller and its customer, and something of everything that waits for a person.
func (d *demo) fill(ctx context.Context) error {
	template := filepath.Join(d.Dir, "shop.template")
	if err := os.WriteFile(template, []byte(shopTemplate), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"source", "add", "plesk", firstOne, "--silence", "24h"},
		{"source", "add", "plesk", secondOne},
		{"source", "add", "api", acme},
		{"source", "rule", "add", "overlay", "--from", firstOne, "--to", acme},
		{"template", "put", "shop", template},
		{"tenant", "add", reseller, "--clustering"},
		{"tenant", "add", customer, "--kind", "customer", "--parent", reseller},
		{"token", "create", firstOne, "--source", firstOne, "--output", d.token(firstOne)},
		{"token", "create", secondOne, "--source", secondOne, "--output", d.token(secondOne)},
		{"token", "create", acme, "--source", acme, "--output", d.token(acme)},
		{"token", "create", reseller, "--role", "reseller", "--tenant", reseller, "--output", d.token(reseller)},
		{"token", "create", customer, "--role", "customer", "--tenant", customer, "--output", d.token(customer)},
	} {
		if _, err := d.skein(ctx, "", args...); err != nil {
			return err
		}
	}
	for _, panel := range []string{firstOne, secondOne} {
		if err := d.push(ctx, panel, "create", sampleNames[panel]); err != nil {
			return err
		}
	}
	for _, tenant := range []string{reseller, customer} {
		if err := d.importAs(ctx, tenant); err != nil {
			return err
		}
	}
	return errors.Join(d.live(ctx), d.fallBehind(ctx))
}

// live is what happens to zones: edits, a certificate's proof beside a panel's
// records, a panel that claims another's zone, and one that deletes too much.
func (d *demo) live(ctx context.Context) error {
	zone := func(i int) string { return sampleNames[firstOne][i] + ".example" }
	for _, args := range [][]string{
		{"record", "set", "shop.example", "@", "TXT", `"v=spf1 mx -all"`},
		{"record", "set", "shop.example", "shop", "A", "192.0.2.11", "192.0.2.12"},
		{"record", "set", "shop.example", "shop", "A", "192.0.2.12"},
		{"--token-file", d.token(acme), "record", "set", zone(0), "_acme-challenge", "TXT", `"gfj9Xq-Rg85nM"`},
		{"--token-file", d.token(acme), "record", "set", zone(1), "_acme-challenge", "TXT", `"b7R2-vWq0sLdE"`},
	} {
		if _, err := d.skein(ctx, "", args...); err != nil {
			return err
		}
	}
	if err := d.push(ctx, secondOne, "create", sampleNames[firstOne][4:6]); err != nil {
		return err
	}
	return d.push(ctx, firstOne, "delete", sampleNames[firstOne][12:])
}

func (d *demo) token(of string) string { return filepath.Join(d.Dir, of+".token") }

// push sends zones as a panel does.
func (d *demo) push(ctx context.Context, panel, command string, names []string) error {
	type record struct {
		Host  string `json:"host"`
		Type  string `json:"type"`
		Opt   string `json:"opt"`
		Value string `json:"value"`
	}
	var tasks []any
	for i, name := range names {
		name += ".example."
		host := fmt.Sprintf("192.0.2.%d", 30+i)
		if panel == secondOne {
			host = fmt.Sprintf("198.51.100.%d", 30+i)
		}
		zone := map[string]any{"name": name, "displayName": name}
		if command == "create" {
			zone["soa"] = map[string]any{"email": "hostmaster@" + strings.TrimSuffix(name, "."), "status": 0, "type": "master", "ttl": 86400, "refresh": 10800,
				"retry": 3600, "expire": 604800, "minimum": 10800, "serial": 1767225600, "serial_format": "UNIXTIMESTAMP"}
			zone["rr"] = []record{
				{name, "NS", "", "ns2.demo.example."}, {name, "NS", "", "ns3.demo.example."}, {name, "A", "", host},
				{"www." + name, "CNAME", "", name}, {"mail." + name, "A", "", host}, {name, "MX", "10", "mail." + name},
				{name, "TXT", "", "v=spf1 mx a -all"},
			}
		}
		tasks = append(tasks, map[string]any{"command": command, "zone": zone})
	}
	text, err := json.Marshal(tasks)
	if err != nil {
		return err
	}
	_, err = d.skein(ctx, string(text), "--token-file", d.token(panel), "hook", "plesk", "--spool", filepath.Join(d.Dir, "spool-"+panel))
	return err
}

// importAs puts in the zone files of a tenant.
func (d *demo) importAs(ctx context.Context, tenant string) error {
	dir := filepath.Join(d.Dir, tenant+".zones")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for i, name := range sampleNames[tenant] {
		text := fmt.Sprintf("$ORIGIN %s.example.\n$TTL 3600\n@ SOA ns2.demo.example. hostmaster 1 7200 3600 1209600 300\n@ NS ns2.demo.example.\n@ NS ns3.demo.example.\n"+
			"@ A 203.0.113.%d\n@ AAAA 2001:db8::%d\nwww CNAME @\n@ MX 10 mail\nmail A 203.0.113.%d\n", name, 10+i, 10+i, 10+i)
		if err := os.WriteFile(filepath.Join(dir, name+".example.zone"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	_, err := d.skein(ctx, "", "--token-file", d.token(tenant), "zone", "import", dir)
	return err
}

// fallBehind gives the reseller a nameserver of its own, and takes it away
// again: its zones wait for it.
func (d *demo) fallBehind(ctx context.Context) error {
	const name = "ns1.north.example"
	if _, err := d.skein(ctx, "", "pool", "create", reseller, "--tenant", reseller); err != nil {
		return err
	}
	if err := d.startSecondary(ctx, name, "--pool", reseller); err != nil {
		return err
	}
	if _, err := d.skein(ctx, "", "tenant", "edit", reseller, "--pool", reseller); err != nil {
		return err
	}
	gone := d.running[len(d.running)-1]
	d.running, d.members = d.running[:len(d.running)-1], d.members[:len(d.members)-1]
	if err := syscall.Kill(-gone.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		return err
	}
	<-gone.done
	_, err := d.skein(ctx, "", "record", "set", sampleNames[reseller][0]+".example", "www2", "A", "203.0.113.99")
	return err
}
