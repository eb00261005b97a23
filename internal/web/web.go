// Package web serves what people open in a browser: the console or, if this
// program was built without it, a start page that says so and a page that
// redeems the one-time administrator link. All of it is embedded, asks no
// other host, and holds no secrets: the link's code is in the fragment, which
// browsers do not send, so that no log ever has it.
package web

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"time"
)

//go:embed pages
var pages embed.FS

// Register adds to the mux what people open; console is nil if it was not built.
func Register(mux *http.ServeMux, console fs.FS) {
	files := map[string]string{"/skein.svg": "skein.svg", "/robots.txt": "robots.txt"}
	if console == nil || registerConsole(mux, console) != nil {
		files["/{$}"], files["/claim"] = "index.html", "claim.html"
		files["/web.css"], files["/claim.js"] = "web.css", "claim.js"
	}
	for path, file := range files {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			content, _ := pages.ReadFile("pages/" + file) // embedded
			http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
		})
	}
}
