package gap

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/bench/harness"
)

func run(t *testing.T, args ...string) (*result, error) {
	t.Helper()
	outcome, err := Suite.Run(t.Context(), args...)
	if err != nil {
		return nil, err
	}
	return outcome.(*result), nil
}

// The tiny problem by hand: both of the first two cheap choices fit (jobs 1 and 3 with agent 1, job 2 with agent 2).
func TestSuite_tiny(t *testing.T) {
	out := filepath.Join(t.TempDir(), "answer")
	r, err := run(t, "-file", "testdata/tiny", "-steps", "10000", "-out", out)
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, int64(4), r.Value)
	assert.Equal(t, int64(4), r.Bound)
	assert.True(t, r.Optimal)
	answer, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, "1 2 1\n", string(answer))
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"instance":"tiny","value":4,"bound":4,"gap":0,"optimal":true,"violations":0}`, string(text))
}

func TestSuite_usage(t *testing.T) {
	_, err := run(t)
	assert.ErrorIs(t, err, harness.ErrUsage)
	_, err = run(t, "-file", "testdata/tiny", "-index", "1")
	assert.ErrorIs(t, err, harness.ErrUsage)
	_, err = run(t, "-file", "testdata/none")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestSuite_outside proves optima of outside instances.
func TestSuite_outside(t *testing.T) {
	dir := os.Getenv("DOMICILE_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	dir = filepath.Join(dir, "gap", "cattrysse1994")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("outside data not at hand: %v", err)
	}
	for file, optimum := range map[string]int64{"gap1-0": 261, "gap7-2": 662, "gap12-3": 954} {
		r, err := run(t, "-file", filepath.Join(dir, file), "-steps", "500000")
		require.NoError(t, err)
		assert.Empty(t, r.Failures(), file)
		assert.Equal(t, optimum, r.Value, file)
		assert.True(t, r.Optimal, file)
	}
}

func TestRead(t *testing.T) {
	one, err := os.ReadFile("testdata/tiny")
	require.NoError(t, err)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(one)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for name, c := range map[string]struct {
		text  string
		count int
	}{
		"one":            {string(one), 1},
		"gzipped":        {packed.String(), 1},
		"several":        {string(one) + string(one), 2},
		"counted":        {"3\n" + strings.Repeat(string(one), 3), 3},
		"empty":          {"", 0},
		"cut off":        {string(one[:len(one)-4]), 0},
		"miscounted":     {"2\n" + string(one), 0},
		"too many":       {string(one) + "7", 0},
		"no number":      {"2 3 x", 0},
		"negative":       {"-2 3", 0},
		"too large":      {"1 1 99999999999999999999 1 1", 0},
		"too many pairs": {"200 2000000", 0},
		"broken gzip":    {"\x1f\x8b and so on", 0},
	} {
		all, err := Read(strings.NewReader(c.text))
		if c.count == 0 {
			assert.ErrorIs(t, err, ErrFormat, name)
			continue
		}
		require.NoError(t, err, name)
		require.Len(t, all, c.count, name)
		for _, g := range all {
			assert.Equal(t, &Instance{
				Cost: [][]int64{{1, 5, 2}, {4, 1, 3}}, Use: [][]int64{{2, 2, 2}, {1, 3, 2}}, Capacity: []int64{4, 5},
			}, g, name)
		}
	}
}

func TestJudge(t *testing.T) {
	g := &Instance{Cost: [][]int64{{1, 5}, {4, 1}}, Use: [][]int64{{2, 2}, {1, 3}}, Capacity: []int64{3, 3}}
	cost, wrong := g.judge([]int{0, 1})
	assert.Equal(t, int64(2), cost)
	assert.Empty(t, wrong)
	_, wrong = g.judge([]int{0, 0})
	assert.Len(t, wrong, 1)
	_, wrong = g.judge([]int{-1, 1})
	assert.Len(t, wrong, 1)
}

// FuzzRead: no input breaks the reader, and what it accepts has the shape that it says.
func FuzzRead(f *testing.F) {
	one, err := os.ReadFile("testdata/tiny")
	require.NoError(f, err)
	f.Add(one)
	f.Add([]byte("1 " + string(one)))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Read(bytes.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		for _, g := range all {
			require.Len(t, g.Cost, g.Agents())
			require.Len(t, g.Use, g.Agents())
			for a := range g.Capacity {
				require.Len(t, g.Cost[a], g.Jobs())
				require.Len(t, g.Use[a], g.Jobs())
			}
		}
	})
}
