package bench

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The servers of BenchmarkNameserver, each configured as its documentation
// advises for many zones: so many threads, no logs of queries, no limits of rate,
// minimal answers, zones from files. Each function writes the configuration
// and returns the command.

func skeinFolder(b *testing.B, at netip.AddrPort, folder string, _ []string, _ int) []string {
	b.Helper()
	return append(skeinAlone(b, at, folder), "--allow-update", "127.0.0.0/8,10.0.0.0/30")
}

func skeinAlone(b *testing.B, at netip.AddrPort, folder string) []string {
	b.Helper()
	bin := os.Getenv("SKEIN")
	if bin == "" {
		b.Fatal("set SKEIN to the built binary (make build), or use make bench")
	}
	return []string{bin, "nameserver", "--zones", folder, "--listen", at.String()}
}

func nsdFolder(b *testing.B, at netip.AddrPort, folder string, names []string, threads int) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`server:
	server-count: %[5]d
	reuseport: yes
	tcp-count: 500
	ip-address: %[1]s@%[2]d
	username: ""
	zonesdir: %[3]q
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
`, at.Addr(), at.Port(), folder, dir, threads)
	return []string{"/usr/sbin/nsd", "-d", "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("zone:\n\tname: %q\n\tzonefile: %q\n", name, name+"zone")
	})}
}

func knotFolder(b *testing.B, at netip.AddrPort, folder string, names []string, threads int) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`server:
  rundir: %[1]q
  listen: %[2]s@%[3]d
  udp-workers: %[5]d
  tcp-workers: %[5]d
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
`, dir, at.Addr(), at.Port(), folder, threads)
	return []string{"/usr/sbin/knotd", "-m", "8000", "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("  - domain: %q\n    file: %q\n", name, name+"zone")
	})}
}

func bindFolder(b *testing.B, at netip.AddrPort, folder string, names []string, threads int) []string {
	b.Helper()
	dir := b.TempDir()
	conf := fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; lock-file none;
	listen-on port %d { %s; }; listen-on-v6 { none; }; recursion no; minimal-responses yes; notify no;
	dnssec-validation no; allow-transfer { none; }; querylog no; zone-statistics none; empty-zones-enable no; };
controls { };
`, folder, at.Port(), at.Addr())
	return []string{"/usr/sbin/named", "-f", "-n", strconv.Itoa(threads), "-c", writeConf(b, dir, conf, names, func(name string) string {
		return fmt.Sprintf("zone %q { type primary; file %q; };\n", name, name+"zone")
	})}
}

func pdnsFolder(b *testing.B, at netip.AddrPort, folder string, names []string, threads int) []string {
	b.Helper()
	dir := b.TempDir()
	zones := writeConf(b, dir, fmt.Sprintf("options { directory %q; };\n", folder), names, func(name string) string {
		return fmt.Sprintf("zone %q { type master; file %q; };\n", name, name+"zone")
	})
	conf := fmt.Sprintf(`launch=bind
bind-config=%s
bind-check-interval=0
local-address=%s
local-port=%d
receiver-threads=%d
reuseport=yes
max-tcp-connections=500
disable-syslog=yes
log-timestamp=no
loglevel=3
socket-dir=%s
daemon=no
guardian=no
version-string=anonymous
security-poll-suffix=
`, zones, at.Addr(), at.Port(), threads, dir)
	if err := os.WriteFile(filepath.Join(dir, "pdns.conf"), []byte(conf), 0o600); err != nil {
		b.Fatal(err)
	}
	return []string{"/usr/sbin/pdns_server", "--config-dir=" + dir}
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
