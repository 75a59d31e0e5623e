package e2e

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func insecure() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}

// fault is what a proxy does to filter's answers.
type fault string

const (
	whole     fault = ""          // passes everything on
	slow      fault = "slow"      // answers a while later
	hanging   fault = "hanging"   // answers after the scheduler has given up
	failing   fault = "failing"   // status 500
	truncated fault = "truncated" // the first half, and the connection closed
	malformed fault = "malformed" // no JSON
	empty     fault = "empty"     // {}
	foreign   fault = "foreign"   // a node that nobody asked about
	stale     fault = "stale"     // what was answered for the pod before
)

// proxy stands between kube-scheduler and the extender.
type proxy struct {
	*httptest.Server
	to string

	mu      sync.Mutex
	fault   fault
	old     []byte         // filter's answer that stale gives
	counted map[string]int // calls by path since the last set
	pods    map[string]int // filter's calls by pod's name
	stop    chan struct{}
}

func newProxy(t testing.TB, to string) *proxy {
	p := &proxy{to: to, counted: make(map[string]int), pods: make(map[string]int), stop: make(chan struct{})}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() { close(p.stop); p.Server.CloseClientConnections(); p.Server.Close() })
	return p
}

// set begins a fault; keep says that stale answers are the last one given so far.
func (p *proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	clear(p.counted)
}

func (p *proxy) calls(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counted[path]
}

func (p *proxy) attempts(pod string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pods[pod]
}

// awaitCalls waits for n calls of a path since the last set.
func (p *proxy) awaitCalls(t testing.TB, path string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return p.calls(path) >= n }, 40*time.Second, 20*time.Millisecond, "calls of %s", path)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	f, old := p.fault, p.old
	p.counted[r.URL.Path]++
	if r.URL.Path == "/filter" {
		p.pods[podName(body)]++
	}
	p.mu.Unlock()
	answer, status, err := p.ask(r, body)
	if err != nil {
		panic(http.ErrAbortHandler) // the extender is not there: neither is its answer
	}
	if r.URL.Path != "/filter" {
		f = whole
	}
	switch f {
	case slow:
		p.wait(700 * time.Millisecond)
	case hanging:
		p.wait(5 * time.Second)
	case failing:
		status = http.StatusInternalServerError
	case malformed:
		answer = []byte("<html>502 Bad Gateway</html>")
	case empty:
		answer = []byte("{}")
	case foreign:
		answer = []byte(`{"NodeNames":["not-a-node"]}`)
	case stale:
		answer = old
	case truncated:
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer[:len(answer)/2])
		panic(http.ErrAbortHandler)
	case whole:
		if r.URL.Path == "/filter" {
			p.mu.Lock()
			p.old = answer
			p.mu.Unlock()
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func (p *proxy) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.stop:
	}
}

func (p *proxy) ask(r *http.Request, body []byte) ([]byte, int, error) {
	q, err := http.Post(p.to+r.URL.Path, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	defer q.Body.Close()
	answer, err := io.ReadAll(q.Body)
	return answer, q.StatusCode, err
}

// podName finds the name of the pod in a request's first object of metadata.
func podName(body []byte) string {
	_, rest, _ := strings.Cut(string(body[:min(len(body), 400)]), `"metadata":{"name":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}
