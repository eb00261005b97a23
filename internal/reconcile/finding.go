package reconcile

import (
	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
)

// finding is what there is to one zone.
type finding struct {
	Decision
	want Wanted
	seen Seen
}

// action is what a finding comes to in the words of a plan.
func (f finding) action() string {
	switch {
	case f.Step == member.ActionDelete:
		return skein.PlanDelete
	case f.Step != "" && f.seen.Look == Absent:
		return skein.PlanAdd
	case f.Step != "":
		return skein.PlanReplace
	}
	return skein.PlanLeave
}

func (f finding) step() skein.PlanStep {
	step := skein.PlanStep{Zone: f.want.Zone, Action: f.action(), Reason: f.Reason, Ours: f.want.Serial, Theirs: f.seen.Serial}
	switch {
	case step.Reason != "":
	case f.Ask:
		step.Reason = "the member did not tell what it has"
	case f.seen.Look == NotLoaded:
		step.Reason = "the member has it, and does not serve it as it should"
	}
	return step
}

// add counts a finding into a plan.
func (f finding) add(plan *skein.MemberPlan) {
	if !f.want.Deleted {
		plan.Zones++
	}
	if f.Settled {
		switch {
		case f.seen.Look == Foreign:
			plan.Foreign++
		case !f.want.Deleted && f.State == skein.StateAbsent:
			plan.Left++
		case !f.want.Deleted:
			plan.Same++
		}
		return
	}
	switch f.action() {
	case skein.PlanAdd:
		plan.Add++
	case skein.PlanReplace:
		plan.Replace++
	case skein.PlanDelete:
		plan.Delete++
	default:
		switch {
		case f.seen.Look == Foreign:
			plan.Foreign++
		case f.Ahead:
			plan.Ahead++
		case f.seen.Lacks != "":
			plan.Lacks++
		default:
			plan.Unknown++
		}
	}
	step, same := f.step(), 0
	for _, e := range plan.Examples {
		if e.Action == step.Action {
			same++
		}
	}
	if same < planExamples {
		plan.Examples = append(plan.Examples, step)
	}
}
