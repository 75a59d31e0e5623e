package online

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	r, err := runSuite(t, "-sites", "60", "-workloads", "60", "-decisions", "400")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 400, r.decisions)
	assert.Positive(t, r.departed)
	assert.Less(t, r.refused, 400)
	for _, figure := range []float64{r.P50, r.P99, r.Allocs, r.WhyNot, r.Recommend} {
		assert.Positive(t, figure)
	}
	assert.NotEmpty(t, r.Table())
	again, err := runSuite(t, "-sites", "60", "-workloads", "60", "-decisions", "400")
	require.NoError(t, err)
	assert.Equal(t, []int{r.refused, r.departed, r.placed}, []int{again.refused, again.departed, again.placed}, "decisions depend on no clock")
}

func TestSuiteFlags(t *testing.T) {
	for _, args := range [][]string{{"-sites", "10"}, {"-workloads", "0"}, {"-decisions", "0"}} {
		_, err := runSuite(t, args...)
		assert.ErrorIs(t, err, harness.ErrUsage, "%v", args)
	}
	_, err := runSuite(t, "-sites", "60", "-trace", t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// writeTrace writes a small trace with changes to some of its files.
func writeTrace(t *testing.T, changes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		flavoursFile: "1,0.75 a\n16,64 b\n", intervalsFile: "0 0\n300 1\n600 2\n900 2\n",
		arrivalsFile: "300 a,|,b,a,|,\n900 b,|,\n", lifetimesFile: "300 U0,|,U2,C1,|,\n900 U1,|,\n",
	} {
		if changed, ok := changes[name]; ok {
			text = changed
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), packed(t, name, text), 0o600))
	}
	return dir
}

func TestReadTrace(t *testing.T) {
	flavours, all, err := readTrace(writeTrace(t, nil), 100)
	require.NoError(t, err)
	assert.Equal(t, []flavour{{1000, 3 << 28}, {16_000, 64 << 30}}, flavours)
	want := []arrival{{300, 0, 0, 301}, {300, 1, 1, 900}, {300, 0, 1, math.MaxInt64}, {900, 1, 2, 1200}}
	assert.Equal(t, want, all)
	_, first, err := readTrace(writeTrace(t, nil), 2)
	require.NoError(t, err)
	assert.Equal(t, want[:2], first)

	r, err := runSuite(t, "-sites", "60", "-workloads", "10", "-decisions", "10", "-trace", writeTrace(t, nil))
	require.NoError(t, err)
	assert.Equal(t, 4, r.decisions)
}

// Nothing unexpected is passed over.
func TestReadTraceRefuses(t *testing.T) {
	for name, texts := range map[string][]string{
		flavoursFile:  {"1,0.75\n", "x,1 a\n", "0,1 a\n", "1,NaN a\n", "1,1 a\n2,2 a\n"},
		intervalsFile: {"0\n", "0 1\n", "-1 0\n"},
		// A file with too little shows in those that need more.
		arrivalsFile: {"300 a,|,b,a,|,\n", "300 a,|,b,|,a,\n900 b,|,\n", "300 a,|,b,c,|,\n900 b,|,\n", "301 a,|,b,a,|,\n900 b,|,\n",
			"300 a,|,b,a,|,\n300 b,|,\n", "a,|\n900 b,|,\n", "300 a,|,b,,a,|,\n900 b,|,\n"},
		lifetimesFile: {"300 U0,|,U2,X1,|,\n900 U1,|,\n", "300 U0,|,U2,U9,|,\n900 U1,|,\n", "300 U0,|,U2,U,|,\n900 U1,|,\n", "300 U0,|,U2,U-1,|,\n900 U1,|,\n"},
	} {
		for _, text := range texts {
			_, _, err := readTrace(writeTrace(t, map[string]string{name: text}), 100)
			assert.ErrorContains(t, err, strings.TrimSuffix(name, ".gz"), "%s: %q", name, text)
		}
	}
	dir := writeTrace(t, nil)
	require.NoError(t, os.WriteFile(filepath.Join(dir, arrivalsFile), []byte("300 a"), 0o600))
	_, _, err := readTrace(dir, 100)
	assert.Error(t, err, "not packed")
}

func TestReadLinesIsBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bomb.gz")
	require.NoError(t, os.WriteFile(name, packed(t, name, strings.Repeat("1234567\n", 1001)), 0o600))
	_, err := readLines(name, 8000)
	assert.ErrorIs(t, err, errTooLong)
	lines, err := readLines(name, 8008)
	require.NoError(t, err)
	assert.Len(t, lines, 1001)
}

func TestDepartures(t *testing.T) {
	var d departures
	for k := range int64(100) {
		d.push(departure{at: k * 37 % 101})
	}
	var got []int64
	for len(d) > 0 {
		got = append(got, d.pop().at)
	}
	assert.Len(t, got, 100)
	assert.True(t, slices.IsSorted(got))
}
