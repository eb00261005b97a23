package nsdctl

import (
	"errors"
	"strings"
	"testing"
)

// FuzzRequest: whatever a request is made of, NSD reads the lines that were
// meant, and where the list ends.
func FuzzRequest(f *testing.F) {
	f.Add("zonestatus example.com", "")
	f.Add("addzones", "example.com pattern")
	f.Add("delzones", "\x04")
	f.Add("status\nstop", "")
	f.Fuzz(func(t *testing.T, command, line string) {
		r := Request{Command: command}
		if line != "" {
			r.List = []string{line, line}
		}
		text, err := r.text()
		if err != nil {
			return
		}
		want := append([]string{magic + command}, r.List...)
		if command == AddZones || command == DelZones {
			want = append(want, "\x04")
		}
		if got := strings.Split(strings.TrimSuffix(text, "\n"), "\n"); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q became %q", want, got)
		}
		if line == "\x04" {
			t.Error("a list ends itself")
		}
	})
}

// FuzzZones: what is told of zones has names, each is told of once, and in the
// order in which they come.
func FuzzZones(f *testing.F) {
	for _, answer := range []string{zonestatusOfOne, zonestatusOfAll, "error zone x not configured\n", "zone:\t\n\tstate: ok\n", "\tstate: ok\n"} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		var names []string
		zones := NewZones(func(z Zone) error {
			if z.Name == "" || z.Since == "" && z.Served != 0 {
				t.Errorf("%+v", z)
			}
			names = append(names, z.Name)
			return nil
		})
		if read(answer, zones) == nil && len(names) != strings.Count("\n"+answer, "\nzone:\t") {
			t.Errorf("%q of %q", names, answer)
		}
	})
}

// FuzzResults: each zone is told of at most once and in order; without an error
// all were.
func FuzzResults(f *testing.F) {
	f.Add("added: a.example\nadded: b.example\nadded 2 zones\n")
	f.Add("zone a.example already exists\nadded: a.example\nerror pattern x does not exist\nerror for input line 'b.example'\nadded 1 zones\n")
	f.Add("warning zone a.example not present\nerror for input line 'a.example'\nremoved: b.example\ndeleted 1 zones\n")
	f.Add("added: b.example\nadded: a.example\nadded 2 zones\n")
	f.Fuzz(func(t *testing.T, answer string) {
		told := 0
		results := NewResults([]string{"a.example", "b.example"}, func(i int, r Result) {
			if i != told || r.Outcome == "" {
				t.Errorf("%d after %d others: %+v", i, told, r)
			}
			told++
		})
		if err := read(answer, results); err == nil && told != 2 {
			t.Errorf("%d of 2 were told of in %q", told, answer)
		}
	})
}

// FuzzAnswer: an answer says that something was done, or not, and never both.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{"ok\n", "ok, 12 zones\n", "error zone x not configured\n", "zone x did not exist, creatingok\n", "version: 4.6.1\nverbosity: 0\n", ""} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		err := Done(answer)
		if err == nil && !strings.Contains(answer, "ok") || err != nil && answer == "ok\n" {
			t.Errorf("%q: %v", answer, err)
		}
		var r *Refusal
		if errors.As(err, &r) && r.Says(NoSuchZone) && r.Says(NoSuchPattern) {
			t.Errorf("%q is two refusals", answer)
		}
		if v, err := Version(answer); err == nil && !strings.Contains(answer, v) {
			t.Errorf("%q of %q", v, answer)
		}
	})
}

// FuzzIdentity: PEM that is read is both ends', and errors quote none of it.
func FuzzIdentity(f *testing.F) {
	f.Add("", "", "")
	f.Add("-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n")
	f.Fuzz(func(t *testing.T, certificate, key, server string) {
		i, err := ParseIdentity(certificate, key, server)
		if err == nil && (len(i.ours.Certificate) == 0 || len(i.server) == 0) {
			t.Error("an identity without a certificate")
		}
		if err != nil && len(key) > 40 && strings.Contains(err.Error(), key) {
			t.Errorf("it quotes the key: %v", err)
		}
	})
}

// read gives an answer to a reader as a client does.
func read(answer string, to interface {
	Line(string) error
	End() error
}) error {
	for line := range strings.Lines(answer) {
		if err := to.Line(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return to.End()
}
