package opennebula

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/bench/harness"
)

func TestSuite_usage(t *testing.T) {
	for _, args := range [][]string{{}, {"-document", "x", "-mode", "both"}} {
		_, err := Suite.Run(t.Context(), args...)
		assert.ErrorIs(t, err, harness.ErrUsage)
	}
	_, err := Suite.Run(t.Context(), "-document", "testdata/none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// The optimum that OneDRS finds without being able to prove it.
func TestSuite_outside(t *testing.T) {
	dir := os.Getenv("DOMICILE_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	file := filepath.Join(dir, "opennebula", "bench_optimize.100x50.b64.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("outside data not at hand: %v", err)
	}
	out := filepath.Join(t.TempDir(), "plan")
	outcome, err := Suite.Run(t.Context(), "-document", file, "-out", out)
	require.NoError(t, err)
	r := outcome.(*result)
	assert.Empty(t, r.Failures())
	assert.Equal(t, "optimize", r.Mode)
	assert.InDelta(t, 0.3420, r.Value, 0.00005)
	assert.Less(t, r.Gap, 0.001)
	assert.LessOrEqual(t, r.Actions, 20)
	plan, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Contains(t, string(plan), "<ID>100</ID>")
}
