package fake

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// version is what the server says that it is.
const version = "fake 11.138.0.6"

// maxRequest bounds a command in octets.
const maxRequest = 64 << 20

func (s *Server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in request
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		switch {
		case subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("fake "+s.secret)) != 1:
			http.Error(w, "the secret is wrong", http.StatusUnauthorized)
			return
		case err != nil, json.Unmarshal(body, &in) != nil:
			http.Error(w, "this is no command", http.StatusBadRequest)
			return
		}
		s.take(w, r, in)
	})
}

// take carries out one command, or does what a fault says.
func (s *Server) take(w http.ResponseWriter, r *http.Request, in request) {
	s.mu.Lock()
	paused := s.paused
	s.mu.Unlock()
	if paused != nil {
		select {
		case <-paused:
		case <-r.Context().Done():
			return
		}
	}
	s.mu.Lock()
	fault, faulty := s.fault(r.URL.Path, in.Zones)
	var answer []reply
	status, text := http.StatusOK, ""
	if !faulty || fault.How == Fails || fault.How == Lost || fault.How == Breaks || fault.How == Stalls {
		s.commands = append(s.commands, s.note(r.URL.Path, in))
		answer, status, text = s.do(r.URL.Path, in)
	}
	s.mu.Unlock()

	switch fault.How {
	case Refuses, Fails:
		http.Error(w, "the disk of the fake member is full", http.StatusInternalServerError)
		return
	case Lost:
		panic(http.ErrAbortHandler)
	case Hangs:
		<-r.Context().Done()
		return
	case Garbage:
		fmt.Fprint(w, "<html>Please log in</html>")
		return
	}
	if status != http.StatusOK {
		http.Error(w, text, status)
		return
	}
	lines := json.NewEncoder(w)
	for i, line := range answer {
		if i == fault.Lines && (fault.How == Breaks || fault.How == Stalls) {
			_ = http.NewResponseController(w).Flush()
			if fault.How == Stalls {
				<-r.Context().Done()
			}
			panic(http.ErrAbortHandler)
		}
		if lines.Encode(line) != nil {
			return
		}
	}
}

// note is a command as Commands tells it.
func (s *Server) note(call string, in request) string {
	words := []string{call[1:]}
	for _, name := range in.Zones {
		words = append(words, string(name))
	}
	if c, err := read(in); err == nil {
		soa, _ := c.SOA()
		words = append(words, fmt.Sprint(soa.Serial))
	}
	return strings.Join(words, " ")
}

// do carries a command out. s.mu is held.
func (s *Server) do(call string, in request) (answer []reply, status int, text string) {
	switch call {
	case callVersion:
		answer = []reply{{Version: version}}
	case callList:
		for _, h := range s.zones {
			answer = append(answer, reply{Zone: h.name, Serial: h.serial()})
		}
		slices.SortFunc(answer, func(a, b reply) int { return b.Zone.Compare(a.Zone) }) // no order that anybody may count on
	case callRead, callHas:
		for _, name := range in.Zones {
			answer = append(answer, s.tell(call, name))
		}
	case callSave, callRegister, callRemove:
		return nil, s.change(call, in), "the command cannot be carried out for " + fmt.Sprint(in.Zones)
	default:
		return nil, http.StatusNotFound, "there is no such command"
	}
	return append(answer, reply{End: true}), http.StatusOK, ""
}

func (s *Server) tell(call string, name zone.Name) reply {
	h := s.zones[name.Key()]
	switch {
	case h == nil, call == callRead && h.contents.IsZero():
		return reply{Zone: name, Absent: true}
	case call == callHas:
		return reply{Zone: name, Locked: h.locked}
	}
	return reply{Zone: name, Text: write(h.contents), Serial: h.serial()}
}

// change carries out a command that changes something.
func (s *Server) change(call string, in request) (status int) {
	if len(in.Zones) != 1 {
		return http.StatusBadRequest
	}
	name := in.Zones[0]
	h := s.zones[name.Key()]
	if h != nil && h.locked {
		return http.StatusConflict
	}
	switch {
	case call == callRemove:
		s.drop(name)
	case call == callRegister:
		s.register(name)
	case call == callSave:
		c, err := read(in)
		if err != nil {
			return http.StatusBadRequest
		}
		soa, _ := c.SOA()
		if h != nil && zone.SerialLess(soa.Serial, h.serial()) {
			s.back = append(s.back, fmt.Sprintf("%s from %d to %d", name, h.serial(), soa.Serial))
		}
		s.put(c, false)
	}
	return http.StatusOK
}

// read makes contents of the text of a command.
func read(in request) (zone.Contents, error) {
	if len(in.Zones) != 1 || in.Text == "" {
		return zone.Contents{}, fmt.Errorf("contents are of one zone, and not of %d", len(in.Zones))
	}
	return parse(in.Zones[0], in.Text)
}

func parse(name zone.Name, text string) (zone.Contents, error) {
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		return zone.Contents{}, err
	}
	return zone.NewContents(name, sets)
}

// write is the other direction.
func write(c zone.Contents) string {
	var text strings.Builder
	_ = zone.Print(&text, c, zone.PrintOptions{}) // a Builder takes everything
	return text.String()
}
