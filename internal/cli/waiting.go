package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// seen is a change that waits, as it was looked at.
type seen struct {
	skein.WaitingDetail
	etag string
}

// look reads a change that waits; of another kind it says which command is
// the one.
func (a *app) look(ctx context.Context, cl *client.Client, number string, kinds []string) (w seen, err error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 {
		return w, usage("%q is no number of a change that waits; skein hold list and skein conflict list show them", number)
	}
	w.WaitingDetail, w.etag, err = cl.GetWaiting(ctx, id)
	if err != nil {
		return w, err
	}
	if !slices.Contains(kinds, w.Kind) {
		return w, usage("number %d is %s; see skein %s show %d", id, kindText(w.Kind), commandOf(w.Kind), id)
	}
	return w, nil
}

// commandOf is the command that decides about a kind.
func commandOf(kind string) string {
	if kind == skein.WaitingConflict {
		return "conflict"
	}
	return "hold"
}

func kindText(kind string) string {
	switch kind {
	case skein.WaitingConflict:
		return "a conflict"
	case skein.WaitingApproval:
		return "an approval"
	}
	return "a hold"
}

func (a *app) showWaiting(c *cobra.Command, number string, kinds []string) error {
	cl, err := a.client()
	if err != nil {
		return err
	}
	w, err := a.look(c.Context(), cl, number, kinds)
	if err != nil {
		return err
	}
	owner := ""
	if w.ZoneID != "" { // whose it is now; it may be gone since
		if z, err := cl.GetZone(c.Context(), string(w.Zone)); err == nil {
			owner = z.Origin
		}
	}
	return a.show(w.WaitingDetail, func() { a.sayWaiting(w.WaitingDetail, owner) })
}

func (a *app) sayWaiting(w skein.WaitingDetail, owner string) {
	a.say("%s %d: %s of %s by %s, since %s", commandOf(w.Kind), w.ID, w.Action, w.Zone.Unicode(), w.Source, when(w.At))
	a.say("%s", w.Reason)
	a.say("")
	now, then := "NOW", "THEN"
	if w.Kind == skein.WaitingConflict {
		now, then = "OURS", "THEIRS ("+w.Source+")"
	}
	if owner != "" {
		now += " (" + owner + ")"
	}
	if unread(w) {
		a.say("what %s has is not known here, but for its serial", w.Source)
		a.say("next: %s", w.Mend)
		return
	}
	a.sayVersions(now, w.Now, then, w.Then)
	a.say("")
	if w.Kind == skein.WaitingConflict {
		a.say("next: skein conflict resolve %d --take ours, or --take theirs", w.ID)
		return
	}
	a.say("next: skein hold release %d, or skein hold discard %d", w.ID, w.ID)
}

// unread reports whether nothing but the serial is known of a version, which is
// not the same as one that holds nothing.
func unread(w skein.WaitingDetail) bool {
	return w.Serial != 0 && w.Records == 0 && len(w.Then) == 0 && len(w.Edits) == 0
}

// sayVersions prints two versions side by side, and counts what is the same.
func (a *app) sayVersions(headA string, setsA []skein.RecordSet, headB string, setsB []skein.RecordSet) {
	t := newTable("RECORD", headA, headB)
	same := 0
	for _, pair := range pairs(soaFirst(setsA), soaFirst(setsB)) {
		left, right := linesOf(pair.a), linesOf(pair.b)
		if slices.Equal(left, right) {
			same += len(left)
			continue
		}
		for i := range max(len(left), len(right)) {
			name := ""
			if i == 0 {
				name = pair.name
			}
			t.row(name, lineAt(left, i), lineAt(right, i))
		}
	}
	t.print(a, "both versions are the same")
	if same > 0 {
		a.say("the same in both: %s", plural(same, "record"))
	}
}

// pair is one RRset in two versions; nil where one has none.
type pair struct {
	name string
	a, b *skein.RecordSet
}

// pairs puts the sets of two versions beside each other, in the order of the
// first, and behind them those that only the second has.
func pairs(setsA, setsB []skein.RecordSet) []pair {
	at := make(map[string]int, len(setsA))
	list := make([]pair, 0, len(setsA))
	for i, set := range setsA {
		name := set.Name + " " + set.Type
		at[name] = len(list)
		list = append(list, pair{name: name, a: &setsA[i]})
	}
	for i, set := range setsB {
		name := set.Name + " " + set.Type
		if j, there := at[name]; there {
			list[j].b = &setsB[i]
			continue
		}
		list = append(list, pair{name: name, b: &setsB[i]})
	}
	return list
}

func linesOf(set *skein.RecordSet) (lines []string) {
	if set == nil {
		return nil
	}
	for _, data := range set.Data {
		lines = append(lines, fmt.Sprintf("%d %s", set.TTL, data))
	}
	slices.Sort(lines)
	return lines
}

func lineAt(lines []string, i int) string {
	switch {
	case i < len(lines):
		return lines[i]
	case i == 0:
		return "-"
	}
	return ""
}

// showReleased says what became of a change that was let through.
func (a *app) showReleased(w skein.Waiting, r skein.ZoneResult) error {
	if a.format != "json" {
		what := "is released"
		if w.Kind == skein.WaitingConflict {
			what = "is resolved: the version of " + w.Source + " counts"
		}
		a.say("%s %d %s", commandOf(w.Kind), w.ID, what)
	}
	if w.Action == "zone.delete" {
		r.Zone.Deleted = true
	}
	return a.showChange(r)
}

// completeWaiting offers the numbers of what waits, with the zone of each.
func (a *app) completeWaiting(kinds []string) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.complete(c.Context(), args, func(ctx context.Context, cl *client.Client) (words []string, err error) {
			list, err := cl.ListWaiting(ctx, skein.WaitingFilter{Kinds: kinds}, skein.Page{Limit: completeAtMost})
			for _, w := range list.Waiting {
				words = append(words, fmt.Sprintf("%d\t%s of %s by %s", w.ID, w.Action, w.Zone, w.Source))
			}
			return words, err
		})
	}
}
