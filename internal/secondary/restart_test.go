package secondary

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"it is served no more, and its file is gone": kept(func(t *testing.T, w *world) {
			if known, err := w.set.Delete("EXAMPLE.com."); !known || err != nil {
				t.Fatal(known, err)
			}
			w.serves()
			if files := w.files(); len(files) != 0 {
				t.Errorf("there is still %q", files)
			}
			after(2 * time.Hour)
			w.asked(primary1, 0, "")
			if known, err := w.set.Delete(com); known || err != nil {
				t.Error(known, err)
			}
			w.restart()
			w.serves()
		}),
		"during its transfer": func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.takes = time.Minute })
			w.has(primary1, contents(com, 1))
			w.add(com, at(primary1))
			after(time.Second)
			if known, err := w.set.Delete(com); !known || err != nil {
				t.Fatal(known, err)
			}
			after(2 * time.Minute)
			w.serves()
			if files := w.files(); len(files) != 0 {
				t.Errorf("there is %q", files)
			}
		},
		"and made again: nothing of the old one comes back": kept(func(t *testing.T, w *world) {
			if _, err := w.set.Delete(com); err != nil {
				t.Fatal(err)
			}
			w.on(primary1, func(s *server) { s.err = errRefused })
			w.add(com, at(primary1))
			w.serves("example.com. SERVFAIL")
			w.restart()
			w.serves("example.com. SERVFAIL")
		}),
	})
}

// files is every file of contents.
func (w *world) files() []string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, contentsFolder, "*", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

func TestRestart(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"answers at once, with the primaries away": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			w.serves("example.com. 6")
			w.all(func(s *server) { s.err = errAway })
			w.restart()
			w.serves("example.com. 6")
			if !w.ready {
				t.Error("it does not say so")
			}
			if st, known := w.set.Look(com); !known || !st.Served() || st.SOA.Serial != 6 || st.Names != 2 || len(st.Primaries) != 2 || st.Primaries[0].Key != testKey.Name {
				t.Errorf("the state is %+v", st)
			}
		}),
		"has what came right before it was killed": func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 5))
			w.add(com, at(primary1))
			synctest.Wait()
			w.serves("example.com. 5")
			if files := w.files(); len(files) != 1 {
				t.Errorf("there is %q", files)
			}
		},
		"finds what changed meanwhile": kept(func(t *testing.T, w *world) {
			w.stop()
			w.has(primary1, contents(com, 6))
			w.start(nil)
			after(time.Second)
			w.serves("example.com. 6")
		}),
		"after ten thousand differences": kept(func(t *testing.T, w *world) {
			for serial := range uint32(3000) {
				w.has(primary1, contents(com, 6+serial))
				w.set.Notified(com, primary1, testKey.Name, 6+serial, true)
				synctest.Wait()
			}
			w.serves("example.com. 3005")
			info, err := os.Stat(w.files()[0])
			if err != nil || info.Size() > 3*minIncrement {
				t.Errorf("the file has %d octets (%v)", info.Size(), err)
			}
			w.restart()
			w.serves("example.com. 3005")
		}),
		"with a zone whose difference was not written to its end": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			w.serves("example.com. 6")
			w.stop()
			file := w.files()[0]
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(file, info.Size()-1); err != nil {
				t.Fatal(err)
			}
			w.on(primary1, func(s *server) { s.err = errAway })
			w.start(nil)
			w.serves("example.com. 5")
			w.on(primary1, func(s *server) { s.err = nil }) // and what comes then is stored after what is good
			w.set.Refresh(com, false)
			w.serves("example.com. 6")
			w.restart()
			w.serves("example.com. 6")
		}),
		"with a zone whose file is damaged": kept(func(t *testing.T, w *world) {
			w.stop()
			if err := os.WriteFile(w.files()[0], []byte("garbage"), 0o600); err != nil {
				t.Fatal(err)
			}
			w.on(primary1, func(s *server) { s.err = errAway })
			w.on(primary2, func(s *server) { s.err = errAway })
			w.start(nil)
			w.serves("example.com. SERVFAIL")
			w.on(primary1, func(s *server) { s.err = nil })
			w.set.Refresh(com, false)
			w.serves("example.com. 5")
			w.restart()
			w.serves("example.com. 5")
		}),
		"with a list whose last line was not written to its end": kept(func(t *testing.T, w *world) {
			w.stop()
			w.append(listFile, `{"id":2,"zone":"half.exam`)
			w.start(nil)
			w.serves("example.com. 5")
			w.add("new.example.", at(primary1))
			w.restart()
			w.serves("example.com. 5", "new.example. SERVFAIL")
		}),
		"with a list that has a damaged line": kept(func(t *testing.T, w *world) {
			w.stop()
			w.append(listFile, "\x00\x00\x00\n")
			w.start(nil)
			w.serves("example.com. 5")
			if !strings.Contains(w.log.String(), "line=2") {
				t.Error("nobody was told")
			}
		}),
		"sweeps away what belongs to nobody": kept(func(t *testing.T, w *world) {
			w.stop()
			for _, name := range []string{"99", "1.new", "other"} {
				if err := os.WriteFile(filepath.Join(w.dir, contentsFolder, "01", name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w.start(nil)
			if files := w.files(); len(files) != 1 {
				t.Errorf("there is %q", files)
			}
			w.serves("example.com. 5")
		}),
		"with a list that was changed many times": kept(func(t *testing.T, w *world) {
			w.stop()
			w.append(listFile, strings.Repeat(`{"id":1,"zone":"example.com.","primaries":[{"addr":"192.0.2.9:53"}]}`+"\n", 2*spareLines))
			w.start(nil)
			if _, err := w.set.Change(com, signed(primary1)); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(w.dir, listFile))
			if lines := strings.Count(string(text), "\n"); err != nil || lines != 2 {
				t.Errorf("the list has %d lines (%v)", lines, err)
			}
			w.restart()
			if st, _ := w.set.Look(com); st.Primaries[0].Key != testKey.Name || len(st.Primaries) != 1 {
				t.Errorf("the setup is %+v", st.Setup)
			}
		}),
	})
}

func (w *world) append(name, text string) {
	w.t.Helper()
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		w.t.Fatal(err)
	}
}
