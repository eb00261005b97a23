package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// changing makes every change of a zone.
type changing struct{ *stub }

func changed() (control.Result, error) {
	return control.Result{Zone: skein.Zone{Name: "example.com.", Revision: 17}, Changed: true}, nil
}

func (changing) PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error) {
	return changed()
}
func (changing) EditRecords(context.Context, skein.Actor, control.EditRecords) (control.Result, error) {
	return changed()
}
func (changing) DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error) {
	return changed()
}
func (changing) RestoreZone(context.Context, skein.Actor, control.RestoreZone) (control.Result, error) {
	return changed()
}
func (changing) UndeleteZone(context.Context, skein.Actor, control.UndeleteZone) (control.Result, error) {
	return changed()
}
func (changing) TakeOver(context.Context, skein.Actor, control.TakeOver) (control.Result, error) {
	return changed()
}
func (changing) SetOwner(context.Context, skein.Actor, control.SetOwner) (control.Result, error) {
	return changed()
}
func (changing) EndOverlay(context.Context, skein.Actor, control.EndOverlay) (control.Result, error) {
	return changed()
}
func (changing) CreateFromTemplate(context.Context, skein.Actor, control.TemplateZone) (control.Result, error) {
	return changed()
}
func (changing) ResetZone(context.Context, skein.Actor, control.ResetZone) (control.Result, error) {
	return changed()
}
func (changing) Release(context.Context, skein.Actor, control.Decision) (control.Result, error) {
	return changed()
}

// Every way of changing a zone has an answer that can wait; the wait is for
// the revision that the change made, and what comes of it is told beside it.
func TestAnswersToChangesWaitForMembers(t *testing.T) {
	t.Parallel()
	receipt := skein.Receipt{Zone: "example.com.", Revision: 17, Complete: true, Members: []skein.MemberZone{{Member: "ns2", State: skein.StateVerified}}}
	for _, change := range []struct {
		request, body string
		mime          []string
	}{
		{"POST /api/v1/zones", `{"name":"example.com.","file":"@ SOA a. b. 1 2 3 4 5\n"}`, nil},
		{"PUT /api/v1/zones/example.com", `{"file":"@ SOA a. b. 1 2 3 4 5\n"}`, nil},
		{"PUT /api/v1/zones/example.com/file", "@ SOA a. b. 1 2 3 4 5\n", []string{"Content-Type: text/dns"}},
		{"PATCH /api/v1/zones/example.com/records", `{"edits":[{"op":"set","name":"example.com.","type":"A","data":["192.0.2.1"]}]}`, nil},
		{"DELETE /api/v1/zones/example.com", "", nil},
		{"POST /api/v1/zones/example.com/restore", `{"to":3}`, nil},
		{"POST /api/v1/zones/example.com/undelete", `{}`, nil},
		{"POST /api/v1/zones/example.com/takeover", `{"to":"plesk-2"}`, nil},
		{"POST /api/v1/zones/example.com/assign", `{"tenant":"north"}`, nil},
		{"DELETE /api/v1/zones/example.com/overlays/www.example.com/A", "", nil},
		{"POST /api/v1/zones/example.com/overlays/www.example.com/A/adopt", "", nil},
		{"POST /api/v1/zones:template", `{"name":"example.com."}`, nil},
		{"POST /api/v1/zones/example.com/reset", `{}`, nil},
		{"POST /api/v1/waiting/17/release", "", nil},
	} {
		t.Run(change.request, func(t *testing.T) {
			t.Parallel()
			waits := 0
			url, _ := serve(t, Config{Control: changing{&stub{wait: func(context.Context) (skein.Receipt, error) {
				waits++
				return receipt, nil
			}}}})
			ask := func(query string) (r skein.ZoneResult, status int) {
				resp, body := ask(t, url, change.request+query, change.body, change.mime...)
				if err := json.Unmarshal([]byte(body), &r); err != nil {
					t.Fatalf("%d %s: %v", resp.StatusCode, body, err)
				}
				return r, resp.StatusCode
			}
			if r, status := ask(""); status >= 300 || r.Receipt != nil || waits != 0 {
				t.Errorf("without wait: %d, %+v, %d waits", status, r, waits)
			}
			if r, status := ask("?wait=majority&timeout=1m"); status >= 300 || r.Receipt == nil || !r.Receipt.Complete || r.Late != "" || waits != 1 {
				t.Errorf("with wait: %d, %+v, %d waits", status, r, waits)
			}
			for _, wrong := range []string{"?wait=most", "?wait=all&timeout=11m", "?wait=all&timeout=soon", "?wait=all&timeout=-1s"} {
				if r, status := ask(wrong); status != 422 || waits != 1 {
					t.Errorf("%s: %d, %+v, %d waits", wrong, status, r, waits)
				}
			}
		})
	}
}

// A change that is not everywhere in time is made: that is no error.
func TestAChangeThatIsLateIsMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		receipt skein.Receipt
	}{
		"a member is missing": {&skein.Error{Kind: skein.KindTimeout, What: "1 of 2 members were seen"}, skein.Receipt{Zone: "example.com.", Revision: 17}},
		"there is no member":  {&skein.Error{Kind: skein.KindUnavailable, What: "there is no enabled member"}, skein.Receipt{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, Config{Control: changing{&stub{wait: func(context.Context) (skein.Receipt, error) { return c.receipt, c.err }}}})
			resp, body := ask(t, url, "DELETE /api/v1/zones/example.com?wait=all&timeout=1ms", "")
			var result skein.ZoneResult
			if err := json.Unmarshal([]byte(body), &result); err != nil || resp.StatusCode != 200 {
				t.Fatalf("%d %s %v", resp.StatusCode, body, err)
			}
			if !strings.Contains(result.Late, c.err.(*skein.Error).What) || (result.Receipt != nil) != (c.receipt.Zone != "") {
				t.Errorf("%s", body)
			}
		})
	}
}
