package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

// TestGuide goes through docs/kubernetes.md as a reader with two nodes would.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../../docs/kubernetes.md")
	require.NoError(t, err)
	files := make(map[string]string)
	var commands []string
	for _, m := range regexp.MustCompile("(?ms)^```(\\S+)(?: (\\S+))?\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		if m[2] != "" {
			files[m[2]] = m[3]
		} else if m[1] == "sh" {
			commands = append(commands, strings.Split(strings.TrimSpace(m[3]), "\n")...)
		}
	}
	require.Len(t, commands, 7)

	p := newPlane(t)
	for _, name := range []string{"worker-1", "worker-2"} {
		n := node(name, "")
		n.Labels = nil
		_, err := p.client.CoreV1().Nodes().Create(context.Background(), n, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	var values map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(files["values.yaml"]), &values))
	s := p.schedule(t, values)
	for _, c := range commands {
		require.NoError(t, p.kubectl(strings.Fields(c), files), c)
	}
	assert.Contains(t, p.refusal(t, "payroll", "abroad").Message, strings.TrimSpace(files["refusal"]))
	eventually(t, 30*time.Second, func() error { return p.bound("payroll", "home") })
	x, err := p.client.CoreV1().Pods("payroll").Get(context.Background(), "home", metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, "worker-1", x.Spec.NodeName)
	if t.Failed() {
		t.Log(s.extender.words(), s.scheduler.words())
	}
}

// kubectl does what the few commands of the guide do.
func (p *plane) kubectl(words []string, files map[string]string) error {
	ctx, core := context.Background(), p.client.CoreV1()
	if len(words) < 4 || words[0] != "kubectl" {
		return fmt.Errorf("not a command of kubectl: %v", words)
	}
	switch verb := words[1]; verb {
	case "create":
		_, err := core.Namespaces().Create(ctx, &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: words[3]}}, metav1.CreateOptions{})
		return err
	case "apply":
		x := &v1.Pod{}
		if err := yaml.UnmarshalStrict([]byte(files[words[3]]), x); err != nil {
			return err
		}
		return create(p.client, x)
	case "label", "annotate":
		key, value, _ := strings.Cut(words[4], "=")
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{map[string]string{"label": "labels", "annotate": "annotations"}[verb]: map[string]string{key: value}}})
		if err != nil {
			return err
		}
		if words[2] == "node" {
			_, err = core.Nodes().Patch(ctx, words[3], types.MergePatchType, patch, metav1.PatchOptions{})
		} else {
			_, err = core.Namespaces().Patch(ctx, words[3], types.MergePatchType, patch, metav1.PatchOptions{})
		}
		return err
	}
	return fmt.Errorf("unknown verb %s", words[1])
}
