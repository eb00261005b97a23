// Package storetest is the suite that every store engine passes. Its tests
// are stories about store.Store; what is particular to an engine (its files,
// its statements, its durability) is tested with the engine.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Engine is one database of the engine under test.
type Engine struct {
	// Open opens it, and opens it again after Close, with all that was in it.
	Open func() (store.Store, error)
	// Snapshot keeps a copy of the closed database; restore puts it back, as
	// a backup would, behind the engine's back. The database is closed then too.
	Snapshot func() (restore func() error, err error)
}

// Run runs the suite. fresh makes a new, empty database that lasts as long as t.
func Run(t *testing.T, fresh func(t *testing.T) Engine) {
	tests := []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"CompareAndSet", compareAndSet},
		{"Promise7_ARefusedWriteHurtsNoOther", refusedAmongGood},
		{"Promise7_RefusedHalfWay", refusedHalfWay},
		{"Refusals", refusals},
		{"CancelledBeforeItsTurn", cancelled},
		{"Times", times},
		{"RepeatedChangeID", repeatedChangeID},
		{"FollowerMissesNothing", followerMissesNothing},
		{"CompactionWhilePaging", compactionWhilePaging},
		{"TombstonesAndFloor", tombstonesAndFloor},
		{"PurgeWhilePaging", purgeWhilePaging},
		{"PurgeOfMuch", purgeMuch},
		{"RewindBehindTheCursor", rewindBehindTheCursor},
		{"RewindAndAnotherHistory", rewindAndAnotherHistory},
		{"CursorsOfOthers", foreignCursors},
		{"Wake", wake},
		{"Versions", versions},
		{"AFarReaderTakesContents", farReader},
		{"Promise4_DeletedZonesAreKept", deletedZones},
		{"Promise4_DeletedZonesAreFound", findDeleted},
		{"WhatWasPublishedThen", zoneAt},
		{"ARevivedZoneHasItsStamps", revived},
		{"HistoryAndAudit", historyAndAudit},
		{"Audit", audit},
		{"FollowTheAuditLog", followAudit},
		{"AuditDetails", auditDetails},
		{"AChangeIsFoundByItsID", changeByID},
		{"Promise2_SerialNeverGoesBack", serialFloor},
		{"Stamps", stamps},
		{"StampsCommitWithTheContents", stampsAllOrNothing},
		{"StampsOfASource", stampsOfASource},
		{"ATakeoverIsOneWrite", takeover},
		{"TheOriginOfANameIsRemembered", originOfAName},
		{"ListByOwner", listByOwner},
		{"AHandOverIsOneWrite", handOver},
		{"ThePoolOfANameIsRemembered", poolOfAName},
		{"Holdings", holdings},
		{"AnEmptyDeltaKeepsTheSerial", emptyDelta},
		{"Tallies", tallies},
		{"DeletionsAreCounted", deletions},
		{"ChangesOfASource", changesBySource},
		{"Waiting", waitingRows},
		{"ReleasedInTheSameTransaction", waitingReleased},
		{"WaitingIsBounded", waitingIsBounded},
		{"Sources", sources},
		{"Rules", rules},
		{"TransferZones", transferZones},
		{"ManyTransferZones", manyTransferZones},
		{"CaseIsKept", caseIsKept},
		{"List", list},
		{"LargeZone", largeZone},
		{"HugeRRset", hugeRRset},
		{"EmptyZone", emptyZone},
		{"Texts", texts},
		{"Import", imports},
		{"ImportStopsAtTheFirstError", importStops},
		{"Members", members},
		{"Tokens", tokens},
		{"TokensOfUsers", tokensOfUsers},
		{"Values", values},
		{"Tenants", tenants},
		{"Users", users},
		{"Sessions", sessions},
		{"Templates", templates},
		{"ReadersAtOnce", readersAtOnce},
		{"Closed", closed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, engine: fresh(t)}
			w.open()
			test.run(t, w)
		})
	}
	t.Run("Model", func(t *testing.T) {
		t.Parallel()
		model(t, fresh)
	})
}

// world is a store in a test, with words to tell stories in.
type world struct {
	store.Store
	t      *testing.T
	engine Engine
}

func (w *world) open() {
	w.t.Helper()
	s, err := w.engine.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	w.Store = s
	w.t.Cleanup(func() { s.Close() })
}

func (w *world) reopen() {
	w.t.Helper()
	w.must(w.Close())
	w.open()
}

func (w *world) ctx() context.Context { return w.t.Context() }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// start is the time of all changes, unless a story needs another.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func change(action string) skein.Change {
	return skein.Change{At: start, Action: action, Actor: skein.Actor{Name: "anna", Door: "cli", Source: "panel"}}
}

// creation is the write that makes a zone with SOA, NS and sets.
func creation(name zone.Name, serial uint32, sets ...zone.RRset) store.Write {
	return store.Write{
		Change: change("zone.create"), Serial: serial,
		Zone:  skein.Zone{Name: name, Origin: "panel", Pool: "default", Owner: "root", Policy: zone.SerialUnix},
		Delta: zone.Delta{Add: append([]zone.RRset{soa(name, serial), ns(name)}, sets...)},
	}
}

// edit is the write that leads z on by one serial.
func edit(z skein.Zone, d zone.Delta) store.Write {
	return store.Write{Change: change("record.set"), Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial + 1, Delta: d}
}

func add(sets ...zone.RRset) zone.Delta    { return zone.Delta{Add: sets} }
func remove(sets ...zone.RRset) zone.Delta { return zone.Delta{Del: sets} }

func deletion(z skein.Zone) store.Write {
	return store.Write{Change: change("zone.delete"), Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial, Delete: true}
}

// commit makes a write that must succeed and returns the zone's new head.
func (w *world) commit(write store.Write) skein.Zone {
	w.t.Helper()
	c, err := w.Commit(w.ctx(), write)
	w.must(err)
	if c.Repeated {
		w.t.Fatalf("%s of %s counts as repeated", write.Change.Action, write.Zone.Name)
	}
	return c.Zone
}

// refused makes a write that must fail with this kind and cause (nil: any).
func (w *world) refused(write store.Write, kind skein.Kind, cause error) {
	w.t.Helper()
	_, err := w.Commit(w.ctx(), write)
	wantError(w.t, err, kind, cause)
}

func wantError(t *testing.T, err error, kind skein.Kind, cause error) {
	t.Helper()
	if skein.KindOf(err) != kind || cause != nil && !errors.Is(err, cause) {
		t.Errorf("error %v (%s); want %s, %v", err, skein.KindOf(err), kind, cause)
	}
}

// holds compares a zone's contents with lines of zone text, SOA and NS apart.
func (w *world) holds(z skein.Zone, lines ...string) {
	w.t.Helper()
	c, at, err := w.Contents(w.ctx(), z.ID)
	w.must(err)
	if at != z.Revision {
		w.t.Errorf("contents of %s are of revision %d, want %d", z.Name, at, z.Revision)
	}
	wantLines(w.t, c, lines...)
}

func wantLines(t *testing.T, c zone.Contents, want ...string) {
	t.Helper()
	var got []string
	for set := range c.All() {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS {
			got = append(got, lines(set)...)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds\n\t%s\nwant\n\t%s", c.Origin(), strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// lines prints a set as zone text, a line a record, TTLs left out.
func lines(set zone.RRset) (out []string) {
	for _, d := range set.Data {
		out = append(out, fmt.Sprintf("%s %s %s", set.Name, set.Type, d.Text(set.Type)))
	}
	return out
}

func soa(name zone.Name, serial uint32) zone.RRset {
	data := zone.SOA{MName: "ns1.example.net.", RName: "hostmaster.example.net.", Serial: serial, Refresh: 7200, Retry: 900, Expire: 1209600, Minimum: 300}
	return zone.RRset{Name: name, Type: zone.TypeSOA, TTL: 3600, Data: []zone.Rdata{data.Rdata()}}
}

func ns(name zone.Name) zone.RRset {
	target := zone.Name("ns1.example.net.")
	return zone.RRset{Name: name, Type: zone.TypeNS, TTL: 3600, Data: []zone.Rdata{zone.Rdata(target.AppendWire(nil))}}
}

func a(name zone.Name, addrs ...string) zone.RRset {
	set := zone.RRset{Name: name, Type: zone.TypeA, TTL: 300}
	for _, s := range addrs {
		b := netip.MustParseAddr(s).As4()
		set.Data = append(set.Data, zone.Rdata(b[:]))
	}
	return set
}

func txt(name zone.Name, text string) zone.RRset {
	return zone.RRset{Name: name, Type: zone.TypeTXT, TTL: 300, Data: []zone.Rdata{zone.Rdata([]byte{byte(len(text))}) + zone.Rdata(text)}}
}

// follow reads all entries after a cursor, in pages, and returns the cursor behind them.
func (w *world) follow(from store.Cursor, page int) ([]store.Entry, store.Cursor) {
	w.t.Helper()
	var all []store.Entry
	for {
		entries, next, err := w.Entries(w.ctx(), from, page)
		w.must(err)
		all, from = append(all, entries...), next
		if len(entries) < page {
			return all, from
		}
	}
}

// names prints entries shortly: "a.example. 3" or "a.example. 3 deleted".
func names(entries []store.Entry) (out []string) {
	for _, e := range entries {
		s := fmt.Sprintf("%s %d", e.Zone.Name, e.Revision)
		if e.Zone.Deleted {
			s += " deleted"
		}
		out = append(out, s)
	}
	return out
}

func wantNames(t *testing.T, entries []store.Entry, want ...string) {
	t.Helper()
	if got := names(entries); !slices.Equal(got, want) {
		t.Errorf("the feed has %q, want %q", got, want)
	}
}
