package latency

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// guesses is an estimator that knows pairs by heart.
type guesses map[[2]topology.NodeID]Estimate

func (g guesses) Estimate(a, b topology.NodeID) (Estimate, bool) {
	e, ok := g[[2]topology.NodeID{min(a, b), max(a, b)}]
	return e, ok
}

func (guesses) Digest() string { return "guesses" }

func guess(lower, likely, upper topology.Micros) Estimate {
	return Estimate{Likely: constant(likely), Lower: lower, Upper: topology.RTT{P50: upper, P95: 2 * upper, P99: 3 * upper}, Basis: "heart"}
}

// islands are a--b and c--d with nothing between them but an observation from a to c and guesses.
func islands(t *testing.T, e Estimator) *Graph {
	return build(t, topology.Spec{
		Exchanges: nodes("a DE", "b DE", "c FR", "d FR", "e FR"),
		Links:     []topology.Link{link("a", "b", ms(1, 2, 3), "red", "DE"), link("c", "d", ms(1, 2, 3), "red", "FR")},
	}, &Options{Observations: []Observation{{A: "a", B: "c", RTT: ms(10, 11, 12)}}, Estimator: e})
}

func TestEstimator_order(t *testing.T) {
	all := guesses{}
	for _, pair := range [][2]topology.NodeID{{"a", "b"}, {"a", "c"}, {"a", "d"}, {"b", "c"}, {"b", "d"}} {
		all[pair] = guess(15_000, 20_000, 30_000)
	}
	g := islands(t, all)
	row := g.Row("a", Transit{})
	for to, want := range map[topology.NodeID]Leg{
		"a": {},
		"b": {Mean: 1152, Egress: 10},
		"c": {Mean: 10_152, Observed: true},
		"d": {Mean: 20_000, Estimated: true},
	} {
		leg, ok := row.Leg(to)
		require.True(t, ok, to)
		assert.InDelta(t, int64(want.Mean), int64(leg.Mean), 200, to)
		leg.Mean, want.Mean = 0, 0
		assert.Equal(t, want, leg, to)
		_, estimated := row.Estimate(to)
		assert.Equal(t, want.Estimated, estimated, to)
	}
	_, ok := row.Leg("e")
	assert.False(t, ok, "what the estimator does not know stays unknown")
	_, ok = row.Latency("e", P50)
	assert.False(t, ok)

	for p, want := range map[Percentile]topology.Micros{P50: 30_000, P95: 60_000, P99: 90_000} {
		got, ok := row.Latency("d", p)
		assert.True(t, ok)
		assert.Equal(t, want, got)
		tail, ok := row.Tail("d", p)
		assert.True(t, ok)
		assert.InDelta(t, int64(want), int64(tail.Latency(p)), 1)
	}
	_, ok = row.Route("d", P95)
	assert.False(t, ok)
	assert.Equal(t, []topology.MicroEUR{10, 0, 0, -1}, row.Egress(g.Targets([]topology.NodeID{"b", "c", "d", "e"}), nil))

	// b hangs on a by one link and shares its row
	leg, ok := g.Row("b", Transit{}).Leg("d")
	assert.True(t, ok && leg.Estimated)
	_, ok = g.Row("nobody", Transit{}).Estimate("d")
	assert.False(t, ok)
}

// Nobody knows which way an estimated packet goes.
func TestEstimator_restricted(t *testing.T) {
	g := islands(t, guesses{{"a", "d"}: guess(1, 2, 3)})
	row := g.Row("a", NewTransit(Permit{Jurisdictions: []topology.Jurisdiction{"DE", "FR"}, AnyOperator: true}))
	_, ok := row.Leg("d")
	assert.False(t, ok)
	_, ok = row.Latency("d", P50)
	assert.False(t, ok)
	_, ok = row.Estimate("d")
	assert.False(t, ok)
	assert.Equal(t, []topology.MicroEUR{-1}, row.Egress(g.Targets([]topology.NodeID{"d"}), nil))
}

// Whoever hands in an estimator that answers nonsense gets unknown.
func TestEstimator_unsound(t *testing.T) {
	sound := guess(1, 2, 3)
	for name, spoil := range map[string]func(e *Estimate){
		"zero":                  func(e *Estimate) { *e = Estimate{} },
		"lower is zero":         func(e *Estimate) { e.Lower = 0 },
		"lower above likely":    func(e *Estimate) { e.Lower = 3 },
		"likely above upper":    func(e *Estimate) { e.Likely = constant(4) },
		"negative":              func(e *Estimate) { e.Likely.P50 = -1 },
		"upper above one hour":  func(e *Estimate) { e.Upper = constant(longest + 1) },
		"likely has worse tail": func(e *Estimate) { e.Likely.P99 = 10 },
	} {
		e := sound
		spoil(&e)
		_, ok := islands(t, guesses{{"a", "d"}: e}).Row("a", Transit{}).Latency("d", P50)
		assert.False(t, ok, name)
	}
	_, ok := islands(t, guesses{{"a", "d"}: sound}).Row("a", Transit{}).Latency("d", P50)
	assert.True(t, ok)
}

func TestEstimator_digest(t *testing.T) {
	assert.NotEqual(t, islands(t, nil).Digest(), islands(t, guesses{}).Digest())
	assert.Equal(t, islands(t, guesses{}).Digest(), islands(t, guesses{}).Digest())
}
