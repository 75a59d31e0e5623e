package roadef

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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

// tinyFiles writes the tiny instance and returns the flags that name it.
func tinyFiles(t *testing.T) (dir string, args []string) {
	dir = t.TempDir()
	model, initial := filepath.Join(dir, "model_tiny.txt"), filepath.Join(dir, "assignment_tiny.txt")
	require.NoError(t, os.WriteFile(model, []byte(tiny), 0o644))
	require.NoError(t, os.WriteFile(initial, []byte(tinyInitial), 0o644))
	return dir, []string{"-model", model, "-initial", initial}
}

func TestSuite(t *testing.T) {
	dir, args := tinyFiles(t)
	out := filepath.Join(dir, "answer.txt")
	r, err := runSuite(t, append(args, "-steps", "5000", "-best", "0", "-out", out)...)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Zero(t, r.Violations)
	assert.Equal(t, "tiny", r.Instance)
	assert.LessOrEqual(t, r.Value, r.Initial)
	assert.LessOrEqual(t, r.Bound, r.Value)
	assert.Positive(t, r.Steps)
	require.NotNil(t, r.Score)
	assert.InDelta(t, 100*float64(r.Value)/float64(r.Initial), *r.Score, 1e-9)
	assert.NotEmpty(t, r.Table())

	m, initial := mustRead(t, tiny, tinyInitial)
	on, err := readFile(out, m.ReadAssignment)
	require.NoError(t, err)
	cost, allowed := challengeCost(m, initial, on)
	assert.True(t, allowed)
	assert.Equal(t, r.Value, cost)
	moved := 0
	for i := range on {
		if on[i] != initial[i] {
			moved++
		}
	}
	assert.Equal(t, moved, r.Moved)

	again, err := runSuite(t, append(args, "-steps", "5000")...)
	require.NoError(t, err)
	assert.Equal(t, r.Value, again.Value)
	text, err := json.Marshal(again)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "score")
	for _, field := range []string{"instance", "initial", "value", "bound", "gap", "steps", "moves_per_second_per_core", "moved", "violations"} {
		assert.Contains(t, string(text), `"`+field+`":`)
	}
}

func TestSuiteInTime(t *testing.T) {
	_, args := tinyFiles(t)
	r, err := runSuite(t, append(args, "-time", "200ms")...)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
}

func TestSuiteFlags(t *testing.T) {
	_, args := tinyFiles(t)
	for _, wrong := range [][]string{{"-model", "x"}, args[2:], append(args, "-best", "-5")} {
		_, err := runSuite(t, wrong...)
		assert.ErrorIs(t, err, harness.ErrUsage, "%v", wrong)
	}
	_, err := runSuite(t, "-model", "nowhere", "-initial", "nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// What is wrong with an answer is found, and no answer is written of it.
func TestCheckFindsFaults(t *testing.T) {
	m, initial := mustRead(t, tiny, tinyInitial)
	r := newRunner(harness.Flags{Seed: 1, Steps: 1000, Workers: 1}, nil)
	require.NoError(t, r.all(context.Background(), m, initial))
	require.Empty(t, r.result.Failures())
	r.answer.Tiers[1].Bound = r.answer.Tiers[1].Value + 1
	for id := range r.answer.Assignment {
		r.answer.Assignment[id] = siteID(2)
	}
	delete(r.answer.Assignment, workloadID(0))
	r.on = nil
	require.NoError(t, r.check(context.Background()))
	assert.GreaterOrEqual(t, len(r.result.Failures()), 4)
	assert.Greater(t, r.result.Violations, 1)
	file := filepath.Join(t.TempDir(), "answer.txt")
	require.NoError(t, r.write(file))
	assert.NoFileExists(t, file)
	assert.Equal(t, placement.Assignment{}, m.assignment(nil))
}
