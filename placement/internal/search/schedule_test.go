package search

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// taught returns a schedule whose fast run fell as told, by stage.
func taught(descended int64, value func(stage int) int64) *schedule {
	s := &schedule{tier: 1, hot: [problem.MaxTiers]float64{1: 1e6}, cold: [problem.MaxTiers]float64{1: 1}}
	s.note(0, &problem.Value{0, descended})
	for k := range stages {
		spent := firstShare + secondShare*(float64(k)+0.01)/(stages-1)
		s.note(min(spent, firstShare+secondShare-1e-9), &problem.Value{0, value(k)})
	}
	return s
}

func TestScheduleCoolsMonotonicallyFromWhereItWasTaught(t *testing.T) {
	s := taught(500, func(k int) int64 { return int64(1000 - 25*k) })
	x := &Searcher{}
	temp := func(spent float64) float64 {
		s.cool(x, spent)
		return x.temp[1]
	}
	assert.Zero(t, temp(0), "nothing worse before there is an answer")
	assert.InDelta(t, 1e6, temp(firstShare), 1)
	assert.Zero(t, temp(0.99), "nothing worse at the end")
	begin := firstShare + secondShare
	hot := temp(begin)
	require.Equal(t, 21-ahead, s.first, "the fast run was better than the descent from stage 21 on")
	assert.InDelta(t, 1e6*math.Pow(1e-6, float64(s.first)/(stages-1)), hot, hot*0.01)
	before := hot
	for spent := begin; spent < 1-lastShare; spent += 0.001 {
		now := temp(spent)
		require.LessOrEqual(t, now, before*1.0001, "at %v", spent)
		before = now
	}
	assert.Less(t, before, 10.0, "it ends cold")
}

func TestScheduleSpendsTimeWhereTheValueFalls(t *testing.T) {
	// All of the fall lies between the stages 10 and 14; a slow run sees it up to lag stages sooner.
	s := taught(900, func(k int) int64 { return 1000 - 100*int64(max(0, min(k-10, 4))) })
	s.stage(0.5)
	assert.Less(t, s.until[14]-s.until[9-lag], 1.0)
	assert.Greater(t, s.until[14]-s.until[9-lag], 0.9)
}

func TestScheduleAcceptsNothingWorseWhereAFastRunDidNotHelp(t *testing.T) {
	s := taught(10, func(int) int64 { return 20 })
	for _, spent := range []float64{0.2, 0.5, 0.9} {
		assert.Negative(t, s.stage(spent))
	}
	assert.Equal(t, stages, s.first)
}

// TestScheduleNeedsNotSeeEveryStage: rounds may be so long that stages are left out, the first among them, or all.
func TestScheduleNeedsNotSeeEveryStage(t *testing.T) {
	for first := range stages {
		for _, apart := range []int{1, 3, 11} {
			s := &schedule{tier: 1, perItem: 1e6, hot: [problem.MaxTiers]float64{1: 1e6}, cold: [problem.MaxTiers]float64{1: 1}}
			s.note(0, &problem.Value{0, 500})
			for k := first; k < stages-1; k += apart {
				s.note(firstShare+secondShare*(float64(k)+0.01)/(stages-1), &problem.Value{0, int64(1000 - 25*k)})
			}
			for spent := firstShare + secondShare; spent < 1; spent += 0.01 {
				stage := s.stage(spent)
				require.False(t, math.IsNaN(stage), "from %d every %d", first, apart)
				require.True(t, stage == -1 || stage >= 0 && stage <= stages, "from %d every %d: %v", first, apart, stage)
			}
			if first < stages-1 {
				require.Less(t, s.first, stages, "there is enough budget to heat up")
			}
		}
	}
}
