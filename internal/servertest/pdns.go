package servertest

import (
	"fmt"
	"os"
	"path/filepath"
)

const pdnsSchema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

// PDNS starts PowerDNS as a primary over SQLite, as panels run it over MySQL.
// The text goes behind the settings of a server that keeps everything in its
// folder, one setting a line.
func (s *Server) PDNS(conf string) {
	s.t.Helper()
	schema, err := os.ReadFile(pdnsSchema)
	if err != nil {
		s.t.Fatalf("this test talks to a real PowerDNS: run make deps, or apt-get install pdns-backend-sqlite3: %v", err)
	}
	s.SQL(string(schema))
	s.File("pdns.conf", fmt.Sprintf(`config-dir=%s
launch=gsqlite3
gsqlite3-database=%[1]s/pdns.sqlite3
gsqlite3-dnssec=yes
gsqlite3-pragma-journal-mode=WAL
local-address=%[2]s
query-local-address=%[3]s
socket-dir=%[1]s
daemon=no
guardian=no
primary=yes
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
zone-metadata-cache-ttl=0
%[4]s
`, s.Dir, s.DNS, s.DNS.Addr(), conf))
	s.argv = []string{Program(s.t, "pdns_server"), "--config-dir=" + s.Dir}
	s.Start()
}

// SQL runs statements on PowerDNS's database, as a panel does.
func (s *Server) SQL(statements string) {
	s.t.Helper()
	if out, err := run(statements, Program(s.t, "sqlite3"), "-bail", "-cmd", ".timeout 5000", filepath.Join(s.Dir, "pdns.sqlite3")); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

// PDNSUtil runs the real pdnsutil on PowerDNS's database.
func (s *Server) PDNSUtil(args ...string) {
	s.t.Helper()
	if out, err := run("", append([]string{Program(s.t, "pdnsutil"), "--config-dir=" + s.Dir}, args...)...); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}
