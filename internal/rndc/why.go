package rndc

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// Cause is why a server closes connections without a word.
type Cause string

// The causes, as far as they can be told apart from outside.
const (
	CauseUnknown Cause = ""
	CauseAddress Cause = "address" // our address is not in its allow list, or it is no named
	CauseClock   Cause = "clock"   // the clocks differ by more than it allows
	CauseKey     Cause = "key"     // secret or algorithm; or a server of another protocol that hears one out
)

// Why finds out what is behind ErrRejected. It asks the server several times:
//
//   - One that closes the connection before it was told anything looks at
//     addresses. named closes so; with a wrong key or clock it waits for a message.
//   - One that answers to another time of day has another clock, and says which:
//     by how much it is ahead of ours is returned. Near times are tried, and whole
//     hours, which a wrong time zone makes.
//   - What is left is the key.
//
// First messages are never carried out, so the tries change nothing.
func Why(ctx context.Context, addr netip.AddrPort, key Key, opts Options) (cause Cause, ahead time.Duration) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Connect == 0 {
		opts.Connect = 5 * time.Second
	}
	closes, err := closesUnasked(ctx, addr, opts)
	if err != nil {
		return CauseUnknown, 0
	}
	if closes {
		return CauseAddress, 0
	}
	for _, shift := range clockShifts() {
		shifted := opts
		shifted.Now = func() time.Time { return opts.Now().Add(shift) }
		conn, err := Dial(ctx, addr, key, shifted)
		if err == nil {
			conn.Close()
			return CauseClock, conn.clock.Sub(opts.Now()).Round(time.Second)
		}
		if !errors.Is(err, ErrRejected) {
			return CauseUnknown, 0
		}
	}
	return CauseKey, 0
}

// unaskedWait is long for a server that closes at sight, and short for a person.
const unaskedWait = time.Second

// closesUnasked reports whether the server ends a connection at which nothing was said.
func closesUnasked(ctx context.Context, addr netip.AddrPort, opts Options) (bool, error) {
	conn, err := connect(ctx, addr, opts)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(unaskedWait))
	var one [1]byte
	_, err = conn.Read(one[:])
	return !isTimeout(err), nil
}

// clockShifts are the times to try, likely ones first. Each covers 300 seconds
// to either side.
func clockShifts() (shifts []time.Duration) {
	for h := time.Hour; h <= 14*time.Hour; h += time.Hour {
		shifts = append(shifts, h, -h)
	}
	for s := 590 * time.Second; s < time.Hour; s += 590 * time.Second {
		shifts = append(shifts, s, -s)
	}
	return shifts
}
