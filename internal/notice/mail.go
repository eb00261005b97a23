package notice

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
)

// TLS says how a mail server is spoken to.
type TLS string

// The ways.
const (
	TLSMandatory     TLS = "mandatory" // STARTTLS or nothing; the default
	TLSImplicit      TLS = "implicit"  // from the first octet (RFC 8314)
	TLSOpportunistic TLS = "opportunistic"
	TLSNone          TLS = "none" // for a mail server on this machine
)

// Mail sends notices by SMTP.
type Mail struct {
	Label    string // Name
	Server   string // host or host:port
	TLS      TLS
	From     string
	To       []string
	User     string // none: without authentication
	Password string
}

// Check says what is wrong with the settings, without asking the server.
func (m *Mail) Check() error {
	_, client := m.client(nil)
	_, message := m.message(Notice{})
	if len(m.To) == 0 {
		return errors.New("there is nobody to send mail to")
	}
	return errors.Join(client, message)
}

// Name implements Target.
func (m *Mail) Name() string { return m.Label }

// Send implements Target. An answer of 5yz is final (RFC 5321 section 4.2.1).
func (m *Mail) Send(ctx context.Context, n Notice) error {
	message, err := m.message(n)
	if err != nil {
		return fmt.Errorf("%w: %w", err, errRefused)
	}
	var conn net.Conn
	client, err := m.client(func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return conn, err
	})
	if err != nil {
		return fmt.Errorf("%w: %w", err, errRefused)
	}
	defer func() { // the client leaves it open where the server's greeting is bad
		if conn != nil {
			_ = conn.Close()
		}
	}()
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("reaching the mail server %s: %w", m.Server, err)
	}
	// A message that was taken is sent, whatever becomes of the parting.
	defer func() { _ = client.Close() }()
	err = client.Send(message)
	var refusal *mail.SendError
	if errors.As(err, &refusal) && !refusal.IsTemp() && refusal.ErrorCode() >= 500 {
		return fmt.Errorf("the mail server %s does not take it: %w: %w", m.Server, err, errRefused)
	}
	if err != nil {
		return fmt.Errorf("sending mail through %s: %w", m.Server, err)
	}
	return nil
}

func (m *Mail) message(n Notice) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(m.From); err != nil {
		return nil, fmt.Errorf("the sender of mail, %q, is no address: %w", m.From, err)
	}
	if err := msg.To(m.To...); err != nil {
		return nil, fmt.Errorf("a recipient of mail is no address: %w", err)
	}
	msg.Subject("Skein: " + n.line())
	msg.SetDateWithValue(n.At)
	msg.SetMessageIDWithValue(n.ID + "@skein")
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday answers (RFC 3834)
	text := n.Text + "\n"
	if n.Mend != "" {
		text += "\nWhat to do: " + n.Mend + "\n"
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	return msg, nil
}

func (m *Mail) client(dial mail.DialContextFunc) (*mail.Client, error) {
	host, port := m.Server, ""
	if strings.Contains(m.Server, ":") {
		var err error
		if host, port, err = net.SplitHostPort(m.Server); err != nil {
			return nil, fmt.Errorf("the mail server %q is no host:port: %w", m.Server, err)
		}
	}
	options := []mail.Option{mail.WithTimeout(sendTime)}
	if dial != nil && m.TLS != TLSImplicit { // with TLS from the first octet the library dials by itself
		options = append(options, mail.WithDialContextFunc(dial))
	}
	switch m.TLS {
	case TLSImplicit:
		options = append(options, mail.WithSSLPort(false))
	case TLSOpportunistic:
		options = append(options, mail.WithTLSPortPolicy(mail.TLSOpportunistic))
	case TLSNone:
		options = append(options, mail.WithTLSPortPolicy(mail.NoTLS))
	case TLSMandatory, "":
		options = append(options, mail.WithTLSPortPolicy(mail.TLSMandatory))
	default:
		return nil, fmt.Errorf("%q is no way to speak to a mail server: mandatory, implicit, opportunistic or none", m.TLS)
	}
	if port != "" { // after the policy, which sets one of its own
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("the mail server %q has no port: %w", m.Server, err)
		}
		options = append(options, mail.WithPort(int(number)))
	}
	if m.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	return mail.NewClient(host, options...)
}
