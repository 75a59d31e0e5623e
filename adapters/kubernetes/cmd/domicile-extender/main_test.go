package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

const example = "../../../../examples/virt8ra/"

// world is a file of configuration, whose continuum may be changed, and what an API server knows.
type world struct {
	config, continuum string
	client            kubernetes.Interface
}

func newWorld(t *testing.T) *world {
	dir := t.TempDir()
	w := &world{config: filepath.Join(dir, "config.yaml"), continuum: filepath.Join(dir, "continuum.yaml")}
	text, err := os.ReadFile(example + "continuum.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.continuum, text, 0o600))
	require.NoError(t, os.WriteFile(w.config, []byte("apiVersion: domicile.eu/v1alpha1\nkind: KubernetesConfig\nasOf: continuum\ncontinuum: "+
		w.continuum+"\npolicies: ["+example+"policies]\n"), 0o600))
	room := v1.ResourceList{v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("16Gi"), v1.ResourcePods: resource.MustParse("110")}
	node := func(name, site string) *v1.Node {
		return &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{adapter.SiteLabel: site}}, Status: v1.NodeStatus{Allocatable: room}}
	}
	w.client = fake.NewClientset(node("berlin", "ionos-berlin"), node("milan", "aws-milan"),
		&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "staff", Annotations: map[string]string{adapter.DataAnnotation: "personal"}}},
		&v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "staff", Name: "web", UID: "u"}})
	return w
}

func (w *world) dial(*settings) (kubernetes.Interface, error) { return w.client, nil }

// program is one that runs.
type program struct {
	stop func()
	code chan int
	log  chan map[string]any
	seen []string
	at   []string // addresses it listens on
}

// start runs the program until it is synced.
func (w *world) start(t *testing.T, args ...string) *program {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	p := &program{stop: cancel, code: make(chan int, 1), log: make(chan map[string]any, 1000)}
	go func() {
		defer write.Close()
		p.code <- run(ctx, append([]string{"-config", w.config, "-listen", "127.0.0.1:0", "-reload", "1ms"}, args...), io.Discard, write, w.dial)
	}()
	go func() {
		defer close(p.log)
		for s := bufio.NewScanner(read); s.Scan(); {
			line := map[string]any{"msg": s.Text()}
			_ = json.Unmarshal(s.Bytes(), &line)
			p.log <- line
		}
	}()
	t.Cleanup(func() { p.stop() })
	p.until(t, "synced")
	return p
}

// until reads the log up to a message.
func (p *program) until(t *testing.T, message string) map[string]any {
	t.Helper()
	for line := range p.log {
		p.seen = append(p.seen, line["msg"].(string))
		if at, ok := line["address"].(string); ok {
			p.at = append(p.at, at)
		}
		if line["msg"] == message {
			return line
		}
	}
	require.Failf(t, "the program has ended", "before it said %q: %q", message, p.seen)
	return nil
}

func (p *program) end(t *testing.T) {
	t.Helper()
	p.stop()
	for range p.log {
	}
	require.Zero(t, <-p.code)
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := client.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

const question = `{"Pod":{"metadata":{"namespace":"staff","name":"web","uid":"u"}},"Nodes":null,"NodeNames":["berlin","milan"]}`

func ask(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Post(url+"/filter", "application/json", strings.NewReader(question))
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

func TestRunAnswersReloadsAndEnds(t *testing.T) {
	w := newWorld(t)
	p := w.start(t, "-health", "127.0.0.1:0")
	require.Len(t, p.at, 2)
	url, health := "http://"+p.at[0], "http://"+p.at[1]
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/healthz", "/livez", "/readyz"} {
		code, _ := get(t, client, health+path)
		require.Equal(t, 200, code)
	}
	require.Contains(t, ask(t, client, url), `"NodeNames":["berlin"]`)
	resp, err := client.Post(health+"/filter", "application/json", strings.NewReader(question))
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, "no verbs where there is no TLS")

	text, err := os.ReadFile(w.continuum)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.continuum, []byte("kind: nothing"), 0o600))
	require.Equal(t, "continuum", p.until(t, "not reloaded; the old stays in force")["what"])
	require.Contains(t, ask(t, client, url), `"NodeNames":["berlin"]`)
	gone := strings.ReplaceAll(string(text), "ionos-berlin", "ionos-anywhere")
	temporary := w.continuum + ".new"
	require.NoError(t, os.WriteFile(temporary, []byte(gone), 0o600))
	require.NoError(t, os.Rename(temporary, w.continuum))
	p.until(t, "reloaded")
	require.Contains(t, ask(t, client, url), "no identity", "the node's site is not one of the continuum any more")
	_, metrics := get(t, client, health+"/metrics")
	require.Contains(t, metrics, "domicile_nodes_without_site 1")
	p.end(t)
	_, err = client.Get(url + "/livez")
	require.Error(t, err)
}

func TestExplain(t *testing.T) {
	w := newWorld(t)
	var out, errs bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-config", w.config, "-explain", "staff/web"}, &out, &errs, w.dial), errs.String())
	require.Contains(t, out.String(), "pod staff/web waits")
	require.Contains(t, out.String(), "best nodes: berlin")
	require.Equal(t, 1, run(t.Context(), []string{"-config", w.config, "-explain", "staff/nobody"}, &out, &errs, w.dial))
	require.Contains(t, errs.String(), "there is no pod staff/nobody")
}

// TestWrongUse: what is wrong is named, all of it, and the status says whose fault it is.
func TestWrongUse(t *testing.T) {
	w := newWorld(t)
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("apiVersion: domicile.eu/v1alpha1\nkind: KubernetesConfig\nasOf: later\njoint: perhaps\n"), 0o600))
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{nil, 2, []string{"-config is needed"}},
		{[]string{"-h"}, 0, []string{"Usage of domicile-extender"}},
		{[]string{"-nonsense"}, 2, []string{"-nonsense"}},
		{[]string{"-tls-cert", "x", "-explain", "a", "-log", "xml", "-max-nodes", "0", "more"}, 2,
			[]string{"unknown argument more", "-config is needed", "belong together", "NAMESPACE/POD", "json or text", "must not be negative"}},
		{[]string{"-config", w.config, "-client-ca", "x"}, 2, []string{"-client-ca needs -tls-cert"}},
		{[]string{"-config", "nowhere.yaml"}, 2, []string{"nowhere.yaml"}},
		{[]string{"-config", broken}, 2, []string{"exactly one", "asOf", "joint"}},
		{[]string{"-config", w.config, "-listen", "nowhere:x"}, 1, []string{"nowhere"}},
		{[]string{"-config", w.config, "-listen", "127.0.0.1:0", "-health", "nowhere:x"}, 1, []string{"nowhere"}},
	} {
		var out, errs bytes.Buffer
		assert.Equal(t, c.code, run(t.Context(), c.args, &out, &errs, w.dial), "%q: %s", c.args, errs.String())
		for _, text := range c.says {
			assert.Contains(t, errs.String(), text, "%q", c.args)
		}
	}
	var errs bytes.Buffer
	none := func(*settings) (kubernetes.Interface, error) { return nil, errors.New("no API server") }
	assert.Equal(t, 2, run(t.Context(), []string{"-config", w.config}, io.Discard, &errs, none))
	assert.Contains(t, errs.String(), "no API server")
}
