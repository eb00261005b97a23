package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Pages are the first segments of the console's addresses: it has one document
// for all of them. A test of the console keeps this list and its own the same.
func Pages() []string {
	return []string{"servers", "add-server", "synchronize", "zones", "activity", "waiting", "sources", "access", "pools", "templates", "settings", "account"}
}

// registerConsole adds the console, which is one document and the files that
// it loads.
func registerConsole(mux *http.ServeMux, files fs.FS) error {
	index, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return err
	}
	document := func(w http.ResponseWriter, _ *http.Request) { serveDocument(w, index) }
	mux.HandleFunc("GET /{$}", document)
	mux.HandleFunc("GET /claim", document)
	for _, page := range Pages() {
		mux.HandleFunc("GET /"+page, document)
		mux.HandleFunc("GET /"+page+"/{rest...}", document)
	}
	mux.HandleFunc("GET /app/{file...}", func(w http.ResponseWriter, r *http.Request) { serveFile(w, r, files, r.PathValue("file")) })
	return nil
}

// noncePlace is what stands in the document where the nonce goes.
const noncePlace = "STYLE-NONCE"

// serveDocument sends the console's document. Its components make style
// elements as they go: those that carry this answer's nonce are allowed, and
// no others. Scripts come from files alone.
func serveDocument(w http.ResponseWriter, index []byte) {
	nonce, h := rand.Text(), w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.Write(bytes.Replace(index, []byte(noncePlace), []byte(nonce), 1)) // a browser that left is no news
}

// serveFile sends a file of the console. Names of assets change with what is
// in them, so that browsers may keep those for good.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	packed := true
	content, err := fs.ReadFile(files, name+".gz")
	if errors.Is(err, fs.ErrNotExist) {
		packed = false
		content, err = fs.ReadFile(files, name)
	}
	if err != nil || name == "index.html" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	if packed {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
		} else if content, err = unpack(content); err != nil {
			http.Error(w, "this file of the console is damaged", http.StatusInternalServerError)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content) // a browser that left is no news
}

func unpack(content []byte) ([]byte, error) {
	text, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(text) // of our own build
}
