package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// explain prints what to try. Every line of it works as it stands.
func (d *demo) explain() {
	p := func(format string, args ...any) { fmt.Fprintf(d.Out, format+"\n", args...) }
	p("\nAsk any of them:")
	for _, m := range append([]demoMember{{"node", "", d.dns}}, d.members...) {
		host, port, _ := strings.Cut(m.dns, ":")
		p("  dig +short www.shop.example @%s -p %s    # %s", host, port, m.name)
	}
	if d.Once {
		return
	}
	skein := shortPath(d.program)
	p("\nChange something, and see it arrive on all of them:")
	p("  export SKEIN_DATA=%s", d.data)
	for _, command := range []string{"record set shop.example www A 192.0.2.99", "wait shop.example", "zone show shop.example", "member list"} {
		p("  %s %s", skein, command)
	}
	p("\nThe console, in a browser (it asks, since the certificate is the demo's own):")
	if d.link != "" {
		p("  %s    # once: makes the first user", d.link)
	}
	p("  https://%s    # from then on", d.api)
	p("  https://%s/api/docs", d.api)
	p("\nCtrl-C ends all of it.")
}

// shortPath is a program as a person at the working directory would call it.
func shortPath(program string) string {
	here, err := os.Getwd()
	if err != nil {
		return program
	}
	short, err := filepath.Rel(here, program)
	if err != nil || strings.HasPrefix(short, "..") {
		return program
	}
	return "./" + short
}

// samplePush is what a Plesk server would send: two zones and a reverse pointer.
const samplePush = `[
 {"command":"create","zone":{"name":"shop.example.","displayName":"shop.example.",
  "soa":{"email":"hostmaster@shop.example","status":0,"type":"master","ttl":86400,"refresh":10800,"retry":3600,"expire":604800,"minimum":10800,"serial":1767225600,"serial_format":"UNIXTIMESTAMP"},
  "rr":[
   {"host":"shop.example.","displayHost":"shop.example.","type":"NS","displayValue":"ns2.demo.example.","opt":"","value":"ns2.demo.example."},
   {"host":"shop.example.","displayHost":"shop.example.","type":"NS","displayValue":"ns3.demo.example.","opt":"","value":"ns3.demo.example."},
   {"host":"shop.example.","displayHost":"shop.example.","type":"MX","displayValue":"mail.shop.example.","opt":"10","value":"mail.shop.example."},
   {"host":"www.shop.example.","displayHost":"www.shop.example.","type":"A","displayValue":"192.0.2.10","opt":"","value":"192.0.2.10"},
   {"host":"mail.shop.example.","displayHost":"mail.shop.example.","type":"A","displayValue":"192.0.2.25","opt":"","value":"192.0.2.25"}]}},
 {"command":"create","zone":{"name":"xn--bcher-kva.example.","displayName":"bücher.example.",
  "soa":{"email":"hostmaster@xn--bcher-kva.example","status":0,"type":"master","ttl":86400,"refresh":10800,"retry":3600,"expire":604800,"minimum":10800,"serial":1767225600,"serial_format":"UNIXTIMESTAMP"},
  "rr":[
   {"host":"xn--bcher-kva.example.","displayHost":"bücher.example.","type":"NS","displayValue":"ns2.demo.example.","opt":"","value":"ns2.demo.example."},
   {"host":"xn--bcher-kva.example.","displayHost":"bücher.example.","type":"TXT","displayValue":"v=spf1 -all","opt":"","value":"v=spf1 -all"}]}},
 {"command":"createPTRs","ptr":{"ip_address":"192.0.2.10","hostname":"www.shop.example"}}
]`
