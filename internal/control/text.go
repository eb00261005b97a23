package control

import (
	"bytes"
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// MaxText bounds the zone file that is kept beside the contents that came of
// it, in octets. Of a larger one the contents alone are kept.
const MaxText = 16 << 20

// keptText returns the text to keep; nil for none.
func keptText(text []byte) []byte {
	if len(text) == 0 || len(text) > MaxText {
		return nil
	}
	return text
}

// proposeText has a version's text kept beside it, if all of it is published:
// of a zone with other RRsets on top it is no text. Another text of the same
// contents is a change of its own.
func (c *Control) proposeText(ctx context.Context, p *proposal, z skein.Zone, l layers, v version) error {
	text := keptText(v.text)
	if text == nil {
		return nil
	}
	served, err := l.unlifted().over.Apply(p.write.Delta)
	if err != nil {
		return err
	}
	if !zone.Diff(v.next.WithSerial(0), served.WithSerial(0)).IsZero() {
		return nil
	}
	if p.result.Changed {
		p.write.Text = text
		return nil
	}
	was, _, err := c.Store.Text(ctx, z.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) || bytes.Equal(was, text) {
		return err
	}
	p.write = store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial, Text: text}
	p.result.Changed = true
	return nil
}

// ZoneText returns a zone as a zone file: the one that it was given as, while
// that is what is published, with the serial that is; else one that is printed.
func (c *Control) ZoneText(ctx context.Context, actor skein.Actor, name zone.Name) (z skein.Zone, text []byte, given bool, err error) {
	for range tries {
		if z, err = c.Zone(ctx, actor, name); err != nil {
			return z, nil, false, err
		}
		text, at, err := c.Store.Text(ctx, z.ID)
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return z, nil, false, err
		}
		if at > z.Revision { // it came after the head was read
			continue
		}
		if text = zone.Renumber(text, z.Serial); text != nil {
			return z, text, true, nil
		}
		break
	}
	z, contents, err := c.Contents(ctx, actor, name)
	var b bytes.Buffer
	if err == nil {
		err = zone.Print(&b, contents, zone.PrintOptions{})
	}
	return z, b.Bytes(), false, err
}
