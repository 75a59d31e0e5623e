package policies

import (
	"context"
	"os"
	"path/filepath"
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
	r, err := runSuite(t, "-sites", "200", "-workloads", "40", "-sample", "300")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 13, r.Rules)
	assert.EqualValues(t, 8000, r.Pairs)
	assert.Equal(t, 300, r.Sampled)
	assert.Zero(t, r.Mismatches)
	assert.Greater(t, r.denied, 50)
	assert.Less(t, r.denied, 280)
	assert.Equal(t, r.denied, r.detailed)
	assert.Greater(t, r.Evaluations, int64(100))
	assert.Less(t, r.Evaluations, r.Pairs)
	for _, figure := range []float64{r.NaiveUS, r.US, r.Ratio, r.WarmUS, r.SiteUpdateUS, float64(r.TableBytes)} {
		assert.Positive(t, figure)
	}
	assert.NotEmpty(t, r.Table())
}

// TestSuiteOnAFolder judges by rules of a folder, of a tenant and an owner as well, one of which is asked site by site.
func TestSuiteOnAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, side := range map[string]string{"a": "continuum.a", "b": `tenant["tenant-0000"].b`, "c": `owner["telco-de"].c`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".rego"), []byte(`package domicile.`+side+`

# METADATA
# title: t
# custom: {code: `+name+`-1}
deny contains {"id": "`+name+`"} if {
	endswith(input.site.id, "7")
	input.site.labels.zone != input.workload.data
}

# METADATA
# title: t
# custom: {code: `+name+`-2}
prefer contains {"points": 3, "because": "x"} if input.site.tier == "edge"
`), 0o600))
	}
	r, err := runSuite(t, "-sites", "120", "-workloads", "20", "-sample", "400", "-policies", dir)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 6, r.Rules)
	assert.Positive(t, r.denied)
	assert.Len(t, r.findings, 3, "each of the three is asked site by site")
}

func TestSuiteRefuses(t *testing.T) {
	_, err := runSuite(t, "-sites", "3")
	require.ErrorIs(t, err, harness.ErrUsage)
	_, err = runSuite(t, "-sites", "60", "-policies", filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}

// TestMismatchesAreSeen tells an answer that is not that of plain evaluation.
func TestMismatchesAreSeen(t *testing.T) {
	r := &runner{config: config{sites: 60, workloads: 10, sampled: 200}, seed: 1}
	ctx := context.Background()
	require.NoError(t, r.make(ctx))
	require.NoError(t, r.judge(ctx))
	r.answers[0], r.answers[1] = r.answers[1], r.answers[0]
	require.NoError(t, r.compare(ctx))
	assert.Positive(t, r.result.Mismatches)
	assert.NotEmpty(t, r.result.Failures())
}
