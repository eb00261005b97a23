package stream

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// names reads the list at /views/inside/zones.
func names(r *Reader) (list []string, err error) {
	err = r.Field("views", func() error {
		return r.Field("inside", func() error {
			return r.Field("zones", func() error {
				return r.Elements(func() error {
					var z struct{ Name string }
					err := r.Value(&z)
					list = append(list, z.Name)
					return err
				})
			})
		})
	})
	return list, err
}

func TestOneListOfAnAnswerIsRead(t *testing.T) {
	t.Parallel()
	const fits = 200
	for name, c := range map[string]struct {
		text string
		want []string
		err  error
	}{
		"it alone":                     {`{"views":{"inside":{"zones":[{"name":"a"},{"name":"b"}]}}}`, []string{"a", "b"}, nil},
		"other things before it":       {`{"x":[1,{"y":[[]]}],"views":{"outside":{"zones":[{"name":"o"}]},"inside":{"z":null,"zones":[{"name":"a"}]}},"z":{}}`, []string{"a"}, nil},
		"an empty list":                {`{"views":{"inside":{"zones":[]}}}`, nil, nil},
		"none":                         {`{"views":{"inside":{}}}`, nil, nil},
		"much that is left out":        {`{"x":[` + strings.Repeat(`"0123456789",`, 1000) + `0],"views":{"inside":{"zones":[{"name":"a"}]}}}`, []string{"a"}, nil},
		"many elements":                {`{"views":{"inside":{"zones":[` + strings.Repeat(`{"name":"a"},`, 999) + `{"name":"a"}]}}}`, slices.Repeat([]string{"a"}, 1000), nil},
		"another thing in its place":   {`{"views":{"inside":{"zones":{}}}}`, nil, ErrShape},
		"a large element":              {`{"views":{"inside":{"zones":[{"name":"` + strings.Repeat("a", 2*fits) + `"}]}}}`, []string{""}, ErrShape},
		"a large element is left out":  {`{"x":"` + strings.Repeat("a", 2*fits) + `"}`, nil, ErrShape},
		"nothing but white space":      {`{"views":{"inside":{"zones":[{"name":"a"}` + strings.Repeat(" ", 4*fits) + `]}}}`, []string{"a"}, ErrShape},
		"it breaks off":                {`{"views":{"inside":{"zones":[{"name":"a"},`, []string{"a", ""}, io.EOF},
		"it breaks off within another": {`{"x":[1,2`, nil, io.EOF},
	} {
		got, err := names(New(strings.NewReader(c.text), fits))
		if !slices.Equal(got, c.want) || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %.80q, %v", name, got, err)
		}
	}
}

// A list of any length takes no more memory than an element of it.
func TestMemoryIsThatOfOneElement(t *testing.T) {
	element := `{"name":"example.com","serial":2026010101},`
	r := New(strings.NewReader(`{"views":{"inside":{"zones":[`+strings.Repeat(element, 100_000)+`{}]}}}`), 1000)
	most := 0
	err := r.Field("views", func() error {
		return r.Field("inside", func() error {
			return r.Field("zones", func() error {
				return r.Elements(func() error {
					if buffered, is := r.json.Buffered().(interface{ Len() int }); is {
						most = max(most, buffered.Len())
					}
					var z struct{ Name string }
					return r.Value(&z)
				})
			})
		})
	})
	if err != nil || most == 0 || most > 4000 {
		t.Errorf("%d octets, %v", most, err)
	}
}
