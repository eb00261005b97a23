package daemon

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"

	"github.com/skein-dns/skein"
)

// certificate is a pair of files that is read again when an operator asks for
// it, such as whatever renewed it.
type certificate struct {
	chain, key string // files
	now        atomic.Pointer[tls.Certificate]
}

func openCertificate(chain, key string) (*certificate, error) {
	c := &certificate{chain: chain, key: key}
	return c, c.reload()
}

// reload reads the files; on an error what was read before stays in use.
func (c *certificate) reload() error {
	pair, err := tls.LoadX509KeyPair(c.chain, c.key)
	if err != nil {
		return &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("the certificate in %s with the key in %s cannot be used", c.chain, c.key), Mend: "both must be PEM and belong together", Cause: err}
	}
	c.now.Store(&pair)
	return nil
}

// config is a server's configuration with the certificate as it is at each handshake.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil }}
}

// root is the last certificate of the chain, in DER.
func (c *certificate) root() []byte {
	chain := c.now.Load().Certificate
	return chain[len(chain)-1]
}
