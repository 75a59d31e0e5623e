package policy

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestNilIsAnErrorAndTheSetAnswersOn asks about nothing, which must leave no lock held.
func TestNilIsAnErrorAndTheSetAnswersOn(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", wrap(`not input.site.attributes.a == input.workload.attributes.b`)), nil)
	require.NoError(t, err)
	load, site := w.workload("clinic/db"), w.site("berlin")
	sites := []*topology.Site{site, nil}

	_, err = s.Admit(t.Context(), w.scope(), nil, []*topology.Site{site})
	require.EqualError(t, err, "policy: the workload is nil")
	_, err = s.Admit(t.Context(), w.scope(), load, sites)
	require.EqualError(t, err, "policy: sites[1] is nil")
	_, err = s.Reasons(t.Context(), w.scope(), nil, site)
	require.EqualError(t, err, "policy: the workload is nil")
	_, err = s.Reasons(t.Context(), w.scope(), load, nil)
	require.EqualError(t, err, "policy: sites[0] is nil")
	_, err = s.Screen(t.Context(), w.scope(), sites)
	require.EqualError(t, err, "policy: sites[1] is nil")
	x, err := s.Screen(t.Context(), w.scope(), sites[:1])
	require.NoError(t, err)
	_, err = x.Judge(t.Context(), nil)
	require.EqualError(t, err, "policy: the workload is nil")

	verdicts, err := s.Admit(t.Context(), w.scope(), load, sites[:1])
	require.NoError(t, err)
	assert.True(t, verdicts[0].Denied)
}
