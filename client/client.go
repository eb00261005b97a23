// Package client speaks Skein's REST API: one method an operation, the words
// of package skein as types. Errors come back as *skein.Error with the kind,
// the mend and the findings that the server gave; a server that cannot be
// reached is KindUnavailable.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skein-dns/skein"
)

// Config says where the API is and who asks. Either URL or UnixSocket is set.
type Config struct {
	URL        string // https://host:port
	Token      string // not needed on the unix socket
	CA         []byte // PEM; the only authority that is trusted. The system's, if empty
	UnixSocket string // path of the daemon's socket
}

// Client is safe for concurrent use. Close gives its idle connections back.
type Client struct {
	base  string // scheme://host, no final slash
	token string
	http  *http.Client
	where string // for error texts
	most  int64  // octets of an answer
	wait  WaitQuery
}

// New makes a client. It does not connect yet; an error means a Config that
// cannot work.
func New(c Config) (*Client, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{
		DialContext:         dialer.DialContext,
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConnsPerHost: 32,
		ForceAttemptHTTP2:   true,
	}
	client := &Client{token: c.Token, most: maxAnswer, http: &http.Client{Transport: transport, CheckRedirect: refuseRedirect}}
	if c.UnixSocket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", c.UnixSocket)
		}
		client.base, client.where = "http://skein", "the socket "+c.UnixSocket
		return client, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: "the address " + quote(c.URL) + " is not one of an API", Mend: "give it as https://HOST:PORT; http is for loopback only", Cause: err}
	}
	if len(c.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(c.CA) {
			return nil, &skein.Error{Kind: skein.KindInvalid, What: "the pinned CA holds no certificate in PEM form", Mend: "copy it from the server again: skein prints it at first start"}
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	client.base, client.where = strings.TrimSuffix(u.Scheme+"://"+u.Host+u.Path, "/"), c.URL
	return client, nil
}

// Waiting returns a client whose changes of zones are answered when members
// were seen serving them: those that the query is for, none by its For "".
// What came of the waiting is in the result; the change is made all the same.
func (c *Client) Waiting(w WaitQuery) *Client {
	other := *c
	other.wait = w
	return &other
}

// Close gives idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// refuseRedirect: the API has no redirects, and a token must not follow one.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
