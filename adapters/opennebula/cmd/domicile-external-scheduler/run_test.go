package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/adapters/opennebula/internal/fake"
)

// log is a place to write to for several at a time, which says when a line with some text came.
type log struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wants string
	came  chan struct{}
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.came != nil && strings.Contains(string(p), l.wants) {
		close(l.came)
		l.came = nil
	}
	return l.text.Write(p)
}

func (l *log) expect(text string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan struct{})
	l.wants, l.came = text, c
	return c
}

func (l *log) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

// place is a folder with settings and credentials for an oned.
type place struct{ dir, conf string }

func installed(t *testing.T, o *fake.Oned, service, rest string) place {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	p := place{dir, filepath.Join(dir, "domicile.conf")}
	write(t, filepath.Join(dir, "auth"), "oneadmin:secret\n", 0o600)
	write(t, p.conf, fmt.Sprintf("apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\nservice: {listen: \"127.0.0.1:0\", operate: \"127.0.0.1:0\", endpoint: %q, credentials: auth, answerSeconds: 60, watchSeconds: 1800%s}\n%s",
		server.URL+"/RPC2", service, rest), 0o644)
	return p
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), mode))
	require.NoError(t, os.Chmod(name, mode))
}

func nobody(string) string { return "" }

// running is a program under way.
type running struct {
	hook, operate string
	again         chan os.Signal
	log           *log
	end           func() int
}

func start(t *testing.T, p place) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{again: make(chan os.Signal), log: &log{}}
	listens, ended := make(chan [2]net.Addr, 1), make(chan int, 1)
	go func() {
		ended <- run(ctx, &call{args: []string{"-config", p.conf}, getenv: nobody, stderr: r.log, again: r.again,
			ready: func(listen, operate net.Addr) { listens <- [2]net.Addr{listen, operate} }})
	}()
	select {
	case a := <-listens:
		r.hook, r.operate = "http://"+a[0].String()+"/any/path", "http://"+a[1].String()
	case status := <-ended:
		t.Fatalf("ended with %d: %s", status, r.log)
	}
	var once sync.Once
	status := 0
	r.end = func() int { once.Do(func() { cancel(); status = <-ended }); return status }
	t.Cleanup(func() { r.end() })
	return r
}

const pending = `{"VMS":[{"ID":1,"STATE":"PENDING","HOST_IDS":[0,1],"CAPACITY":{"CPU":2,"MEMORY":1048576,"DISK_SIZE":0},"VM_ATTRIBUTES":null}]}`

func (r *running) ask(t *testing.T) string {
	t.Helper()
	res, err := http.Post(r.hook, "application/json", strings.NewReader(pending))
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return fmt.Sprint(res.StatusCode, " ", string(text))
}

func two() *fake.Oned {
	return &fake.Oned{Hosts: fake.Host(0, 100, 0) + fake.Host(1, 101, 0), VMs: []*fake.VM{{ID: 1, State: 1, CPU: 2, Memory: 1024, More: "<RESIDENCY>DE</RESIDENCY><DATA_CLASS>health-de</DATA_CLASS>"}}}
}

const packs = "apiVersion: domicile.eu/v1alpha1\nkind: PolicyPacks\npacks: [residency]\n"

const nowhere = `# METADATA
# title: Rules
# description: None.
package domicile.continuum.nowhere

# METADATA
# title: Nowhere
# custom:
#   code: XX-001
#   basis: a test
#   as_of: "2026-11"
deny contains {"message": "nowhere"} if input.workload.data == "health-de"
`

// The whole way: the file, the hook, requirements in the machine, health, metrics, new policies, and the end.
func TestRun(t *testing.T) {
	o := two()
	p := installed(t, o, "", "policies: rules\n")
	write(t, filepath.Join(p.dir, "rules/packs.yaml"), packs, 0o644)
	r := start(t, p)
	assert.Equal(t, `200 {"VMS":[{"ID":1,"HOST_ID":0}]}`, r.ask(t))
	assert.Equal(t, "ID = 0", o.Wrote(1)["SCHED_REQUIREMENTS"])
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "domicile_opennebula_requests_total 1\n"} {
		res, err := http.Get(r.operate + path)
		require.NoError(t, err)
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Contains(t, string(text), want, path)
	}

	// What is broken is not put in force; what is not broken is, without a new start.
	came := r.log.expect("not reloaded")
	write(t, filepath.Join(p.dir, "rules/packs.yaml"), packs+"x: [\n", 0o644)
	r.again <- syscall.SIGHUP
	<-came
	assert.Contains(t, r.ask(t), `"HOST_ID":0`)
	came = r.log.expect(`"reloaded"`)
	write(t, filepath.Join(p.dir, "rules/packs.yaml"), packs, 0o644)
	write(t, filepath.Join(p.dir, "rules/nowhere.rego"), nowhere, 0o644)
	r.again <- syscall.SIGHUP
	<-came
	_ = r.ask(t)
	assert.Equal(t, "ID = -1", o.Wrote(1)["SCHED_REQUIREMENTS"], r.log)
	assert.Equal(t, done, r.end())
	for line := range strings.Lines(r.log.String()) {
		assert.True(t, json.Valid([]byte(line)), line)
	}
	assert.NotContains(t, r.log.String(), "secret")
}

// A changed file counts at the next look, without a signal.
func TestRun_changedFile(t *testing.T) {
	o := two()
	p := installed(t, o, "", "")
	text, err := os.ReadFile(p.conf)
	require.NoError(t, err)
	write(t, p.conf, strings.Replace(string(text), "watchSeconds: 1800", "watchSeconds: 0.1", 1)+"policies: rules\n", 0o644)
	write(t, filepath.Join(p.dir, "rules/packs.yaml"), packs, 0o644)
	r := start(t, p)
	came := r.log.expect(`"reloaded"`)
	write(t, filepath.Join(p.dir, "rules/nowhere.rego"), nowhere, 0o644)
	<-came
}

// What could not be obeyed is not served.
func TestRun_refuses(t *testing.T) {
	for _, c := range []struct {
		name, service, rest string
		spoil               func(place)
		status              int
		why                 string
	}{
		{"wrong password", "", "", func(p place) { write(t, filepath.Join(p.dir, "auth"), "oneadmin:wrong\n", 0o600) }, broken, "authenticated"},
		{"no password", "", "", func(p place) { write(t, filepath.Join(p.dir, "auth"), "oneadmin\n", 0o600) }, usage, "one line user:password"},
		{"two lines", "", "", func(p place) { write(t, filepath.Join(p.dir, "auth"), "a:b\nc:d\n", 0o600) }, usage, "one line user:password"},
		{"open to all", "", "", func(p place) { write(t, filepath.Join(p.dir, "auth"), "oneadmin:secret", 0o640) }, usage, "chmod 600"},
		{"no credentials", "", "", func(p place) { require.NoError(t, os.Remove(filepath.Join(p.dir, "auth"))) }, usage, "no such file"},
		{"a folder", "", "", func(p place) {
			require.NoError(t, os.Remove(filepath.Join(p.dir, "auth")))
			require.NoError(t, os.Mkdir(filepath.Join(p.dir, "auth"), 0o700))
		}, usage, "is no file"},
		{"no rules", "", "policies: rules\n", func(p place) { require.NoError(t, os.Mkdir(filepath.Join(p.dir, "rules"), 0o755)) }, usage, "no rule is in force"},
		{"no folder", "", "policies: rules\n", nil, usage, "is no folder"},
		{"no continuum", "", "continuum: c.yaml\n", nil, usage, "no such file"},
		{"unknown key", ", lisen: x", "", nil, usage, "did you mean listen?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := installed(t, two(), c.service, c.rest)
			if c.spoil != nil {
				c.spoil(p)
			}
			l := &log{}
			assert.Equal(t, c.status, run(t.Context(), &call{args: []string{"-config", p.conf, "-check"}, getenv: nobody, stderr: l}))
			assert.Contains(t, l.String(), c.why)
			assert.NotContains(t, l.String(), "secret")
		})
	}
}

func TestRun_flags(t *testing.T) {
	for args, want := range map[string]int{"-h": done, "x": usage, "-log xml": usage, "-no": usage} {
		assert.Equal(t, want, run(t.Context(), &call{args: strings.Fields(args), getenv: nobody, stderr: io.Discard}), args)
	}
	p := installed(t, two(), "", "policies: rules\n")
	write(t, filepath.Join(p.dir, "rules/packs.yaml"), packs, 0o644)
	l := &log{}
	env := func(name string) string { return map[string]string{"DOMICILE_CONF": p.conf}[name] }
	assert.Equal(t, done, run(t.Context(), &call{args: []string{"-check", "-log", "text"}, getenv: env, stderr: l}))
	assert.Contains(t, l.String(), "all is well")
	// Credentials that nobody named are OpenNebula's own, and without any nothing is served.
	text, err := os.ReadFile(p.conf)
	require.NoError(t, err)
	write(t, p.conf, strings.Replace(string(text), "credentials: auth, ", "", 1), 0o644)
	assert.Equal(t, broken, run(t.Context(), &call{args: []string{"-check"}, getenv: env, stderr: l}))
	assert.Contains(t, l.String(), "nothing could enforce")
	home := func(name string) string { return map[string]string{"DOMICILE_CONF": p.conf, "HOME": p.dir}[name] }
	write(t, filepath.Join(p.dir, ".one/one_auth"), "oneadmin:secret\n", 0o600)
	assert.Equal(t, done, run(t.Context(), &call{args: []string{"-check"}, getenv: home, stderr: l}), l)
}

// The hook gives way before memory does, and cuts off who sends headers without end, or for ever.
func TestLimits(t *testing.T) {
	enter, leave := make(chan struct{}), make(chan struct{})
	h := few(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { enter <- struct{}{}; <-leave }), 2)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)) })
		<-enter
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	close(leave)
	all.Wait()

	r := start(t, installed(t, two(), "", ""))
	req, err := http.NewRequest(http.MethodPost, r.hook, strings.NewReader(pending))
	require.NoError(t, err)
	req.Header.Set("X", strings.Repeat("x", 100<<10))
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, res.StatusCode)
	s := newServer(h, 8*time.Second, slog.New(slog.DiscardHandler))
	for _, d := range []time.Duration{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout} {
		assert.Positive(t, d)
	}
}

// The commands of the README install and remove in a scratch location, its settings are read, and what is installed finds the
// oned that they name.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	block := func(name string) string {
		m := regexp.MustCompile("(?s)```" + name + "\n(.*?)```").FindSubmatch(text)
		require.NotNil(t, m, name)
		return string(m[1])
	}
	server := httptest.NewServer(two())
	t.Cleanup(server.Close)
	build, location := t.TempDir(), t.TempDir()
	auth := filepath.Join(location, "auth")
	write(t, auth, "oneadmin:secret\n", 0o600)
	conf := strings.NewReplacer("http://127.0.0.1:2633", server.URL, "/var/lib/one/.one/one_auth", auth).Replace(block("yaml service"))
	write(t, filepath.Join(location, "etc/schedulers/domicile.conf"), "apiVersion: domicile.eu/v1alpha1\nkind: OpenNebulaScheduler\n"+conf, 0o644)
	run := func(dir, name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "ONE_LOCATION="+location, "DOMICILE_CONF=")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	run(".", "go", "build", "-o", filepath.Join(build, "domicile-external-scheduler"), ".")
	assert.Contains(t, run(build, "sh", "-e", "-c", block("sh install service")), "all is well")
	run(build, "sh", "-e", "-c", block("sh uninstall service"))
	assert.NoFileExists(t, filepath.Join(location, "bin/domicile-external-scheduler"))
}
