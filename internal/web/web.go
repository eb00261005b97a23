// Package web serves the pages that people open in a browser: the start page
// and the one that redeems the one-time administrator link. The pages are
// embedded, ask no other host, and hold no secrets themselves: the link's code
// is in the fragment, which browsers do not send, so that no log ever has it.
package web

import (
	"bytes"
	"embed"
	"net/http"
	"time"
)

//go:embed pages
var pages embed.FS

// Register adds the pages to the mux.
func Register(mux *http.ServeMux) {
	for path, file := range map[string]string{
		"/{$}":        "index.html",
		"/claim":      "claim.html",
		"/web.css":    "web.css",
		"/claim.js":   "claim.js",
		"/skein.svg":  "skein.svg",
		"/robots.txt": "robots.txt",
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			content, _ := pages.ReadFile("pages/" + file) // embedded
			http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
		})
	}
}
