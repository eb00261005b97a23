package dnsadmin

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// pairs reads a form to its end: "key=value" each, "key!" for one that is not to be had.
func pairs(f *Form) (all []string, err error) {
	for {
		key, value, err := f.Next()
		switch {
		case err == io.EOF:
			return all, nil
		case errors.Is(err, ErrPair):
			all = append(all, key+"!")
		case err != nil:
			return all, err
		default:
			all = append(all, key+"="+string(value))
		}
	}
}

var tight = Limits{Key: 8, Value: 16, Pairs: 4, Body: 100}

func TestForm(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body string
		want []string
		err  error
	}{
		"nothing":                           {"", nil, nil},
		"two pairs":                         {"a=1&b=2", []string{"a=1", "b=2"}, nil},
		"an ampersand at the end":           {"a=1&b=2&", []string{"a=1", "b=2"}, nil},
		"ampersands alone":                  {"&&&", nil, nil},
		"a key without a value":             {"a&b=", []string{"a=", "b="}, nil},
		"a value with an equals sign":       {"a=b=c", []string{"a=b=c"}, nil},
		"a value without a key":             {"=b", []string{"=b"}, nil},
		"digits in both cases":              {"a=%2e%2E%0a", []string{"a=..\n"}, nil},
		"an encoded key":                    {"%61%3d=1", []string{"a==1"}, nil},
		"a plus":                            {"a=1+2%2B3", []string{"a=1 2+3"}, nil},
		"any octet":                         {"a=%00%ff\xfe", []string{"a=\x00\xff\xfe"}, nil},
		"one name twice":                    {"a=1&a=2", []string{"a=1", "a=2"}, nil},
		"gzip":                              {zipped("a=1&b=%32"), []string{"a=1", "b=2"}, nil},
		"a percent sign alone":              {"a=1%&b=2", []string{"a!", "b=2"}, nil},
		"one at the end":                    {"b=2&a=%4", []string{"b=2", "a!"}, nil},
		"one before letters":                {"a=%xy&b=2", []string{"a!", "b=2"}, nil},
		"one in a key":                      {"%=1&b=2", []string{"!", "b=2"}, nil},
		"a long value":                      {"a=12345678901234567&b=2", []string{"a!", "b=2"}, nil},
		"a value as long as may be":         {"a=1234567890123456&b=2", []string{"a=1234567890123456", "b=2"}, nil},
		"a long key":                        {"123456789=1&b=2", []string{"12345678!", "b=2"}, nil},
		"a long key at the end":             {"123456789", []string{"12345678!"}, nil},
		"more pairs than may be":            {"a&b&c&d&e", []string{"a=", "b=", "c=", "d="}, ErrTooMuch},
		"as long a body as may be":          {"a=1" + strings.Repeat("&", 97), []string{"a=1"}, nil},
		"a longer body":                     {"a=1" + strings.Repeat("&", 98), []string{"a=1"}, ErrTooMuch},
		"gzip of a longer body":             {zipped("a=1" + strings.Repeat("&", 5000)), []string{"a=1"}, ErrTooMuch},
		"gzip that ends early":              {zipped("a=1&b=2")[:15], []string{"a=1"}, io.ErrUnexpectedEOF},
		"what begins like gzip and is none": {"\x1f\x8b=1", nil, errors.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, body := range map[string]io.Reader{"at once": strings.NewReader(row.body), "octet by octet": iotest.OneByteReader(strings.NewReader(row.body))} {
				f := NewForm(body, tight)
				got, err := pairs(f)
				if !slices.Equal(got, row.want) || (err == nil) != (row.err == nil) || row.err != errors.ErrUnsupported && !errors.Is(err, row.err) {
					t.Errorf("%s: got %q, %v", how, got, err)
				}
				if _, _, again := f.Next(); err != nil && again != err || err == nil && again != io.EOF {
					t.Errorf("%s: after the end: %v", how, again)
				}
			}
		})
	}
}

func TestFormThatBreaksOff(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, body := range []string{"", "a", "a=1", "a=1&", "a=%2"} {
		_, err := pairs(NewForm(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)), tight))
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v", body, err)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/?zone=a&x=1", strings.NewReader("zone=b&y=2"))
	got, err := Values(r, Small)
	if want := (url.Values{"zone": {"a", "b"}, "x": {"1"}, "y": {"2"}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, r := range []string{"/?%=1", "/?" + strings.Repeat("a&", 65)} {
		if got, err := Values(httptest.NewRequest("GET", r, nil), Small); err == nil {
			t.Errorf("%s: %v", r, got)
		}
	}
}

// A body of many zones is read with the memory that one takes.
func TestFormStreams(t *testing.T) {
	t.Parallel()
	const zones, size = 50, 100_000
	in, out := io.Pipe()
	go func() {
		w := NewZoneWriter(out)
		text := bytes.Repeat([]byte("a"), size)
		for i := range zones {
			_ = w.Write(fmt.Sprintf("z%d.example", i), text)
		}
		out.CloseWithError(w.Flush())
	}()
	f := NewForm(in, Large)
	n := 0
	for {
		key, value, err := f.Next()
		if err == io.EOF {
			break
		}
		zone, is := ZoneKey(key)
		if err != nil || !is || zone != fmt.Sprintf("z%d.example", n) || len(value) != size {
			t.Fatalf("%q, %d octets, %v", key, len(value), err)
		}
		n++
	}
	if n != zones || cap(f.value) > 2*size {
		t.Errorf("%d zones, %d octets held", n, cap(f.value))
	}
}

// What is read is what a form's own words say, whatever they are; and reading ends.
func FuzzForm(f *testing.F) {
	text, err := os.ReadFile("testdata/captured.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f.Add([]byte(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:])))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		form, total := NewForm(bytes.NewReader(body), tight), 0
		for {
			key, value, err := form.Next()
			if err != nil && !errors.Is(err, ErrPair) {
				break
			}
			if total++; len(key) > tight.Key || len(value) > tight.Value || total > tight.Pairs {
				t.Fatalf("beyond the limits: %q=%q, the pair %d", key, value, total)
			}
		}
		if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			return
		}
		// What it takes as a whole, net/url takes for the same.
		got := map[string][]string{}
		whole := NewForm(bytes.NewReader(body), Limits{Key: len(body), Value: len(body), Pairs: len(body) + 1, Body: int64(len(body))})
		for {
			key, value, err := whole.Next()
			if errors.Is(err, ErrPair) {
				return
			}
			if err != nil {
				break
			}
			got[key] = append(got[key], string(value))
		}
		if want, err := url.ParseQuery(string(body)); err == nil && len(want)+len(got) > 0 && !reflect.DeepEqual(got, map[string][]string(want)) {
			t.Errorf("%q: %q, not %q", body, got, want)
		}
	})
}
