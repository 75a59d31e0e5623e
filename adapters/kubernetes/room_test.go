package kubernetes

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestAmountsThatAreNone: what overflows is more than there is, what is negative nothing, and the books stay what they are.
func TestAmountsThatAreNone(t *testing.T) {
	for text, cpu := range map[string]int64{"0": 0, "1": 1000, "1m": 1, "0.1m": 1, "-5": 0, "9e18": mostAmount, "9223372036854775807": mostAmount, "1e30": mostAmount, "-1e30": 0} {
		q := resource.MustParse(text)
		assert.Equal(t, cpu, roomOf(v1.ResourceList{v1.ResourceCPU: q}).cpu, text)
	}
	c, _ := testCluster(t, nil)
	for k := range 100 { // somebody has named the node himself
		p := testPod("staff", fmt.Sprintf("p%d", k), "9223372036854775807", nil, nil)
		p.Spec.Containers[0].Resources.Requests[v1.ResourceMemory] = resource.MustParse("9223372036854775807")
		p.Spec.Containers[0].Resources.Requests["example.com/gpu"] = resource.MustParse("9223372036854775807")
		p.Spec.NodeName = "ionos-berlin-0"
		c.SetPod(p)
	}
	f, err := c.Filter(t.Context(), testPod("staff", "p", "1", nil, nil), []string{"ionos-berlin-0", "ionos-berlin-1"})
	require.NoError(t, err)
	assert.Equal(t, reasonCPU, f.Soft["ionos-berlin-0"])
	assert.Equal(t, []string{"ionos-berlin-1"}, f.Pass)
	f, err = c.Filter(t.Context(), testPod("staff", "p", "1e30", nil, nil), []string{"ionos-berlin-1"})
	require.NoError(t, err)
	assert.Equal(t, reasonCPU, f.Soft["ionos-berlin-1"])
}
