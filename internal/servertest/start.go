package servertest

import (
	"os/exec"
	"runtime"
	"sync"
)

// Start starts a command that the kernel is to end with us (Pdeathsig). To be
// exact it ends with the thread that started it, and a thread ends with a
// goroutine that has locked it, as those of a nameserver in this process do. So
// one thread, which stays, starts them all.
func Start(cmd *exec.Cmd) error {
	done := make(chan error)
	starter() <- func() { done <- cmd.Start() }
	return <-done
}

var starter = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})
