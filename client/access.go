package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// ListTokens returns all tokens, without their secrets.
func (c *Client) ListTokens(ctx context.Context) (skein.TokenList, error) {
	return get[skein.TokenList](ctx, c, "/tokens", nil)
}

// CreateToken makes a token. Its secret is in the answer and nowhere else.
func (c *Client) CreateToken(ctx context.Context, body skein.CreateToken) (skein.NewToken, error) {
	return send[skein.NewToken](ctx, c, http.MethodPost, "/tokens", body)
}

// DeleteToken makes a token worthless at once.
func (c *Client) DeleteToken(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/tokens/" + name(id)})
	return err
}

// Claim redeems the one-time administrator code; it needs no token.
func (c *Client) Claim(ctx context.Context, code string) (skein.NewToken, error) {
	return send[skein.NewToken](ctx, c, http.MethodPost, "/claim", skein.ClaimBody{Code: code})
}

// PushPlesk hands over what Plesk's custom DNS backend was given on its
// standard input. The same change id makes sending it again harmless; one is
// made up if it is empty.
func (c *Client) PushPlesk(ctx context.Context, changeID string, tasks []byte) (skein.DoorReport, error) {
	what := call{method: http.MethodPost, path: "/doors/plesk", body: tasks, mime: "application/json"}
	return answer[skein.DoorReport](ctx, c, what.change(changeID, nil))
}

// GetStatus returns the state of the whole at a glance.
func (c *Client) GetStatus(ctx context.Context) (skein.Status, error) {
	return get[skein.Status](ctx, c, "/status", nil)
}

// GetHealth is a sign of life; it needs no token.
func (c *Client) GetHealth(ctx context.Context) (skein.Health, error) {
	return get[skein.Health](ctx, c, "/health", nil)
}
