package migrate

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// estate is two providers with a few sites and an application on them.
func estate() *build {
	b := newBuild()
	b.site("p-one", cpu(16), func(s *topology.Site) { s.Egress = 50_000; s.Labels = map[string]string{"zone": "a"} })
	b.site("p-two", cpu(16), func(s *topology.Site) { s.Egress = 50_000 })
	q := func(s *topology.Site) { s.Provider, s.Egress, s.Country = "q", 10_000, "NL" }
	b.site("q-one", cpu(16), q)
	b.site("q-two", cpu(16), q, func(s *topology.Site) { s.Prices = map[topology.Dimension]topology.MicroEUR{topology.CPU: 20_000} })
	b.star(10e9)
	b.workload("app/api", cpu(4), "p-one", "", memory(8e9))
	b.workload("app/db", cpu(4), "p-one", "", memory(8e9), func(w *placement.Workload) {
		w.Migration.Disk, w.Migration.DiskWrite, w.MoveCost = 100e9, 10e6, 500_000
	})
	b.workload("app/other", cpu(4), "q-two", "", memory(8e9), func(w *placement.Workload) { w.MoveCost = 100_000_000 })
	return b
}

func TestDrainOfASite(t *testing.T) {
	ctx := context.Background()
	b := estate()
	p := b.problem(t)
	d, err := Drain(ctx, p, Scope{Sites: []topology.SiteID{"p-one"}}, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, d.Staying)
	end := d.end()
	for id, site := range end {
		assert.NotEqual(t, topology.SiteID("p-one"), site, id)
	}
	assert.Equal(t, topology.SiteID("q-two"), end["app/other"], "it does not pay to move what is not in the scope")
	clean(t, p, d.From, d.Target.Assignment, d.Plan, nil)
	clean(t, p, end, d.From, d.Back, nil)
	assert.Empty(t, d.Back.Stuck)
	assert.Len(t, d.Difference.Moved, 2)
	violations, err := placement.Check(ctx, p, end)
	require.NoError(t, err)
	assert.Empty(t, violations)
}

func TestDrainLeavesWhoHasNowhereToGo(t *testing.T) {
	b := estate()
	for _, s := range []string{"p-two", "q-one", "q-two"} {
		b.rules.deny("app/db", s)
	}
	p := b.problem(t)
	d, err := Drain(context.Background(), p, Scope{Countries: []topology.Jurisdiction{"DE"}}, nil, nil)
	require.NoError(t, err)
	require.Len(t, d.Staying, 1)
	assert.Equal(t, placement.WorkloadID("app/db"), d.Staying[0].Workload)
	assert.Contains(t, d.Staying[0].Message, "no other site can take it: refused by admission")
	assert.Equal(t, topology.SiteID("p-one"), d.end()["app/db"])
	assert.Len(t, d.Plan.Moves, 1)
}

func TestDrainPushesNobodyOutAndStartsNothingAtTheCostOfWhatRuns(t *testing.T) {
	b := newBuild()
	b.site("old", cpu(8))
	b.site("new", cpu(8))
	b.star(10e9)
	b.workload("app/leaves", cpu(6), "old", "", memory(1e9), func(w *placement.Workload) { w.Priority = 100 })
	b.workload("app/small", cpu(4), "old", "", memory(1e9))
	b.workload("app/stays", cpu(4), "new", "", memory(1e9))
	b.workload("app/new", cpu(4), "", "", memory(1e9), func(w *placement.Workload) { w.Priority = 50 })
	p := b.problem(t)
	d, err := Drain(context.Background(), p, Scope{Sites: []topology.SiteID{"old"}}, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, placement.Assignment{"app/leaves": "old", "app/small": "new", "app/stays": "new"}, d.end())
	require.Len(t, d.Staying, 1)
	assert.Equal(t, placement.WorkloadID("app/leaves"), d.Staying[0].Workload)
}

func TestDrainOfASiteThatIsDownAlready(t *testing.T) {
	b := estate()
	b.spec.Sites[0].State = topology.Down
	d, err := Drain(context.Background(), b.problem(t), Scope{Sites: []topology.SiteID{"p-one"}}, nil, nil)
	require.NoError(t, err)
	assert.Len(t, d.Staying, 2)
	assert.Contains(t, d.Staying[0].Message, "is down: nothing runs there that could be copied")
}

func TestDrainOfACordonedSiteHasNoWayBack(t *testing.T) {
	b := estate()
	b.spec.Sites[0].State = topology.Cordoned
	d, err := Drain(context.Background(), b.problem(t), Scope{Sites: []topology.SiteID{"p-one"}}, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, d.Staying)
	assert.Zero(t, d.Plan.NoReturn)
	assert.Len(t, d.Back.Stuck, 2)
}

// TestOthersMoveOnlyWhereTheyAreInTheWay: a cheaper site draws nothing that is outside the scope, but what takes the only
// place that another can have makes room.
func TestOthersMoveOnlyWhereTheyAreInTheWay(t *testing.T) {
	for _, narrow := range []bool{false, true} {
		b := newBuild()
		b.site("out", cpu(16))
		b.site("dear", cpu(8), func(s *topology.Site) { s.Prices = map[topology.Dimension]topology.MicroEUR{topology.CPU: 20_000} })
		b.site("cheap", cpu(8))
		b.star(10e9)
		b.workload("app/leaves", cpu(8), "out", "", memory(1e9), func(w *placement.Workload) { w.MoveCost = 1_000_000 })
		b.workload("app/other", cpu(4), "dear", "", memory(1e9))
		if narrow {
			b.rules.deny("app/leaves", "cheap")
		}
		d, err := Drain(context.Background(), b.problem(t), Scope{Sites: []topology.SiteID{"out"}}, nil, nil)
		require.NoError(t, err)
		assert.Empty(t, d.Staying)
		assert.Equal(t, narrow, d.end()["app/other"] == "cheap")
	}
}

// TestWhatMayNotStayOutsideTheScopeKeepsNobodyInIt: a workload that is refused where it runs cannot be pinned there.
func TestWhatMayNotStayOutsideTheScopeKeepsNobodyInIt(t *testing.T) {
	b := estate()
	b.rules.deny("app/other", "q-two")
	d, err := Drain(context.Background(), b.problem(t), Scope{Sites: []topology.SiteID{"p-one"}}, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, d.Staying)
	assert.NotEqual(t, topology.SiteID("q-two"), d.end()["app/other"])
	assert.Len(t, d.Plan.Moves, 3)
}

// TestTheTargetIsWhatItSaysItIs checks it with placement's own checkers.
func TestTheTargetIsWhatItSaysItIs(t *testing.T) {
	ctx := context.Background()
	b := estate()
	d, err := Drain(ctx, b.problem(t), Scope{Providers: []topology.ProviderID{"p"}}, nil, nil)
	require.NoError(t, err)
	violations, err := placement.Check(ctx, d.Problem, d.Target.Assignment)
	require.NoError(t, err)
	assert.Empty(t, violations)
	assert.NoError(t, placement.VerifyBounds(ctx, d.Problem, d.Target))
}
