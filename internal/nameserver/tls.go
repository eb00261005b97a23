package nameserver

import (
	"crypto/tls"
	"time"
)

// tlsRules is a configuration with certificates, bound to what DNS over TLS
// asks for (RFC 7858, RFC 9103 section 7.1). Clients that name no protocol in
// ALPN are taken: many old ones do not.
func tlsRules(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.NextProtos = []string{"dot"}
	return c
}

// secure makes a connection an encrypted one, in the time that one message may take.
func (s *Server) secure(c *connection) error {
	conn := tls.Server(c.socket, s.tlsConfig)
	c.socket.SetDeadline(time.Now().Add(tcpIdle))
	if err := conn.Handshake(); err != nil {
		s.stats.TLSFailures.Add(1)
		s.log.Debug("a TLS connection failed", "peer", c.socket.RemoteAddr(), "error", err)
		return err
	}
	c.Conn, c.via = conn, overTLS
	// Transfers want TLS 1.3 (RFC 9103 section 7.2); questions take 1.2.
	c.noTransfers = conn.ConnectionState().Version < tls.VersionTLS13
	return nil
}

// farewell tells an encrypted client that the end is one, not an attack.
func (c *connection) farewell() {
	if conn, ok := c.Conn.(*tls.Conn); ok {
		conn.CloseWrite()
	}
}
