package bench

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The servers of BenchmarkNameserver, each configured as its documentation
// advises for many zones: one thread, no logs of queries, no limits of rate,
// minimal answers, zones from files. Each function writes the configuration
// and returns the command.

func skeinFolder(b *testing.B, at netip.AddrPort, folder string, _ []string) []string {
	b.Helper()
	bin := os.Getenv("SKEIN")
	if bin == "" {
		b.Fatal("set SKEIN to the built binary (make build), or use make bench")
	}
	return []string{bin, "nameserver", "--zones", folder, "--listen", at.String()}
}

func nsdFolder(b *testing.B, at netip.AddrPort, folder string, names []string) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`server:
	server-count: 1
	ip-address: %s@%d
	username: ""
	zonesdir: %q
	database: ""
	zonelistfile: "%[4]s/zone.list"
	xfrdfile: "%[4]s/xfrd.state"
	xfrdir: %[4]q
	pidfile: "%[4]s/nsd.pid"
	verbosity: 0
	rrl-ratelimit: 0
	zonefiles-write: 0
	zonefiles-check: no
	minimal-responses: yes
remote-control:
	control-enable: no
`, at.Addr(), at.Port(), folder, dir)
	return []string{"/usr/sbin/nsd", "-d", "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("zone:\n\tname: %q\n\tzonefile: %q\n", name, name+"zone")
	})}
}

func knotFolder(b *testing.B, at netip.AddrPort, folder string, names []string) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`server:
  rundir: %[1]q
  listen: %[2]s@%[3]d
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "%[1]s/db"
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: %[4]q
    journal-content: none
    zonefile-sync: -1
    zonefile-load: whole
    semantic-checks: off
zone:
`, dir, at.Addr(), at.Port(), folder)
	return []string{"/usr/sbin/knotd", "-m", "8000", "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("  - domain: %q\n    file: %q\n", name, name+"zone")
	})}
}

func bindFolder(b *testing.B, at netip.AddrPort, folder string, names []string) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; lock-file none;
	listen-on port %d { %s; }; listen-on-v6 { none; }; recursion no; minimal-responses yes; notify no;
	dnssec-validation no; allow-transfer { none; }; querylog no; zone-statistics none; empty-zones-enable no; };
controls { };
`, folder, at.Port(), at.Addr())
	return []string{"/usr/sbin/named", "-f", "-n", "1", "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("zone %q { type primary; file %q; };\n", name, name+"zone")
	})}
}

func writeConf(b *testing.B, dir, conf string, names []string, zone func(name string) string) (file string) {
	b.Helper()
	var text strings.Builder
	text.WriteString(conf)
	for _, name := range names {
		text.WriteString(zone(name))
	}
	file = filepath.Join(dir, "conf")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}
