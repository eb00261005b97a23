package daemon

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/advice"
	"github.com/skein-dns/skein/internal/metrics"
	"github.com/skein-dns/skein/internal/nameserver"
)

// everything is a node that has something to tell in every family.
func everything() []metrics.Family {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	there := 17
	members := []skein.Member{
		{Name: "ns2", State: skein.MemberEnabled, Status: &skein.MemberStatus{
			Reachable: true, LastSeen: now, Latency: time.Millisecond, Zones: 8, Verified: 6, Pending: 1, Stale: 1, Behind: 2, BehindSince: now.Add(-90 * time.Second),
			Errors: map[string]int{"away": 2, "zone": 1}, There: &there, Expiring: 1, Expires: now.Add(time.Hour), ExpiresZone: "a.example.",
			Audit: &skein.MemberAudit{Compared: 3, Found: 1, Round: now}}},
		{Name: "ns3", State: skein.MemberDisabled, Status: &skein.MemberStatus{Zones: 8, Unknown: 8}},
		{Name: "ns4", State: skein.MemberPending},
	}
	seen := advice.Seen{At: now, Settings: skein.ClusterSettings{Enabled: true}, Waiting: []skein.Waiting{{Kind: skein.WaitingHold}, {Kind: skein.WaitingHold}}}
	took := skein.Propagation{Hour: skein.Spread{Seen: 3, P50: 20 * time.Millisecond, P99: time.Second}}
	status := skein.Status{Zones: 8, Revision: 99, Members: members, Propagation: &took}
	all := append(ofCluster(status, seen, map[string]int{"mail": 3}), ofMembers(members, now)...)
	return slices.Concat(all, answering(&nameserver.Stats{}), ofProcess())
}

func TestMetricsTellOfMembers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := metrics.Write(&b, everything()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`skein_revision 99`, `skein_propagation_seconds{quantile="0.99"} 1`, `skein_clustering_enabled 1`, `skein_notices_waiting{target="mail"} 3`,
		`skein_waiting_changes{kind="hold"} 2`, `skein_waiting_changes{kind="conflict"} 0`,
		`skein_member_state{member="ns2",state="enabled"} 1`, `skein_member_state{member="ns2",state="disabled-by-threshold"} 0`,
		`skein_member_reachable{member="ns2"} 1`, `skein_member_lag_seconds{member="ns2"} 90`, `skein_member_verified_ratio{member="ns2"} 0.75`,
		`skein_member_queue_zones{member="ns2"} 1`, `skein_member_errors_total{member="ns2",kind="away"} 2`,
		`skein_member_zones{member="ns2",state="stale"} 1`, `skein_member_zones{member="ns3",state="unknown"} 8`,
		`skein_member_zones_there{member="ns2"} 17`, `skein_member_zones_expiring{member="ns2"} 1`, `skein_member_audit_differing_zones_total{member="ns2"} 1`,
	} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("there is no %s in\n%s", line, b.String())
		}
	}
	if strings.Contains(b.String(), `skein_member_lag_seconds{member="ns3"}`) {
		t.Error("a member that nobody looks at has a lag")
	}
}

// Names and help are as Prometheus wants them, and every name is there once.
func TestMetricsHaveGoodNames(t *testing.T) {
	t.Parallel()
	form, seen := regexp.MustCompile(`^(skein|go)_[a-z0-9_]+$`), map[string]bool{}
	for _, f := range everything() {
		total := strings.HasSuffix(f.Name, "_total") || f.Name == "skein_revision"
		if !form.MatchString(f.Name) || seen[f.Name] || f.Help == "" || len(f.Samples) == 0 || total != (f.Kind == metrics.Counter) {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
	}
}

// What comes with Skein for Prometheus and Grafana names metrics that there
// are, with labels and states that they have.
func TestRulesAndDashboardNameWhatThereIs(t *testing.T) {
	t.Parallel()
	known, labels, states := map[string]bool{}, map[string]map[string]bool{}, map[string]bool{}
	for _, f := range everything() {
		known[f.Name], labels[f.Name] = true, map[string]bool{"instance": true}
		for _, s := range f.Samples {
			for _, l := range s.Labels {
				labels[f.Name][l[0]] = true
				if l[0] == "state" {
					states[l[1]] = true
				}
			}
		}
	}
	name, use := regexp.MustCompile(`\b(?:skein|go)_[a-z0-9_]+\b`), regexp.MustCompile(`\b((?:skein|go)_[a-z0-9_]+)\{([^}]*)\}`)
	label := regexp.MustCompile(`^([a-z_]+)(=|=~|!=|!~)"([^"]*)"$`)
	exprs := expressions(t)
	if len(exprs) < 25 {
		t.Fatalf("only %d expressions were found", len(exprs))
	}
	for _, expr := range exprs {
		found := name.FindAllString(expr, -1)
		if len(found) == 0 && !strings.HasPrefix(expr, `up{job="skein"}`) {
			t.Errorf("%s names no metric", expr)
		}
		for _, metric := range found {
			if !known[metric] {
				t.Errorf("%s: there is no %s", expr, metric)
			}
		}
		for _, m := range use.FindAllStringSubmatch(expr, -1) {
			for matcher := range strings.SplitSeq(m[2], ",") {
				part := label.FindStringSubmatch(matcher)
				if part == nil || !labels[m[1]][part[1]] {
					t.Errorf("%s: %s has no label as in %q", expr, m[1], matcher)
				} else if part[1] == "state" {
					for state := range strings.SplitSeq(part[3], "|") {
						if !states[state] {
							t.Errorf("%s: nothing is ever %q", expr, state)
						}
					}
				}
			}
		}
		for _, pair := range []string{"()", "{}", "[]"} {
			if strings.Count(expr, pair[:1]) != strings.Count(expr, pair[1:]) {
				t.Errorf("%s: %s do not match", expr, pair)
			}
		}
	}
}

// expressions reads all that is in contrib, strictly.
func expressions(t *testing.T) (all []string) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	text, err := os.ReadFile("../../contrib/prometheus/skein.rules.yaml")
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &rules, yaml.Strict())
	}
	if err != nil {
		t.Fatal(err)
	}
	alerts := map[string]bool{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || alerts[r.Alert] || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
				t.Errorf("the rule %+v lacks something, or is there twice", r)
			}
			if d, err := time.ParseDuration(r.For); r.For != "" && (err != nil || d <= 0) {
				t.Errorf("%s: for %q", r.Alert, r.For)
			}
			alerts[r.Alert] = true
			all = append(all, r.Expr)
		}
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Name, Query string }
		}
	}
	text, err = os.ReadFile("../../contrib/grafana/skein.json")
	if err == nil {
		err = json.Unmarshal(text, &board)
	}
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]bool{}
	for _, v := range board.Templating.List {
		variables["$"+v.Name] = true
		if strings.HasPrefix(v.Query, "label_values(") {
			all = append(all, v.Query)
		}
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("the panel %q has no number of its own, no title or no target", p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			all = append(all, target.Expr)
			for _, v := range regexp.MustCompile(`\$[a-z]+`).FindAllString(target.Expr, -1) {
				if !variables[v] {
					t.Errorf("%s: there is no variable %s, only %v", p.Title, v, slices.Sorted(maps.Keys(variables)))
				}
			}
		}
	}
	return all
}
