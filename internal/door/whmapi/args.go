package whmapi

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

// limits bound a call: an edit of a few thousand lines.
var limits = dnsadmin.Limits{Key: 256, Value: 1 << 20, Pairs: 20_000, Body: 16 << 20}

// args are the arguments of a call, from its query and its body together: a
// body is read whatever its content type says, since cPanel's own client sends
// application/octet-stream.
type args struct{ values url.Values }

func readArgs(r *http.Request) (args, error) {
	values, err := dnsadmin.Values(r, limits)
	return args{values}, err
}

// get returns the first of these arguments that is given and not empty.
func (a args) get(names ...string) string {
	for _, name := range names {
		if v := a.values.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// list returns an argument that may be given many times: under its name, or
// under name-0, name-1, …, in the order of their numbers.
func (a args) list(name string) []string {
	type numbered struct {
		n      int
		values []string
	}
	var more []numbered
	for key, values := range a.values {
		if digits, ok := strings.CutPrefix(key, name+"-"); ok {
			if n, err := strconv.Atoi(digits); err == nil && n >= 0 {
				more = append(more, numbered{n, values})
			}
		}
	}
	slices.SortFunc(more, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	all := slices.Clone(a.values[name])
	for _, m := range more {
		all = append(all, m.values...)
	}
	return all
}

// names returns the names of the arguments, as they may be logged: values may
// be secrets, and names are anybody's.
func (a args) names() []string {
	list := slices.Sorted(maps.Keys(a.values))
	list = list[:min(len(list), 50)]
	for i, name := range list {
		list[i] = clip(name)
	}
	return list
}

// zone returns the zone that a call is about.
func (a args) zone(names ...string) (zone.Name, error) {
	text := a.get(names...)
	if text == "" {
		return "", refuse("the argument %q is missing", names[0])
	}
	return zoneName(text)
}

func zoneName(text string) (zone.Name, error) {
	name, err := zone.ParseName(dnsadmin.CleanZone(text))
	if err == nil && name == zone.Root {
		err = errors.New("it is the root")
	}
	if err != nil {
		return "", refuse("%.300q is not the name of a zone: %v", text, err)
	}
	return name, nil
}

// number reads an argument; ok is false if it is not given.
func (a args) number(name string, most uint64) (n uint64, ok bool, err error) {
	text := a.get(name)
	if text == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseUint(text, 10, 64)
	if err != nil || n > most {
		return 0, false, refuse("the argument %q is %.40q, and not a number up to %d", name, text, most)
	}
	return n, true, nil
}

func (a args) addr(name string) (addr netip.Addr, err error) {
	if text := a.get(name); text != "" {
		if addr, err = netip.ParseAddr(text); err != nil || addr.Zone() != "" {
			return addr, refuse("the argument %q is %.100q, and not an IP address", name, text)
		}
	}
	return addr, nil
}

// plain is a name as cPanel writes it: without the final dot.
func plain(name zone.Name) string {
	if name == zone.Root {
		return "."
	}
	return strings.TrimSuffix(string(name), ".")
}
