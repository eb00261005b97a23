package plesk

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// transferring is a fake control whose plesk-1 is in mode transfer.
func transferring(primaries ...string) *fake {
	f := newFake()
	setup := &skein.TransferSetup{}
	for _, p := range primaries {
		setup.Primaries = append(setup.Primaries, skein.TransferPrimary{Address: netip.MustParseAddrPort(p)})
	}
	f.sources["plesk-1"] = skein.Source{Name: "plesk-1", Door: skein.DoorPlesk, Mode: skein.ModeTransfer, Transfer: setup}
	return f
}

// In mode transfer a push says which zones there are, and nothing else counts.
func TestTransferMode(t *testing.T) {
	t.Parallel()
	here := netip.MustParseAddr("192.0.2.7")
	for situation, c := range map[string]struct {
		primaries []string
		from      netip.Addr
		pushes    []string
		want      string // what is asked for in the end
		says      string // the last report
	}{
		"a new zone, from where the hook speaks":      {nil, here, []string{put("create", "example.com.", "192.0.2.1")}, "example.com. 192.0.2.7:53", "create example.com.: applied: it is transferred from 192.0.2.7:53"},
		"over IPv4 that looks like IPv6":              {nil, netip.MustParseAddr("::ffff:192.0.2.7"), []string{put("create", "example.com.", "192.0.2.1")}, "example.com. 192.0.2.7:53", "192.0.2.7:53"},
		"the source names its primaries":              {[]string{"[2001:db8::1]:53", "192.0.2.9:5353"}, here, []string{put("create", "example.com.", "192.0.2.1")}, "example.com.", "from [2001:db8::1]:53, 192.0.2.9:5353"},
		"through a socket of this machine":            {nil, netip.Addr{}, []string{put("create", "example.com.", "192.0.2.1")}, "", "refused: it is not known where Plesk's nameserver is (name it: skein source edit plesk-1 --primary ADDRESS)"},
		"a change is looked for at once":              {nil, here, []string{put("create", "example.com.", "192.0.2.1"), put("update", "example.com.", "192.0.2.2")}, "example.com. 192.0.2.7:53", "its serial is asked for at 192.0.2.7:53"},
		"contents that a push could not bring":        {nil, here, []string{`{"command":"update","zone":{"name":"example.com."}}`}, "example.com. 192.0.2.7:53", "applied"},
		"a name that is none":                         {nil, here, []string{`{"command":"update","zone":{"name":"a..b"}}`}, "", "refused"},
		"it goes":                                     {nil, here, []string{put("create", "example.com.", "192.0.2.1"), gone}, "", "delete example.com.: applied"},
		"it goes twice":                               {nil, here, []string{put("create", "example.com.", "192.0.2.1"), gone, gone}, "", "delete example.com.: unchanged: there is no such zone"},
		"the end of a pass finds what is asked for":   {nil, here, []string{put("create", "a.example.", "192.0.2.1"), put("create", "b.example.", "192.0.2.1"), end(false, "a.example.")}, "a.example. 192.0.2.7:53\nb.example. 192.0.2.7:53", "skein.endPass b.example.: forgotten"},
		"the end of a pass deletes what is asked for": {nil, here, []string{put("create", "a.example.", "192.0.2.1"), put("create", "b.example.", "192.0.2.1"), end(true, "a.example.")}, "a.example. 192.0.2.7:53", "skein.endPass b.example.: applied"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			f := transferring(c.primaries...)
			door := New(f, Nameservers{Refresh: func(name zone.Name, source string) bool {
				return f.asked[name.Canonical()].Name != "" && source == "plesk-1"
			}}, nil)
			says := ""
			for i, push := range c.pushes {
				report, err := door.Handle(t.Context(), skein.Actor{Source: "plesk-1", Addr: c.from}, fmt.Sprint(i), []byte(push))
				if err != nil {
					t.Fatal(err)
				}
				if report.Mode != skein.ModeTransfer {
					t.Errorf("the report says mode %q", report.Mode)
				}
				says = ""
				for _, r := range report.Tasks {
					says += fmt.Sprintf("%s %s: %s: %s\n", r.Command, r.Subject, r.Outcome, r.Text)
				}
			}
			if !strings.Contains(says, c.says) {
				t.Errorf("%s\nwant %s", says, c.says)
			}
			list, _ := f.TransferZones(t.Context(), skein.Actor{}, control.TransferQuery{Limit: 100})
			var asked []string
			for _, z := range list {
				line := string(z.Name)
				for _, p := range z.Primaries {
					line += " " + p.Address.String()
				}
				asked = append(asked, line)
			}
			if got := strings.Join(asked, "\n"); got != c.want {
				t.Errorf("asked for is\n%s\nwant\n%s", got, c.want)
			}
			if f.rev != 0 {
				t.Error("the push changed contents")
			}
		})
	}
}

// What a paused source sends is not refused task by task, which would lose it:
// the push comes again when the source may speak.
func TestAPausedSourceComesAgain(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.sources["plesk-1"] = skein.Source{Name: "plesk-1", Paused: true}
	report, err := New(f, Nameservers{}, nil).Handle(t.Context(), skein.Actor{Source: "plesk-1"}, "1", []byte(put("create", "example.com.", "192.0.2.1")))
	if skein.KindOf(err) != skein.KindForbidden || len(report.Tasks) != 0 || len(f.zones) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	delete(f.sources, "plesk-1")
	if got := outcomes(deliver(t, f, "plesk-1", "1", put("create", "example.com.", "192.0.2.1"))); got != "create example.com.: applied" {
		t.Error(got)
	}
}

// A zone that came by pushes before the mode was changed goes as it did.
func TestDeleteInTransferModeWhatCameByPush(t *testing.T) {
	t.Parallel()
	f := newFake()
	deliver(t, f, "plesk-1", "1", put("create", "example.com.", "192.0.2.1"))
	f.sources = transferring().sources
	if got := outcomes(deliver(t, f, "plesk-1", "2", gone)); got != "delete example.com.: applied" || len(f.zones) != 0 {
		t.Errorf("%s\n%s", got, f.text())
	}
}

// The real gate takes what the door asks for, and keeps it.
func TestTransferModeThroughTheGate(t *testing.T) {
	t.Parallel()
	c := newReal(t).(*control.Control)
	admin := skein.Actor{Name: "root", Door: "cli", Source: "admin", Admin: true}
	if _, err := c.AddSource(t.Context(), admin, control.NewSource{Source: skein.Source{Name: "plesk-1", Door: skein.DoorPlesk, Mode: skein.ModeTransfer}}); err != nil {
		t.Fatal(err)
	}
	hook := skein.Actor{Name: "token", Door: "api", Source: "plesk-1", Addr: netip.MustParseAddr("2001:db8::7")}
	handle := func(push, want string) {
		t.Helper()
		report, err := New(c, Nameservers{}, nil).Handle(t.Context(), hook, push, []byte(push))
		if err != nil || outcomes(report) != want {
			t.Errorf("%s, %v\nwant\n%s", outcomes(report), err, want)
		}
	}
	handle(put("create", "a.example.", "192.0.2.1"), "create a.example.: applied")
	handle(put("create", "b.example.", "192.0.2.1"), "create b.example.: applied")
	z, err := c.TransferZone(t.Context(), hook, "a.example.")
	if err != nil || len(z.Primaries) != 1 || z.Primaries[0].Address.String() != "[2001:db8::7]:53" || z.Source != "plesk-1" {
		t.Errorf("%+v, %v", z, err)
	}
	handle(end(true, "a.example."), "skein.endPass plesk-1: applied\nskein.endPass b.example.: applied")
	handle(strings.ReplaceAll(gone, "example.com.", "b.example."), "delete b.example.: unchanged")
	handle(strings.ReplaceAll(gone, "example.com.", "a.example."), "delete a.example.: applied")
}
