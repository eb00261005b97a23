package servertest

import (
	"fmt"
	"os"
	"path/filepath"
)

const pdnsSchema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

// The back ends of PowerDNS that tests use, as launch= has them.
const (
	SQLite = "gsqlite3"
	LMDB   = "lmdb"

	BINDFiles = "bind" // whose zones are in files
)

// PDNS starts PowerDNS as a primary over SQLite, as panels run it over MySQL.
// The text goes behind the settings of a server that keeps everything in its
// folder, one setting a line.
func (s *Server) PDNS(conf string) {
	s.t.Helper()
	s.PowerDNS(SQLite, `gsqlite3-pragma-journal-mode=WAL
primary=yes
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
zone-metadata-cache-ttl=0
`+conf)
}

// PowerDNS starts PowerDNS over a back end, with an API that takes the key
// APIKey at Control. What it caches it does as it comes. The text goes behind
// the settings of a server that keeps everything in its folder.
func (s *Server) PowerDNS(backend, conf string) {
	s.t.Helper()
	database := fmt.Sprintf("lmdb-filename=%s/pdns.lmdb\nlmdb-shards=1\n", s.Dir)
	switch backend {
	case BINDFiles:
		database = "bind-config=" + s.File("named.conf", "") + "\n"
	case SQLite:
		schema, err := os.ReadFile(pdnsSchema)
		if err != nil {
			s.t.Fatalf("this test talks to a real PowerDNS: run make deps, or apt-get install pdns-backend-sqlite3: %v", err)
		}
		s.SQL(string(schema))
		database = fmt.Sprintf("gsqlite3-database=%s/pdns.sqlite3\ngsqlite3-dnssec=yes\n", s.Dir)
	}
	s.File("pdns.conf", fmt.Sprintf(`config-dir=%s
launch=%s
%slocal-address=%s
query-local-address=%s
socket-dir=%[1]s
daemon=no
guardian=no
webserver=yes
webserver-address=%[6]s
webserver-port=%[7]d
webserver-allow-from=%[6]s
api=yes
api-key=%[8]s
%[9]s
`, s.Dir, backend, database, s.DNS, s.DNS.Addr(), s.Control.Addr(), s.Control.Port(), APIKey, conf))
	s.argv = []string{Program(s.t, "pdns_server"), "--config-dir=" + s.Dir}
	s.Start()
}

// PowerDNSAsPrinted starts PowerDNS with a whole configuration as it is.
func (s *Server) PowerDNSAsPrinted(conf string) {
	s.t.Helper()
	s.File("pdns.conf", conf)
	s.argv = []string{Program(s.t, "pdns_server"), "--config-dir=" + s.Dir, "--daemon=no", "--guardian=no", "--query-local-address=" + s.DNS.Addr().String()}
	s.Start()
}

// APIKey is that of PowerDNS.
const APIKey = "servertest-api-key"

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
