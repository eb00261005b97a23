// Package nsdctl is the control protocol of NSD, as nsd-control speaks it, from
// the client's side: one command a connection, over TLS, with certificates at
// both ends.
//
//	client                                server
//	NSDCT1 addzones ⏎
//	example.com pattern ⏎                 added: example.com ⏎
//	example.net pattern ⏎                 added: example.net ⏎
//	0x04 ⏎                                added 2 zones ⏎, and it closes
//
// NSD carries a command out in one go and does nothing else meanwhile: it reads
// a list and writes an answer with calls that block. So a request is sent as
// one piece, and whoever takes an answer line by line must not be slow.
package nsdctl

import "errors"

const (
	magic   = "NSDCT1 " // the protocol, in the only version that there is
	listEnd = "\x04\n"

	// MaxCommand is the longest command in octets; NSD takes one more than that
	// as too long.
	MaxCommand = 1023
	// MaxLine is the longest line of a list.
	MaxLine = 2047
	// MaxName is the longest zone name, as text, that NSD tells of in one piece:
	// it cuts what it says at 1023 octets, the end of the line with it.
	MaxName = 990
	// MaxList is the most lines that a list may have here.
	MaxList = 512

	maxAnswerLine = 4096
)

// The failures of an exchange, besides those of connecting.
var (
	// ErrRejected: the server says that it does not take our certificate.
	ErrRejected = errors.New("the server does not take our certificate")
	// ErrHungUp: the server closed the connection instead of answering. It does so
	// with a certificate that it does not take as well.
	ErrHungUp = errors.New("the server closed the connection without an answer")
	// ErrImpostor: the server shows another certificate than it should.
	ErrImpostor = errors.New("the server shows another certificate than the one that we know of it")
	// ErrNoTLS: what answers does not speak TLS.
	ErrNoTLS = errors.New("what answers there does not speak TLS")
	// ErrSilent: the server took the connection and did not answer in time.
	ErrSilent = errors.New("the server accepts the connection and does not answer")
	// ErrCut: the answer ended in its middle.
	ErrCut = errors.New("the answer was cut off")
	// ErrAnswer: the answer is none of NSD's.
	ErrAnswer = errors.New("the answer is not understood")
	// ErrTooLong: the request is longer than NSD takes. Nothing was sent.
	ErrTooLong = errors.New("it is longer than NSD takes")
)
