package nsdctl

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

const maxPEM = 64 << 10

// Identity is what both ends know each other by: our certificate and key, and
// the certificate that the server shows, or of the authority that made it.
type Identity struct {
	ours      tls.Certificate
	server    []byte // DER
	authority *x509.CertPool
}

// ParseIdentity reads PEM: our certificate, its private key, and the server's
// certificate or authority. Errors never quote any of it.
func ParseIdentity(certificate, key, server string) (Identity, error) {
	if max(len(certificate), len(key), len(server)) > maxPEM {
		return Identity{}, fmt.Errorf("a certificate or key of more than %d octets", maxPEM)
	}
	ours, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		return Identity{}, fmt.Errorf("our certificate and its private key: %w", err)
	}
	theirs, err := firstCertificate(server)
	if err != nil {
		return Identity{}, fmt.Errorf("the server's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(theirs)
	return Identity{ours, theirs.Raw, pool}, nil
}

func firstCertificate(text string) (*x509.Certificate, error) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("there is none in PEM")
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
}

// config is for servers of one kind. Their names say nothing: nsd-control-setup
// calls them all nsd.
func (i Identity) config() *tls.Config {
	return &tls.Config{
		// Shown whatever the server says to know: without one it would end politely,
		// and that looks like an empty answer.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &i.ours, nil },

		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // of names; the rest is done here
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return ErrImpostor
			}
			leaf := s.PeerCertificates[0]
			if bytes.Equal(leaf.Raw, i.server) { // whatever its dates say
				return nil
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: i.authority}); err != nil {
				return fmt.Errorf("%w: %w", ErrImpostor, err)
			}
			return nil
		},
	}
}
