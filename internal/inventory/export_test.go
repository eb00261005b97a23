package inventory

import "context"

// Round reads a member once, now.
func (i *Inventory) Round(ctx context.Context, gate Gate, name string) error {
	r, err := i.member(name)
	if err != nil {
		return err
	}
	i.gate = gate
	return r.round(ctx)
}
