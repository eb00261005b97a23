package xfr

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// ErrUntrusted: the server's certificate is not the one that it must have.
var ErrUntrusted = errors.New("the server's certificate is not trusted")

// TLS is how a server is spoken to over TLS (RFC 9103, "XoT"). There is no way
// back to plain TCP, which anybody in between could force.
type TLS struct{ config *tls.Config }

// TLSOptions say which certificate a server must have. A pin is trusted
// instead of any authority.
type TLSOptions struct {
	Name          string // that the certificate is made out to
	Authority     string // PEM of who signs it; the system's authorities if not set
	Pin           string // SHA-256 of its public key (SPKI) in base64
	Opportunistic bool   // encrypt, and take any certificate
}

// alpn is what DNS over TLS is called (RFC 9103 section 7.1, RFC 7858).
const alpn = "dot"

// NewTLS checks options. One TLS is good for all requests to a server: later
// connections resume the session of earlier ones.
func NewTLS(o TLSOptions) (*TLS, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{alpn}, ServerName: o.Name, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	switch {
	case o.Pin != "":
		pin, err := base64.StdEncoding.DecodeString(o.Pin)
		if err != nil || len(pin) != sha256.Size {
			return nil, errors.New("the pin of a certificate is no SHA-256 in base64")
		}
		c.InsecureSkipVerify = true // the pin is looked at instead
		c.VerifyConnection = func(s tls.ConnectionState) error { return pinned(s, pin) }
	case o.Opportunistic:
		c.InsecureSkipVerify = true // that is what it means
	case o.Name == "":
		return nil, errors.New("a name that the certificate must have, or a pin, is needed for TLS")
	case o.Authority != "":
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(o.Authority)) {
			return nil, errors.New("the authority for certificates is no certificate in PEM")
		}
	}
	return &TLS{c}, nil
}

func pinned(s tls.ConnectionState, pin []byte) error {
	have := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if !bytes.Equal(have[:], pin) {
		return fmt.Errorf("%w: its public key is %s", ErrUntrusted, base64.StdEncoding.EncodeToString(have[:]))
	}
	return nil
}

// client makes the handshake on a fresh connection.
func (t *TLS) client(ctx context.Context, conn net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c := tls.Client(conn, t.config)
	err := c.HandshakeContext(ctx)
	if err == nil && c.ConnectionState().NegotiatedProtocol != alpn {
		err = fmt.Errorf("%w: it speaks TLS, but not DNS over it (ALPN %q)", ErrRefused, alpn)
	}
	if err != nil {
		conn.Close()
		return nil, handshakeError(err)
	}
	return sayGoodbye{c}, nil
}

// handshakeError sorts what can go wrong.
func handshakeError(err error) error {
	var verify *tls.CertificateVerificationError
	var op *net.OpError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &verify):
		return fmt.Errorf("%w: %w", ErrUntrusted, verify.Err)
	case errors.Is(err, ErrUntrusted), errors.Is(err, ErrRefused):
		return err
	case errors.As(err, &header):
		return fmt.Errorf("%w: it does not speak TLS there", ErrRefused)
	case errors.As(err, &op) && op.Op == "remote error", errors.Is(err, io.EOF): // an alert, or none
		return fmt.Errorf("%w: TLS: %w", ErrRefused, err)
	}
	return fmt.Errorf("%w: TLS: %w", ErrUnreachable, unwrapOp(err))
}

// sayGoodbye bounds the farewell to a peer that may not listen any more.
type sayGoodbye struct{ *tls.Conn }

func (c sayGoodbye) Close() error {
	c.NetConn().SetDeadline(time.Now().Add(time.Second))
	return c.Conn.Close()
}
