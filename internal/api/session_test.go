package api

import (
	"net/http"
	"testing"
)

// A browser's session comes as a cookie, and a page of another site cannot
// use it.
func TestTheCookieOfASession(t *testing.T) {
	t.Parallel()
	cookie := func(secret string) string { return "Cookie: " + sessionCookie + "=" + secret }
	const none = "Authorization: "
	for situation, row := range map[string]struct {
		what    string
		headers []string
		want    int
	}{
		"it is good":                           {"GET /api/v1/zones/a.example/history", []string{none, cookie(goodToken)}, http.StatusNotFound},
		"it is not":                            {"GET /api/v1/zones/a.example/history", []string{none, cookie("stale")}, http.StatusUnauthorized},
		"it is empty":                          {"GET /api/v1/zones/a.example/history", []string{none, cookie("")}, http.StatusUnauthorized},
		"a cookie of another name":             {"GET /api/v1/zones/a.example/history", []string{none, "Cookie: skein=" + goodToken}, http.StatusUnauthorized},
		"a token beside it counts":             {"GET /api/v1/zones/a.example/history", []string{"Authorization: Bearer wrong", cookie(goodToken)}, http.StatusUnauthorized},
		"a header that is no token counts too": {"GET /api/v1/zones/a.example/history", []string{"Authorization: Basic eA==", cookie(goodToken)}, http.StatusUnauthorized},
		"a page of this site":                  {"DELETE /api/v1/waiting/7", []string{none, cookie(goodToken), "Sec-Fetch-Site: same-origin"}, http.StatusNoContent},
		"a page of another site":               {"DELETE /api/v1/waiting/7", []string{none, cookie(goodToken), "Sec-Fetch-Site: cross-site"}, http.StatusForbidden},
		"a page of a sibling":                  {"DELETE /api/v1/waiting/7", []string{none, cookie(goodToken), "Sec-Fetch-Site: same-site"}, http.StatusForbidden},
		"an old browser, from elsewhere":       {"DELETE /api/v1/waiting/7", []string{none, cookie(goodToken), "Origin: https://evil.example"}, http.StatusForbidden},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, Config{Control: &stub{}})
			if resp, text := ask(t, url, row.what, "", row.headers...); resp.StatusCode != row.want {
				t.Errorf("%d %s, want %d", resp.StatusCode, text, row.want)
			}
		})
	}
}
