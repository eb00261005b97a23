package notice

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailServer answers one SMTP session at a time (RFC 5321), and refuses a
// command where it is told to.
type mailServer struct {
	net.Listener
	refuse map[string]string // the beginning of a command → what it is answered

	mu   sync.Mutex
	data string
}

func newMailServer(t *testing.T, refuse map[string]string) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{Listener: l, refuse: refuse}
	var done sync.WaitGroup
	t.Cleanup(func() { l.Close(); done.Wait() })
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.session(conn)
		}
	})
	return s
}

func (s *mailServer) session(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewScanner(conn)
	fmt.Fprint(conn, "220 mail.example.net ESMTP\r\n")
	for in.Scan() {
		command := strings.ToUpper(in.Text())
		if command == "QUIT" { // and hangs up without a word
			return
		}
		answer := "250 fine"
		for prefix, refusal := range s.refuse {
			if strings.HasPrefix(command, prefix) {
				answer = refusal
			}
		}
		if command == "DATA" && answer == "250 fine" {
			fmt.Fprint(conn, "354 go on\r\n")
			var text strings.Builder
			for in.Scan() && in.Text() != "." {
				text.WriteString(in.Text() + "\n")
			}
			s.mu.Lock()
			s.data = text.String()
			s.mu.Unlock()
		}
		fmt.Fprint(conn, answer+"\r\n")
	}
}

func (s *mailServer) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

func (s *mailServer) target() *Mail {
	return &Mail{Label: "mail", Server: s.Addr().String(), TLS: TLSNone, From: "skein@example.net", To: []string{"ops@example.net", "night@example.net"}}
}

func TestMailSaysWhatHappenedAndWhatToDo(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, nil)
	n := disabled
	n.Text = "member ns2.example.net\r\nBcc: everybody@example.org\r\nwas disabled"
	if err := server.target().Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(server.got(), "\n\n")
	for _, want := range []string{
		"Subject: Skein: member ns2.example.net Bcc: everybody@example.org was", "Auto-Submitted: auto-generated", "Message-ID: <N1@skein>",
		"<ops@example.net>, <night@example.net>", "Wed, 25 Nov 2026 12:00:00 +0000",
	} {
		if !strings.Contains(strings.ReplaceAll(head, "\n ", " "), want) {
			t.Errorf("the head lacks %q:\n%s", want, head)
		}
	}
	if strings.Contains(head, "\nBcc:") {
		t.Errorf("a sentence became a header:\n%s", head)
	}
	if !strings.Contains(body, "What to do: skein member test ns2.example.net") {
		t.Errorf("the body is\n%s", body)
	}
}

func TestWhatAMailServerAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refuse  map[string]string
		forGood bool
	}{
		"there is no such recipient":          {map[string]string{"RCPT": "550 no such user"}, true},
		"the recipient's box is full for now": {map[string]string{"RCPT": "452 full"}, false},
		"greylisted":                          {map[string]string{"MAIL": "451 later"}, false},
		"it is shutting down":                 {map[string]string{"EHLO": "421 bye", "HELO": "421 bye"}, false},
		"it does not want the text":           {map[string]string{"DATA": "554 spam"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newMailServer(t, c.refuse).target().Send(t.Context(), disabled)
			if err == nil || errors.Is(err, errRefused) != c.forGood {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMailWithoutEncryptionWhereItIsAskedForIsNotSent(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, nil)
	target := server.target()
	target.TLS = ""
	if err := target.Send(t.Context(), disabled); err == nil || errors.Is(err, errRefused) || server.got() != "" {
		t.Errorf("got %v, and sent %q", err, server.got())
	}
}

func TestSettingsOfMailAreLookedAt(t *testing.T) {
	t.Parallel()
	good := Mail{Server: "mail.example.net", From: "skein@example.net", To: []string{"ops@example.net"}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Mail){
		"no recipient":               func(m *Mail) { m.To = nil },
		"a recipient with a newline": func(m *Mail) { m.To = []string{"a@example.net\r\nBcc: b@example.net"} },
		"a sender that is a name":    func(m *Mail) { m.From = "Skein" },
		"a port that is none":        func(m *Mail) { m.Server = "mail.example.net:smtpx" },
		"another way of TLS":         func(m *Mail) { m.TLS = "perhaps" },
		"no server":                  func(m *Mail) { m.Server = "" },
	} {
		m := good
		spoil(&m)
		if m.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAMailServerThatIsAwayIsNotForGood(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, nil)
	target := server.target()
	server.Close()
	if err := target.Send(context.Background(), disabled); err == nil || errors.Is(err, errRefused) {
		t.Errorf("got %v", err)
	}
}
