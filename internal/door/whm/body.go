package whm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
)

// A dnsuniqid comes at the end of a batch, and without it no zone of that batch
// can be taken. So a body is received whole, in a file where it is long, and
// read twice.

// inMemory is the length of a body, in octets, up to which it needs no file.
const inMemory = 64 << 10

// body is what came with a call.
type body struct {
	head    []byte   // all of it, if there is no file
	file    *os.File // has no name any more
	size    int64
	release func()
}

// receive reads a body. Its length is bounded, and so are those of all that
// come at once.
func (d *Door) receive(ctx context.Context, c *call, r *http.Request) (*body, error) {
	size := r.ContentLength
	if size > maxBody {
		return nil, tooLong()
	}
	if size < 0 {
		size = maxBody
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := d.bodies.Acquire(waiting, size); err != nil {
		return nil, tooMuch(err)
	}
	b := &body{release: func() { d.bodies.Release(size) }}
	err := b.fill(&steady{from: io.LimitReader(r.Body, maxBody+1), out: c.out}, d.Scratch)
	if err == nil && b.size > maxBody {
		err = tooLong()
	}
	if err != nil {
		b.close()
		return nil, err
	}
	_ = c.out.SetReadDeadline(time.Time{}) // all is here: the sender waits
	return b, nil
}

func (b *body) fill(from io.Reader, scratch string) error {
	var head bytes.Buffer
	n, err := io.Copy(&head, io.LimitReader(from, inMemory))
	b.head, b.size = head.Bytes(), n
	if err != nil {
		return brokenOff(err)
	}
	if n < inMemory {
		return nil
	}
	if b.file, err = os.CreateTemp(scratch, "whm-"); err != nil {
		return noDisk(err)
	}
	if err := os.Remove(b.file.Name()); err != nil {
		return noDisk(err)
	}
	if _, err := b.file.Write(b.head); err != nil {
		return noDisk(err)
	}
	to := &disk{file: b.file}
	n, err = io.Copy(to, from)
	b.head, b.size = nil, b.size+n
	switch {
	case to.err != nil:
		return noDisk(to.err)
	case err != nil:
		return brokenOff(err)
	}
	return nil
}

// disk tells the trouble of a file from that of a sender.
type disk struct {
	file *os.File
	err  error
}

func (d *disk) Write(p []byte) (n int, err error) {
	n, d.err = d.file.Write(p)
	return n, d.err
}

func tooLong() error {
	return &skein.Error{Kind: skein.KindInvalid, Cause: dnsadmin.ErrTooMuch, What: "the body is too long; nothing was changed", Mend: "send fewer zones at a time"}
}

func brokenOff(err error) error {
	return &skein.Error{Kind: skein.KindInvalid, Cause: err, What: "the body broke off; nothing was changed", Mend: "send it again"}
}

func noDisk(err error) error {
	return &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: "what was sent cannot be kept; nothing was changed", Mend: "look at the disk of Skein's data directory"}
}

// open returns the body from its beginning.
func (b *body) open() (io.Reader, error) {
	if b.file == nil {
		return bytes.NewReader(b.head), nil
	}
	_, err := b.file.Seek(0, io.SeekStart)
	return b.file, err
}

// weight is how many octets a call may come to hold by its arguments: what a
// form holds is no longer than the form, unless that is compressed.
func (b *body) weight() int64 {
	if b.file == nil && !bytes.HasPrefix(b.head, []byte{0x1f, 0x8b}) {
		return 0
	}
	return int64(formLimits.Value)
}

func (b *body) close() {
	if b.file != nil {
		b.file.Close()
	}
	b.release()
}

// steady reads from a sender that may be slow, but not stand still.
type steady struct {
	from io.Reader
	out  *http.ResponseController
}

func (s *steady) Read(p []byte) (int, error) {
	_ = s.out.SetReadDeadline(time.Now().Add(silence)) // not every connection has deadlines
	n, err := s.from.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, errors.New("nothing came for a minute")
	}
	return n, err
}
