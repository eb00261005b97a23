package image

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// An image is written once a part of the zones changed, not more often than is
// good, and at the end whenever it is worth it.
func TestWhenAnImageIsWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var k Keeper
		const zones = 100
		k.Begun()
		var written atomic.Int32
		step := func(changes int, last bool) int32 {
			t.Helper()
			for range changes {
				k.Changed()
			}
			if k.Due(zones, last) {
				k.Keep(func() { time.Sleep(2 * time.Second); written.Add(1) }, last)
			}
			return written.Load()
		}
		if step(3, false) != 0 {
			t.Error("it was written for less than a thirty-second part")
		}
		step(1, false)
		if step(50, false) != 0 {
			t.Error("it does not take the time that it takes")
		}
		time.Sleep(3 * time.Second)
		if step(0, false) != 1 {
			t.Errorf("it was written %d times", written.Load())
		}
		time.Sleep(100 * time.Second)
		if step(0, false) != 1 {
			t.Error("writing it takes more than a hundredth of the time")
		}
		time.Sleep(200 * time.Second)
		step(0, false)
		if step(50, true) != 3 { // the one that was under way, and the last
			t.Errorf("at the end %d were written", written.Load())
		}
		if step(3, true) != 3 {
			t.Error("the last one was written for little")
		}
		time.Sleep(25 * time.Hour)
		if step(0, true) != 4 {
			t.Error("after a day it was not written for little")
		}
		time.Sleep(25 * time.Hour)
		if step(0, true) != 4 {
			t.Error("it was written for nothing")
		}
	})
}
