// Command document prints the OpenAPI document of the API, from which the
// console's types are made.
package main

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/skein-dns/skein/internal/api"
)

func main() {
	w := httptest.NewRecorder()
	api.New(api.Config{Log: slog.New(slog.DiscardHandler), Version: "console"}).ServeHTTP(w, httptest.NewRequest("GET", "/api/openapi.json", nil))
	if w.Code != http.StatusOK {
		log.Fatalf("the document was answered with %d", w.Code)
	}
	if _, err := io.Copy(os.Stdout, w.Body); err != nil {
		log.Fatal(err)
	}
}
