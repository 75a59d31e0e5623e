package scale

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/placement"
)

func runSuite(t *testing.T, args ...string) (*result, error) {
	t.Helper()
	outcome, err := Suite.Run(t.Context(), args...)
	if err != nil {
		return nil, err
	}
	return outcome.(*result), nil
}

func TestSuite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	r, err := runSuite(t, "-sites", "60", "-workloads", "120", "-steps", "20000", "-out", dir)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Zero(t, r.Violations)
	assert.LessOrEqual(t, r.Unplaced, 2, "a placement of everything was planted; so short a search may miss some")
	require.Greater(t, len(r.Tiers), 1)
	assert.Equal(t, r.Tiers[1].Value, r.Value)
	assert.LessOrEqual(t, r.Bound, r.Value)
	assert.NotEmpty(t, r.Table())

	var assignment placement.Assignment
	text, err := os.ReadFile(filepath.Join(dir, "assignment.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &assignment))
	assert.Len(t, assignment, 120-r.Unplaced)

	again, err := runSuite(t, "-sites", "60", "-workloads", "120", "-steps", "20000")
	require.NoError(t, err)
	assert.Equal(t, r.Tiers, again.Tiers, "steps are a deterministic budget")
}

func TestSuiteInTime(t *testing.T) {
	r, err := runSuite(t, "-sites", "50", "-workloads", "50", "-time", "2s")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
}

func TestSuiteFlags(t *testing.T) {
	for _, args := range [][]string{{"-sites", "10"}, {"-workloads", "0"}} {
		_, err := runSuite(t, args...)
		assert.ErrorIs(t, err, harness.ErrUsage, "%v", args)
	}
}

// What is wrong with an answer is found.
func TestCheckFindsFaults(t *testing.T) {
	dir := t.TempDir()
	_, err := runSuite(t, "-sites", "50", "-workloads", "30", "-steps", "1000", "-out", dir)
	require.NoError(t, err)
	r := &runner{dir: dir, began: time.Now(), flags: harness.Flags{Seed: 1, Steps: 1000}}
	require.NoError(t, r.read(context.Background()))
	require.NoError(t, r.solve(context.Background()))
	r.answer.Tiers[1].Value++
	r.answer.Tiers[1].Bound = r.answer.Tiers[1].Value
	for w := range r.answer.Assignment {
		r.answer.Assignment[w] = "tower-0000000" // far too small for all
	}
	require.NoError(t, r.check(context.Background()))
	assert.GreaterOrEqual(t, len(r.result.Failures()), 3)
	assert.Positive(t, r.result.Violations)
}
