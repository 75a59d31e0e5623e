package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

func TestScaledKeepsTheShape(t *testing.T) {
	const hour = topology.Micros(3600e6)
	r := topology.RTT{P50: 10_000, P95: 20_000, P99: 40_000}
	for _, c := range []struct {
		p    latency.Percentile
		want topology.Micros
		rtt  topology.RTT
	}{
		{latency.P95, 40_000, topology.RTT{P50: 20_000, P95: 40_000, P99: 80_000}},
		{latency.P50, 5_000, topology.RTT{P50: 5_000, P95: 10_000, P99: 20_000}},
		{latency.P99, 3, topology.RTT{P50: 1, P95: 2, P99: 3}},
		{latency.P99, 1, topology.RTT{P50: 1, P95: 1, P99: 1}},
		{latency.P99, hour, topology.RTT{P50: hour / 4, P95: hour / 2, P99: hour}},
	} {
		got, err := scaled(r, c.p, c.want)
		require.NoError(t, err)
		assert.Equal(t, c.rtt, got)
	}
	_, err := scaled(topology.RTT{P50: 1, P95: 1, P99: hour}, latency.P50, hour)
	assert.Error(t, err, "p99 would be too long")
}

// island is two sites with two ways between them, and a way to a user.
func island(t *testing.T) *topology.Continuum {
	rtt := topology.RTT{P50: 1000, P95: 1000, P99: 1000}
	link := func(id topology.LinkID, a, b topology.NodeID, operator string, j ...topology.Jurisdiction) topology.Link {
		return topology.Link{ID: id, A: a, B: b, Operator: operator, Jurisdictions: j, RTT: rtt}
	}
	c, err := topology.New(topology.Spec{
		Providers:    []topology.Provider{{ID: "p", Country: "DE"}, {ID: "q", Country: "FR"}},
		Sites:        []topology.Site{{ID: "a", Provider: "p", Country: "DE", Tier: topology.Edge}, {ID: "b", Provider: "q", Country: "FR", Tier: topology.Edge}},
		AccessPoints: []topology.AccessPoint{{ID: "user", Country: "DE"}},
		Exchanges:    []topology.Exchange{{ID: "x", Country: "CH"}},
		Links: []topology.Link{link("ax", "a", "x", "red", "CH", "DE"), link("bx", "b", "x", "red", "CH", "FR"),
			link("ab", "a", "b", "blue", "DE", "FR"), link("ua", "a", "user", "blue", "DE")},
	})
	require.NoError(t, err)
	return c
}

func TestChanges(t *testing.T) {
	c := island(t)
	for _, test := range []struct {
		what, id, state string
		down            []topology.SiteID
		left            []topology.LinkID
	}{
		{"site", "a", "down", []topology.SiteID{"a"}, []topology.LinkID{"ab", "ax", "bx", "ua"}},
		{"site", "a", "lost", []topology.SiteID{"a"}, []topology.LinkID{"bx"}},
		{"provider", "q", "lost", []topology.SiteID{"b"}, []topology.LinkID{"ax", "ua"}},
		{"exchange", "x", "down", nil, []topology.LinkID{"ab", "ua"}},
		{"link", "ab", "down", nil, []topology.LinkID{"ax", "bx", "ua"}},
		{"operator", "red", "down", nil, []topology.LinkID{"ab", "ua"}},
		{"jurisdiction", "CH", "closed", nil, []topology.LinkID{"ab", "ua"}},
		{"jurisdiction", "FR", "closed", []topology.SiteID{"b"}, []topology.LinkID{"ax", "ua"}},
	} {
		ch, err := changeOf(c, test.what, test.id, test.state)
		require.NoError(t, err)
		next, err := c.Update(*ch)
		require.NoError(t, err)
		var down []topology.SiteID
		for s := range next.Sites() {
			if s.State == topology.Down {
				down = append(down, s.ID)
			}
		}
		var left []topology.LinkID
		for l := range next.Links() {
			left = append(left, l.ID)
		}
		assert.Equal(t, test.down, down, "%v", test)
		assert.Equal(t, test.left, left, "%v", test)
	}
}

// What was measured over a link says nothing of the time without it.
func TestObservationsGoWithTheirWay(t *testing.T) {
	c := island(t)
	rtt := topology.RTT{P50: 5, P95: 5, P99: 5}
	all := []latency.Observation{{A: "user", B: "b", RTT: rtt}, {A: "x", B: "a", RTT: rtt}}
	g, err := latency.New(c, &latency.Options{Observations: all})
	require.NoError(t, err)
	for _, test := range []struct {
		id, state string
		left      []latency.Observation
	}{
		{"ab", "down", all[1:]}, {"ab", "p95 2ms", all[1:]}, {"ax", "down", all[:1]}, {"bx", "down", all}, {"ab", "p95 1ms", all}, {"ua", "down", all[1:]},
	} {
		ch, err := changeOf(c, "link", test.id, test.state)
		require.NoError(t, err)
		next, err := c.Update(*ch)
		require.NoError(t, err)
		assert.Equal(t, test.left, stillObserved(all, g, next), "%v", test)
	}
}
