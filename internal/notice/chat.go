package notice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
)

// Chat sends notices to a chat service by a shoutrrr URL, such as
// slack://…, telegram://… or matrix://….
type Chat struct {
	Label string // Name
	URL   string // holds secrets, and is in no error
}

// Check says what is wrong with the URL, without asking the service.
func (c *Chat) Check() error {
	_, err := c.router()
	return err
}

// Name implements Target.
func (c *Chat) Name() string { return c.Label }

// Send implements Target.
func (c *Chat) Send(ctx context.Context, n Notice) error {
	r, err := c.router()
	if err != nil {
		return fmt.Errorf("%w: %w", err, errRefused)
	}
	text := n.Text
	if n.Mend != "" {
		text += "\n" + n.Mend
	}
	r.Timeout = sendTime
	sent := make(chan error, 1) // shoutrrr knows no context, but gives up by itself
	go func() { sent <- errors.Join(r.Send(text, nil)...) }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-sent:
		if err != nil {
			return fmt.Errorf("the chat service %s did not take it: %s", c.service(), c.redacted(err))
		}
		return nil
	}
}

func (c *Chat) service() string {
	if u, err := url.Parse(c.URL); err == nil {
		return u.Scheme
	}
	return "of that URL"
}

// redacted is an error without what the URL holds: services write theirs,
// which are made of it, into their errors.
func (c *Chat) redacted(err error) string {
	text := withoutURL(err).Error()
	u, bad := url.Parse(c.URL)
	if bad != nil {
		return "its URL cannot be read"
	}
	password, _ := u.User.Password()
	parts := append(strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == ':' }), u.User.Username(), password, u.Host)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	for _, part := range parts {
		if len(part) > 3 {
			text = strings.ReplaceAll(text, part, "…")
		}
	}
	return text
}

func (c *Chat) router() (*router.ServiceRouter, error) {
	quiet := log.New(io.Discard, "", 0) // it logs URLs
	r, err := router.New(quiet, c.URL)
	if err != nil {
		return nil, fmt.Errorf("the URL of the chat service %s is not one that shoutrrr takes", c.service())
	}
	return r, nil
}
