package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

// confirm asks before something that cannot simply be undone. Where nobody can
// be asked it takes --yes; look is the flag, or the command, that changes nothing.
func (a *app) confirm(yes bool, look, question string) error {
	switch {
	case yes:
		return nil
	case !terminal(a.in):
		return usage("nothing was changed: there is nobody to ask here; say --yes to go on; %s only looks", look)
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		a.note("")
	}
	return &exitError{exitFailed, errors.New("nothing was changed")}
}
