package migrate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// twoWays is a site to be emptied with two others: the cheaper one is reached over the link given, if at all.
func twoWays(bandwidth int64, edit ...func(*placement.Workload)) *build {
	b := newBuild()
	b.site("old", cpu(8))
	b.site("cheap", cpu(8), price(1_000))
	b.site("dear", cpu(8), price(20_000))
	if bandwidth >= 0 {
		b.link("old", "cheap", bandwidth)
	}
	b.link("old", "dear", 1e9)
	b.workload("app/one", cpu(4), "old", "", append([]func(*placement.Workload){memory(1e9)}, edit...)...)
	return b
}

func drainOld(t *testing.T, b *build, by time.Time) *Drained {
	t.Helper()
	p := b.problem(t)
	scope := Scope{Sites: []topology.SiteID{"old"}, By: by}
	d, err := Drain(context.Background(), p, scope, nil, b.opts)
	require.NoError(t, err)
	clean(t, p, d.From, d.goal(), d.Plan, d.Options)
	return d
}

// TestADrainAimsAtWhatItCanReach: no link, one that carries nothing, and one over which the copy never converges lead to
// the other site.
func TestADrainAimsAtWhatItCanReach(t *testing.T) {
	busy := func(w *placement.Workload) {
		w.Migration.DirtyRate, w.Migration.Methods = 10e6, []placement.Method{placement.PreCopy}
	}
	for name, b := range map[string]*build{
		"unreachable": twoWays(-1), "no bandwidth": twoWays(0), "never converges": twoWays(50e6, busy),
	} {
		d := drainOld(t, b, time.Time{})
		want := topology.SiteID("dear")
		assert.Equal(t, want, d.end()["app/one"], name)
		assert.Empty(t, d.Staying, name)
		assert.False(t, d.Over.IsZero(), name)
		violations, err := placement.Check(context.Background(), d.Problem, d.Target.Assignment)
		require.NoError(t, err)
		assert.Empty(t, violations, name)
	}
}

// TestADrainSaysWhatCannotGetAnywhere: the reasons are those of the way to the best site.
func TestADrainSaysWhatCannotGetAnywhere(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*build)
		says string
	}{
		"unreachable":  {func(b *build) { b.spec.Links = nil }, "there is no way from old to"},
		"no bandwidth": {func(b *build) { b.spec.Links[0].Bandwidth, b.spec.Links[1].Bandwidth = 0, 0 }, "no bandwidth"},
		"never converges": {func(b *build) {
			m := &b.apps[0].Workloads[0].Migration
			m.DirtyRate, m.Methods = 1e9, []placement.Method{placement.PreCopy}
		}, "pre-copy never ends"},
	} {
		b := twoWays(1e9)
		c.edit(b)
		d := drainOld(t, b, time.Time{})
		require.Len(t, d.Staying, 1, name)
		assert.Contains(t, d.Staying[0].Message, c.says, name)
		assert.True(t, d.Over.IsZero(), name)
	}
}

// TestADrainWithADeadline: what is too late is named, with the proof where there is one.
func TestADrainWithADeadline(t *testing.T) {
	b := twoWays(1e9)
	d := drainOld(t, b, asOf.Add(time.Hour))
	assert.Empty(t, d.Late)
	assert.Equal(t, asOf.Add(time.Duration(d.Plan.Makespan)*time.Microsecond), d.Over)

	d = drainOld(t, b, asOf.Add(5*time.Second))
	require.Len(t, d.Late, 1)
	assert.Equal(t, placement.WorkloadID("app/one"), d.Late[0].Workload)
	assert.True(t, d.Late[0].Proven)
	assert.Equal(t, d.Plan.Makespan-5_000_000, d.Late[0].Over)

	_, err := Drain(context.Background(), b.problem(t), Scope{Sites: []topology.SiteID{"old"}, By: asOf.Add(-time.Second)}, nil, nil)
	assert.ErrorIs(t, err, ErrInvalid)
	assert.ErrorContains(t, err, "before the plan starts")
}
