package advice

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/notice"
)

// unsettled is how long zones of a member may be other than wanted: most of
// what is wrong is put right within minutes, and is nobody's business.
const unsettled = 10 * time.Minute

// zones are a finding for each state that zones of a member should not stay in.
// While it cannot be reached nothing is known of them, and it is told of itself.
func zones(seen Seen) (all []finding) {
	for _, m := range seen.Members {
		s := m.Status
		if s == nil || m.State != skein.MemberEnabled && m.State != skein.MemberUnreachable && m.State != skein.MemberObserved {
			continue
		}
		for _, trouble := range []struct {
			state, text string
			zones       int
		}{
			{"failed", "member %s does not take %d of its zones", s.Failed - s.Foreign},
			{"foreign", "member %s has zones of the names of %d of its zones that are not Skein's; they are left alone", s.Foreign},
			{"differs", "member %s serves %d of its zones with other contents than were published", s.Differs},
			{"stale", "member %s serves %d of its zones as they were before", s.Stale - s.Differs},
			{"absent", "%[2]d zones were deleted on member %[1]s, which is left as it is", s.Absent},
		} {
			if m.State == skein.MemberObserved && trouble.state != "differs" { // it goes its own way
				continue
			}
			f := finding{key: trouble.state + " " + m.Name, patience: unsettled, unknown: !s.Reachable,
				over: notice.Notice{Kind: notice.ZonesWell, Subject: m.Name, Text: fmt.Sprintf("no zone of member %s is %s any more", m.Name, trouble.state)}}
			if s.Reachable && trouble.zones > 0 {
				f.notice = notice.Notice{Kind: notice.ZonesFail, Subject: m.Name, Text: fmt.Sprintf(trouble.text, m.Name, trouble.zones),
					Mend: "skein member show " + m.Name + " counts them, and skein zone show ZONE says why"}
			}
			all = append(all, f)
		}
		all = append(all, expiring(m))
	}
	return all
}

// expiring is about a member whose primary does not answer it. Its probe tells,
// and so it is known where the member answers DNS at all.
func expiring(m skein.Member) finding {
	s := m.Status
	f := finding{key: "expiring " + m.Name, unknown: !s.Reachable,
		over: notice.Notice{Kind: notice.ZonesWell, Subject: m.Name, Text: fmt.Sprintf("member %s hears from its primary again", m.Name)}}
	if s.Reachable && s.Expiring > 0 {
		f.notice = notice.Notice{Kind: notice.ZoneExpires, Subject: m.Name,
			Text: fmt.Sprintf("member %s does not reach its primary: %d zones expire there, the first of them, %s, at %s", m.Name, s.Expiring, s.ExpiresZone, s.Expires.UTC().Format(time.RFC3339)),
			Mend: "see that its primary can be reached over TCP from there, and that the transfer key is the same: skein member test " + m.Name}
	}
	return f
}
