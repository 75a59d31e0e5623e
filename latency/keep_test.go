package latency

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Rows that were forgotten come back the same, and no more are kept than there is room for.
func TestRowsAreForgotten(t *testing.T) {
	spec := randomSpec(rand.New(rand.NewPCG(5, 1)), 40, 70)
	all, few := build(t, spec, nil), build(t, spec, nil)
	few.rowBytes = 5 * 16 * len(few.ids)
	for range 3 {
		for _, from := range all.ids {
			want, got := all.Row(from, Transit{}), few.Row(from, Transit{})
			for _, to := range all.ids {
				wantLeg, ok := want.Leg(to)
				leg, reached := got.Leg(to)
				require.Equal(t, ok, reached)
				require.Equal(t, wantLeg, leg)
			}
			own := 0
			for _, r := range few.rows {
				if r.base == nil {
					own++
				}
			}
			require.LessOrEqual(t, own, 5)
			require.Len(t, few.order, own)
		}
	}
	assert.Len(t, all.rows, len(all.ids))
}
