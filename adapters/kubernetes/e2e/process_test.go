package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program that can be killed and started again with the same arguments.
type process struct {
	name, path string
	args, env  []string
	log        string
	cmd        *exec.Cmd
	done       chan struct{}
	cpu        time.Duration // of past lives
}

// spawn starts a program whose words go to a file in dir; it dies with the test binary.
func spawn(t testing.TB, dir, name, path string, args ...string) *process {
	p := &process{name: name, path: path, args: args, log: filepath.Join(dir, name+".log"), env: os.Environ()}
	p.start(t)
	t.Cleanup(p.kill)
	return p
}

func (p *process) start(t testing.TB) {
	t.Helper()
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	defer out.Close()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = out, out, p.env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.done = make(chan struct{})
	started := make(chan error)
	go func() {
		// The kernel sends Pdeathsig when the thread that started the child ends: keep it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
			close(p.done)
		}
	}()
	require.NoError(t, <-started, p.name)
}

// kill ends the program at once and with it all that it started.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	p.cpu += p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	p.cmd = nil
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return p.cmd != nil
	}
}

// words are the last lines that the program wrote.
func (p *process) words() string {
	b, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return p.name + ":\n  " + strings.Join(lines[max(0, len(lines)-15):], "\n  ")
}

// stats are CPU time and resident memory of a running program, from /proc.
func (p *process) stats() (cpu time.Duration, rss int64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+2:]))
	var user, sys, pages int64
	fmt.Sscan(f[11], &user)
	fmt.Sscan(f[12], &sys)
	fmt.Sscan(f[21], &pages)
	return time.Duration(user+sys) * 10 * time.Millisecond, pages * int64(os.Getpagesize())
}

// freePorts returns ports of loopback that nobody listens on.
func freePorts(t testing.TB, n int) []int {
	out := make([]int, n)
	for k := range out {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		out[k] = l.Addr().(*net.TCPAddr).Port
	}
	return out
}

// eventually asks until there is no error any more, or gives up with the last one.
func eventually(t testing.TB, most time.Duration, ask func() error) {
	t.Helper()
	end := time.Now().Add(most)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			require.NoError(t, err, "after %v", most)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
