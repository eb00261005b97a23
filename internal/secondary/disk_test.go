package secondary

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Promise 7: what cannot be written is refused, and changes nothing.
func TestTheDiskIsFull(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"a change of the list is refused, and works when there is room again": kept(func(t *testing.T, w *world) {
			list := w.set.disk.list
			room := list.file
			full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer full.Close()
			list.file = full
			if added, err := w.set.Add("new.example.", at(primary1)); added || err == nil || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("adding: %v, %v", added, err)
			}
			if _, err := w.set.Change(com, at(primary2)); err == nil {
				t.Error("a change was accepted")
			}
			if _, err := w.set.Delete(com); err == nil {
				t.Error("a deletion was accepted")
			}
			w.serves("example.com. 5")
			if st, _ := w.set.Look(com); st.Primaries[0].Addr != primary1 {
				t.Errorf("the setup is %+v", st.Setup)
			}
			list.file = room
			w.add("new.example.", at(primary1))
			w.restart()
			w.serves("example.com. 5", "new.example. SERVFAIL")
		}),
		"contents that cannot be stored are served all the same": kept(func(t *testing.T, w *world) {
			file := w.files()[0]
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(file, 0o700); err != nil { // nothing can be written there
				t.Fatal(err)
			}
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			w.serves("example.com. 6")
			if !strings.Contains(w.log.String(), "cannot be stored") {
				t.Error("nobody was told")
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			w.has(primary1, contents(com, 7))
			w.set.Notified(com, primary1, testKey.Name, 7, true)
			w.serves("example.com. 7")
			w.restart()
			w.serves("example.com. 7")
		}),
	})
}

func TestTheListCanBeReadByPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := begin(t)
		setup := signed(primary1)
		setup.Label = "skein-0a.db"
		w.add(`a\.b.example.`, setup)
		if _, err := w.set.Delete(`a\.b.example.`); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(w.dir + "/" + listFile)
		const want = `{"id":1,"zone":"a\\.b.example.","label":"skein-0a.db","primaries":[{"addr":"192.0.2.1:53","key":"transfer.example"}]}
{"id":1,"gone":true}
`
		if err != nil || string(text) != want {
			t.Errorf("the list is\n%s(%v), want\n%s", text, err, want)
		}
	})
}

func TestTimers(t *testing.T) {
	t.Parallel()
	soa := func(refresh, retry, expire uint32) zone.SOA {
		return zone.SOA{Refresh: refresh, Retry: retry, Expire: expire}
	}
	const hour, day = time.Hour, 24 * time.Hour
	for situation, c := range map[string]struct{ got, want time.Duration }{
		"refresh as the SOA says, at most":    {refreshIn(soa(3600, 0, 0), 0), hour},
		"refresh a quarter earlier, at least": {refreshIn(soa(3600, 0, 0), 1), hour * 3 / 4},
		"refresh of zero":                     {refreshIn(soa(0, 0, 0), 0), minRefresh},
		"refresh of 136 years":                {refreshIn(soa(1<<32-1, 0, 0), 0), maxRefresh},
		"the first retry comes soon":          {retryIn(soa(3600, 600, 0), true, 1, 0), time.Second},
		"the fifth comes later":               {retryIn(soa(3600, 600, 0), true, 5, 0), 16 * time.Second},
		"the twelfth comes as the SOA says":   {retryIn(soa(3600, 600, 0), true, 12, 0), 600 * time.Second},
		"so does the thousandth":              {retryIn(soa(3600, 600, 0), true, 1000, 0), 600 * time.Second},
		"a zone that was never loaded":        {retryIn(soa(0, 0, 0), false, 1000, 0), unloadedMax},
		"retry of 136 years":                  {retryIn(soa(0, 1<<32-1, 0), true, 1000, 0), maxRetry},
		"expiry as the SOA says":              {expireIn(soa(3600, 600, 86400)), day},
		"expiry before the first retry":       {expireIn(soa(3600, 600, 60)), hour + 10*time.Minute},
		"expiry after 136 years":              {expireIn(soa(3600, 600, 1<<32-1)), maxExpire},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", situation, c.got, c.want)
		}
	}
}

// FuzzContents reads whatever a disk may make of a zone's file.
func FuzzContents(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		c, s, err := readContents(b, com)
		if err != nil {
			if !c.IsZero() || s.good {
				t.Fatal("something came of what cannot be read")
			}
			return
		}
		if s.base+s.increment > int64(len(b)) {
			t.Fatalf("%+v of %d octets", s, len(b))
		}
		again, _, err := readContents(b[:s.base+s.increment], com)
		if err != nil || !again.Equal(c) {
			t.Fatalf("the good part reads otherwise: %v", err)
		}
		d, _, err := openDisk(t.TempDir(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		if err := d.store(1, &stored{}, nil, c, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if loaded, s, at, err := d.load(1, com); err != nil || !s.good || !loaded.Equal(c) || !at.Equal(time.Unix(1, 0)) {
			t.Fatalf("it loads otherwise than it was stored: %v, %+v, %v", err, s, at)
		}
	})
}
