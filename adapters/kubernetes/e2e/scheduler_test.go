package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// scheduling is the chart's pod as processes: an extender and a kube-scheduler that asks it through a proxy of ours.
type scheduling struct {
	extender, scheduler *process
	url                 string // of the extender
	proxy               *proxy
}

// schedule installs the chart and starts what its Deployment would, with the service account's token and the configuration
// of its ConfigMap; only addresses and paths are put in place.
func (p *plane) schedule(t testing.TB, values map[string]any) *scheduling {
	t.Helper()
	all := render(t, values)
	p.install(t, all)
	kubeconfig := p.kubeconfig(t, "service-account", p.token(t))

	s := &scheduling{}
	config := file(t, all, release, "extender.yaml")
	for path, m := range map[string]string{"/etc/domicile/continuum": release + "-continuum", "/etc/domicile/policies": release + "-policies"} {
		require.Contains(t, config, path)
		config = strings.ReplaceAll(config, path, p.mount(t, all, m))
	}
	require.NoError(t, os.WriteFile(p.path("extender.yaml"), []byte(config), 0o600))
	s.startExtender(t, p, kubeconfig)
	s.proxy = newProxy(t, s.url)

	var c map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(file(t, all, release, "scheduler.yaml")), &c))
	c["clientConnection"].(map[string]any)["kubeconfig"] = kubeconfig
	// The chart's own backoffs are kube-scheduler's, up to ten seconds; here pods come back sooner.
	c["podInitialBackoffSeconds"], c["podMaxBackoffSeconds"] = 1, 1
	c["extenders"].([]any)[0].(map[string]any)["urlPrefix"] = s.proxy.URL
	s.scheduler = p.startScheduler(t, "kube-scheduler", "kube-scheduler", c)
	return s
}

// startScheduler starts a kube-scheduler, or another program of its kind, with a configuration and waits until it is ready.
func (p *plane) startScheduler(t testing.TB, name, program string, config map[string]any) *process {
	t.Helper()
	b, err := yaml.Marshal(config)
	require.NoError(t, err)
	path := p.path(name + ".yaml")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	if !filepath.IsAbs(program) {
		program = filepath.Join(p.bin, program)
	}
	port := freePorts(t, 1)[0]
	x := spawn(t, p.dir, name, program, "--config="+path, "--bind-address=127.0.0.1", "--secure-port="+strconv.Itoa(port),
		"--cert-dir="+p.path(name+"-certs"), "--authentication-skip-lookup=true", "--v=1")
	client := &http.Client{Transport: insecure(), Timeout: 2 * time.Second}
	x.await(t, func() error { return get(client, fmt.Sprintf("https://127.0.0.1:%d/readyz", port)) })
	return x
}

// startExtender starts the extender and waits until it is ready.
func (s *scheduling) startExtender(t testing.TB, p *plane, kubeconfig string) {
	t.Helper()
	listen := "127.0.0.1:" + strconv.Itoa(freePorts(t, 1)[0])
	s.url = "http://" + listen
	s.extender = spawn(t, p.dir, "domicile-extender", program(t, "..", "cmd/domicile-extender"),
		"-config="+p.path("extender.yaml"), "-listen="+listen, "-kubeconfig="+kubeconfig, "-bind", "-log=text")
	s.awaitExtender(t)
}

func (s *scheduling) awaitExtender(t testing.TB) {
	t.Helper()
	s.extender.await(t, func() error { return get(http.DefaultClient, s.url+"/readyz") })
}

// mount lays a ConfigMap out as a kubelet does: links to links into a folder with a dot.
func (p *plane) mount(t testing.TB, all []*unstructured.Unstructured, name string) string {
	dir := p.path("mount-" + name)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "..2026_11_24"), 0o700))
	require.NoError(t, os.Symlink("..2026_11_24", filepath.Join(dir, "..data")))
	for _, u := range all {
		if u.GetKind() != "ConfigMap" || u.GetName() != name {
			continue
		}
		data, _, err := unstructured.NestedStringMap(u.Object, "data")
		require.NoError(t, err)
		for key, text := range data {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "..data", key), []byte(text), 0o600))
			require.NoError(t, os.Symlink(filepath.Join("..data", key), filepath.Join(dir, key)))
		}
	}
	return dir
}

// program builds a program of a module beside this one.
func program(t testing.TB, module, pkg string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-C", module, "-o", out, "./"+pkg)
	words, err := cmd.CombinedOutput()
	require.NoError(t, err, string(words))
	return out
}

// actor starts the test binary in a role.
func (p *plane) actor(t testing.TB, role, listen string, env ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	x := &process{name: "extender-" + role, path: self, log: p.path("extender-" + role + ".log")}
	x.env = append(append(os.Environ(), "E2E_ACTOR="+role, "E2E_LISTEN="+listen), env...)
	x.start(t)
	t.Cleanup(x.kill)
	return x
}

// await asks until there is no error, and fails at once when the program ends.
func (p *process) await(t testing.TB, ask func() error) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		if !p.alive() {
			require.Fail(t, p.name+" ended", p.words())
		}
		return ask()
	})
}

func get(client *http.Client, url string) error {
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", url, r.StatusCode)
	}
	return nil
}
