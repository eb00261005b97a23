package fake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Driver drives a Server: at the rndc address of the member, with its rndc
// secret.
type Driver struct {
	m         skein.Member
	secret    string
	published func(zone.Name) (zone.Contents, bool)
	client    *http.Client
	closed    context.Context
	close     context.CancelFunc
}

var (
	_ member.Driver = (*Driver)(nil)
	_ member.Reader = (*Driver)(nil)
)

// NewDriver makes a driver. Published returns what our nameserver serves of a
// zone: the driver brings contents itself.
func NewDriver(m skein.Member, s skein.MemberSecrets, published func(zone.Name) (zone.Contents, bool)) (*Driver, error) {
	if !m.RNDC().IsValid() || m.RNDC().Port() == 0 {
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	}
	d := &Driver{m: m, secret: s.RNDC, published: published}
	d.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	d.closed, d.close = context.WithCancel(context.Background())
	return d, nil
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what every one of them is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Default: skein.RoleSynchronize,
		Roles: []skein.Role{skein.RoleWriteOnly, skein.RoleSynchronize, skein.RoleStandalone}}
}

// Close implements member.Driver.
func (d *Driver) Close() error {
	d.close()
	return nil
}

// Apply implements member.Driver.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for i, step := range steps {
		var err error
		switch step.Action {
		case member.ActionAdd, member.ActionRetransfer:
			err = d.save(ctx, step.Zone)
		case member.ActionDelete:
			err = d.call(ctx, callRemove, request{Zones: []zone.Name{step.Zone}}, nil)
		default:
			err = fmt.Errorf("driver fake cannot %s", step.Action)
		}
		if errors.Is(err, member.ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}

// save gives the server what is published of a zone; before anything is, it
// only registers it.
func (d *Driver) save(ctx context.Context, name zone.Name) error {
	in := request{Zones: []zone.Name{name}}
	c, is := d.published(name)
	if !is {
		return d.call(ctx, callRegister, in, nil)
	}
	in.Text = write(c)
	return d.call(ctx, callSave, in, nil)
}

// Has implements member.Driver. Whatever is there under a name is that zone;
// whether it is as published is compared.
func (d *Driver) Has(ctx context.Context, names []zone.Name) (all []member.Presence, err error) {
	err = d.call(ctx, callHas, request{Zones: names}, func(r reply) error {
		all = append(all, member.Presence{Present: !r.Absent, Ours: !r.Absent && !r.Locked, Current: !r.Absent && !r.Locked})
		return nil
	})
	if err == nil && len(all) != len(names) {
		err = fmt.Errorf("the member was asked for %d zones and told of %d", len(names), len(all))
	}
	if err != nil {
		return nil, err
	}
	return all, d.Read(ctx, names, func(i int, c zone.Contents, err error) {
		ours, is := d.published(names[i])
		if err == nil && is && sameSerial(ours, c) && !ours.Equal(c) {
			all[i].Current = false
		}
	})
}

func sameSerial(a, b zone.Contents) bool {
	one, _ := a.SOA()
	other, _ := b.SOA()
	return one.Serial == other.Serial
}

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (version string, err error) {
	err = d.call(ctx, callVersion, request{}, func(r reply) error { version = r.Version; return nil })
	return version, err
}

// Test implements member.Driver.
func (d *Driver) Test(ctx context.Context, _ zone.Name) []skein.Check {
	v, err := d.Status(ctx)
	if err != nil {
		return []skein.Check{{Name: "version", Text: err.Error(), Mend: "start the fake member, and give its address and secret"}}
	}
	zones := 0
	check := skein.Check{Name: "zones", Mend: "let the user list zones"}
	if err := d.Inventory(ctx, func(skein.Held) error { zones++; return nil }); err != nil {
		check.Text = err.Error()
	} else {
		check = skein.Check{Name: "zones", OK: true, Text: fmt.Sprintf("it has %d zones", zones)}
	}
	return []skein.Check{{Name: "version", OK: true, Text: v}, check}
}

// Inventory implements member.Reader.
func (d *Driver) Inventory(ctx context.Context, each func(skein.Held) error) error {
	return d.call(ctx, callList, request{}, func(r reply) error { return each(skein.Held{Zone: r.Zone, Serial: r.Serial}) })
}

// Read implements member.Reader.
func (d *Driver) Read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error {
	next := 0
	return d.call(ctx, callRead, request{Zones: names}, func(r reply) error {
		if next == len(names) || !r.Zone.Equal(names[next]) {
			return fmt.Errorf("the member told of %s, which it was not asked for", r.Zone)
		}
		i := next
		next++
		if r.Absent {
			each(i, zone.Contents{}, member.ErrAbsent)
			return nil
		}
		c, err := parse(names[i], r.Text)
		each(i, c, err)
		return nil
	})
}

// call makes one call. Each gets the lines of the answer; without it none
// are expected.
func (d *Driver) call(ctx context.Context, path string, in request, each func(reply) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.closed, cancel)()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.m.RNDC().String()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "fake "+d.secret)
	a, err := d.client.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", member.ErrAway, err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return refusal(a)
	}
	if each == nil {
		return nil
	}
	for lines := json.NewDecoder(a.Body); ; {
		var line reply
		switch err := lines.Decode(&line); {
		case errors.As(err, new(*json.SyntaxError)):
			return fmt.Errorf("the member answered something else than was asked for: %w", err)
		case err != nil:
			return fmt.Errorf("%w: it broke off: %w", member.ErrAway, err)
		case line.End:
			return nil
		}
		if err := each(line); err != nil {
			return err
		}
	}
}

// refusal makes an error of an answer that is none.
func refusal(a *http.Response) error {
	said, err := io.ReadAll(io.LimitReader(a.Body, 1000))
	text := strings.TrimSpace(string(said))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", member.ErrAway, err)
	case a.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", member.ErrDenied, text)
	case a.StatusCode == http.StatusConflict:
		return fmt.Errorf("%w: %s", member.ErrForeign, text)
	}
	return fmt.Errorf("the member refuses: %s (%s)", text, a.Status)
}
