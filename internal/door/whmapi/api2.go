package whmapi

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// answerAPI2 is an answer of API 2. The order of keys is one that clients
// which cut the text count on; see writeZones.
type answerAPI2 struct {
	Func   string `json:"func"`
	Event  event  `json:"event"`
	API    int    `json:"apiversion"`
	Module string `json:"module"`
	Data   any    `json:"data"`
	Error  string `json:"error,omitempty"`
}

type event struct {
	Result int `json:"result"`
}

// outcome tells what became of an edit. Without a new serial it failed:
// acme.sh looks for the null, in front of any bracket.
type outcome struct {
	Status    int     `json:"status"`
	NewSerial *string `json:"newserial"`
	StatusMsg string  `json:"statusmsg"`
}

// serveAPI2 serves API 2. Whom cpanel_jsonapi_user names does not matter: what
// a call may do is the token's.
func (d *Door) serveAPI2(w http.ResponseWriter, r *http.Request) {
	c, err := begin(r)
	module, name := clip(c.get("cpanel_jsonapi_module", "cpanel_xmlapi_module")), clip(c.get("cpanel_jsonapi_func", "cpanel_xmlapi_func"))
	full := module + "::" + name
	a := answerAPI2{Func: name, Event: event{1}, API: 2, Module: module}
	if err == nil && c.get("cpanel_jsonapi_apiversion", "cpanel_xmlapi_apiversion") != "2" {
		err = refuse("only API 2 is spoken here: give cpanel_jsonapi_apiversion=2; UAPI is at /execute/")
	}
	if err == nil {
		a.Data, _, err = d.run(r.Context(), "api2", full, d.api2[full], c)
	}
	if err != nil {
		a.Error = d.reason(r, full, err)
		a.Data = []any{struct {
			Result    outcome `json:"result"`
			Status    int     `json:"status"`
			StatusMsg string  `json:"statusmsg"`
		}{outcome{StatusMsg: a.Error}, 0, a.Error}}
	}
	if zones, ok := a.Data.(zoneList); ok {
		d.writeZones(w, zones)
		return
	}
	write(w, map[string]answerAPI2{"cpanelresult": a})
}

// zoneEdit is a function of the old calls that edits a zone.
type zoneEdit func(context.Context, call) (skein.Zone, error)

// withSerial answers an edit as API 2 does.
func (d *Door) withSerial(edit zoneEdit) function {
	return func(ctx context.Context, c call) (any, string, error) {
		z, err := edit(ctx, c)
		serial := serialText(z)
		result := outcome{Status: 1, NewSerial: &serial, StatusMsg: d.reloaded(z)}
		return []any{map[string]outcome{"result": result}}, "", err
	}
}

// reloading answers an edit as WHM API 1 does.
func (d *Door) reloading(edit zoneEdit) function {
	return func(ctx context.Context, c call) (any, string, error) {
		z, err := edit(ctx, c)
		return nil, d.reloaded(z), err
	}
}

// reloaded is how cPanel says that an edit is done.
func (d *Door) reloaded(z skein.Zone) string {
	return "Bind reloading on " + d.Hostname + " using rndc zone: [" + plain(z.Name) + "]\n"
}

// zoneList are the zones of fetchzones, by their names alone: what is in them
// is asked for zone by zone.
type zoneList []string

func (d *Door) fetchZones(ctx context.Context, c call) (any, string, error) {
	names, err := d.zoneNames(ctx, c)
	list := make(zoneList, len(names))
	for i, name := range names {
		list[i] = plain(name)
	}
	return list, "", err
}

// writeZones writes the answer of fetchzones, with the first line of each zone
// as cPanel writes it. acme.sh finds zones by that line; older ones of it find
// the first zone alone, in the tenth part between the colons of the answer.
func (d *Door) writeZones(w http.ResponseWriter, zones zoneList) {
	out := newWriter(w)
	out.text(`{"cpanelresult":{"func":"fetchzones","event":{"result":1},"apiversion":2,"module":"ZoneEdit","data":[{"status":1,"zones":{`)
	for i, name := range zones {
		if i > 0 {
			out.text(",")
		}
		out.value(name)
		out.text(":")
		out.value([]string{"; cPanel first:" + d.Version})
	}
	out.text("}}]}}\n")
	out.end()
}

// contactInfo is CustInfo::displaycontactinfo, which acme.sh signs in with: it
// looks whether there is an answer.
func contactInfo(context.Context, call) (any, string, error) { return []any{}, "", nil }
