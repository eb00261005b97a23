// Package template makes zones of templates: zone files with variables such as
// %domain% and %ip%, by the names that WHM gives them. It is pure.
package template

import (
	"embed"
	"path"
	"strings"
)

//go:embed builtin/*.zone
var files embed.FS

// Builtin returns the text of a template that comes with Skein.
func Builtin(name string) (text string, there bool) {
	data, err := files.ReadFile("builtin/" + name + ".zone")
	return string(data), err == nil
}

// Builtins returns the names of those, in order.
func Builtins() (names []string) {
	entries, _ := files.ReadDir("builtin") // it is there: it was compiled in
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
	}
	return names
}
