package latency

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/bench/harness"
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
	for _, args := range [][]string{
		{"-nodes", "300", "-edges", "900", "-steps", "5"},
		{"-hierarchical", "400", "-steps", "5", "-workers", "3"},
		{"-nodes", "2", "-edges", "1", "-steps", "5"},
	} {
		r, err := runSuite(t, args...)
		require.NoError(t, err)
		assert.Empty(t, r.Failures(), "%v", args)
		assert.Equal(t, min(5, r.rows), r.compared)
		assert.Positive(t, r.percentileChecked)
		assert.NotEmpty(t, r.Table())
	}
}

func TestSuiteFlags(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-nodes", "10"}, {"-nodes", "10", "-edges", "8"}, {"-nodes", "-1", "-edges", "1"}, {"-hierarchical", "-5"},
		{"-hierarchical", "100", "-nodes", "10", "-edges", "20"}, {"-hierarchical", "100", "-out", "x"},
	} {
		_, err := runSuite(t, args...)
		assert.ErrorIs(t, err, harness.ErrUsage, "%v", args)
	}
}

func TestFailures(t *testing.T) {
	assert.Empty(t, (&result{PercentileError: mostError}).Failures())
	assert.Len(t, (&result{Mismatches: 1, PercentileError: 0.031}).Failures(), 2)
}

// Labels on a hierarchy are exact; on a graph without one they are refused, and the suite says so.
func TestLabels(t *testing.T) {
	r, err := runSuite(t, "-hierarchical", "2000", "-steps", "1")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, labelOrigins, r.labelCompared)
	assert.Positive(t, r.LabelBytes)
	r, err = runSuite(t, "-nodes", "3000", "-edges", "12000", "-steps", "1")
	require.NoError(t, err)
	assert.Contains(t, r.labelRefusal, "too dense")
	assert.Zero(t, r.LabelBytes)
	assert.Contains(t, r.Table()[len(r.Table())-1][1], "refused")
}
