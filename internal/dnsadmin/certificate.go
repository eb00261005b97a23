package dnsadmin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Certificate is what a server shows.
type Certificate struct {
	Pin     string   // of the certificate
	Trusted error    // nil if the authorities do, for the name that the server is known by
	Names   []string // that it is of
	Until   time.Time
}

// Pin returns what a certificate is pinned by: SHA256: and the hash in hexadecimal.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return pinPrefix + hex.EncodeToString(sum[:])
}

const pinPrefix = "SHA256:"

// ParsePin reads a pin however it is written: with colons between the octets,
// as openssl prints it, or in capitals.
func ParsePin(text string) (pin string, ok bool) {
	text = strings.TrimSpace(text)
	for _, prefix := range []string{pinPrefix, "sha256 Fingerprint="} {
		if len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			text = text[len(prefix):]
			break
		}
	}
	sum, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	return pinPrefix + hex.EncodeToString(sum), err == nil && len(sum) == sha256.Size
}

// Fingerprint fetches the server's certificate, whoever signed it.
func (c *Client) Fingerprint(ctx context.Context) (cert Certificate, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Silence)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	began := time.Now()
	defer func() { c.trace(Exchange{Began: began, Call: "TLS " + c.o.Addr, Answer: cert.Pin, Err: err}) }()
	dial := tls.Dialer{Config: c.tls(func(s tls.ConnectionState) error {
		leaf := s.PeerCertificates[0]
		cert = Certificate{Pin: Pin(leaf), Trusted: c.trusted(s), Names: namesOf(leaf), Until: leaf.NotAfter}
		return nil
	})}
	conn, err := dial.DialContext(ctx, "tcp", c.o.Addr)
	if err != nil {
		return Certificate{}, c.noAnswer(ctx, err)
	}
	return cert, conn.Close()
}

func namesOf(c *x509.Certificate) []string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && c.Subject.CommonName != "" {
		names = []string{c.Subject.CommonName}
	}
	return names
}

// verify judges the certificate of a connection.
func (c *Client) verify(s tls.ConnectionState) error {
	if c.o.Pin == "" {
		if err := c.trusted(s); err != nil {
			return fmt.Errorf("%w: its fingerprint is %s, and %w", ErrCertificate, Pin(s.PeerCertificates[0]), err)
		}
		return nil
	}
	if pin := Pin(s.PeerCertificates[0]); subtle.ConstantTimeCompare([]byte(pin), []byte(c.o.Pin)) != 1 {
		return fmt.Errorf("%w: its fingerprint is %s, and %s is pinned", ErrCertificate, pin, c.o.Pin)
	}
	return nil
}

// trusted asks the authorities.
func (c *Client) trusted(s tls.ConnectionState) error {
	between := x509.NewCertPool()
	for _, by := range s.PeerCertificates[1:] {
		between.AddCert(by)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: c.o.Roots, Intermediates: between, DNSName: c.o.Host})
	return err
}
