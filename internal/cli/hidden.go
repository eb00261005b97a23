package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// hidden asks for what nobody is to see: on a terminal without echo, elsewhere
// it is the next line of standard input.
func (a *app) hidden(what string) (string, error) {
	if terminal(a.in) {
		fmt.Fprintf(a.err, "%s: ", what)
		text, err := term.ReadPassword(int(a.in.(*os.File).Fd()))
		a.note("")
		return string(text), err
	}
	if a.lines == nil {
		a.lines = bufio.NewReader(io.LimitReader(a.in, 64<<10))
	}
	line, err := a.lines.ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case line == "":
		return "", usage("the %s is read from standard input, and there it is missing", what)
	}
	return line, nil
}

// newPassword asks for a password to set: on a terminal twice, since nobody
// sees what they type.
func (a *app) newPassword(what string) (string, error) {
	password, err := a.hidden(what)
	if err != nil || !terminal(a.in) {
		return password, err
	}
	again, err := a.hidden("again")
	if err == nil && again != password {
		err = usage("the two are not the same; nothing was changed")
	}
	return password, err
}
