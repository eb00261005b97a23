package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/daemon"
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
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
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

// claim FILE redeems the link in what `serve -o json` announced, as the page
// behind it does, and prints the token.
func claim(args []string) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var started daemon.Started
	if err := json.Unmarshal(text, &started); err != nil {
		return err
	}
	_, code, ok := strings.Cut(started.Claim, "/claim#")
	if !ok {
		return errors.New("no link was announced")
	}
	ca, err := fetchCA(context.Background(), strings.TrimPrefix(started.API, "https://"))
	if err != nil {
		return err
	}
	cl, err := client.New(client.Config{URL: started.API, CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})})
	if err != nil {
		return err
	}
	token, err := cl.Claim(context.Background(), code)
	if err != nil {
		return err
	}
	fmt.Println(token.Secret)
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
