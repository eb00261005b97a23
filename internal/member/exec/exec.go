// Package exec gives zones to a program of the administrator's, such as the
// script that a hoster wrote for a nameserver of his: on its standard input come
// the tasks that Plesk gives to a custom DNS backend, as JSON, and exit status 0
// says that all were done. Nothing can be asked of a program: what it was given
// last of each zone is remembered, and that is taken for what it has.
package exec

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// The settings of a member.
const (
	Program = "program" // absolute path
	Timeout = "timeout" // of a run, such as 60s
)

const (
	batch          = 32 // tasks of a run
	defaultTimeout = time.Minute
	maxTimeout     = 10 * time.Minute
)

// Memory keeps what programs were given, for longer than drivers live. Digests
// are of 32 octets; nil is of a zone that the program has not.
type Memory interface {
	Given(ctx context.Context, member string, zones []zone.Name) ([][]byte, error)
	Give(ctx context.Context, member string, zones []zone.Name, digests [][]byte) error
}

// Options are what a driver needs from around it.
type Options struct {
	// Published returns what is to be on the member of a zone; false if nothing
	// is published of it yet.
	Published func(ctx context.Context, name zone.Name) (zone.Contents, bool)
	Memory    Memory
	Trace     member.Trace
	Now       func() time.Time
}

// Driver implements member.Driver.
type Driver struct {
	m       skein.Member
	program program
	opts    Options
}

var _ member.Driver = (*Driver)(nil)

// New makes a driver; the program is looked at when it is first run.
func New(m skein.Member, o Options) (*Driver, error) {
	path := m.Settings[Program]
	if err := CheckProgram(path); err != nil {
		return nil, fmt.Errorf("member %s: its program %q: %w", m.Name, path, err)
	}
	timeout := defaultTimeout
	if set := m.Settings[Timeout]; set != "" {
		if err := CheckTimeout(set); err != nil {
			return nil, fmt.Errorf("member %s: its timeout %q: %w", m.Name, set, err)
		}
		timeout, _ = time.ParseDuration(set)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Driver{m: m, program: program{path, timeout}, opts: o}, nil
}

// CheckTimeout says what is wrong with a value of Timeout.
func CheckTimeout(s string) error {
	if d, err := time.ParseDuration(s); err != nil || d <= 0 || d > maxTimeout {
		return fmt.Errorf("it must be a time such as 60s, of at most %s", maxTimeout)
	}
	return nil
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities { return Can() }

// Can tells what every program is able to do.
func Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Own: true}
}

// Close implements member.Driver. A run ends with the context of its call.
func (d *Driver) Close() error { return nil }

// Status implements member.Driver: whether the program could be run.
func (d *Driver) Status(context.Context) (string, error) {
	return "program " + d.program.path, d.program.check()
}

// Has implements member.Driver: what the program was given is what it has.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	given, err := d.opts.Memory.Given(ctx, d.m.Name, names)
	if err != nil {
		return nil, err
	}
	has := make([]member.Presence, len(names))
	for i, name := range names {
		if given[i] == nil {
			continue
		}
		has[i] = member.Presence{Present: true, Ours: true}
		if c, is := d.opts.Published(ctx, name); is {
			_, has[i].Lacks = zoneTask(c)
			has[i].Current = string(given[i]) == digest(c)
		}
	}
	return has, nil
}

func digest(c zone.Contents) string {
	sum := c.Digest()
	return string(sum[:])
}

// Apply implements member.Driver.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for from := 0; from < len(steps); from += batch {
		each, err := d.some(ctx, steps[from:min(from+batch, len(steps))])
		if err != nil {
			return err
		}
		for i, err := range each {
			done(from+i, err)
		}
	}
	return nil
}

// job is a step that the program has to be run for.
type job struct {
	step   int
	name   zone.Name
	task   task
	digest []byte // of what is given; nil: it goes
}

// some carries out the steps of one run. It returns what became of each, or
// that nobody knows.
func (d *Driver) some(ctx context.Context, steps []member.Step) ([]error, error) {
	names := make([]zone.Name, len(steps))
	for i, step := range steps {
		names[i] = step.Zone
	}
	given, err := d.opts.Memory.Given(ctx, d.m.Name, names)
	if err != nil {
		return nil, err
	}
	each := make([]error, len(steps))
	var jobs []job
	for i, step := range steps {
		j, needed, err := d.job(ctx, step, given[i])
		if j.step = i; needed && err == nil {
			jobs = append(jobs, j)
		}
		each[i] = err
	}
	if len(jobs) == 0 {
		return each, nil
	}
	return each, d.give(ctx, jobs, each)
}

// job makes the task of a step, if there is something to do.
func (d *Driver) job(ctx context.Context, step member.Step, given []byte) (j job, needed bool, err error) {
	j.name = step.Zone
	switch step.Action {
	case member.ActionDelete:
		j.task = deleteTask(step.Zone)
		return j, given != nil, nil
	case member.ActionAdd, member.ActionRetransfer:
		c, is := d.opts.Published(ctx, step.Zone)
		if !is {
			return j, false, fmt.Errorf("nothing is published of %s yet", step.Zone)
		}
		z, _ := zoneTask(c)
		j.task, j.digest = task{Command: "update", Zone: z}, []byte(digest(c))
		if given == nil {
			j.task.Command = "create"
		}
		return j, step.Action == member.ActionRetransfer || string(given) != string(j.digest), nil
	}
	return j, false, fmt.Errorf("driver exec cannot %s", step.Action)
}

// give runs the program for jobs, all together; if it says that something failed,
// then for each alone, since it does not say which.
func (d *Driver) give(ctx context.Context, jobs []job, each []error) error {
	err := d.run(ctx, jobs)
	var failed *failure
	if errors.As(err, &failed) && len(jobs) > 1 {
		for i := range jobs {
			if err := d.give(ctx, jobs[i:i+1], each); err != nil {
				return err
			}
		}
		return nil
	}
	if errors.Is(err, member.ErrAway) {
		return err
	}
	if err == nil {
		err = d.remember(ctx, jobs)
	}
	for _, j := range jobs {
		each[j.step] = err
	}
	return nil
}

func (d *Driver) run(ctx context.Context, jobs []job) error {
	tasks := make([]task, len(jobs))
	for i, j := range jobs {
		tasks[i] = j.task
	}
	began := d.opts.Now()
	input := encode(tasks)
	output, err := d.program.run(ctx, input)
	d.opts.Trace.Record(began, d.opts.Now(), "run "+d.program.path, string(input), output, err)
	return err
}

func (d *Driver) remember(ctx context.Context, jobs []job) error {
	names, digests := make([]zone.Name, len(jobs)), make([][]byte, len(jobs))
	for i, j := range jobs {
		names[i], digests[i] = j.name, j.digest
	}
	return d.opts.Memory.Give(context.WithoutCancel(ctx), d.m.Name, names, digests) // it was done
}
