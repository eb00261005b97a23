package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) accessRoutes() {
	const tag = "Access"
	handle(s, route{id: "list-tokens", method: "GET", path: "/tokens", tag: tag,
		summary: "List tokens", doc: "Without their secrets, which nobody knows any more."}, s.listTokens)
	handle(s, route{id: "create-token", method: "POST", path: "/tokens", tag: tag, status: 201,
		summary: "Create a token", doc: "Its secret is in this answer and nowhere else: only its hash is kept.", refuses: []int{409}}, s.createToken)
	handle(s, route{id: "delete-token", method: "DELETE", path: "/tokens/{id}", tag: tag, status: 204,
		summary: "Delete a token", doc: "It is worthless at once.", refuses: []int{404}}, s.deleteToken)
	handle(s, route{id: "claim", method: "POST", path: "/claim", tag: tag, status: 201, public: true,
		summary: "Claim the administrator's token", doc: "Redeems, once, the code of the link that was printed at first start.", refuses: []int{401, 429}}, s.claim)
	handle(s, route{id: "push-plesk", method: "POST", path: "/doors/plesk", tag: "Doors", big: true, opaque: true, timeout: maxTransfer,
		summary: "Push from Plesk", doc: "Takes what Plesk's custom DNS backend gives its program on standard input: an array of tasks. Each task has an outcome of its own; one that is refused does not hold up the others."}, s.pushPlesk)
}

func (s *server) listTokens(ctx context.Context, _ *none) (*out[skein.TokenList], error) {
	tokens, err := s.Control.Tokens(ctx, actorOf(ctx))
	return &out[skein.TokenList]{skein.TokenList{Tokens: notNil(tokens)}}, err
}

type tokenInput struct{ Body skein.CreateToken }

func (s *server) createToken(ctx context.Context, in *tokenInput) (*out[skein.NewToken], error) {
	return tokenOut(s.Control.CreateToken(ctx, actorOf(ctx), in.Body))
}

func tokenOut(t control.NewToken, err error) (*out[skein.NewToken], error) {
	return &out[skein.NewToken]{skein.NewToken(t)}, err
}

type tokenIDInput struct {
	ID string `path:"id" maxLength:"200"`
}

func (s *server) deleteToken(ctx context.Context, in *tokenIDInput) (*none, error) {
	return &none{}, s.Control.DeleteToken(ctx, actorOf(ctx), in.ID)
}

type claimInput struct{ Body skein.ClaimBody }

// claim is open to everybody, so that a wrong code counts as a wrong token does.
func (s *server) claim(ctx context.Context, in *claimInput) (*out[skein.NewToken], error) {
	return tokenOut(counted(s.failures, callOf(ctx).request, func() (control.NewToken, error) {
		return s.Control.Claim(ctx, in.Body.Code)
	}))
}

type pleskInput struct {
	IDInput
	RawBody []byte `contentType:"application/json"`
}

func (s *server) pushPlesk(ctx context.Context, in *pleskInput) (*out[skein.DoorReport], error) {
	if s.PleskDoor == nil {
		return nil, &skein.Error{Kind: skein.KindNotFound, What: "this node has no door for Plesk"}
	}
	report, err := s.PleskDoor(ctx, actorOf(ctx), in.id(), in.RawBody)
	report.Tasks = notNil(report.Tasks)
	return &out[skein.DoorReport]{report}, err
}
