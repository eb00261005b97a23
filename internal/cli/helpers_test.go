package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

// helper makes a command of the scripts out of a function of its arguments.
func helper(run func(args []string) error) func() {
	return func() {
		if err := run(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// await [not] COMMAND… repeats a command until it succeeds, or fails, and
// prints what it said last.
func await(args []string) error {
	not := args[0] == "not"
	if not {
		args = args[1:]
	}
	wait := 20 * time.Millisecond
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(wait) {
		wait = min(wait*3/2, 200*time.Millisecond)
		cmd := exec.Command(args[0], args[1:]...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		late := time.Now().After(end)
		if (err != nil) != not && !late {
			continue
		}
		os.Stdout.Write(out.Bytes())
		os.Stderr.Write(errs.Bytes())
		if (err != nil) != not {
			return fmt.Errorf("%v: not in time: %v", args, err)
		}
		return nil
	}
}

// digAnswers SERVER NAME TYPE DATA succeeds if a real dig shows the data.
func digAnswers(args []string) error {
	host, port, err := net.SplitHostPort(args[0])
	if err != nil {
		return err
	}
	out, err := exec.Command("dig", "@"+host, "-p", port, "+short", "+time=1", "+tries=1", args[1], args[2]).CombinedOutput()
	if err != nil || !strings.Contains("\n"+string(out), "\n"+args[3]+"\n") {
		return fmt.Errorf("%s%v", out, err)
	}
	return nil
}

// fingerprint ADDR:PORT prints that of the CA that a server shows.
func fingerprint(args []string) error {
	ca, err := fetchCA(context.Background(), args[0])
	if err != nil {
		return err
	}
	if ca == nil {
		return errors.New("the system trusts it")
	}
	fmt.Printf("%x\n", sha256.Sum256(ca.Raw))
	return nil
}

// oneTimeCode FILE [next] prints the code that an authenticator shows now, or
// after that, which was set up with the secret in the first line of a file.
func oneTimeCode(args []string) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	base, _, _ := strings.Cut(string(text), "\n")
	at := time.Now()
	if len(args) > 1 {
		at = at.Add(30 * time.Second)
	}
	code, err := totp.GenerateCode(base, at)
	if err != nil {
		return err
	}
	fmt.Println(code)
	return nil
}

// shape FILE prints the paths of a JSON document with the type of each, so
// that a program which reads it is told when it changes.
func shape(args []string) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("%w in %s", err, text)
	}
	paths := map[string]bool{}
	shapeOf("", v, paths)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		fmt.Println(path)
	}
	return nil
}

func shapeOf(path string, v any, paths map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			shapeOf(strings.TrimPrefix(path+"."+key, "."), value, paths)
		}
	case []any:
		if len(v) == 0 {
			paths[path+"[]"] = true
		}
		for _, value := range v {
			shapeOf(path+"[]", value, paths)
		}
	case nil:
		paths[path+" null"] = true
	case bool:
		paths[path+" bool"] = true
	case float64:
		paths[path+" number"] = true
	case string:
		paths[path+" string"] = true
	}
}
