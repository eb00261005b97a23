package daemon

import (
	"testing"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// An expired zone stays out of service whatever the feed brings, until a
// primary has spoken.
func TestServiceOfExpiredZones(t *testing.T) {
	t.Parallel()
	server := nameserver.New(nameserver.Options{})
	s := newService(server)
	version := func(serial uint32) zone.Contents {
		c := selfTestZone()
		return c.WithSerial(serial)
	}
	serves := func(want uint32) {
		t.Helper()
		if serial, _ := server.Serial(selfTest); serial != want {
			t.Errorf("serial %d is served, want %d (0: SERVFAIL)", serial, want)
		}
	}
	s.Expire(selfTest) // before it is loaded
	s.Put(version(1))
	serves(0)
	s.Put(version(2)) // such as an overlay that somebody put in meanwhile
	serves(0)
	s.Revive(selfTest)
	serves(2)
	s.Put(version(3))
	serves(3)
	s.Expire(selfTest)
	serves(0)
	s.Drop(selfTest)
	s.Revive(selfTest)
	if _, served := server.Current(selfTest); served {
		t.Error("a zone that was deleted is back")
	}
}

// Keys of sources check NOTIFYs, and transfer nothing.
func TestKeysOfSources(t *testing.T) {
	t.Parallel()
	a, into := newAccess(), &accessOnly{}
	a.attach(into)
	key := nameserver.Key{Name: "xfr", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}
	a.know("ns-old", []nameserver.Key{key})
	if len(into.last.Keys) != 1 || into.last.Keys[0] != key || len(into.last.TransferKeys) != 0 {
		t.Errorf("the nameserver was told %+v", into.last)
	}
	a.know("ns-old", nil)
	if len(into.last.Keys) != 0 {
		t.Errorf("the nameserver was told %+v", into.last)
	}
}

// accessOnly is a nameserver that is told of keys alone.
type accessOnly struct {
	nameserver.Updater
	last nameserver.Access
}

func (a *accessOnly) SetAccess(to nameserver.Access) { a.last = to }
