package reconcile

import (
	"context"
	"fmt"
	"time"
)

// How often a member that the threshold disabled is tried.
const (
	firstProof = 30 * time.Second
	longProof  = 5 * time.Minute
	proofTime  = time.Minute // for one
)

func (w *worker) proveLater(now time.Time) {
	w.knockAt = now.Add(backoff(firstProof, longProof, w.proofs, w.loop.cfg.Rand()))
	w.proofs++
}

// prove finds out whether a member that the threshold disabled is fit again. A
// sign of life is not enough: what refuses commands, or answers no questions,
// would be back for as long as it takes to fail so often again. So it is
// tested as a new one is.
func (w *worker) prove(ctx context.Context) {
	began := w.now()
	test, cancel := context.WithTimeout(ctx, proofTime)
	defer cancel()
	version, err := w.driver.Status(test)
	took := w.now().Sub(began)
	if err == nil {
		for _, c := range w.driver.Test(test, w.loop.cfg.SelfTest) {
			if !c.OK && !c.Warn {
				err = fmt.Errorf("its test %s failed: %s", c.Name, c.Text)
				break
			}
		}
	}
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.proveLater(now)
	if err != nil {
		w.failing(err, now)
		return
	}
	w.version, w.latency, w.lastSeen = version, took, now
	name := w.member.Name
	w.loop.news.call(func() { w.loop.cfg.Recovered(name) })
}
