package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func TestEurosRoundsHalfAway(t *testing.T) {
	for _, c := range []struct {
		m        topology.MicroEUR
		decimals int
		want     string
	}{
		{0, 4, "0.0000"}, {1, 4, "0.0000"}, {50, 4, "0.0001"}, {49, 4, "0.0000"}, {-50, 4, "-0.0001"}, {-49, 4, "0.0000"},
		{1_234_567, 2, "1.23"}, {1_235_000, 2, "1.24"}, {999_999, 2, "1.00"}, {12, 6, "0.000012"}, {1_500_000, 0, "2"},
	} {
		assert.Equal(t, c.want, euros(c.m, c.decimals), "%d with %d decimals", c.m, c.decimals)
	}
}

func TestSpansAndSizesReadAsPeopleWriteThem(t *testing.T) {
	for us, want := range map[topology.Micros]string{
		0: "0.00 ms", 1_500: "1.50 ms", 12_345: "12.35 ms", 1_250_000: "1.2 s", 65_000_000: "1 min 05 s", 3_661_000_000: "1 h 01 min",
		30 * 86400 * 1_000_000: "30 d 0 h", -65_000_000: "-1 min 05 s",
	} {
		assert.Equal(t, want, duration(us), "%d us", us)
	}
	assert.Equal(t, "unknown", millis(-1))
	assert.Equal(t, "25.01", millis(25_001), "what is above its bound must not look as if it were on it")
}

func TestPercentNeverShowsAGapAsNone(t *testing.T) {
	assert.Equal(t, "0 %", percent(0))
	assert.Equal(t, "< 0.01 %", percent(1e-9))
	assert.Equal(t, "0.34 %", percent(0.0034))
	assert.Equal(t, "12.5 %", percent(0.125))
}

func TestTierAmountFollowsTheTerms(t *testing.T) {
	assert.Equal(t, "3", tierAmount(nil, "unplaced", 3))
	assert.Equal(t, "1.2346 EUR/h", tierAmount(nil, "cost", 1_234_567))
	assert.Equal(t, "7 ms x Mbit/s", tierAmount(nil, "latency", 7))
	mixed := placement.Objective{{Name: "all", Terms: []placement.Term{{Kind: placement.Price, Weight: 1}, {Kind: placement.UserLatency, Weight: 5}}}}
	assert.Equal(t, "7", tierAmount(mixed, "all", 7), "money and latency have no common unit")
	assert.Equal(t, "7", tierAmount(mixed, "unknown", 7))
}
