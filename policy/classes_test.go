package policy

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
)

// TestClassesTellTheSame: pairs of one class of workloads and one class of sites have one verdict, whatever the facts.
func TestClassesTellTheSame(t *testing.T) {
	set, err := Load(everyPack(), nil)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(3, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 30), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	sites := slices.Collect(in.Continuum.Sites())
	sites = append(sites, sites...) // some that are alike for sure
	workloads := make([]*placement.Workload, 20)
	for k := range workloads {
		workloads[k] = libraryWorkload(r)
		if k%2 == 1 {
			*workloads[k] = *workloads[k-1]
		}
	}
	workloads[7].Attributes = map[string]any{"x": struct{}{}} // cannot be judged
	workloads[8].Tenant = "another"
	ofWorkloads, ofSites, err := set.Classes(t.Context(), in, workloads, sites)
	require.NoError(t, err)
	require.Len(t, ofWorkloads, len(workloads))
	require.Len(t, ofSites, len(sites))
	known := map[[2]int32]placement.Verdict{}
	for k, w := range workloads {
		verdicts, err := set.Admit(t.Context(), in, w, sites)
		require.NoError(t, err)
		for s, v := range verdicts {
			pair := [2]int32{ofWorkloads[k], ofSites[s]}
			if first, ok := known[pair]; ok {
				require.Equal(t, first, v, "%v", pair)
			}
			known[pair] = v
		}
	}
	assert.Less(t, int(slices.Max(ofWorkloads)), len(workloads)-3)
	assert.Less(t, int(slices.Max(ofSites)), len(sites)/2)
	assert.NotEqual(t, ofWorkloads[6], ofWorkloads[7])
}
