package topology_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

var pricingUnit = map[topology.Dimension]int64{
	topology.CPU: 1000, topology.Memory: 1 << 30, topology.Disk: 1 << 30, topology.GPU: 1, "licences": 1,
}

func TestHourlyPrice(t *testing.T) {
	s := &topology.Site{ID: "a", Prices: map[topology.Dimension]topology.MicroEUR{
		topology.CPU: 12_000, topology.Memory: 4_000, topology.Disk: 100, topology.GPU: 1_200_000,
	}}
	for _, c := range []struct {
		demand topology.Resources
		want   topology.MicroEUR
	}{
		{nil, 0},
		{topology.Resources{topology.CPU: 4000, topology.Memory: 16 << 30}, 48_000 + 64_000},
		{topology.Resources{topology.CPU: 1}, 12},
		{topology.Resources{topology.Memory: 1}, 1},
		{topology.Resources{topology.Disk: 100 << 30, topology.GPU: 2}, 10_000 + 2_400_000},
		{topology.Resources{"licences": 5}, 0},
	} {
		got, err := s.HourlyPrice(c.demand)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	_, err := s.HourlyPrice(topology.Resources{topology.Memory: -1, topology.CPU: -2, topology.GPU: 1})
	require.ErrorIs(t, err, topology.ErrInvalid)
	require.EqualError(t, err, "invalid topology: demand for cpu at a: -2 is negative")
	s.Prices[topology.GPU] = 1
	got, err := s.HourlyPrice(topology.Resources{topology.GPU: math.MaxInt64})
	require.NoError(t, err)
	require.Equal(t, topology.MicroEUR(math.MaxInt64), got)
	s.Prices[topology.GPU] = 2
	_, err = s.HourlyPrice(topology.Resources{topology.GPU: 1 << 62})
	require.EqualError(t, err, "invalid topology: the hourly price of a demand at a exceeds 64 bits")
}

func TestHourlyEmissions(t *testing.T) {
	s := &topology.Site{ID: "a", Energy: topology.Energy{Intensity: 344, PUE: 1300, Power: map[topology.Dimension]int64{
		topology.CPU: 6000, topology.Memory: 300, topology.GPU: 300_000,
	}}}
	for _, c := range []struct {
		demand topology.Resources
		want   int64
	}{
		{nil, 0},
		{topology.Resources{topology.Disk: 1 << 40}, 0},
		{topology.Resources{topology.CPU: 1000}, 2684},        // 6 W x 1.3 x 344 g/kWh = 2.6832 g
		{topology.Resources{topology.GPU: 1}, 134_160},        // 300 W: 134.16 g
		{topology.Resources{topology.Memory: 1}, 1},           // a trace is rounded up
		{topology.Resources{topology.Memory: 10 << 30}, 1342}, // 3 W: 1.3416 g
	} {
		got, err := s.HourlyEmissions(c.demand)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	_, err := s.HourlyEmissions(topology.Resources{topology.CPU: -2})
	require.EqualError(t, err, "invalid topology: demand for cpu at a: -2 is negative")
	_, err = s.HourlyEmissions(topology.Resources{topology.GPU: math.MaxInt64})
	require.EqualError(t, err, "invalid topology: the hourly emissions of a demand at a exceeds 64 bits")
	s.Energy.Intensity, s.Energy.PUE = math.MaxInt64, math.MaxInt64
	_, err = s.HourlyEmissions(topology.Resources{topology.CPU: 1})
	require.ErrorIs(t, err, topology.ErrInvalid)
}

// TestExactness compares both with arithmetic that knows no limits, up to the very limit.
func TestExactness(t *testing.T) {
	m := random(5)
	size := func() int64 { return m.Int64() >> m.IntN(64) }
	fits, not := [2]int{}, [2]int{}
	for range 20_000 {
		s := &topology.Site{ID: "a", Prices: map[topology.Dimension]topology.MicroEUR{}, Energy: topology.Energy{
			Intensity: size() >> 32, PUE: size() >> 32, Power: map[topology.Dimension]int64{},
		}}
		demand := topology.Resources{}
		price, power := new(big.Int), new(big.Rat)
		for d, unit := range pricingUnit {
			if m.IntN(2) == 0 {
				continue
			}
			demand[d], s.Prices[d], s.Energy.Power[d] = size(), topology.MicroEUR(size()), size()
			product := new(big.Int).Mul(big.NewInt(demand[d]), big.NewInt(int64(s.Prices[d])))
			price.Add(price, ceil(new(big.Rat).SetFrac(product, big.NewInt(unit))))
			product = new(big.Int).Mul(big.NewInt(demand[d]), big.NewInt(s.Energy.Power[d]))
			power.Add(power, new(big.Rat).SetFrac(product, big.NewInt(unit)))
		}
		power.Mul(power, big.NewRat(s.Energy.PUE, 1_000_000))
		emissions := ceil(power.Mul(power, big.NewRat(s.Energy.Intensity, 1)))

		gotPrice, err := s.HourlyPrice(demand)
		requireSame(t, price, int64(gotPrice), err, &fits[0], &not[0])
		gotEmissions, err := s.HourlyEmissions(demand)
		requireSame(t, emissions, gotEmissions, err, &fits[1], &not[1])
	}
	for _, n := range []int{fits[0], not[0], fits[1], not[1]} {
		require.Greater(t, n, 1000, "the draw is one-sided")
	}
}

func requireSame(t *testing.T, want *big.Int, got int64, err error, fits, not *int) {
	t.Helper()
	if want.IsInt64() {
		*fits++
		require.NoError(t, err)
		require.Equal(t, want.Int64(), got)
		return
	}
	*not++
	require.ErrorIs(t, err, topology.ErrInvalid)
	require.Zero(t, got)
}

func ceil(r *big.Rat) *big.Int {
	q, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}
