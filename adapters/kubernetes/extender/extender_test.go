package extender

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

var now = time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)

// testCluster has one node on each of three sites of the example, and one without identity.
func testCluster(t testing.TB, change func(*adapter.Config)) *adapter.Cluster {
	cfg := adapter.Config{Continuum: "../../../examples/virt8ra/continuum.yaml", Policies: []string{"../../../examples/virt8ra/policies"}}
	if change != nil {
		change(&cfg)
	}
	c, err := adapter.New(cfg, &adapter.Options{Clock: func() time.Time { return now }})
	require.NoError(t, err)
	for name, site := range map[string]string{"berlin": "ionos-berlin", "milan": "aws-milan", "frankfurt": "ionos-frankfurt", "adrift": ""} {
		labels := map[string]string{}
		if site != "" {
			labels[adapter.SiteLabel] = site
		}
		c.SetNode(&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Status: v1.NodeStatus{Allocatable: v1.ResourceList{
			v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("16Gi"), v1.ResourcePods: resource.MustParse("110")}}})
	}
	c.SetNamespace(&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "staff", Annotations: map[string]string{adapter.DataAnnotation: "personal"}}})
	c.SetSynced(true)
	return c
}

func testPod(name, cpu string) *v1.Pod {
	return &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "staff", Name: name, UID: "uid-1"}, Spec: v1.PodSpec{Containers: []v1.Container{{
		Name: "c", Resources: v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse(cpu)}}}}}}
}

func request(t testing.TB, pod *v1.Pod, names ...string) []byte {
	b, err := json.Marshal(extenderv1.ExtenderArgs{Pod: pod, NodeNames: &names})
	require.NoError(t, err)
	return b
}

// post sends a body; the answer has to be whole, with its length.
func post(t testing.TB, h http.Handler, path string, body []byte) (int, []byte) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body)))
	require.Equal(t, fmt.Sprint(w.Body.Len()), w.Header().Get("Content-Length"))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	return w.Code, w.Body.Bytes()
}

func filter(t testing.TB, h http.Handler, body []byte) extenderv1.ExtenderFilterResult {
	t.Helper()
	code, text := post(t, h, "/filter", body)
	require.Equal(t, http.StatusOK, code)
	var out extenderv1.ExtenderFilterResult
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}

func TestFilterAndPrioritize(t *testing.T) {
	h := New(testCluster(t, nil), nil)
	names := []string{"milan", "berlin", `no "such" node`, "adrift", "frankfurt"}
	out := filter(t, h, request(t, testPod("p", "1"), names...))
	require.Empty(t, out.Error)
	require.Equal(t, []string{"berlin", "frankfurt"}, *out.NodeNames)
	require.Empty(t, out.FailedNodes)
	require.Len(t, out.FailedAndUnresolvableNodes, 3)
	require.Contains(t, out.FailedAndUnresolvableNodes["milan"], "domicile: policy ")
	require.Contains(t, out.FailedAndUnresolvableNodes[`no "such" node`], "not known")
	require.Contains(t, out.FailedAndUnresolvableNodes["adrift"], "no identity")

	out = filter(t, h, request(t, testPod("p", "100"), "berlin", "milan"))
	require.Contains(t, out.FailedNodes["berlin"], "not enough cpu", "which preemption may help")
	require.Contains(t, out.FailedAndUnresolvableNodes["milan"], "domicile: policy ")
	require.NotNil(t, out.NodeNames)

	code, text := post(t, h, "/prioritize", request(t, testPod("p", "1"), "berlin", "frankfurt", "milan"))
	require.Equal(t, http.StatusOK, code)
	var scores extenderv1.HostPriorityList
	require.NoError(t, json.Unmarshal(text, &scores))
	require.Len(t, scores, 3)
	for k, host := range []string{"berlin", "frankfurt", "milan"} {
		require.Equal(t, host, scores[k].Host)
		require.True(t, scores[k].Score >= 0 && scores[k].Score <= 10)
	}
	require.Zero(t, scores[2].Score)
	out = filter(t, h, request(t, testPod("p", "1")))
	require.Empty(t, *out.NodeNames)
}

// TestBadRequests are told in the form of the verb, with status 200 where Kubernetes reads nothing else.
func TestBadRequests(t *testing.T) {
	h := New(testCluster(t, nil), &Options{MostBytes: 4096, MostNodes: 3})
	good := string(request(t, testPod("p", "1"), "berlin"))
	pod := good[strings.Index(good, `"Pod":`) : strings.Index(good, `"Nodes"`)-1]
	for name, body := range map[string]string{
		"empty":         "",
		"no JSON":       "hello",
		"list":          "[]",
		"null":          "null",
		"no pod":        `{"NodeNames":["berlin"]}`,
		"pod is null":   `{"Pod":null,"NodeNames":["berlin"]}`,
		"pod is text":   `{"Pod":"p","NodeNames":["berlin"]}`,
		"broken pod":    `{"Pod":{"metadata":{"name":3}},"NodeNames":["berlin"]}`,
		"truncated":     good[:len(good)-3],
		"two values":    good + good,
		"names no list": `{` + pod + `,"NodeNames":{"a":1}}`,
		"names numbers": `{` + pod + `,"NodeNames":[1]}`,
		"bad escape":    `{` + pod + `,"NodeNames":["\q"]}`,
		"many nodes":    `{` + pod + `,"NodeNames":["a","b","c","d"]}`,
		"whole nodes":   `{` + pod + `,"Nodes":{"items":[]},"NodeNames":null}`,
		"deep":          `{` + pod + `,"X":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		"bad unknown":   `{` + pod + `,"X":[tru],"NodeNames":["berlin"]}`,
		"large":         `{` + pod + `,"X":"` + strings.Repeat("x", 5000) + `"}`,
	} {
		out := filter(t, h, []byte(body))
		require.NotEmpty(t, out.Error, name)
		require.Nil(t, out.NodeNames, name)
		code, _ := post(t, h, "/prioritize", []byte(body))
		require.Equal(t, http.StatusBadRequest, code, name)
		code, text := post(t, h, "/bind", []byte(body))
		require.Equal(t, http.StatusOK, code, name)
		require.Contains(t, string(text), `{"Error":"domicile: `, name)
	}
	out := filter(t, h, []byte(`{`+pod+`,"Future":{"a":[1,2,{"b":null}]},"nodenames":["b\u0065rlin"],"Nodes":null}`))
	require.Empty(t, out.Error)
	require.Equal(t, []string{"berlin"}, *out.NodeNames, "unknown fields are fine, and keys match as Go matches them")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/filter", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

// TestNotReadyAnswersWithError: there is no list of nodes that could be taken for an answer.
func TestNotReadyAnswersWithError(t *testing.T) {
	c := testCluster(t, func(c *adapter.Config) { c.Deadline = time.Nanosecond })
	h := New(c, nil)
	body := request(t, testPod("p", "1"), "berlin")
	require.Contains(t, filter(t, h, body).Error, "not answered in time")
	code, _ := post(t, h, "/prioritize", body)
	require.Equal(t, http.StatusServiceUnavailable, code)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	code, _ = get("/readyz")
	require.Equal(t, 200, code)
	c.SetSynced(false)
	require.Contains(t, filter(t, h, body).Error, "have not been read yet")
	code, text := get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, text, "have not been read yet")
	for _, path := range []string{"/healthz", "/livez"} {
		code, _ = get(path)
		require.Equal(t, 200, code)
	}
	_, text = get("/metrics")
	require.Contains(t, text, `domicile_extender_requests_total{code="error",verb="filter"} 2`)
	require.Contains(t, text, "domicile_ready 0")
	require.Contains(t, text, "domicile_build_info{")
}

func TestPanicsAreErrors(t *testing.T) {
	h := New(testCluster(t, nil), nil)
	rec := httptest.NewRecorder()
	h.verb("filter", func(context.Context, []byte, []byte) ([]byte, error) { panic("boom") })(rec, httptest.NewRequest(http.MethodPost, "/filter", strings.NewReader("{}")))
	require.Equal(t, 200, rec.Code)
	require.Contains(t, rec.Body.String(), `"Error":"domicile: internal error`)
}

// TestConnectionsAreKept: a large answer read by kube-scheduler's decoder, which stops behind the value.
func TestConnectionsAreKept(t *testing.T) {
	server := httptest.NewServer(New(testCluster(t, nil), nil))
	defer server.Close()
	names := make([]string, 2000)
	for k := range names {
		names[k] = fmt.Sprintf("node-%05d", k)
	}
	body := request(t, testPod("p", "1"), names...)
	fresh := 0
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if !i.Reused {
			fresh++
		}
	}}
	for range 5 {
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), http.MethodPost, server.URL+"/filter", bytes.NewReader(body))
		require.NoError(t, err)
		resp, err := server.Client().Do(req)
		require.NoError(t, err)
		var out extenderv1.ExtenderFilterResult
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
		resp.Body.Close()
		require.Len(t, out.FailedAndUnresolvableNodes, len(names))
	}
	require.Equal(t, 1, fresh)
}

func TestBind(t *testing.T) {
	c := testCluster(t, nil)
	p := testPod("p", "3")
	c.SetPod(p)
	client := fake.NewClientset(p, testPod("late", "3"))
	var bound []string
	fail := error(nil)
	client.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "binding" {
			return false, nil, nil
		}
		if fail != nil {
			return true, nil, fail
		}
		bound = append(bound, a.(clienttesting.CreateAction).GetObject().(*v1.Binding).Target.Name)
		return true, nil, nil
	})
	h := New(c, &Options{Client: client})
	bind := func(name, uid, node string) string {
		b, err := json.Marshal(map[string]string{"PodName": name, "PodNamespace": "staff", "PodUID": uid, "Node": node})
		require.NoError(t, err)
		code, text := post(t, h, "/bind", b)
		require.Equal(t, 200, code)
		var out extenderv1.ExtenderBindingResult
		require.NoError(t, json.Unmarshal(text, &out))
		return out.Error
	}
	require.Contains(t, bind("p", "uid-1", "milan"), "domicile: policy ", "whoever chose it: it is judged again")
	require.Contains(t, bind("p", "uid-2", "berlin"), "another one by now")
	require.Contains(t, bind("nobody", "uid-2", "berlin"), "not found")
	require.Contains(t, bind("p", "", "berlin"), "are needed")
	fail = apierrors.NewConflict(v1.Resource("pods"), "p", fmt.Errorf("assigned already"))
	require.Contains(t, bind("p", "uid-1", "berlin"), "assigned already")
	require.Zero(t, c.Stats().Held, "given back")
	fail = io.ErrUnexpectedEOF
	require.NotEmpty(t, bind("p", "uid-1", "berlin"))
	require.Equal(t, 1, c.Stats().Held, "nobody knows whether it came through")
	fail = nil
	require.Empty(t, bind("p", "uid-1", "berlin"))
	require.Contains(t, bind("late", "uid-1", "berlin"), "not enough cpu", "the first is not seen bound yet")
	require.Equal(t, []string{"berlin"}, bound)
	require.Contains(t, func() string {
		code, text := post(t, New(c, nil), "/bind", []byte("{}"))
		require.Equal(t, 200, code)
		return string(text)
	}(), "does not bind")
}

// FuzzArgs: what the scanner reads is what encoding/json reads, and nothing makes it panic.
func FuzzArgs(f *testing.F) {
	f.Add(request(f, testPod("p", "1"), "berlin", "milan"))
	f.Add([]byte(`{"Pod":{},"NodeNames":["a\u0041","b"],"x":{"y":[1,2]}}`))
	f.Add([]byte(`{"pod":{"spec":{}},"nodenames":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		have, err := parseArgs(body, 1000)
		if err != nil {
			return
		}
		var want extenderv1.ExtenderArgs
		require.NoError(t, json.Unmarshal(body, &want), "%q is no JSON", body)
		require.Equal(t, want.Pod, have.pod)
		if want.NodeNames == nil {
			require.Empty(t, have.names)
		} else if len(*want.NodeNames)+len(have.names) > 0 {
			require.Equal(t, *want.NodeNames, have.names)
		}
	})
}
