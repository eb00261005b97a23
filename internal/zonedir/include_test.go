package zonedir_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/zonedir"
	"github.com/skein-dns/skein/zone"
)

// Files include others of the folder, and of nowhere else.
func TestIncludesStayInTheFolder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outside := prepare(t, map[string]string{"secret": "secret A 192.0.2.66\n"})
		f := prepare(t, map[string]string{
			"beside.example.zone":    text(1) + "$INCLUDE hosts\n",
			"below.example.zone":     text(2) + "$INCLUDE sub/hosts\n",
			"link.example.zone":      text(4) + "$INCLUDE link\n",
			"above.example.zone":     text(5) + "$INCLUDE ../secret\n",
			"escapes.example.zone":   text(6) + "$INCLUDE escapes\n",
			"elsewhere.example.zone": text(7) + "$INCLUDE " + outside.file("secret") + "\n",
			"pipe.example.zone":      text(8) + "$INCLUDE pipe\n",
			"nowhere.example.zone":   text(9) + "$INCLUDE nowhere\n",
			"hosts":                  "included A 192.0.2.7\n",
		})
		f.write("absolute.example.zone", text(3)+"$INCLUDE "+f.file("hosts")+"\n")
		f.must(os.Mkdir(f.file("sub"), 0o700))
		f.write("sub/hosts", "included A 192.0.2.7\n")
		f.must(os.Symlink("hosts", f.file("link")))
		f.must(os.Symlink(outside.file("secret"), f.file("escapes")))
		f.must(syscall.Mkfifo(f.file("pipe"), 0o600))
		f.run(func(string) (<-chan zonedir.Event, func(), error) { return f.events, func() {}, nil })
		pause()
		f.serves("above.example. SERVFAIL", "absolute.example. 3", "below.example. 2", "beside.example. 1", "elsewhere.example. SERVFAIL",
			"escapes.example. SERVFAIL", "link.example. 4", "nowhere.example. SERVFAIL", "pipe.example. SERVFAIL")
		for _, name := range []zone.Name{"beside.example.", "below.example.", "absolute.example.", "link.example."} {
			if _, ok := f.served.zones[name].Get("included."+name, zone.TypeA); !ok {
				t.Errorf("%s has not what it includes", name)
			}
		}
		if strings.Contains(f.log.String(), "192.0.2.66") {
			t.Error("the log tells what is elsewhere")
		}
	})
}

// A zone follows the files that it includes, also one that comes later, at the
// slow look and at SIGHUP.
func TestIncludesChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := open(t, map[string]string{"a.example.zone": "$INCLUDE soa\n$INCLUDE hosts\n", "soa": text(1)})
		pause()
		f.serves("a.example. SERVFAIL")
		f.write("hosts", "x A 192.0.2.1\n")
		f.dir.Reload()
		pause()
		f.serves("a.example. 1")
		f.write("soa", text(2))
		f.dir.Reload()
		pause()
		f.serves("a.example. 2")
		f.write("soa", text(3)+"y A 192.0.2.1\n")
		time.Sleep(time.Minute) // the slow look
		synctest.Wait()
		f.serves("a.example. 3")
		f.must(os.Remove(f.file("hosts")))
		f.dir.Reload()
		pause()
		f.serves("a.example. 3") // what was read before stays
		if _, broken := f.dir.Report(); len(broken) != 1 || !strings.Contains(broken[0], `a.example.zone:2: $INCLUDE "hosts"`) {
			t.Errorf("broken are %q", broken)
		}
	})
}
