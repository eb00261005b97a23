package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// dnsperfs asks by dnsperf, of Debian, which is kept on a processor if cpu is
// not negative.
func dnsperfs(b *testing.B, cpu int, questions [][]byte) asker {
	b.Helper()
	file := filepath.Join(b.TempDir(), "questions")
	var text strings.Builder
	for _, wire := range questions {
		var m dns.Msg
		if err := m.Unpack(wire); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&text, "%s %s\n", m.Question[0].Name, dns.TypeToString[m.Question[0].Qtype])
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return func(b *testing.B, s *subject) func() int {
		argv := []string{
			"dnsperf", "-s", s.at.Addr().String(), "-p", strconv.Itoa(int(s.at.Port())), "-d", file, "-e",
			"-l", fmt.Sprintf("%.1f", roundFor.Seconds()), "-c", "16", "-q", "128", "-T", "1", "-S", "0",
		}
		if cpu >= 0 {
			argv = append([]string{"taskset", "-c", strconv.Itoa(cpu)}, argv...)
		}
		return func() (answers int) {
			out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
			if err != nil {
				b.Fatalf("dnsperf is needed (make deps): %v\n%s", err, out)
			}
			for line := range strings.Lines(string(out)) {
				if n, _ := fmt.Sscanf(line, " Queries completed: %d", &answers); n == 1 {
					return answers
				}
			}
			b.Fatalf("dnsperf says:\n%s", out)
			return 0
		}
	}
}
