package policy

import (
	"context"
	"math"
	"sort"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// neverEnds asks for a thousand million million combinations.
const neverEnds = `package domicile.continuum.a

# METADATA
# title: Never ends for health data
# custom: {code: A-1, basis: b, as_of: "2026"}
deny contains {"n": n} if {
	input.workload.data == "health"
	n := count([1 |
		some i in numbers.range(1, 100000)
		some j in numbers.range(1, 100000)
		i * j < 0
	])
	n > 0
}

# METADATA
# title: Ends
# custom: {code: A-2, basis: b, as_of: "2026"}
deny contains {} if input.site.country == "US"

# METADATA
# title: Never ends for one country
# custom: {code: A-3, basis: b, as_of: "2026"}
transit contains {} if {
	input.jurisdiction == "FR"
	count(numbers.range(1, 1000000000000)) > 0
}
`

func TestRulesThatNeverEndDeny(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", neverEnds), &Options{MaxSteps: 5000})
	require.NoError(t, err)
	clinic, shop := w.workload("clinic/db"), w.workload("shop/web-1")
	sites := []*topology.Site{w.site("berlin"), w.site("ashburn")}

	verdicts, err := s.Admit(t.Context(), w.scope(), clinic, sites)
	require.NoError(t, err)
	assert.True(t, verdicts[0].Denied)
	assert.True(t, verdicts[1].Denied)
	verdicts, err = s.Admit(t.Context(), w.scope(), shop, sites)
	require.NoError(t, err)
	assert.False(t, verdicts[0].Denied)
	assert.True(t, verdicts[1].Denied)

	reasons, err := s.Reasons(t.Context(), w.scope(), clinic, sites[1])
	require.NoError(t, err)
	require.Len(t, reasons, 2)
	assert.Equal(t, "POLICY-ERROR", reasons[0].Code)
	assert.Equal(t, "p/a.rego:6", reasons[0].Location)
	assert.Equal(t, "A-1 did not end within its limits", reasons[0].Message)
	assert.Equal(t, "A-2", reasons[1].Code)
}

// TestReasonsAskFirst has the reasons asked before any verdict, which then agrees.
func TestReasonsAskFirst(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", neverEnds), &Options{MaxSteps: 5000})
	require.NoError(t, err)
	for range 2 {
		reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
		require.NoError(t, err)
		require.Len(t, reasons, 1)
		assert.Equal(t, "POLICY-ERROR", reasons[0].Code)
	}
}

// TestTheDeadlineEndsWhatTheStepsDoNot has no limit of steps.
func TestTheDeadlineEndsWhatTheStepsDoNot(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", neverEnds), &Options{Deadline: 20 * time.Millisecond, MaxSteps: math.MaxInt64})
	require.NoError(t, err)
	reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, "A-1 did not end within its limits", reasons[0].Message)
}

// TestStepsAreTheSameEverywhere finds the number of steps that a rule takes, which must not depend on anything.
func TestStepsAreTheSameEverywhere(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	enough := func(steps int64) bool {
		s, err := Load(one("a.rego", wrap("count([1 | some i in numbers.range(1, 100); i > 0]) > 0")), &Options{MaxSteps: steps})
		require.NoError(t, err)
		reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("shop/web-1"), w.site("berlin"))
		require.NoError(t, err)
		return reasons[0].Code == "A-1"
	}
	assert.True(t, enough(400))
	assert.False(t, enough(200))
	least := int64(sort.Search(1000, func(n int) bool { return enough(int64(n) + 1) })) + 1
	for range 3 {
		assert.True(t, enough(least))
		assert.False(t, enough(least-1))
	}
}

func TestTransitRulesThatNeverEndForbid(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", neverEnds), &Options{MaxSteps: 5000})
	require.NoError(t, err)
	transit, err := s.Transit(t.Context(), w.scope(), "health")
	require.NoError(t, err)
	assert.Equal(t, latency.NewTransit(latency.Permit{
		Jurisdictions: []topology.Jurisdiction{"BE", "CH", "DE", "US"}, Operators: []string{"atlantic", "gasline"},
	}), transit)
	reasons, err := s.TransitReasons(t.Context(), w.scope(), "health", "FR", "")
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, "POLICY-ERROR", reasons[0].Code)
	assert.Equal(t, "p/a.rego:24", reasons[0].Location)
}

// TestCallersContextEndsTheCall tells the caller's own end from a rule's: it is an error, and no answer to remember.
func TestCallersContextEndsTheCall(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", neverEnds), &Options{Deadline: time.Minute, MaxSteps: math.MaxInt64})
	require.NoError(t, err)
	sites := []*topology.Site{w.site("berlin")}

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Admit(ctx, w.scope(), w.workload("clinic/db"), sites)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = s.Reasons(ctx, w.scope(), w.workload("clinic/db"), sites[0])
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = s.Transit(ctx, w.scope(), "health")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = s.TransitReasons(ctx, w.scope(), "health", "FR", "")
	require.ErrorIs(t, err, context.DeadlineExceeded)

	ended, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Transit(ended, w.scope(), "health")
	require.ErrorIs(t, err, context.DeadlineExceeded)

	for _, row := range s.memory.Load().cells[0] {
		for _, c := range row {
			assert.Equal(t, unasked, c)
		}
	}
}

func TestScopeWithoutContinuum(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(nil, nil)
	require.NoError(t, err)
	scope := w.scope()
	scope.Continuum = nil
	_, err = s.Admit(t.Context(), scope, w.workload("clinic/db"), nil)
	require.ErrorContains(t, err, "Scope.Continuum is nil")
	_, err = s.Transit(t.Context(), scope, "health")
	require.ErrorContains(t, err, "Scope.Continuum is nil")
	_, err = s.TransitReasons(t.Context(), scope, "health", "DE", "")
	require.ErrorContains(t, err, "Scope.Continuum is nil")
}
