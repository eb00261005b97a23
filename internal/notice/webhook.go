package notice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Signature is the header of a webhook's authenticity: "t=SECONDS,v1=HEX",
// where HEX is HMAC-SHA256, under the webhook's secret, of SECONDS, a dot and
// the body. The time is that of the attempt, so that a receiver can refuse
// what was recorded and sent again.
const Signature = "Skein-Signature"

// Webhook posts notices as JSON.
type Webhook struct {
	Label  string // Name
	URL    string // may hold secrets, and is in no error
	Secret []byte // signs; none: unsigned

	Client *http.Client     // nil: one that follows no redirects
	Now    func() time.Time // nil: time.Now
}

// Check says what is wrong with a webhook's settings.
func (w *Webhook) Check() error {
	u, err := url.Parse(w.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the webhook has no http or https URL")
	}
	return nil
}

// Name implements Target.
func (w *Webhook) Name() string { return w.Label }

// Send implements Target. 2xx is success. 4xx is final, but for those that say
// "later" (RFC 9110 section 15.5.9, RFC 6585 section 4).
func (w *Webhook) Send(ctx context.Context, n Notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the webhook's URL is not usable: %w", errRefused)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Skein")
	if len(w.Secret) > 0 {
		req.Header.Set(Signature, Sign(w.Secret, w.now().Unix(), body))
	}
	resp, err := w.client().Do(req)
	if err != nil {
		return fmt.Errorf("the webhook did not answer: %w", withoutURL(err))
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusRequestTimeout && resp.StatusCode != http.StatusTooManyRequests:
		return fmt.Errorf("the webhook answered %s: %w", resp.Status, errRefused)
	}
	return fmt.Errorf("the webhook answered %s", resp.Status)
}

// Sign returns the value of the Signature header for an attempt at a time, in
// seconds since 1970.
func Sign(secret []byte, at int64, body []byte) string {
	seconds := strconv.FormatInt(at, 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

func (w *Webhook) now() time.Time {
	if w.Now != nil {
		return w.Now()
	}
	return time.Now()
}

func (w *Webhook) client() *http.Client {
	if w.Client != nil {
		return w.Client
	}
	alone := http.DefaultTransport.(*http.Transport).Clone()
	alone.DisableKeepAlives = true // notices are rare
	// A redirect would take the notice where nobody has configured it to go.
	return &http.Client{Transport: alone, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// withoutURL takes the URL out of an error: it may hold a secret.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
