package storetest

import (
	"reflect"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Two tenants may have a template of the same name.
func templates(t *testing.T, w *world) {
	made := func(tenant, name, text string) skein.Template {
		return skein.Template{Name: name, Tenant: tenant, Text: text, Changed: start, Version: 1}
	}
	roots, mail, hosting := made("root", "standard", "@ A %ip%\n"), made("root", "mail", "\t\"%\"\r\nü\n"), made("hosting", "standard", "")
	for _, tpl := range []skein.Template{roots, hosting, mail} {
		w.must(w.PutTemplate(w.ctx(), tpl, true))
	}
	wantError(t, w.PutTemplate(w.ctx(), roots, true), skein.KindConflict, store.ErrExists)
	roots.Text, roots.Version = "@ A 192.0.2.1\n", 2
	warned := roots
	warned.Warnings = []skein.Problem{{Line: 1, Text: "look"}}
	w.must(w.PutTemplate(w.ctx(), warned, false))
	w.reopen()
	for name, row := range map[string]struct {
		tenants []string
		want    []skein.Template
	}{
		"of all tenants": {nil, []skein.Template{mail, hosting, roots}},
		"of none":        {[]string{}, nil},
		"of one":         {[]string{"root"}, []skein.Template{mail, roots}},
		"of several":     {[]string{"hosting", "root", `"`}, []skein.Template{mail, hosting, roots}},
		"of an idle one": {[]string{"shop"}, nil},
	} {
		if got, err := w.Templates(w.ctx(), row.tenants); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("templates %s: %+v, %v; want %+v", name, got, err, row.want)
		}
	}
	if got, err := w.Template(w.ctx(), "hosting", "standard"); err != nil || !reflect.DeepEqual(got, hosting) {
		t.Errorf("template %+v, %v; want %+v", got, err, hosting)
	}
	_, err := w.Template(w.ctx(), "hosting", "mail")
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)

	w.must(w.DeleteTemplate(w.ctx(), "root", "standard"))
	wantError(t, w.DeleteTemplate(w.ctx(), "root", "standard"), skein.KindNotFound, store.ErrNotFound)
	if got, err := w.Templates(w.ctx(), nil); err != nil || !reflect.DeepEqual(got, []skein.Template{mail, hosting}) {
		t.Errorf("templates %+v, %v", got, err)
	}
}
