package report

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
)

func TestFrontier(t *testing.T) {
	f := &placement.Frontier{
		Axes: []string{"cost", "a < b", "carbon"}, Ideal: []int64{100_000, 3, 1_500}, Solves: 7,
		Points: []placement.FrontierPoint{
			{Values: []int64{120_000, 9, 2_000}, Assignment: placement.Assignment{"a": "s", "b": "s"}},
			{Values: []int64{180_000, 3, 2_500}, Assignment: placement.Assignment{"a": "s", "b": "r"}},
		},
	}
	var b strings.Builder
	require.NoError(t, Frontier(&b, f))
	assert.Equal(t, `2 assignments after 7 solves, none better than another on all of cost, a < b, carbon

          cost          a < b  carbon        placed  elsewhere than in 1
1         0.1200 EUR/h  9      2.0 g CO2e/h  2       0
2         0.1800 EUR/h  3      2.5 g CO2e/h  2       1
at least  0.1000 EUR/h  3      1.5 g CO2e/h
`, b.String())

	b.Reset()
	require.NoError(t, FrontierSVG(&b, f))
	assert.Equal(t, 2, strings.Count(b.String(), "<circle"))
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
	}
	require.Error(t, FrontierSVG(io.Discard, &placement.Frontier{Axes: []string{"cost"}}))
}
