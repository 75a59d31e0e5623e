package topology_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// one is the smallest continuum with one of everything.
func one() topology.Spec {
	return topology.Spec{
		Name: "one", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Providers: []topology.Provider{
			{ID: "p", Country: "DE", Owners: []topology.Stake{{Owner: "q", Share: 6000}}, Sovereignty: map[string]int{"SOV-1": 3},
				Attributes: map[string]any{"list": []any{map[string]any{"k": "v"}}}, Assumed: []string{"owners"},
				Certifications: []topology.Certification{{Scheme: "BSI-C5"}}},
			{ID: "q", Country: "US"},
		},
		Sites: []topology.Site{{
			ID: "a", Provider: "p", Country: "DE", Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 4000}, Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: 12_000},
			Energy: topology.Energy{Intensity: 344, PUE: 1300, Power: map[topology.Dimension]int64{topology.CPU: 6000}},
			Labels: map[string]string{"zone": "z"}, Attributes: map[string]any{"x": map[string]any{"y": []any{int64(1)}}},
			Certifications: []topology.Certification{{Scheme: "BSI-C5"}}, Assumed: []string{"prices"},
		}},
		AccessPoints: []topology.AccessPoint{{ID: "b", Country: "DE", Assumed: []string{"city"}}},
		Exchanges:    []topology.Exchange{{ID: "c", Assumed: []string{"city"}}},
		Links: []topology.Link{{
			A: "a", B: "b", Jurisdictions: []topology.Jurisdiction{"DE"}, RTT: topology.RTT{P50: 1, P95: 2, P99: 3},
			Assumed: []string{"rtt"},
		}},
	}
}

func build(t testing.TB, spec topology.Spec) *topology.Continuum {
	t.Helper()
	c, err := topology.New(spec)
	require.NoError(t, err)
	return c
}

// TestNewRefuses covers what no file can say; the rest is in testdata/defects.txt.
func TestNewRefuses(t *testing.T) {
	self := map[string]any{}
	self["self"] = self
	for _, c := range []struct {
		change func(*topology.Spec)
		want   string
	}{
		{func(s *topology.Spec) { s.Sites[0].Location.Lat = math.NaN() }, "sites[0].location.lat: NaN is not within -90 and 90 degrees"},
		{func(s *topology.Spec) { s.Sites[0].Location.Lon = math.Inf(1) }, "sites[0].location.lon: +Inf is not within -180 and 180 degrees"},
		{func(s *topology.Spec) { s.Sites[0].Tier = 9 }, "sites[0].tier: 9 is no tier"},
		{func(s *topology.Spec) { s.Sites[0].State = 9 }, "sites[0].state: 9 is no state"},
		{func(s *topology.Spec) { s.Sites[0].Capacity[topology.CPU] = -1 }, "sites[0].capacity.cpu: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Capacity[""] = 1 }, `sites[0].capacity."": a dimension has letters, digits, '-', '.', '_' and '/'`},
		{func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{topology.CPU: -1} }, "sites[0].safe.cpu: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{topology.CPU: 4001} }, "sites[0].safe.cpu: 4.001 is above the capacity, 4"},
		{func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{"cpus": 1} },
			"sites[0].safe.cpus: is no dimension of the capacity; did you mean cpu?"},
		{func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{topology.GPU: 0} }, "sites[0].safe.gpu: is no dimension of the capacity"},
		{func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{"CPU": 1} }, "sites[0].safe.CPU: is unknown; did you mean cpu?"},
		{func(s *topology.Spec) { s.Sites[0].Prices[topology.CPU] = -1 }, "sites[0].prices.cpu: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Egress = -1 }, "sites[0].egress: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Energy.PUE = -1 }, "sites[0].energy.pue: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Energy.PUE = 999 }, "sites[0].energy.pue: 0.999 is below 1"},
		{func(s *topology.Spec) { s.Sites[0].Energy.Power[topology.CPU] = -1 }, "sites[0].energy.power.cpu: -1 is negative"},
		{func(s *topology.Spec) { s.Sites[0].Name = "\xff" }, "sites[0].name: is not UTF-8 text"},
		{func(s *topology.Spec) { s.Sites[0].Labels["\xff"] = "" }, `sites[0].labels."\xff": is not UTF-8 text`},
		{func(s *topology.Spec) { s.Sites[0].Labels["k"] = "\xff" }, "sites[0].labels.k: is not UTF-8 text"},
		{func(s *topology.Spec) { s.Sites[0].Labels[strings.Repeat("k", 257)] = "" },
			`sites[0].labels."` + strings.Repeat("k", 64) + `...": is longer than 256 bytes`},
		{func(s *topology.Spec) { s.Name = "\xff" }, "name: is not UTF-8 text"},
		{func(s *topology.Spec) { s.Sites[0].Attributes["n"] = 1 }, "sites[0].attributes.n: a value of type int can not stand in a file"},
		{func(s *topology.Spec) { s.Sites[0].Attributes["n"] = nil }, "sites[0].attributes.n: is empty"},
		{func(s *topology.Spec) { s.Sites[0].Attributes["n"] = []any{math.Inf(-1)} }, "sites[0].attributes.n[0]: -Inf is no finite number"},
		{func(s *topology.Spec) { s.Sites[0].Attributes = self },
			"sites[0].attributes.self" + strings.Repeat(".self", 32) + ": is nested deeper than 32 levels"},
		{func(s *topology.Spec) { s.Sites[0].Provider = "" }, "sites[0].provider: is missing"},
		{func(s *topology.Spec) { s.Providers[0].Owners[0].Owner = "" }, "providers[0].owners[0].owner: is missing"},
		{func(s *topology.Spec) { s.Links[0].Bandwidth = -1 }, "links[0].bandwidth: -1 is negative"},
		{func(s *topology.Spec) { s.Links[0].Egress = -1 }, "links[0].egress: -1 is negative"},
		{func(s *topology.Spec) { s.AsOf = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) }, "asOf: 12026 is no year from 1970 to 9999"},
		{func(s *topology.Spec) { s.AsOf = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) }, "asOf: 1969 is no year from 1970 to 9999"},
		{func(s *topology.Spec) { s.Links[0].MeasuredAt = time.Unix(-1, 0) }, "links[0].measuredAt: 1969 is no year from 1970 to 9999"},
		{func(s *topology.Spec) { s.Links[0].MeasuredAt = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
			"links[0].measuredAt: -1 is no year from 1970 to 9999"},
		{func(s *topology.Spec) { s.Name = "a\x00" }, "name: has the character U+0000, which can not be seen"},
		{func(s *topology.Spec) { s.Providers[0].Name = "a\u202eb" }, "providers[0].name: has the character U+202E, which can not be seen"},
		{func(s *topology.Spec) { s.AccessPoints[0].City = "a\u200bb" }, "accessPoints[0].city: has the character U+200B, which can not be seen"},
		{func(s *topology.Spec) { s.Exchanges[0].Name = "a\nb" }, "exchanges[0].name: has the character U+000A, which can not be seen"},
		{func(s *topology.Spec) { s.Links[0].Operator = "a\u2066b" }, "links[0].operator: has the character U+2066, which can not be seen"},
		{func(s *topology.Spec) { s.Links[0].Operator = "a,b" }, `links[0].operator: "a,b" has a comma or blanks around it`},
		{func(s *topology.Spec) { s.Sites[0].Labels["zone"] = "a\ufeff" }, "sites[0].labels.zone: has the character U+FEFF, which can not be seen"},
		{func(s *topology.Spec) { s.Sites[0].Labels["a\u00ad"] = "" }, `sites[0].labels."a\u00ad": has the character U+00AD, which can not be seen`},
		{func(s *topology.Spec) { s.Sites[0].Certifications[0].Source = "a\u2028" },
			"sites[0].certifications[0].source: has the character U+2028, which can not be seen"},
		{func(s *topology.Spec) { s.Sites[0].Attributes["n"] = "a\u2029" }, "sites[0].attributes.n: has the character U+2029, which can not be seen"},
		{func(s *topology.Spec) { s.Sites[0].Assumed[0] = "prices.\u200f" }, "sites[0].assumed[0]: has the character U+200F, which can not be seen"},
		{func(s *topology.Spec) { s.Sites[0].Prices["cpus"] = 1 },
			"sites[0].prices.cpus: is no dimension of the capacity; did you mean cpu?"},
		{func(s *topology.Spec) { s.Sites[0].Energy.Power["fpga"] = 1 }, "sites[0].energy.power.fpga: is no dimension of the capacity"},
		{func(s *topology.Spec) { s.Sites[0].Capacity["Memory"] = 1 }, "sites[0].capacity.Memory: is unknown; did you mean memory?"},
		{func(s *topology.Spec) { s.Sites[0].Prices["CPU"] = 1 }, "sites[0].prices.CPU: is unknown; did you mean cpu?"},
		{func(s *topology.Spec) {
			for i := range 256 {
				s.Sites[0].Capacity[topology.Dimension(fmt.Sprintf("d%d", i))] = 1
			}
		}, "sites[0].capacity: has more than 256 dimensions"},
		{func(s *topology.Spec) { s.Exchanges[0].ID = topology.NodeID(strings.Repeat("x", 254)) },
			"exchanges[0].id: is longer than 253 bytes"},
		{func(s *topology.Spec) { s.Links[0].ID = topology.LinkID(strings.Repeat("x", 509)) }, "links[0].id: is longer than 508 bytes"},
	} {
		spec := one()
		c.change(&spec)
		got, err := topology.New(spec)
		require.Nil(t, got)
		require.ErrorIs(t, err, topology.ErrInvalid)
		require.EqualError(t, err, "invalid topology: "+c.want)
	}
}

// TestPricesOfWhatASiteLacks: one list of prices serves many sites.
func TestPricesOfWhatASiteLacks(t *testing.T) {
	spec := one()
	spec.Sites[0].Prices[topology.GPU], spec.Sites[0].Energy.Power[topology.GPU] = 1, 1
	spec.Sites[0].Capacity["fpga"], spec.Sites[0].Prices["fpga"] = 0, 1
	build(t, spec)
}

// TestLongestIDs: the ID that a link has of its ends is one that files may state.
func TestLongestIDs(t *testing.T) {
	spec := one()
	a, b := strings.Repeat("a", 253), strings.Repeat("b", 253)
	spec.Sites[0].ID, spec.AccessPoints[0].ID = topology.SiteID(a), topology.AccessPointID(b)
	spec.Links[0].A, spec.Links[0].B = topology.NodeID(a), topology.NodeID(b)
	c := build(t, spec)
	again, err := topology.Read("f", strings.NewReader(text(t, c)))
	require.NoError(t, err)
	require.Equal(t, c.Digest(), again.Digest())
}

func TestRTTCheck(t *testing.T) {
	require.NoError(t, topology.RTT{P50: 1, P95: 1, P99: 3600e6}.Check())
	for rtt, want := range map[topology.RTT]string{
		{}: "0s, 0s, 0s", {P50: -1, P95: 1, P99: 1}: "-1us, 1us, 1us", {P50: 100_001, P95: 100_000, P99: 200_000}: "100001us, 100ms, 200ms",
		{P50: 1, P95: 3, P99: 2}: "1us, 3us, 2us", {P50: 1, P95: 1, P99: 3600e6 + 1}: "1us, 1us, 3600000001us",
	} {
		require.EqualError(t, rtt.Check(), "must be 0 < p50 <= p95 <= p99 <= 1 h, not "+want)
	}
}

func TestNewTellsAllDefects(t *testing.T) {
	spec := one()
	spec.Sites[0].Country, spec.Links[0].B, spec.Providers[0].ID = "XX", "nowhere", "P"
	_, err := topology.New(spec)
	require.EqualError(t, err, `invalid topology: providers[0].id: P has other characters than a-z, 0-9, '-', '.' and '_'
invalid topology: sites[0].country: "XX" is no country of ISO 3166-1 alpha-2
invalid topology: sites[0].provider: there is no provider p
invalid topology: links[0].jurisdictions: XX is missing, where a stands
invalid topology: links[0].b: there is no node nowhere`)

	spec = topology.Spec{Providers: make([]topology.Provider, 90)}
	_, err = topology.New(spec)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 101)
	assert.Equal(t, "invalid topology: and 80 more", lines[100])
}

// TestNewCopies changes all that was handed in and all that Spec handed out.
func TestNewCopies(t *testing.T) {
	spoil := func(s *topology.Spec) {
		s.Providers[0].Owners[0].Share = 1
		s.Providers[0].Sovereignty["SOV-1"] = 0
		s.Providers[0].Attributes["list"].([]any)[0].(map[string]any)["k"] = "w"
		s.Providers[0].Assumed[0] = "name"
		s.Providers[0].Certifications[0].Scheme = "X"
		site := &s.Sites[0]
		site.Runtimes[0] = topology.Kubernetes
		site.Capacity[topology.CPU] = 1
		site.Prices[topology.CPU] = 1
		site.Energy.Power[topology.CPU] = 1
		site.Labels["zone"] = "y"
		site.Attributes["x"].(map[string]any)["y"].([]any)[0] = int64(2)
		site.Certifications[0].Scheme = "X"
		site.Assumed[0] = "name"
		s.AccessPoints[0].Assumed[0] = "name"
		s.Exchanges[0].Assumed[0] = "name"
		s.Links[0].Jurisdictions[0] = "FR"
		s.Links[0].Assumed[0] = "egress"
	}
	spec := one()
	c := build(t, spec)
	want := text(t, c)
	spoil(&spec)
	require.Equal(t, want, text(t, c))
	spec = c.Spec()
	spoil(&spec)
	require.Equal(t, want, text(t, c))
	spec = one()
	next, err := c.Update(topology.Changes{Put: spec})
	require.NoError(t, err)
	spoil(&spec)
	require.Equal(t, want, text(t, next))
}

func TestLookUps(t *testing.T) {
	c := build(t, one())
	assert.Equal(t, "one", c.Name())
	assert.Equal(t, 2026, c.AsOf().Year())
	assert.Equal(t, [3]int{1, 3, 1}, [3]int{c.NumSites(), c.NumNodes(), c.NumLinks()})
	s, ok := c.Site("a")
	assert.True(t, ok && s.ID == "a")
	p, ok := c.Provider("p")
	assert.True(t, ok && p.ID == "p")
	a, ok := c.AccessPoint("b")
	assert.True(t, ok && a.ID == "b")
	x, ok := c.Exchange("c")
	assert.True(t, ok && x.ID == "c")
	l, ok := c.Link("a--b")
	assert.True(t, ok && l.A == "a")
	for _, id := range []topology.NodeID{"a", "b", "c"} {
		_, _, ok := c.Place(id)
		assert.True(t, ok)
	}
	_, _, ok = c.Place("d")
	assert.False(t, ok)
	_, ok = c.Site("b")
	assert.False(t, ok, "an access point is no site")
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Site("a") }))
}

func TestZeroContinuum(t *testing.T) {
	var c topology.Continuum
	_, ok := c.Site("a")
	assert.False(t, ok)
	assert.Zero(t, c.NumNodes())
	assert.Empty(t, slices.Collect(c.Sites()))
	assert.Nil(t, c.Control("p"))
	empty := build(t, topology.Spec{})
	assert.Equal(t, empty.Digest(), c.Digest())
	assert.ErrorIs(t, topology.Write(&strings.Builder{}, empty), topology.ErrInvalid)
	next, err := c.Update(topology.Changes{Put: one()})
	require.NoError(t, err)
	assert.Equal(t, build(t, one()).Digest(), next.Digest())
}

// TestOrderDoesNotMatter shuffles all that is a set.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(50) {
		spec := random(seed).spec()
		want := build(t, spec).Digest()
		m := rand.New(rand.NewPCG(seed, 1))
		shuffle(m, spec.Providers)
		shuffle(m, spec.Sites)
		shuffle(m, spec.AccessPoints)
		shuffle(m, spec.Exchanges)
		shuffle(m, spec.Links)
		for i := range spec.Providers {
			shuffle(m, spec.Providers[i].Owners)
			shuffle(m, spec.Providers[i].Certifications)
		}
		for i := range spec.Sites {
			shuffle(m, spec.Sites[i].Runtimes)
			shuffle(m, spec.Sites[i].Assumed)
			spec.Sites[i].Runtimes = append(spec.Sites[i].Runtimes, spec.Sites[i].Runtimes[0])
		}
		for i := range spec.Links {
			shuffle(m, spec.Links[i].Jurisdictions)
			spec.Links[i].MeasuredAt = spec.Links[i].MeasuredAt.In(time.FixedZone("", 3600))
		}
		require.Equal(t, want, build(t, spec).Digest())
	}
}

func shuffle[T any](m *rand.Rand, list []T) {
	m.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// TestDigestTellsApart: whatever is different in a description is different in its digest.
func TestDigestTellsApart(t *testing.T) {
	seen := map[string]int{build(t, one()).Digest(): -1}
	for i, change := range []func(*topology.Spec){
		func(s *topology.Spec) { s.Name = "two" },
		func(s *topology.Spec) { s.AsOf = s.AsOf.Add(time.Nanosecond) },
		func(s *topology.Spec) { s.Providers[0].Name = "x" },
		func(s *topology.Spec) { s.Providers[0].Country = "FR" },
		func(s *topology.Spec) { s.Providers[0].Owners[0].Share++ },
		func(s *topology.Spec) { s.Providers[0].Certifications[0].Level = "x" },
		func(s *topology.Spec) { s.Providers[0].Certifications[0].ValidUntil = "2026-01-01" },
		func(s *topology.Spec) { s.Providers[0].Certifications[0].Source = "x" },
		func(s *topology.Spec) { s.Providers[0].Sovereignty["SOV-1"] = 0 },
		func(s *topology.Spec) { s.Providers[0].Attributes["list"] = []any{} },
		func(s *topology.Spec) { s.Providers[0].Assumed = nil },
		func(s *topology.Spec) { s.Sites[0].Name = "x" },
		func(s *topology.Spec) { s.Sites[0].Provider = "q" },
		func(s *topology.Spec) { s.Sites[0].City = "x" },
		func(s *topology.Spec) { s.Sites[0].Location.Lat = 1e-9 },
		func(s *topology.Spec) { s.Sites[0].Location.Lon = 1e-9 },
		func(s *topology.Spec) { s.Sites[0].Tier = topology.Cloud },
		func(s *topology.Spec) { s.Sites[0].State = topology.Down },
		func(s *topology.Spec) { s.Sites[0].Runtimes = nil },
		func(s *topology.Spec) { s.Sites[0].Capacity[topology.CPU]++ },
		func(s *topology.Spec) { s.Sites[0].Capacity[topology.GPU] = 0 },
		func(s *topology.Spec) { s.Sites[0].Safe = topology.Resources{topology.CPU: 4000} }, // as if it were not said
		func(s *topology.Spec) { s.Sites[0].Prices[topology.CPU]++ },
		func(s *topology.Spec) { s.Sites[0].Egress++ },
		func(s *topology.Spec) { s.Sites[0].Energy.Intensity++ },
		func(s *topology.Spec) { s.Sites[0].Energy.PUE++ },
		func(s *topology.Spec) { s.Sites[0].Energy.Power[topology.CPU]++ },
		func(s *topology.Spec) { s.Sites[0].Certifications = nil },
		func(s *topology.Spec) { s.Sites[0].Labels["zone"] = "" },
		func(s *topology.Spec) { s.Sites[0].Attributes["x"] = int64(1) },
		func(s *topology.Spec) { s.Sites[0].Attributes["x"] = 1.0 },
		func(s *topology.Spec) { s.Sites[0].Attributes["x"] = "1" },
		func(s *topology.Spec) { s.Sites[0].Assumed = nil },
		func(s *topology.Spec) { s.AccessPoints[0].Name = "x" },
		func(s *topology.Spec) { s.AccessPoints[0].City = "x" },
		func(s *topology.Spec) { s.Exchanges[0].Country = "DE" },
		func(s *topology.Spec) { s.Exchanges[0].Assumed = nil },
		func(s *topology.Spec) { s.Links[0].ID = "x" },
		func(s *topology.Spec) { s.Links[0].B, s.Links[0].ID = "c", "a--b" },
		func(s *topology.Spec) { s.Links[0].Operator = "x" },
		func(s *topology.Spec) { s.Links[0].Jurisdictions = nil },
		func(s *topology.Spec) { s.Links[0].RTT.P99++ },
		func(s *topology.Spec) { s.Links[0].Bandwidth++ },
		func(s *topology.Spec) { s.Links[0].Egress++ },
		func(s *topology.Spec) { s.Links[0].MeasuredAt = s.AsOf },
		func(s *topology.Spec) { s.Links[0].Assumed = nil },
	} {
		spec := one()
		change(&spec)
		digest := build(t, spec).Digest()
		if j, twice := seen[digest]; twice {
			t.Errorf("change %d has the digest of change %d", i, j)
		}
		seen[digest] = i
	}
}

func TestTimesAreUTC(t *testing.T) {
	spec := one()
	zone := time.FixedZone("", 3600)
	spec.AsOf, spec.Links[0].MeasuredAt = spec.AsOf.In(zone), spec.AsOf.In(zone)
	c := build(t, spec)
	l, _ := c.Link("a--b")
	assert.Equal(t, one().AsOf, c.AsOf())
	assert.Equal(t, one().AsOf, l.MeasuredAt)
}

func TestStrings(t *testing.T) {
	assert.Equal(t, "far-edge edge regional cloud tier(0) tier(9)", strings.Join([]string{
		topology.FarEdge.String(), topology.Edge.String(), topology.Regional.String(), topology.Cloud.String(),
		topology.Tier(0).String(), topology.Tier(9).String(),
	}, " "))
	assert.Equal(t, "up cordoned down state(7)", strings.Join([]string{
		topology.Up.String(), topology.Cordoned.String(), topology.Down.String(), topology.State(7).String(),
	}, " "))
	assert.Equal(t, "12.5 ms", topology.Micros(12_500).String())
	assert.Equal(t, "1.23 EUR", topology.MicroEUR(1_230_000).String())
}
