package policy

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func TestFailuresNameTheRulesThatCouldNotBeJudged(t *testing.T) {
	module := `package domicile.continuum.x

# METADATA
# title: Never ends
# custom: {code: X-1, basis: none, as_of: "2026-11"}
deny contains {"n": 1} if {
	some n in numbers.range(1, 2000000)
	n < 0
}

# METADATA
# title: Is fine
# custom: {code: X-2, basis: none, as_of: "2026-11"}
deny contains {"n": 2} if input.workload.data == "health"
`
	s, err := Load([]Source{{Name: "p", FS: fstest.MapFS{"x.rego": {Data: []byte(module)}}}}, &Options{MaxSteps: 1000})
	require.NoError(t, err)
	assert.Empty(t, s.Failures(), "nobody has asked yet")
	c, err := topology.New(topology.Spec{
		Providers: []topology.Provider{{ID: "alpha", Country: "DE"}},
		Sites:     []topology.Site{{ID: "a", Provider: "alpha", Country: "DE", Tier: topology.Edge}},
	})
	require.NoError(t, err)
	site, _ := c.Site("a")
	reasons, err := s.Reasons(context.Background(), placement.Scope{Continuum: c}, &placement.Workload{ID: "app/w", Application: "app", Component: "w"}, site)
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.True(t, reasons[0].Final, "no exception can be made from a rule that could not be judged")
	failures := s.Failures()
	require.Len(t, failures, 1)
	assert.Equal(t, "p/x.rego:6", failures[0].Location)
	assert.Contains(t, failures[0].Message, "X-1")
}
