package dnsadmin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

var (
	// ErrAway: no answer came, or half of one; what was asked may have been done.
	ErrAway = errors.New("the server cannot be reached")
	// ErrDenied: it does not take the token, or does not let its user do this.
	ErrDenied = errors.New("the server refuses")
	// ErrAnswer: what came is not of this protocol.
	ErrAnswer = errors.New("the server answered something else than was asked for")
	// ErrCertificate: its certificate is not the one that it should be.
	ErrCertificate = errors.New("the server's certificate is not to be trusted")
)

// Options are what a Client is made of.
type Options struct {
	Addr    string         // host:port
	Host    string         // the name that its certificate is to be of; that of Addr by default
	User    string         // of the server
	Token   string         // of that user
	Pin     string         // "SHA256:…" of its certificate; without it, it must be one that is trusted
	Silence time.Duration  // how long nothing may come before it is away; a minute by default
	Roots   *x509.CertPool // whom to trust; nil: the machine's
	Trace   func(Exchange) // gets every exchange as it ends; may be nil
}

// silence is for a server that has a full batch of zones to write before it answers.
const silence = time.Minute

// Client asks one server. It keeps a connection between calls, and is safe for
// concurrent use.
type Client struct {
	o    Options
	http *http.Client
	life context.Context // ends with Close
	end  context.CancelFunc
}

// New makes a client; it connects when it is first used.
func New(o Options) (*Client, error) {
	host, port, err := net.SplitHostPort(o.Addr)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("%q is no host and port", o.Addr)
	}
	if o.Host == "" {
		o.Host = host
	}
	if pin, ok := ParsePin(o.Pin); ok {
		o.Pin = pin
	} else if o.Pin != "" {
		return nil, fmt.Errorf("%q is no fingerprint of a certificate: it is SHA256: and 64 hexadecimal digits", o.Pin)
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	c := &Client{o: o}
	c.life, c.end = context.WithCancel(context.Background())
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 2 * o.Silence}).DialContext, // calls wait for less
			TLSClientConfig:     c.tls(c.verify),
			TLSHandshakeTimeout: 2 * o.Silence,
			DisableCompression:  true, // servers gzip the body itself, and say nothing of it
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Close ends what is under way.
func (c *Client) Close() error {
	c.end()
	c.http.CloseIdleConnections()
	return nil
}

// tls has a certificate judged by one of ours, since one that nobody signed may
// be pinned.
func (c *Client) tls(verify func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{ServerName: c.o.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: verify}
}
