package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFileOfNotices(t *testing.T) {
	t.Parallel()
	const mail = "mail: {server: mail.example.net, from: skein@example.net, to: [ops@example.net], user: skein, password: s3cr3t}\n"
	for name, c := range map[string]struct {
		text  string
		mode  os.FileMode
		names string // of the targets
		wrong string // a part of the error
	}{
		"mail, a webhook and a chat":      {mail + "webhooks: [{name: ops, url: https://ops.example.net/s3cr3t, secret: s3cr3t}]\nchats: [{name: team, url: 'generic://team.example.net/s3cr3t'}]\n", 0o600, "mail ops team", ""},
		"nothing yet":                     {"", 0o600, "", ""},
		"a key that is none":              {"mail:\n  servr: mail.example.net\n  password: s3cr3t\n", 0o600, "", "servr"},
		"a section that is none":          {"mails: {password: s3cr3t}\n", 0o600, "", "mails"},
		"nobody to write to":              {"mail: {server: mail.example.net, from: skein@example.net, password: s3cr3t}\n", 0o600, "", "nobody to send mail to"},
		"a webhook without a URL":         {"webhooks: [{name: ops, secret: s3cr3t}]\n", 0o600, "", "no http or https URL"},
		"a chat that shoutrrr has not":    {"chats: [{name: team, url: 'pigeon://s3cr3t'}]\n", 0o600, "", "pigeon"},
		"two webhooks of one name":        {"webhooks: [{name: ops, url: https://a.example/s3cr3t}, {name: ops, url: https://b.example/s3cr3t}]\n", 0o600, "", "two targets"},
		"a file that everybody may read":  {mail, 0o644, "", "chmod o-rwx"},
		"a file that the group may read":  {mail, 0o640, "mail", ""},
		"a value of another shape":        {"mail: s3cr3t\n", 0o600, "", "mapping is expected"},
		"a file that is no YAML at all":   {"mail: [s3cr3t\n", 0o600, "", "reading"},
		"a list where there is one value": {"mail: {server: [s3cr3t], from: a@example.net, to: [b@example.net]}\n", 0o600, "", "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "notices.yaml")
			if err := os.WriteFile(file, []byte(c.text), c.mode); err != nil {
				t.Fatal(err)
			}
			targets, err := readTargets(file)
			var names []string
			for _, target := range targets {
				names = append(names, target.Name())
			}
			if got := strings.Join(names, " "); got != c.names || (err == nil) != (c.wrong == "") {
				t.Fatalf("targets %q, error %v", got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "s3cr3t")) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, err := readTargets(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "where notices go") {
		t.Errorf("without a file: %v", err)
	}
}
