package migrate

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var quick = &placement.Options{MaxSteps: 20_000}

func price(n int64) func(*topology.Site) {
	return func(s *topology.Site) {
		s.Prices = map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(n)}
	}
}

func rebalanced(t *testing.T, p *placement.Problem, reb *RebalanceOptions) *Rebalanced {
	t.Helper()
	r, err := Rebalance(context.Background(), p, reb, quick, nil)
	require.NoError(t, err)
	clean(t, p, r.From, r.To, r.Plan, nil)
	return r
}

// TestMovesMustBeWorthTheirPrice has a cheaper site save 0.02 EUR an hour, 14.40 EUR a month, of which the margin of 5 % of its price asks for 1.44.
func TestMovesMustBeWorthTheirPrice(t *testing.T) {
	for _, c := range []struct {
		name   string
		cost   topology.MicroEUR
		hours  int64
		saving int64 // of 10,000 a core and hour
		moves  int
	}{
		{"it pays within the month", 12_000_000, 0, 5000, 1},
		{"it does not", 20_000_000, 0, 5000, 0},
		{"it does within two", 20_000_000, 1440, 5000, 1},
		{"a week is too short", 12_000_000, 168, 5000, 0},
		{"noise moves nothing, even for nothing", 0, 0, 400, 0},
		{"more than noise does", 0, 0, 600, 1},
	} {
		b := newBuild()
		b.site("dear", cpu(8), price(10_000))
		b.site("cheap", cpu(8), price(10_000-c.saving))
		b.star(10e9)
		b.workload("app/one", cpu(4), "dear", "", memory(1e9), func(w *placement.Workload) { w.MoveCost = c.cost })
		p := b.problem(t)
		p.Objective = placement.Objective{
			{Name: "unplaced", Terms: []placement.Term{{Kind: placement.Unplaced, Weight: 1}}},
			{Name: "cost", Terms: []placement.Term{{Kind: placement.Price, Weight: 1}, {Kind: placement.Moves, Weight: 1}}},
		}
		r := rebalanced(t, p, &RebalanceOptions{Hours: c.hours})
		assert.Len(t, r.Moves, c.moves, c.name)
		if c.moves == 1 {
			assert.Equal(t, topology.MicroEUR(4*c.saving), r.Moves[0].Benefit, c.name)
			assert.GreaterOrEqual(t, r.Moves[0].Cost, c.cost, c.name)
			assert.Empty(t, r.Moves[0].Because)
		}
	}
}

// TestWhatIsRefusedMovesWhateverThatCosts: a promise comes before prices.
func TestWhatIsRefusedMovesWhateverThatCosts(t *testing.T) {
	b := newBuild()
	b.site("here", cpu(8), price(1_000))
	b.site("there", cpu(8), price(10_000))
	b.star(10e9)
	b.workload("app/one", cpu(4), "here", "", memory(1e9), func(w *placement.Workload) { w.MoveCost = 1_000_000_000 })
	b.rules.deny("app/one", "here")
	r := rebalanced(t, b.problem(t), nil)
	require.Len(t, r.Moves, 1)
	assert.Contains(t, r.Moves[0].Because, "denied by T-1")
	assert.Equal(t, int64(-1), r.Moves[0].Payback)
}

// TestWhoCannotMoveIsNamed: nothing is copied over a link that carries nothing, and nothing starts that ran nowhere.
func TestWhoCannotMoveIsNamed(t *testing.T) {
	b := newBuild()
	b.site("here", cpu(8), price(10_000))
	b.site("there", cpu(8), price(1_000))
	b.link("here", "there", 0)
	b.workload("app/one", cpu(4), "here", "", memory(1e9))
	b.workload("app/new", cpu(4), "", "", memory(1e9))
	b.rules.deny("app/one", "here")
	r := rebalanced(t, b.problem(t), nil)
	assert.Empty(t, r.Moves)
	require.Len(t, r.Staying, 1)
	assert.Contains(t, r.Staying[0].Message, "no bandwidth")
	assert.Equal(t, placement.Assignment{"app/one": "here"}, r.To)
}

// TestRebalancedIsBalanced rebalances random problems twice: the second time nothing moves. Prices that change by less than
// the margin move nothing either.
func TestRebalancedIsBalanced(t *testing.T) {
	moves := 0
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 7))
		b := random(rng, shape{sites: 3 + rng.IntN(4), workloads: 4 + rng.IntN(12), slack: 6, groups: seed%2 == 0, policies: seed%3 == 0})
		for i := range b.spec.Sites {
			price(10_000 + rng.Int64N(20_000))(&b.spec.Sites[i])
		}
		for i := range b.apps { // the replicas of a component stand together
			slices.SortStableFunc(b.apps[i].Workloads, func(x, y placement.Workload) int { return cmp.Compare(x.Component, y.Component) })
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := b.problem(t)
			r := rebalanced(t, p, nil)
			moves += len(r.Moves)
			for _, m := range r.Moves {
				assert.True(t, m.Because != "" || m.pays(defaultHours), "%+v", m)
			}
			b.from = r.To
			again := rebalanced(t, b.problem(t), nil)
			assert.Empty(t, again.Plan.Moves)
			assert.Equal(t, r.To, again.To)
		})
	}
	t.Logf("%d moves", moves)
	assert.NotZero(t, moves)
}
