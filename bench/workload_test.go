package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func zoneName(i int) string { return fmt.Sprintf("customer-%06d.example.", i) }

// zoneText is zone i as a hosting server has them: 12 records, of which one
// is a DKIM key. The same i gives the same zone.
func zoneText(i int) string {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	var dkim strings.Builder
	for range 216 {
		dkim.WriteByte(base64Letters[r.IntN(len(base64Letters))])
	}
	web := fmt.Sprintf("192.0.2.%d", 1+r.IntN(254))
	return fmt.Sprintf(`$ORIGIN %[1]s
$TTL 14400
@ IN SOA ns1.hoster.example. hostmaster.hoster.example. 2026112301 10800 3600 1209600 3600
@ NS ns1.hoster.example.
@ NS ns2.hoster.example.
@ A %[2]s
www A %[2]s
mail A %[2]s
ftp CNAME @
@ MX 10 mail
@ TXT "v=spf1 a mx ip4:%[2]s -all"
default._domainkey TXT "v=DKIM1; k=rsa; p=%[3]s"
@ AAAA 2001:db8::%[4]x
@ CAA 0 issue "ca.example.net"
`, zoneName(i), web, dkim.String(), 1+r.IntN(65000))
}

// writeShaped adds zones that also have a wildcard and a delegation.
func writeShaped(tb testing.TB, folder string, n int) (names []string) {
	tb.Helper()
	for i := range n {
		name := fmt.Sprintf("shaped-%03d.example.", i)
		text := renamed(i, name) + "*.any A 192.0.2.9\nsub NS ns1.sub\nns1.sub A 192.0.2.10\n"
		if err := os.WriteFile(filepath.Join(folder, name+"zone"), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// renamed is the text of zone i under another name.
func renamed(i int, name string) string { return strings.ReplaceAll(zoneText(i), zoneName(i), name) }
