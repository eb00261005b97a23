package cli

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	_ "modernc.org/sqlite" // Plesk's database has a MariaDB; the one query of it that is used is the same in both
)

// fakePlesk stands in for Plesk's command line tool, which cannot run here. It
// is a FAKE, made from what Plesk documents and what open extensions do with
// it: one slot for a custom DNS backend, kept in two rows of a table; whoever
// registers takes it. The scripts call it "plesk". Its state lies in
// $PLESK_DIR; $FAKE_PLESK names a fault.
func fakePlesk(args []string) error {
	fault := os.Getenv("FAKE_PLESK")
	if fault == "down" {
		return errors.New("fake plesk: ERROR: DB connection failed")
	}
	db, err := sql.Open("sqlite", filepath.Join(os.Getenv("PLESK_DIR"), "psa.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS ServiceNodeConfiguration (serviceNodeId INT, section TEXT, name TEXT, value TEXT, PRIMARY KEY (serviceNodeId, section, name))"); err != nil {
		return err
	}
	switch words := strings.Join(args[:min(3, len(args))], " "); {
	case args[0] == "db" && len(args) == 2:
		return fakeQuery(db, args[1], fault == "framed")
	case words == "bin server_dns --enable-custom-backend" && len(args) == 4:
		return fakeRegister(db, fault, "true", args[3])
	case words == "bin server_dns --disable-custom-backend" && len(args) == 3:
		return fakeRegister(db, fault, "", "") // the old line stays in its row
	case words == "repair dns -sync-zones" && len(args) == 4 && args[3] == "-y":
		return fakeSync(db)
	}
	return fmt.Errorf("fake plesk: unknown command %q", args)
}

func fakeRegister(db *sql.DB, fault, custom, script string) error {
	if fault == "dies before" {
		return syscall.Kill(os.Getppid(), syscall.SIGKILL)
	}
	if fault == "deaf" {
		return nil
	}
	if fault == "mangles" {
		script = strings.ReplaceAll(script, `"`, "&quot;")
	}
	rows := map[string]string{"custom": custom}
	if script != "" {
		rows["custom_script"] = script
	}
	for name, value := range rows {
		if _, err := db.Exec("REPLACE INTO ServiceNodeConfiguration VALUES (1, 'dnsConnector', ?, ?)", name, value); err != nil {
			return err
		}
	}
	if fault == "dies after" {
		return syscall.Kill(os.Getppid(), syscall.SIGKILL)
	}
	return nil
}

// fakeQuery prints a result as the client of the database does: by tabs, or
// with a frame as on a terminal.
func fakeQuery(db *sql.DB, query string, framed bool) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	line := func(fields []string) {
		if framed {
			fmt.Printf("+-----+\n| %s |\n", strings.Join(fields, " | "))
			return
		}
		fmt.Println(strings.Join(fields, "\t"))
	}
	line(names)
	for rows.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		fields := make([]string, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			fields[i] = v.String
		}
		line(fields)
	}
	return rows.Err()
}

// fakeSync sends every zone again: $PLESK_DIR/zones/*.json hold a zone each.
func fakeSync(db *sql.DB) error {
	zones, err := filepath.Glob(filepath.Join(os.Getenv("PLESK_DIR"), "zones", "*.json"))
	if err != nil {
		return err
	}
	slices.Sort(zones)
	for _, file := range zones {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := fakeCall(db, slices.Concat([]byte(`[{"command":"update","zone":`), text, []byte("}]"))); err != nil {
			fmt.Fprintln(os.Stderr, "fake plesk: panel.log:", err) // only logged
		}
	}
	return nil
}

// fakeCall does what Plesk does at a change of a zone: it runs what lies in
// the slot, with an environment of its own that has no HOME.
func fakeCall(db *sql.DB, push []byte) error {
	var enabled, script string
	err := db.QueryRow("SELECT value FROM ServiceNodeConfiguration WHERE section = 'dnsConnector' AND name = 'custom'").Scan(&enabled)
	if err == nil && enabled != "" {
		err = db.QueryRow("SELECT value FROM ServiceNodeConfiguration WHERE section = 'dnsConnector' AND name = 'custom_script'").Scan(&script)
	}
	if errors.Is(err, sql.ErrNoRows) || script == "" {
		return nil
	}
	if err != nil {
		return err
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(push), os.Stdout, os.Stderr
	return cmd.Run()
}

// panel FILE is a change in Plesk's panel: the registered command line gets the file.
func panel(args []string) error {
	db, err := sql.Open("sqlite", filepath.Join(os.Getenv("PLESK_DIR"), "psa.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	push, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	return fakeCall(db, push)
}
