package synthetic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// read reads a problem back from files.
func read(t *testing.T, s *Scaled) *placement.Problem {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, s.WriteFiles(dir))
	file, err := os.Open(filepath.Join(dir, ContinuumFile))
	require.NoError(t, err)
	defer file.Close()
	continuum, err := topology.Read(ContinuumFile, file)
	require.NoError(t, err)
	list, err := os.Open(filepath.Join(dir, ApplicationsFile))
	require.NoError(t, err)
	defer list.Close()
	apps, err := placement.ReadApplications(ApplicationsFile, list)
	require.NoError(t, err)
	set, err := policy.Load([]policy.Source{{Name: PoliciesDir, FS: os.DirFS(filepath.Join(dir, PoliciesDir))}}, nil)
	require.NoError(t, err)
	assert.Empty(t, set.Lint())
	return &placement.Problem{Continuum: continuum, Applications: apps, Admission: set, Transit: set}
}

// What is read back is what was made, and the planted assignment satisfies all of it.
func TestScale(t *testing.T) {
	for _, c := range []struct{ sites, workloads int }{{50, 1}, {50, 40}, {100, 1000}, {300, 600}, {1000, 500}} {
		s, err := Scale(c.sites, c.workloads, 1)
		require.NoError(t, err)
		p := read(t, s)
		want, err := topology.New(s.Spec)
		require.NoError(t, err)
		assert.Equal(t, want.Digest(), p.Continuum.Digest())
		assert.Equal(t, s.Applications, p.Applications)
		assert.Equal(t, c.sites, p.Continuum.NumSites())
		assert.Len(t, s.Planted, c.workloads)
		violations, err := placement.Check(context.Background(), p, s.Planted)
		require.NoError(t, err)
		assert.Empty(t, violations)
	}
}

// The shares that the suite's documentation promises.
func TestScaleShares(t *testing.T) {
	const workloads = 4000
	s, err := Scale(500, workloads, 1)
	require.NoError(t, err)
	bounded, spread, sizes, classes := 0, 0, map[int]int{}, map[placement.DataClass]int{}
	demand, capacity := topology.Resources{}, topology.Resources{}
	for _, site := range s.Spec.Sites {
		for d, amount := range site.Capacity {
			capacity[d] += amount
		}
	}
	for _, a := range s.Applications {
		sizes[len(a.Workloads)]++
		replicas := map[string]int{}
		for _, w := range a.Workloads {
			replicas[w.Component]++
			classes[w.Data]++
			for d, amount := range w.Demand {
				demand[d] += amount
			}
		}
		for _, f := range a.Flows {
			if f.Bound > 0 {
				bounded += replicas[f.To]
			}
		}
		for _, c := range a.Constraints {
			spread += replicas[c.(placement.Spread).Components[0]]
		}
	}
	assert.InDelta(t, 0.5, float64(bounded)/workloads, 0.02)
	assert.InDelta(t, 0.2, float64(spread)/workloads, 0.02)
	for d, percent := range map[topology.Dimension]float64{topology.CPU: 75, topology.Memory: 65, topology.Disk: 45} {
		assert.InDelta(t, percent, 100*float64(demand[d])/float64(capacity[d]), 2, d)
	}
	assert.Positive(t, demand[topology.GPU])
	for size := 1; size <= 6; size++ {
		assert.Positive(t, sizes[size])
	}
	assert.Len(t, sizes, 6)
	for _, class := range []placement.DataClass{"", "personal", "health"} {
		assert.Greater(t, classes[class], workloads/20, class)
	}
}

func TestScaleRefuses(t *testing.T) {
	for _, c := range [][2]int{{LeastSites - 1, 10}, {LeastSites, 0}, {-1, -1}} {
		_, err := Scale(c[0], c[1], 1)
		assert.Error(t, err)
	}
}

func TestScaleGolden(t *testing.T) {
	golden(t)
	sum := func(seed uint64) string {
		s, err := Scale(200, 800, seed)
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, s.WriteFiles(dir))
		hash := sha256.New()
		for _, name := range []string{ContinuumFile, ApplicationsFile} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			hash.Write(text)
		}
		return hex.EncodeToString(hash.Sum(nil))
	}
	assert.Equal(t, "b0b9dcb3a3c66cb85e3d3a80b55ccbeb20c4eae3cdc51e1447db7d2ffb809223", sum(1))
	assert.NotEqual(t, sum(1), sum(2))
}
