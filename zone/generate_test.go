package zone_test

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		text string
		want string // owner and data, the TTL is 1
	}{
		"plain":                        {"1-3 a$ A 192.0.2.$", "a1 A 192.0.2.1,a2 A 192.0.2.2,a3 A 192.0.2.3"},
		"one":                          {"7-7 a$ A 192.0.2.$", "a7 A 192.0.2.7"},
		"with a step":                  {"0-9/4 a$ A 192.0.2.$", "a0 A 192.0.2.0,a4 A 192.0.2.4,a8 A 192.0.2.8"},
		"step beyond the end":          {"3-5/9 a$ A 192.0.2.$", "a3 A 192.0.2.3"},
		"class and TTL":                {"1-1 a$ IN 1 A 192.0.2.$", "a1 A 192.0.2.1"},
		"offset":                       {"1-2 a${10} A 192.0.2.${-1}", "a11 A 192.0.2.0,a12 A 192.0.2.1"},
		"width":                        {"9-10 a${0,3} A 192.0.2.$", "a009 A 192.0.2.9,a010 A 192.0.2.10"},
		"bases":                        {"10-10 ${0,2,x}${0,2,X}${0,2,o}${0,2,d} A 192.0.2.$", "0a0A1210 A 192.0.2.10"},
		"nibbles of an IPv6 reverse":   {"26-26 ${0,3,n}.${0,7,N} PTR h$.example.", "a.1.A.1.0.0 PTR h26.example."},
		"the owner is just the number": {"1-1 $ PTR h$.example.", "1 PTR h1.example."},
		"dollar itself":                {`1-1 a TXT x$$y\$z`, `a TXT "x$y$z"`},
		"other escapes stay":           {`1-1 a\.$ TXT \;$`, `a\.1 TXT ";1"`},
		"data of several words":        {"1-1 a$ MX $ mail$", "a1 MX 1 mail1.example.com."},
		"data in quotes, as in BIND":   {`1-1 a$ MX "$ mail$"`, "a1 MX 1 mail1.example.com."},
		"quotes in quotes":             {`1-1 a$ TXT "\"a $\" b"`, `a1 TXT "a 1" "b"`},
		"two texts in quotes":          {`1-1 a$ TXT "a $" "b $"`, `a1 TXT "a 1" "b 1"`},
		"largest numbers":              {"2147483646-2147483647 a$ TXT x", `a2147483646 TXT "x",a2147483647 TXT "x"`},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			want := ""
			for line := range strings.SplitSeq(row.want, ",") {
				want += strings.Replace(line, " ", ".example.com. 1 IN ", 1) + "\n"
			}
			if got := records(mustContents(t, "$TTL 1\n$GENERATE "+row.text+"\n")); got != want {
				t.Errorf("it made\n%swant\n%s", got, want)
			}
		})
	}
}

func TestGenerateThatIsRefused(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ text, why string }{
		"nothing":                {"", "takes a range"},
		"no data":                {"1-2 a$ A", "takes a range"},
		"no range":               {"a a$ A 192.0.2.$", "is not start-stop"},
		"one number":             {"1 a$ A 192.0.2.$", "is not start-stop"},
		"backwards":              {"2-1 a$ A 192.0.2.$", "is not start-stop"},
		"negative":               {"-2-1 a$ A 192.0.2.$", "is not start-stop"},
		"step of nothing":        {"1-2/0 a$ A 192.0.2.$", "is not start-stop"},
		"step backwards":         {"1-2/-1 a$ A 192.0.2.$", "is not start-stop"},
		"beyond 31 bits":         {"1-2147483648 a$ A 192.0.2.$", "is not start-stop"},
		"too many":               {"0-65536 a$ A 192.0.2.$", "more than 65536 records"},
		"as many as there are":   {"0-2147483647 a$ A 192.0.2.$", "more than 65536 records"},
		"brace not closed":       {"1-2 a${1 A 192.0.2.$", "without }"},
		"modifier of nothing":    {"1-2 a${} A 192.0.2.$", "is not ${offset,width,base}"},
		"modifier too long":      {"1-2 a${1,2,d,x} A 192.0.2.$", "is not ${offset,width,base}"},
		"unknown base":           {"1-2 a${0,2,q} A 192.0.2.$", "is not ${offset,width,base}"},
		"a base of Go":           {"1-2 a${0,2,T} A 192.0.2.$", "is not ${offset,width,base}"},
		"huge width":             {"1-2 a${0,999999999,d} A 192.0.2.$", "is not ${offset,width,base}"},
		"negative width":         {"1-2 a${0,-2,d} A 192.0.2.$", "is not ${offset,width,base}"},
		"below nothing":          {"1-2 a$ A 192.0.2.${-2}", "makes a negative number at 1"},
		"owner too long":         {"1-2 a${0,64,d} A 192.0.2.$", "$GENERATE at 1: bad domain name"},
		"data that is wrong":     {"254-260 a$ A 192.0.2.$", "$GENERATE at 256: bad record data"},
		"unknown type":           {"1-2 a$ NOSUCH $", "unknown record type"},
		"another $GENERATE":      {"1-2 $$GENERATE 1-2 a$ A", "unknown record type"},
		"growing beyond measure": {"1-2 a$ TXT " + strings.Repeat("${0,255,d}", 40_000), "grows beyond"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			sets, _, err := zone.Parse(strings.NewReader(apex+"$GENERATE "+row.text+"\n"), zone.Options{})
			found := problemsIn(t, err)
			if sets != nil || len(found) != 1 || found[0].Line != 6 || !strings.Contains(found[0].Text, row.why) {
				t.Errorf("found %v, want line 6 and %q", err, row.why)
			}
		})
	}
}

// A whole /16 of a reverse zone is what one line may make.
func TestGenerateAsMuchAsThereMayBe(t *testing.T) {
	t.Parallel()
	sets := mustParse(t, "$TTL 1\n$GENERATE 0-65535 a$ A 192.0.2.1\n")
	if len(sets) != 65536 {
		t.Errorf("%d sets", len(sets))
	}
}
