package latency

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// pair is two nodes with one link, measured some time before day.
func pair(age time.Duration) topology.Spec {
	l := link("a", "b", ms(5, 6, 7), "x", "DE")
	if age != 0 {
		l.MeasuredAt = day.Add(-age)
	}
	return topology.Spec{Exchanges: nodes("a DE", "b DE"), Links: []topology.Link{l}}
}

func TestStaleLinksCarryNothing(t *testing.T) {
	for _, c := range []struct {
		name        string
		age, maxAge time.Duration
		want        bool
	}{
		{"never measured", 0, time.Hour, true},
		{"fresh", 59 * time.Minute, time.Hour, true},
		{"just fresh", time.Hour, time.Hour, true},
		{"just stale", time.Hour + 1, time.Hour, false},
		{"no limit", 1000 * time.Hour, 0, true},
		{"from the future", -1, time.Hour, false},
		{"from the future, no limit", -1, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := build(t, pair(c.age), &Options{MaxAge: c.maxAge})
			_, ok := g.Row("a", Transit{}).Leg("b")
			assert.Equal(t, c.want, ok)
			_, ok = g.Row("a", Transit{}).Latency("b", P95)
			assert.Equal(t, c.want, ok)
		})
	}
	t.Run("AsOf of the options wins", func(t *testing.T) {
		g := build(t, pair(time.Minute), &Options{MaxAge: time.Hour, AsOf: day.Add(time.Hour)})
		_, ok := g.Row("a", Transit{}).Leg("b")
		assert.False(t, ok)
	})
	t.Run("without any AsOf age is not judged", func(t *testing.T) {
		c, err := topology.New(pair(time.Minute))
		require.NoError(t, err)
		g, err := New(c, nil)
		require.NoError(t, err)
		_, ok := g.Row("a", Transit{}).Leg("b")
		assert.True(t, ok)
	})
}

func TestObservations(t *testing.T) {
	spec := pair(0)
	spec.Exchanges = append(spec.Exchanges, nodes("c DE")...)
	spec.Links = append(spec.Links, link("b", "c", ms(1, 1, 1), "x", "DE"))
	observe := func(rtt topology.RTT, age time.Duration) Observation {
		return Observation{A: "c", B: "a", RTT: rtt, At: day.Add(-age)}
	}
	p95 := func(g *Graph, from, to topology.NodeID, transit Transit) topology.Micros {
		latency, ok := g.Row(from, transit).Latency(to, P95)
		require.True(t, ok)
		return latency
	}
	plain := build(t, spec, nil)
	slow := build(t, spec, &Options{Observations: []Observation{observe(ms(20, 30, 40), time.Hour)}})

	t.Run("override the estimate, both ways", func(t *testing.T) {
		for _, way := range [][2]topology.NodeID{{"a", "c"}, {"c", "a"}} {
			assert.Equal(t, topology.Micros(30_000), p95(slow, way[0], way[1], Transit{}))
			leg, ok := slow.Row(way[0], Transit{}).Leg(way[1])
			assert.True(t, ok)
			assert.True(t, leg.Observed)
			assert.Equal(t, topology.MicroEUR(20), leg.Egress)
			assert.InDelta(t, 21_000, float64(leg.Mean), 1000)
			_, ok = slow.Row(way[0], Transit{}).Route(way[1], P95)
			assert.False(t, ok, "nobody knows the way of an observation")
		}
	})
	t.Run("override nothing else", func(t *testing.T) {
		assert.Equal(t, p95(plain, "a", "b", Transit{}), p95(slow, "a", "b", Transit{}))
		assert.Equal(t, p95(plain, "b", "c", Transit{}), p95(slow, "b", "c", Transit{}))
		want, _ := plain.Route("a", "c", Transit{})
		got, _ := slow.Route("a", "c", Transit{})
		assert.Equal(t, want, got)
	})
	t.Run("prove nothing about restricted traffic", func(t *testing.T) {
		german := transits[3]
		assert.Equal(t, p95(plain, "a", "c", german), p95(slow, "a", "c", german))
		leg, _ := slow.Row("a", german).Leg("c")
		assert.False(t, leg.Observed)
	})
	t.Run("reach where no route does", func(t *testing.T) {
		s := pair(0)
		s.Links = nil
		g := build(t, s, &Options{Observations: []Observation{{A: "a", B: "b", RTT: ms(1, 2, 3)}}})
		assert.Equal(t, topology.Micros(2000), p95(g, "a", "b", Transit{}))
		leg, ok := g.Row("a", Transit{}).Leg("b")
		assert.True(t, ok)
		assert.Zero(t, leg.Egress)
		_, ok = g.Row("a", transits[3]).Latency("b", P95)
		assert.False(t, ok)
	})
	t.Run("the newest counts, of equals the slowest", func(t *testing.T) {
		list := []Observation{
			observe(ms(1, 90, 91), 3*time.Hour), observe(ms(1, 40, 41), time.Hour), observe(ms(1, 50, 51), time.Hour),
			observe(ms(1, 50, 52), time.Hour), observe(ms(2, 50, 52), time.Hour), observe(ms(1, 1, 1), 2*time.Hour),
		}
		for i := range list {
			g := build(t, spec, &Options{Observations: append(list[i:len(list):len(list)], list[:i]...)})
			row := g.Row("a", Transit{})
			for p, want := range map[Percentile]topology.Micros{P50: 2000, P95: 50_000, P99: 52_000} {
				got, _ := row.Latency("c", p)
				assert.Equal(t, want, got)
			}
		}
	})
	t.Run("stale, undated and future ones are ignored", func(t *testing.T) {
		for _, o := range []Observation{
			observe(ms(20, 30, 40), time.Hour+1), observe(ms(20, 30, 40), -1), {A: "a", B: "c", RTT: ms(20, 30, 40)},
		} {
			g := build(t, spec, &Options{MaxAge: time.Hour, Observations: []Observation{o}})
			assert.Equal(t, p95(plain, "a", "c", Transit{}), p95(g, "a", "c", Transit{}))
		}
		g := build(t, spec, &Options{Observations: []Observation{{A: "a", B: "c", RTT: ms(20, 30, 40)}}})
		assert.Equal(t, topology.Micros(30_000), p95(g, "a", "c", Transit{}), "without a limit an undated one counts")
	})
}

func TestNewNamesEveryDefect(t *testing.T) {
	c, err := topology.New(pair(0))
	require.NoError(t, err)
	_, err = New(c, &Options{
		MaxAge: -time.Second,
		Observations: []Observation{
			{A: "a", B: "b", RTT: ms(1, 2, 3)},
			{A: "x", B: "y", RTT: ms(1, 2, 3)},
			{A: "a", B: "a", RTT: ms(1, 2, 3)},
			{A: "a", B: "b", RTT: topology.RTT{P50: 0, P95: 1, P99: 1}},
			{A: "a", B: "b", RTT: topology.RTT{P50: 3, P95: 2, P99: 4}},
			{A: "a", B: "b", RTT: topology.RTT{P50: 1, P95: 3, P99: 2}},
			{A: "a", B: "z", RTT: topology.RTT{P50: 1, P95: 1, P99: longest + 1}},
		},
	})
	require.Error(t, err)
	assert.True(t, errors.Is(err, ErrInvalid))
	for _, part := range []string{
		"MaxAge is negative", `observations[1]: a: unknown node "x"`, `observations[1]: b: unknown node "y"`,
		`observations[2]: b: "a" is also a`, "observations[3]: rtt: ", "observations[4]: rtt: ", "observations[5]: rtt: ",
		"observations[6]: rtt: ", `observations[6]: b: unknown node "z"`,
	} {
		assert.ErrorContains(t, err, part)
	}
	assert.NotContains(t, err.Error(), "observations[0]")

	_, err = New(c, &Options{MaxAge: time.Hour})
	assert.ErrorContains(t, err, "MaxAge needs AsOf")
	assert.ErrorIs(t, err, ErrInvalid)
}
