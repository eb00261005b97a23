package image

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// written writes an image of so many zones, and returns its path.
func written(t *testing.T, zones int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	err := Write(path, []byte("head"), zones, func(w *Writer) error {
		for i := range zones {
			octets := func(to []byte) ([]byte, bool) { return append(to, bytes.Repeat([]byte{byte(i)}, 1000)...), true }
			if kept, err := w.Add(fmt.Append(nil, i), octets); err != nil || !kept {
				t.Errorf("zone %d: kept %v, %v", i, kept, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the keys of what is in an image, in order.
func read(t *testing.T, path string) (keys []string, err error) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if string(r.Head()) != "head" || r.Records() < 1 {
		t.Errorf("the head is %q, of %d records", r.Head(), r.Records())
	}
	var mu sync.Mutex
	err = r.Each(4, func(records []Record) {
		mu.Lock()
		defer mu.Unlock()
		for _, z := range records {
			keys = append(keys, string(z.Key))
			var i byte
			fmt.Sscan(string(z.Key), &i)
			if !bytes.Equal(z.Zone, bytes.Repeat([]byte{i}, 1000)) {
				t.Errorf("zone %s is another", z.Key)
			}
		}
	})
	slices.Sort(keys)
	return keys, err
}

// What was written is read; whatever happened to the file, nothing else is.
func TestAnImageIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	const zones = 250 // in two chunks
	change := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 1; return b }
	}
	for name, row := range map[string]struct {
		happened func([]byte) []byte
		err      error
	}{
		"nothing":                      {func(b []byte) []byte { return b }, nil},
		"other magic":                  {change(0), errOther},
		"another program":              {change(len(magic)), errOther},
		"the head is another":          {change(len(magic) + 32 + chunkHead), errDamaged},
		"a chunk is another":           {change(-chunkHead - 1), errDamaged},
		"the size of a chunk":          {change(len(magic) + 32 + chunkHead + 4), errDamaged},
		"the end says another count":   {change(-1), errDamaged},
		"the end is missing":           {func(b []byte) []byte { return b[:len(b)-chunkHead] }, errDamaged},
		"it was cut off":               {func(b []byte) []byte { return b[:len(b)/2] }, errDamaged},
		"zeroes from a place on":       {func(b []byte) []byte { clear(b[len(b)/2:]); return b }, errDamaged},
		"a chunk was written as zeros": {func(b []byte) []byte { return append(b[:len(b)-chunkHead], make([]byte, 4096)...) }, errDamaged},
		"nothing is left":              {func([]byte) []byte { return nil }, errOther},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := written(t, zones)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, row.happened(b), 0o600); err != nil {
				t.Fatal(err)
			}
			keys, err := read(t, path)
			if !errors.Is(err, row.err) {
				t.Errorf("it is %v, want %v", err, row.err)
			}
			if row.err == nil && len(keys) != zones {
				t.Errorf("%d zones came, %d were written", len(keys), zones)
			}
		})
	}
}

// What fails half way leaves the one before, and nothing beside it.
func TestAnImageIsWrittenWhole(t *testing.T) {
	t.Parallel()
	path := written(t, 3)
	failed := errors.New("failed")
	err := Write(path, nil, 1, func(w *Writer) error {
		_, _ = w.Add([]byte("other"), func(to []byte) ([]byte, bool) { return to, true })
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("it ended with %v", err)
	}
	if keys, err := read(t, path); err != nil || !slices.Equal(keys, []string{"0", "1", "2"}) {
		t.Errorf("there is %q, %v", keys, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("left are %v", files)
	}
}

// A zone that cannot be kept leaves its place to the next.
func TestWhatCannotBeKeptIsLeftOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "image")
	err := Write(path, []byte("head"), 1, func(w *Writer) error {
		for key, octets := range map[string]func([]byte) ([]byte, bool){
			"broken": func(to []byte) ([]byte, bool) { return append(to, 7), false },
			"large":  func(to []byte) ([]byte, bool) { return append(to, make([]byte, chunkMax)...), true },
		} {
			if kept, err := w.Add([]byte(key), octets); kept || err != nil {
				t.Errorf("%s: kept %v, %v", key, kept, err)
			}
		}
		_, err := w.Add([]byte("0"), func(to []byte) ([]byte, bool) { return append(to, make([]byte, 1000)...), true })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := read(t, path); err != nil || !slices.Equal(keys, []string{"0"}) {
		t.Errorf("there is %q, %v", keys, err)
	}
}

// Whatever stands in a chunk, what is read of it is records as they were written.
func FuzzChunk(f *testing.F) {
	two, _ := appendRecord(nil, []byte("a"), func(to []byte) ([]byte, bool) { return append(to, "octets"...), true })
	two, _ = appendRecord(two, nil, func(to []byte) ([]byte, bool) { return to, true })
	f.Add(two)
	f.Add(two[:len(two)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		var again []byte
		rest, ok := b, true
		for ok && len(rest) > 0 {
			var r Record
			if r, rest, ok = cutRecord(rest); ok {
				again, _ = appendRecord(again, r.Key, func(to []byte) ([]byte, bool) { return append(to, r.Zone...), true })
			}
		}
		if !bytes.HasPrefix(b, again) || ok && len(again) != len(b) {
			t.Errorf("%q was read, and is written as %q", b, again)
		}
	})
}
