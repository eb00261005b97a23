// Package ui holds the web console as `make ui` built it. Without that build
// Skein is whole but for the console.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Console returns the files of the built console: index.html, and what it
// loads from /app/. Text is there as NAME.gz alone. It is nil if the console
// was not built.
func Console() fs.FS {
	app, err := fs.Sub(dist, "dist/app")
	if err == nil {
		_, err = fs.Stat(app, "index.html")
	}
	if err != nil {
		return nil
	}
	return app
}
