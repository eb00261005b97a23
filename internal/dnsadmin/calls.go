package dnsadmin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
)

// The names of arguments.
const (
	argID    = "dnsuniqid"
	argZone  = "zone"
	argZones = "zones"
	argData  = "zonedata"
	argPass  = "pass"
)

const (
	maxLine  = 4 << 10  // octets of a line of a list: a name takes 1004
	maxWords = 1 << 20  // of an answer that is read by people
	maxZone  = 16 << 20 // of a zone's text
)

// Version asks which cPanel it runs.
func (c *Client) Version(ctx context.Context) (Version, error) {
	text, err := c.word(ctx, ShowVersion)
	if err != nil {
		return Version{}, err
	}
	v, ok := ParseVersion(text)
	if !ok {
		return v, fmt.Errorf("%w: %s is no version", ErrAnswer, firstWords([]byte(text)))
	}
	return v, nil
}

// Hostname asks for its name.
func (c *Client) Hostname(ctx context.Context) (string, error) {
	text, err := c.word(ctx, GetHostname)
	if err == nil && (text == "" || strings.ContainsAny(text, " \t\r\n\x00<>")) {
		err = fmt.Errorf("%w: %s is no name of a host", ErrAnswer, firstWords([]byte(text)))
	}
	return text, err
}

// word asks for a line, without arguments.
func (c *Client) word(ctx context.Context, path string) (string, error) {
	text, err := c.text(ctx, call{method: http.MethodGet, path: path}, maxLine)
	return strings.TrimSpace(string(text)), err
}

// ZoneList calls each for every zone, while the answer comes; an error of each
// ends it. Names that can be none are left out, as cPanel's own client does.
func (c *Client) ZoneList(ctx context.Context, uniqid string, each func(zone string) error) error {
	return c.lines(ctx, call{method: http.MethodGet, path: GetZoneList, args: []argument{{argID, uniqid}}}, func(line string) error {
		zone := CleanZone(line)
		if zone == "" || strings.Contains(zone, "..") || zone != "." && zone[0] == '.' {
			return nil
		}
		if strings.ContainsAny(zone, " \t<>\x00") {
			return fmt.Errorf("%w: %s is no name of a zone", ErrAnswer, firstWords([]byte(line)))
		}
		return each(zone)
	})
}

// ZoneExists asks whether a zone is there.
func (c *Client) ZoneExists(ctx context.Context, uniqid, zone string) (bool, error) {
	text, err := c.text(ctx, post(ZoneExists, argument{argZone, WireZone(zone)}, argument{argID, uniqid}), maxLine)
	if err != nil {
		return false, err
	}
	switch said := strings.TrimSpace(string(text)); said {
	case "1", "0", "":
		return said == "1", nil
	default:
		return false, fmt.Errorf("%w: %s, and neither 1 nor 0", ErrAnswer, firstWords(text))
	}
}

// Zone fetches the text of a zone.
func (c *Client) Zone(ctx context.Context, uniqid, zone string) ([]byte, error) {
	return c.text(ctx, post(GetZone, argument{argZone, WireZone(zone)}, argument{argID, uniqid}), maxZone)
}

// Zones calls each for those of the zones that are there, while the answer
// comes; an error of each ends it. A text is valid until the next call; err is
// why one cannot be had (ErrPair).
func (c *Client) Zones(ctx context.Context, uniqid string, zones []string, each func(zone string, text []byte, err error) error) error {
	return c.zones(ctx, post(GetZones, argument{argZones, listOf(zones)}, argument{argID, uniqid}), each)
}

// AllZones is Zones for all that are there.
func (c *Client) AllZones(ctx context.Context, uniqid string, each func(zone string, text []byte, err error) error) error {
	return c.zones(ctx, post(GetAllZones, argument{argID, uniqid}), each)
}

// Save replaces the contents of a zone, and does not register it. It returns
// what the server said, for people, as all of the following do.
func (c *Client) Save(ctx context.Context, uniqid, zone string, text []byte) (string, error) {
	return c.say(ctx, post(SaveZone, argument{argZone, WireZone(zone)}, argument{argData, string(text)}, argument{argID, uniqid}))
}

// QuickAdd registers a zone and saves its contents.
func (c *Client) QuickAdd(ctx context.Context, uniqid, zone string, text []byte) (string, error) {
	return c.say(ctx, post(QuickZoneAdd, argument{argZone, WireZone(zone)}, argument{argData, string(text)}, argument{argID, uniqid}))
}

// Sync registers and saves zones: what a ZoneWriter wrote.
func (c *Client) Sync(ctx context.Context, uniqid string, zones []byte) (string, error) {
	k := post(SyncZones, argument{argID, uniqid})
	k.zones = zones
	return c.say(ctx, k)
}

// AddConf registers a zone without contents.
func (c *Client) AddConf(ctx context.Context, uniqid, zone string) (string, error) {
	return c.say(ctx, call{method: http.MethodGet, path: AddZoneConf, args: []argument{{argZone, WireZone(zone)}, {argID, uniqid}}})
}

// Remove removes a zone.
func (c *Client) Remove(ctx context.Context, uniqid, zone string) (string, error) {
	return c.say(ctx, post(RemoveZone, argument{argZone, WireZone(zone)}, argument{argID, uniqid}))
}

// RemoveAll removes zones.
func (c *Client) RemoveAll(ctx context.Context, uniqid string, zones []string) (string, error) {
	return c.say(ctx, post(RemoveZones, argument{argZones, listOf(zones)}, argument{argID, uniqid}))
}

// Reload has zones loaded again.
func (c *Client) Reload(ctx context.Context, uniqid string, zones []string) (string, error) {
	return c.say(ctx, post(ReloadZones, argument{argID, uniqid}, argument{argZone, listOf(zones)}))
}

// ReloadBIND has all zones loaded again.
func (c *Client) ReloadBIND(ctx context.Context, uniqid string) (string, error) {
	return c.say(ctx, post(ReloadBIND, argument{argID, uniqid}, argument{argZone, ""}))
}

// ReconfigBIND has the configuration read again.
func (c *Client) ReconfigBIND(ctx context.Context, uniqid string) (string, error) {
	return c.say(ctx, post(ReconfigBIND, argument{argID, uniqid}, argument{argZone, ""}))
}

// CleanDNS has what is left over tidied away.
func (c *Client) CleanDNS(ctx context.Context, uniqid string) (string, error) {
	return c.say(ctx, call{method: http.MethodGet, path: CleanDNS, args: []argument{{argID, uniqid}}})
}

// IPs asks for the addresses of its nameservers.
func (c *Client) IPs(ctx context.Context, uniqid string) (all []netip.Addr, err error) {
	err = c.lines(ctx, call{method: http.MethodGet, path: GetIPs, args: []argument{{argID, uniqid}}}, func(line string) error {
		a, ok := ParseIP(line)
		if !ok {
			return fmt.Errorf("%w: %s is no address", ErrAnswer, firstWords([]byte(line)))
		}
		all = append(all, a)
		return nil
	})
	return all, err
}

// Paths asks for its own peers.
func (c *Client) Paths(ctx context.Context, uniqid string) (all []Peer, err error) {
	err = c.lines(ctx, call{method: http.MethodGet, path: GetPath, args: []argument{{argID, uniqid}}}, func(line string) error {
		words := strings.Fields(line)
		if len(words) != 2 {
			return fmt.Errorf("%w: %s is no server and its peer", ErrAnswer, firstWords([]byte(line)))
		}
		all = append(all, Peer{words[0], words[1]})
		return nil
	})
	return all, err
}

// Trust asks it to make a server its peer: the one of this name and version,
// where this user's token is taken.
func (c *Client) Trust(ctx context.Context, user, host, token, version string) error {
	k := post(Trust, argument{"recurse", "0"}, argument{"user", user}, argument{"clustermaster", host},
		argument{argPass, token}, argument{"version", version})
	k.page = true
	said, err := c.say(ctx, k)
	if err == nil && !strings.Contains(strings.ToLower(said), Established) {
		err = fmt.Errorf("%w: %s, and not that trust %s", ErrAnswer, firstWords([]byte(said)), Established)
	}
	return err
}

// Accounts asks how many accounts the server has; it is no panel, but DNSONLY,
// where it does not know of such a thing. (WHM API 1, listaccts: that DNSONLY
// servers do not have it is not documented, and the answer of their interface to
// functions that they do not have is.)
func (c *Client) Accounts(ctx context.Context) (n int, panel bool, err error) {
	text, err := c.text(ctx, call{method: http.MethodGet, path: listAccounts, args: []argument{{"api.version", "1"}, {"want", "user"}}}, maxZone)
	if err != nil {
		return 0, false, err
	}
	var said struct {
		Data     struct{ Acct []struct{} }
		Metadata struct {
			Result int
			Reason string
		}
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return 0, false, fmt.Errorf("%w: %s is no answer of WHM API 1", ErrAnswer, firstWords(text))
	}
	switch {
	case said.Metadata.Result == 1:
		return len(said.Data.Acct), true, nil
	case strings.Contains(strings.ToLower(said.Metadata.Reason), "unknown app"):
		return 0, false, nil
	}
	return 0, false, fmt.Errorf("%w: %s", ErrDenied, firstWords([]byte(said.Metadata.Reason)))
}

const listAccounts = "/json-api/listaccts"

func post(path string, args ...argument) call {
	return call{method: http.MethodPost, path: path, args: args}
}

func listOf(zones []string) string {
	var b strings.Builder
	for i, zone := range zones {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(WireZone(zone))
	}
	return b.String()
}

// say makes a call whose answer is for people.
func (c *Client) say(ctx context.Context, k call) (string, error) {
	text, err := c.text(ctx, k, maxWords)
	return strings.TrimSpace(string(text)), err
}

// text reads a whole answer.
func (c *Client) text(ctx context.Context, k call, most int64) (text []byte, err error) {
	err = c.do(ctx, k, func(in *bufio.Reader, _ bool) (err error) {
		text, err = io.ReadAll(io.LimitReader(in, most+1))
		if err == nil && int64(len(text)) > most {
			err = fmt.Errorf("%w: it is longer than %d octets", ErrAnswer, most)
		}
		return err
	})
	return text, err
}

// lines reads an answer line by line; empty lines are left out. The last one may
// be without an end, but not one at which the answer broke off.
func (c *Client) lines(ctx context.Context, k call, each func(line string) error) error {
	return c.do(ctx, k, func(in *bufio.Reader, _ bool) error {
		for {
			text, err := in.ReadSlice('\n')
			switch {
			case errors.Is(err, bufio.ErrBufferFull) || len(text) > maxLine:
				return fmt.Errorf("%w: a line of more than %d octets", ErrAnswer, maxLine)
			case err != nil && err != io.EOF:
				return err
			}
			if line := string(bytes.TrimSpace(text)); line != "" {
				if err := each(line); err != nil {
					return err
				}
			}
			if err == io.EOF {
				return nil
			}
		}
	})
}

// zones reads an answer of zones. One without any, and with something else, is none.
func (c *Client) zones(ctx context.Context, k call, each func(zone string, text []byte, err error) error) error {
	return c.do(ctx, k, func(in *bufio.Reader, whole bool) error {
		head := bytes.Clone(beginning(in))
		for form, some := NewForm(in, Large), false; ; {
			key, text, err := form.Next()
			switch {
			case err == io.EOF && !some && len(bytes.TrimSpace(head)) > 0:
				return fmt.Errorf("%w: %s has no zones in it", ErrAnswer, firstWords(head))
			case err == io.EOF:
				return nil
			case err != nil && !errors.Is(err, ErrPair):
				return fmt.Errorf("%w: %w", ErrAnswer, err)
			}
			zone, is := ZoneKey(key)
			if !is {
				continue
			}
			some = true
			if err == nil && form.last && !whole { // the documents have an ampersand after each
				text, err = nil, fmt.Errorf("%w: the answer may have broken off in it", ErrPair)
			}
			if err := each(zone, text, err); err != nil {
				return err
			}
		}
	})
}
