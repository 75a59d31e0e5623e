package latency

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/topology"
)

type countries = []topology.Jurisdiction

func TestTransitAllows(t *testing.T) {
	german := NewTransit(Permit{Jurisdictions: countries{"DE"}, Operators: []string{"gasline"}})
	anybody := NewTransit(Permit{Jurisdictions: countries{"DE", "FR"}, AnyOperator: true})
	for _, c := range []struct {
		name     string
		transit  Transit
		operator string
		crossed  countries
		want     bool
	}{
		{"zero value allows all", Transit{}, "", nil, true},
		{"listed", german, "gasline", countries{"DE"}, true},
		{"other operator", german, "gas", countries{"DE"}, false},
		{"unknown operator", german, "", countries{"DE"}, false},
		{"other country", german, "gasline", countries{"FR"}, false},
		{"also another country", german, "gasline", countries{"DE", "FR"}, false},
		{"unknown countries", german, "gasline", nil, false},
		{"one unknown country", german, "gasline", countries{"DE", ""}, false},
		{"any operator", anybody, "x", countries{"DE", "FR"}, true},
		{"any operator, unknown too", anybody, "", countries{"FR"}, true},
		{"any operator, unknown country", anybody, "x", nil, false},
		{"nothing permitted", NewTransit(Permit{}), "x", countries{"DE"}, false},
		{"no country permitted", NewTransit(Permit{AnyOperator: true}), "x", countries{"DE"}, false},
		{"names do not run together", german, "gasline", countries{"DE\x00DE"}, false},
		{"a prefix is another name", NewTransit(Permit{Jurisdictions: countries{"DE"}, Operators: []string{"gasline-east"}}), "gasline", countries{"DE"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &topology.Link{Operator: c.operator, Jurisdictions: c.crossed}
			assert.Equal(t, c.want, c.transit.Allows(l))
			_, crosses := c.transit.Crosses(Route{Hops: []Hop{{Operator: c.operator, Jurisdictions: c.crossed}}})
			assert.Equal(t, !c.want, crosses)
		})
	}
}

func TestTransitIsCanonical(t *testing.T) {
	a := NewTransit(Permit{Jurisdictions: countries{"FR", "DE", "FR", ""}, Operators: []string{"y", "x", "bad\x00name"}})
	b := NewTransit(Permit{Jurisdictions: countries{"DE", "FR"}, Operators: []string{"x", "y", "x"}})
	assert.Equal(t, a, b)
	assert.NotEqual(t, a, NewTransit(Permit{Jurisdictions: countries{"DE", "FR"}, AnyOperator: true}))
	assert.Equal(t,
		NewTransit(Permit{Jurisdictions: countries{"DE"}, Operators: []string{"x"}, AnyOperator: true}),
		NewTransit(Permit{Jurisdictions: countries{"DE"}, AnyOperator: true}))
	assert.NotEqual(t, Transit{}, NewTransit(Permit{}))
	assert.False(t, Transit{}.Restricted())
	assert.True(t, NewTransit(Permit{}).Restricted())
}

// Inner nodes are judged by their country, the ends are not.
func TestTransitJudgesInnerNodes(t *testing.T) {
	german := NewTransit(Permit{Jurisdictions: countries{"DE"}, AnyOperator: true})
	inner := Hop{Country: "CH", Jurisdictions: countries{"DE"}}
	last := Hop{Country: "CH", Jurisdictions: countries{"DE"}}
	_, crosses := german.Crosses(Route{Hops: []Hop{last}})
	assert.False(t, crosses)
	hop, crosses := german.Crosses(Route{Hops: []Hop{inner, last}})
	assert.True(t, crosses)
	assert.Equal(t, inner, hop)
	_, crosses = german.Crosses(Route{})
	assert.False(t, crosses)
}

func TestParsePercentile(t *testing.T) {
	for s, want := range map[string]Percentile{"p50": P50, "p95": P95, "p99": P99, "p99.9": 999, "p5": 50, "p0.1": 1, "p95.0": 950} {
		got, err := ParsePercentile(s)
		assert.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "p", "95", "p0", "p0.0", "p100", "p99.99", "p99.", "p.9", "p-5", "p+5", "P95", "p9 5", "p९"} {
		_, err := ParsePercentile(s)
		assert.Error(t, err, s)
	}
	for p := Percentile(1); p < 1000; p++ {
		got, err := ParsePercentile(p.String())
		assert.NoError(t, err)
		assert.Equal(t, p, got)
	}
}
