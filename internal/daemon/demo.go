package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// DemoConfig is how a demonstration runs.
type DemoConfig struct {
	Dir      string // kept; a temporary folder, which is removed, if empty
	Once     bool   // end as soon as everything is served
	Out, Err io.Writer
	Environ  []string
}

// demo is a whole cluster on loopback. Everything is done by running this
// program as a user would: nothing here looks inside.
type demo struct {
	DemoConfig
	program string
	data    string
	dns     string // ADDR:PORT of the node
	api     string
	link    string // one-time administrator link
	members []demoMember
	running []*child
}

type demoMember struct{ name, what, dns string }

// Demo runs a cluster until ctx ends, then stops everything it started.
func Demo(ctx context.Context, c DemoConfig) (err error) {
	// Children die with the thread that started them (Pdeathsig), so that thread has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	d := &demo{DemoConfig: c}
	if d.program, err = os.Executable(); err != nil {
		return err
	}
	if d.Dir == "" {
		if d.Dir, err = os.MkdirTemp("", "skein-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.Dir)) }()
	} else if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return err
	}
	if d.Dir, err = filepath.Abs(d.Dir); err != nil {
		return err
	}
	defer d.stop()
	if err := d.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%w\n%s", err, d.lastWords())
	}
	d.explain()
	if c.Once {
		return nil
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(d.Out, "\nstopping")
		return nil
	case err := <-d.anyEnd():
		return err
	}
}

func (d *demo) start(ctx context.Context) error {
	began := time.Now()
	if err := d.startNode(ctx); err != nil {
		return err
	}
	if err := d.startSecondary(ctx, "ns2.demo.example"); err != nil {
		return err
	}
	if err := d.startBINDs(ctx, "ns3.demo.example", "ns4.demo.example"); err != nil {
		return err
	}
	if err := d.pushSamples(ctx); err != nil {
		return err
	}
	if err := d.fill(ctx); err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "All of it took %v.\n", time.Since(began).Round(time.Millisecond))
	return nil
}

// startNode runs `skein serve` and waits until its command line answers.
func (d *demo) startNode(ctx context.Context) (err error) {
	d.data = filepath.Join(d.Dir, "data")
	if d.dns, err = freeAddr(); err != nil {
		return err
	}
	if d.api, err = freeAddr(); err != nil {
		return err
	}
	node, err := d.run("node", d.program, "serve", "--data", d.data, "--dns", d.dns, "--api", d.api)
	if err != nil {
		return err
	}
	err = d.until(ctx, node, "the node answers, and has said how to sign in", func() error {
		if _, err := d.skein(ctx, "", "cluster", "status"); err != nil {
			return err
		}
		for line := range strings.Lines(node.output()) {
			if i := strings.Index(line, "https://"); i >= 0 && strings.Contains(line, "/claim#") {
				d.link = strings.TrimSpace(line[i:])
				return nil
			}
		}
		return errors.New("it has printed no link for the first user")
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "%-17s DNS %s, API https://%s\n", "node", d.dns, d.api)
	return nil
}

// configure makes a pending member and returns the block to paste on it.
func (d *demo) configure(ctx context.Context, name string, more ...string) (dir, dns, rndc, block string, err error) {
	dir = filepath.Join(d.Dir, name)
	if err = os.MkdirAll(dir, 0o700); err != nil {
		return
	}
	if dns, err = freeAddr(); err != nil {
		return
	}
	if rndc, err = freeAddr(); err != nil {
		return
	}
	block, err = d.skein(ctx, "", append([]string{"member", "config", "bind", "--name", name, "--address", loopback,
		"--port", portOf(dns), "--rndc-port", portOf(rndc), "--directory", dir}, more...)...)
	return
}

// startSecondary runs Skein's own nameserver as a secondary that is driven as a BIND is.
func (d *demo) startSecondary(ctx context.Context, name string, more ...string) error {
	dir, dns, rndc, block, err := d.configure(ctx, name, more...)
	if err != nil {
		return err
	}
	rndcKey, tsigKeys, err := keysOf(block)
	if err != nil {
		return err
	}
	keyFile, tsigFile := filepath.Join(dir, "rndc.key"), filepath.Join(dir, "tsig.keys")
	if err := errors.Join(os.WriteFile(keyFile, []byte(rndcKey), 0o600), os.WriteFile(tsigFile, []byte(tsigKeys), 0o600)); err != nil {
		return err
	}
	server, err := d.run(name, d.program, "nameserver", "--secondary", filepath.Join(dir, "zones"), "--listen", dns, "--rndc", rndc, "--rndc-key-file", keyFile, "--tsig-key", tsigFile)
	if err != nil {
		return err
	}
	return d.bringIn(ctx, server, demoMember{name, "Skein nameserver", dns})
}

// startBINDs runs BIND secondaries, if BIND is there. It runs a copy: a
// distribution's AppArmor profile keeps /usr/sbin/named out of our folder.
func (d *demo) startBINDs(ctx context.Context, names ...string) error {
	path, err := exec.LookPath("named")
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/named")
	}
	if err != nil {
		fmt.Fprintln(d.Out, "BIND is not installed, so its two secondaries are left out (Debian: apt-get install bind9)")
		return nil
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	named := filepath.Join(d.Dir, "named")
	if err := os.WriteFile(named, program, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		if err := d.startBIND(ctx, named, name); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) startBIND(ctx context.Context, named, name string) error {
	dir, dns, _, block, err := d.configure(ctx, name)
	if err != nil {
		return err
	}
	conf := filepath.Join(dir, "named.conf")
	if err := os.WriteFile(conf, []byte(block), 0o600); err != nil {
		return err
	}
	server, err := d.run(name, named, "-g", "-c", conf)
	if err != nil {
		return err
	}
	return d.bringIn(ctx, server, demoMember{name, "BIND", dns})
}

// bringIn tests the member until it passes, which enables it.
func (d *demo) bringIn(ctx context.Context, server *child, m demoMember) error {
	err := d.until(ctx, server, m.name+" passes its test", func() error {
		_, err := d.skein(ctx, "", "member", "test", m.name)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "%-17s DNS %s, %s\n", m.name, m.dns, m.what)
	d.members = append(d.members, m)
	return nil
}

func (d *demo) pushSamples(ctx context.Context) error {
	out, err := d.skein(ctx, samplePush, "hook", "plesk")
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "\nPushed as Plesk does:\n%s", indent(out))
	for _, zone := range []string{"shop.example", "xn--bcher-kva.example"} {
		if _, err := d.skein(ctx, "", "wait", zone, "--timeout", "60s"); err != nil {
			return err
		}
	}
	fmt.Fprintln(d.Out, "Every member was seen serving them.")
	return nil
}
