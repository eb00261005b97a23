package whmapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// FuzzCall: whatever comes, the answer is one that clients read, and what is
// edited is edited as it was read.
func FuzzCall(f *testing.F) {
	f.Fuzz(func(t *testing.T, cpanel bool, path, query, body string) {
		still := &still{}
		d := New(Options{Control: still})
		h := d.WHM()
		if cpanel {
			h = d.UAPI()
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.URL.Path, r.URL.RawQuery = "/"+path, query
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code == http.StatusNotFound && still.edits == nil {
			return
		}
		var a struct {
			Metadata struct{ Result *int }
			Status   *int
			Error    string
			Result   struct {
				Data []struct{ Result struct{ NewSerial *string } }
			} `json:"cpanelresult"`
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != http.StatusOK {
			t.Fatalf("%d, %v\n%s", rec.Code, err, rec.Body)
		}
		good := a.Metadata.Result != nil && *a.Metadata.Result == 1 || a.Status != nil && *a.Status == 1 ||
			len(a.Result.Data) == 1 && a.Result.Data[0].Result.NewSerial != nil
		if still.edits != nil && !good {
			t.Errorf("it was done, and the answer is\n%s", rec.Body)
		}
		for _, e := range still.edits {
			if e.Set.Name == "" || e.Set.Type == 0 || len(e.Set.Data) != 1 {
				t.Errorf("edit %+v", e)
			}
		}
	})
}

// still is a control with one zone, which nothing changes: it takes note of
// what would be done.
type still struct {
	Control
	edits []control.Edit
}

var stillZone = skein.Zone{Name: "example.com.", Revision: 7, Serial: 2026010101}

func (s *still) List(context.Context, skein.Actor, control.Page) ([]skein.Zone, error) {
	return []skein.Zone{stillZone}, nil
}

func (s *still) Zone(_ context.Context, _ skein.Actor, name zone.Name) (skein.Zone, error) {
	if !name.Equal(stillZone.Name) {
		return skein.Zone{}, &skein.Error{Kind: skein.KindNotFound, What: "there is no such zone"}
	}
	return stillZone, nil
}

func (s *still) ZoneText(ctx context.Context, a skein.Actor, name zone.Name) (skein.Zone, []byte, bool, error) {
	z, err := s.Zone(ctx, a, name)
	return z, []byte(exampleText), true, err
}

func (s *still) EditRecords(_ context.Context, _ skein.Actor, in control.EditRecords) (control.Result, error) {
	s.edits = in.Edits
	z := stillZone
	z.Serial++
	return control.Result{Zone: z}, nil
}

func (s *still) DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error) {
	return control.Result{Zone: stillZone}, nil
}

func (s *still) CreateFromTemplate(context.Context, skein.Actor, control.TemplateZone) (control.Result, error) {
	return control.Result{Zone: stillZone}, nil
}

func (s *still) ResetZone(context.Context, skein.Actor, control.ResetZone) (control.Result, error) {
	return control.Result{Zone: stillZone}, nil
}

func (s *still) Nameservers(context.Context, skein.Actor) ([]skein.PoolNameserver, error) {
	return []skein.PoolNameserver{{Name: "ns1.example.net."}}, nil
}

func (s *still) Members(context.Context, skein.Actor) ([]skein.Member, error) { return nil, nil }

func (s *still) CreateToken(context.Context, skein.Actor, skein.CreateToken) (control.NewToken, error) {
	return control.NewToken{}, &skein.Error{Kind: skein.KindForbidden, What: "no"}
}

func (s *still) Tokens(context.Context, skein.Actor) ([]skein.Token, error) {
	return []skein.Token{{Name: "t", ID: "1"}}, nil
}

func (s *still) DeleteToken(context.Context, skein.Actor, string) error { return nil }
