package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
)

// What is not known of a member is not shown as a number, and says why.
func TestMembersAreShownAsFarAsTheyAreKnown(t *testing.T) {
	for situation, row := range map[string]struct {
		state  skein.MemberState
		role   skein.Role
		status skein.MemberStatus
		want   string // of version, state, role, latency, in step, behind
	}{
		"it takes part": {skein.MemberEnabled, skein.RoleWriteOnly,
			skein.MemberStatus{Reachable: true, Version: "BIND 9.18.1 (Extended Support Version)", Latency: 1234567, Zones: 7, Verified: 5, Behind: 2}, "BIND 9.18.1 enabled write-only 1.23ms 5/7 2"},
		"it is observed":            {skein.MemberObserved, skein.RoleWriteOnly, skein.MemberStatus{Reachable: true, Zones: 7, Verified: 7}, "not asked observed write-only not asked 7/7 0"},
		"it is never written":       {skein.MemberEnabled, skein.RoleStandalone, skein.MemberStatus{Reachable: true, Zones: 7, Verified: 7}, "not asked enabled standalone not asked 7/7 0"},
		"the threshold disabled it": {skein.MemberDisabledThreshold, skein.RoleWriteOnly, skein.MemberStatus{Zones: 7, Unknown: 7}, "- disabled-by-threshold write-only - ?/7 ?"},
		"it is new":                 {skein.MemberPending, skein.RoleWriteOnly, skein.MemberStatus{}, "- pending write-only - 0/0 0"},
	} {
		t.Run(situation, func(t *testing.T) {
			var out bytes.Buffer
			m := skein.Member{Name: "ns1", Driver: "bind", State: row.state, Role: row.role, Status: &row.status}
			(&app{out: &out}).sayMembers([]skein.Member{m})
			if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, " bind "+row.want) {
				t.Errorf("shown is %q, want %q", got, row.want)
			}
		})
	}
}

// A zone that waits on several members is one zone.
func TestWhatWaitsIsNotCountedOnceAMember(t *testing.T) {
	behind := func(n int) skein.Member {
		return skein.Member{State: skein.MemberEnabled, Status: &skein.MemberStatus{Zones: 9, Behind: n}}
	}
	off := behind(4)
	off.State = skein.MemberDisabled
	for want, members := range map[string][]skein.Member{
		"clustering is enabled\n": {behind(0), off},
		"clustering is enabled\n1 zone waits to be told, on 1 member\n":                {behind(1), behind(0)},
		"clustering is enabled\n3 zones wait to be told, on 1 member\n":                {behind(3), off},
		"clustering is enabled\nup to 2 zones wait to be told, on each of 3 members\n": {behind(2), behind(2), behind(1)},
	} {
		var out bytes.Buffer
		(&app{out: &out}).sayClustering(skein.ClusterSettings{Enabled: true}, members)
		if out.String() != want {
			t.Errorf("said is %q, want %q", out.String(), want)
		}
	}
}

// What changed no records is not shown as if it had changed none of many.
func TestAuditRows(t *testing.T) {
	for want, change := range map[string]skein.Change{
		"+2 -1":       {Action: "record.set", Zone: "example.com.", Revision: 7, Added: 2, Removed: 1},
		"+0 -0":       {Action: "zone.takeover", Zone: "example.com.", Revision: 8},
		"-":           {Action: "member.edit ns1"},
		"refused: no": {Action: "record.set", Zone: "example.com.", Refused: "no"},
	} {
		var out bytes.Buffer
		a, table := &app{out: &out}, auditTable()
		change.At = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		a.auditRow(table, skein.AuditEntry{Seq: 1, Change: change})
		table.flush(a)
		if got := strings.TrimSpace(out.String()); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("%s is shown as %q, want %q at its end", change.Action, got, want)
		}
	}
}
