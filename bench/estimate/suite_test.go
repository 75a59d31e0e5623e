package estimate

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
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

// grid writes a gzipped matrix of 36 places whose round trips are 1 ms and 3 for each step on a map; the last one's coordinates
// are wrong, and of the first and second nobody knows how far they are apart.
func grid(t *testing.T) string {
	const side = 6
	n := side * side
	var text strings.Builder
	text.WriteString("place,lat,lon")
	for i := range n {
		fmt.Fprintf(&text, ",n%d", i)
	}
	for i := range n {
		lat, lon := 40+i/side, 10+i%side
		if i == n-1 {
			lat, lon = -40, 170
		}
		fmt.Fprintf(&text, "\nn%d,%d,%d", i, lat, lon)
		for j := range n {
			rtt := 1 + 3*math.Hypot(float64(i/side-j/side), float64(i%side-j%side))
			if i+j == 1 {
				rtt = -1
			}
			fmt.Fprintf(&text, ",%.3f", rtt)
		}
	}
	name := filepath.Join(t.TempDir(), "grid.csv.gz")
	file, err := os.Create(name)
	require.NoError(t, err)
	z := gzip.NewWriter(file)
	_, err = z.Write([]byte(text.String()))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, file.Close())
	return name
}

func TestSuite_grid(t *testing.T) {
	name := grid(t)
	r, err := run(t, "-matrix", name, "-neighbours", "6")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.Equal(t, 1, r.misplaced)
	assert.Equal(t, 36, r.places)
	assert.Equal(t, 36*35/2-1, r.Pairs+r.shown)
	assert.Zero(t, r.Unknown)
	assert.Less(t, r.MedianError, 0.02)
	assert.Less(t, r.MedianError, r.VivaldiMedian)
	assert.Less(t, r.P90Error, r.VivaldiP90)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	for _, field := range []string{"pairs", "median_error", "p90_error", "coverage", "vivaldi_median", "vivaldi_p90"} {
		assert.Contains(t, fields, field)
	}

	boxed, err := run(t, "-matrix", name, "-neighbours", "6", "-bbox", "39.5,0,43.5,30")
	require.NoError(t, err)
	assert.Equal(t, 24, boxed.places)
}

func TestSuite_usage(t *testing.T) {
	name := grid(t)
	for _, args := range [][]string{
		{}, {"-matrix", name, "-neighbours", "0"}, {"-matrix", name, "-bbox", "1,2,3"}, {"-matrix", name, "-bbox", "9,2,3,4"},
		{"-matrix", name, "-bbox", "1,2,3,NaN"}, {"-matrix", name, "-out", "x"},
	} {
		_, err := run(t, args...)
		assert.ErrorIs(t, err, harness.ErrUsage, args)
	}
	_, err := run(t, "-matrix", "testdata/none")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = run(t, "-matrix", name, "-neighbours", "35")
	assert.ErrorContains(t, err, "35 neighbours show all")
	_, err = run(t, "-matrix", name, "-bbox", "0,0,1,1")
	assert.ErrorContains(t, err, "too few")
}

// TestSuite_outside holds the European part of WonderNetwork's matrix to the target of the project.
func TestSuite_outside(t *testing.T) {
	dir := os.Getenv("DOMICILE_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	file := filepath.Join(dir, "latency", "derived", "wonder2018_min_rtt_ms.csv")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("outside data not at hand: %v", err)
	}
	r, err := run(t, "-matrix", file, "-neighbours", "16", "-bbox", "34,-25,72,45")
	require.NoError(t, err)
	assert.Empty(t, r.Failures())
	assert.LessOrEqual(t, r.MedianError, 0.119)
	assert.LessOrEqual(t, r.P90Error, 0.445)
	assert.InDelta(t, 0.9, r.Coverage, 0.03)
}
