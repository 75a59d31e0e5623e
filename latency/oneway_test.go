package latency

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// One way and the way back add up to the median round trips; where a link does not say, nobody knows.
func TestOneWay(t *testing.T) {
	oneWay := func(l topology.Link, ab topology.Micros) topology.Link {
		l.OneWay = topology.OneWay{AB: ab, BA: l.RTT.P50 - ab}
		return l
	}
	g := build(t, topology.Spec{
		Exchanges: nodes("a", "b", "c", "d", "e"),
		Links: []topology.Link{
			oneWay(link("a", "b", ms(4, 5, 6), "x"), 1000), oneWay(link("c", "b", ms(8, 8, 9), "x"), 2000), link("c", "d", ms(2, 2, 2), "x"),
		},
	}, &Options{Observations: []Observation{{A: "b", B: "c", RTT: ms(1, 1, 1), At: day}}})
	for _, c := range []struct {
		from, to topology.NodeID
		want     topology.Micros
	}{{"a", "c", 1000 + 6000}, {"c", "a", 2000 + 3000}, {"b", "a", 3000}, {"a", "a", 0}} {
		got, ok := g.Row(c.from, Transit{}).OneWay(c.to)
		assert.True(t, ok)
		assert.Equal(t, c.want, got, "%s to %s", c.from, c.to)
		route, ok := g.Route(c.from, c.to, Transit{})
		require.True(t, ok)
		got, ok = g.OneWay(route)
		assert.True(t, ok)
		assert.Equal(t, c.want, got, "%s to %s", c.from, c.to)
	}
	for _, pair := range [][2]topology.NodeID{{"a", "d"}, {"a", "e"}, {"a", "nowhere"}, {"b", "c"}} {
		got, ok := g.Row(pair[0], Transit{}).OneWay(pair[1])
		assert.False(t, ok, "%v", pair)
		assert.Equal(t, topology.Micros(math.MaxInt64), got)
	}
	route, _ := g.Route("a", "d", Transit{})
	_, ok := g.OneWay(route)
	assert.False(t, ok)
	route.Hops[0].Link = "gone"
	_, ok = g.OneWay(route)
	assert.False(t, ok)
}
