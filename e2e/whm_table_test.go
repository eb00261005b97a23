package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/whm"
	"github.com/skein-dns/skein/internal/door/whmapi"
)

// The reference of WHM's functions says what the doors make of each.
func TestTheReferenceHasEveryFunctionOfWHM(t *testing.T) {
	t.Parallel()
	known := map[string]map[string]bool{"Between servers": {}}
	for path, served := range whm.Known() {
		known["Between servers"][strings.TrimPrefix(path, dnsadmin.Scripts)] = served
	}
	known["WHM API 1"], known["UAPI"], known["API 2"] = whmapi.Known()
	text, err := os.ReadFile("../docs/reference/whm.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]map[string]string{}
	section, name := "", regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(text)) {
		if title, is := strings.CutPrefix(line, "## "); is {
			section = strings.TrimSpace(title)
			said[section] = map[string]string{}
		}
		cells := strings.Split(line, "|")
		if known[section] == nil || len(cells) < 4 {
			continue
		}
		status := strings.TrimSpace(cells[2])
		for _, n := range name.FindAllStringSubmatch(cells[1], -1) {
			if status != "not applicable" {
				said[section][n[1]] = status
			}
		}
	}
	for section, functions := range known {
		for name, served := range functions {
			if want := map[bool]string{true: "served", false: "refused"}[served]; said[section][name] != want {
				t.Errorf("%s: %s is %s, and the reference says %q", section, name, want, said[section][name])
			}
			delete(said[section], name)
		}
		for name, status := range said[section] {
			t.Errorf("%s: the reference has %s as %s, and no door knows it", section, name, status)
		}
	}
}
